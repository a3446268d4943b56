// NDJSON: what a line looks like, round trips, and lines that others made.
#include "sim/export/ndjson.hpp"

#include "tests/catch.hpp"
#include "tests/export/sample_log.hpp"

namespace mailscope::exporting {

namespace {

using Catch::Matchers::Contains;

std::string ndjson(const trace::Log& log) {
  std::string out;
  write_ndjson(log, [&](std::string_view piece) { out += piece; });
  return out;
}

}  // namespace

TEST_CASE("an event is one JSON object on one line") {
  trace::Log log;
  const trace::Value command[] = {"MAIL", "MAIL FROM:<\"a\\b\"@x>\t\x7F"};
  log.append(kNine, trace::Kind::smtp_command,
             {log.host("mx.globex.example"), log.host("mail.acme.example"), 3, 1}, 0, command, 2);
  const trace::Value payload[] = {"a", "b", 2, "\xFF\xFE"};
  log.append(kNine, trace::Kind::transport_datagram, {}, 1, payload, 4);
  const trace::Value text[] = {"a", "latin \xE9", -2, "ok"};
  log.append(kNine, trace::Kind::transport_datagram, {}, 0, text, 4);
  const std::string out = ndjson(log);
  CHECK(
      out ==
      R"({"id":1,"t_ns":1772442000000000000,"kind":"smtp.command","layer":"smtp",)"
      R"("host":"mx.globex.example","peer":"mail.acme.example","connection":3,"message":1,)"
      R"("fields":{"verb":"MAIL","line":"MAIL FROM:<\"a\\b\"@x>\t\u007f"}})"
      "\n"
      R"({"id":2,"t_ns":1772442000000000000,"kind":"transport.datagram","layer":"transport",)"
      R"("cause":1,"fields":{"from":"a","to":"b","octets":2,"payload":{"base64":"//4="}}})"
      "\n"
      R"({"id":3,"t_ns":1772442000000000000,"kind":"transport.datagram","layer":"transport",)"
      R"("fields":{"from":"a","to":{"base64":"bGF0aW4g6Q=="},"octets":-2,"payload":{"text":"ok"}}})"
      "\n");
}

TEST_CASE("a log is the same after writing and reading NDJSON") {
  const trace::Log log = sample_log(30);
  trace::Log copy;
  const NdjsonResult result = read_ndjson(ndjson(log), copy);
  REQUIRE(result.error == "");
  CHECK(result.unknown_kinds.empty());
  CHECK(copy.hash() == log.hash());
}

TEST_CASE("lines that were filtered, reordered or extended are read") {
  trace::Log log;
  const auto result = read_ndjson(
      "\r\n"
      R"({"kind":"lesson.note","fields":{"text":"one"},"t_ns":-5,"id":4,"extra":[1,{}]})"
      "\r\n"
      R"({"id":6,"t_ns":0,"kind":"smtp.teleport","cause":4,"fields":{}})"
      "\n\n"
      R"({"id":9,"t_ns":1,"kind":"smtp.reply","cause":6,"fields":{"text":"x","code":250}})"
      "\n"
      R"({"id":10,"t_ns":1,"kind":"smtp.closed","cause":5})",
      log);
  CHECK(result.error == "");
  CHECK(result.unknown_kinds == std::map<std::string, std::uint64_t>{{"smtp.teleport", 1}});
  REQUIRE(log.size() == 3);
  CHECK(log.at(1).time_ns == -5);
  CHECK(log.text(1, "text") == "one");
  CHECK(log.at(2).cause == 1);
  CHECK(log.number(2, "code") == 250);
  CHECK(log.text(2, "enhanced") == "");
  CHECK(log.at(3).cause == 0);  // event 5 is not in the file
}

TEST_CASE("members that nobody knows may be nested as deep as they like") {
  constexpr std::size_t kDeep = 200'000;
  trace::Log log;
  const auto result = read_ndjson(
      R"({"id":1,"t_ns":0,"kind":"lesson.note","fields":{"text":"x"},"extra":)" +
          std::string(kDeep, '[') + std::string(kDeep, ']') + "}",
      log);
  CHECK(result.error == "");
  CHECK(log.size() == 1);
}

TEST_CASE("a bad line is named, and what came before it stays") {
  const std::string good = R"({"id":1,"t_ns":0,"kind":"lesson.note","fields":{"text":"x"}})"
                           "\n";
  struct Row {
    std::string line, error;
  };
  const std::vector<Row> rows = {
      {"{", "line 2: not a JSON value"},
      {"[1]", "line 2: not a JSON object"},
      {"{}", "\"id\" is missing"},
      {R"({"id":2,"t_ns":0})", "\"kind\" is missing"},
      {R"({"id":2,"kind":"lesson.note"})", "\"t_ns\" is missing"},
      {R"({"id":-2,"t_ns":0,"kind":"x"})", "\"id\" is not a whole number"},
      {R"({"id":2.5,"t_ns":0,"kind":"x"})", "\"id\" is not a whole number"},
      {R"({"id":2,"t_ns":9223372036854775808,"kind":"x"})", "\"t_ns\" is not a whole number"},
      {R"({"id":2,"t_ns":0,"kind":"x","connection":4294967296})", "\"connection\" is not"},
      {R"({"id":2,"t_ns":0,"kind":7})", "\"kind\" is neither a string"},
      {R"({"id":2,"t_ns":0,"kind":"x","fields":[]})", "\"fields\" is not an object"},
      {R"({"id":2,"t_ns":0,"kind":"x","fields":{"a":null}})", "\"a\" is neither a string"},
      {R"({"id":2,"t_ns":0,"kind":"x","fields":{"a":{"base64":"?"}}})",
       "\"a\" is not valid base64"},
      {R"({"id":2,"t_ns":0,"kind":"x","fields":{"a":{"hex":"00"}}})", "\"a\" is neither"},
      {R"({"id":2,"t_ns":0,"kind":"x","fields":{"a":1.5}})", "\"a\" is not a whole number"},
      {R"({"id":1,"t_ns":0,"kind":"x"})", "event 1 comes after event 1"},
      {R"({"id":2,"t_ns":0,"kind":"x","cause":2})", "later event 2 as its cause"},
      {"{\"id\":2,\"t_ns\":0,\"kind\":\"\xFF\"}", "not a JSON value"},
      {std::string(100'000, '['), "not a JSON value"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.line.substr(0, 80));
    trace::Log log;
    CHECK_THAT(read_ndjson(good + row.line, log).error, Contains(row.error));
    CHECK(log.size() == 1);
  }
}

}  // namespace mailscope::exporting
