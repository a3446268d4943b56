// The binary trace file: round trips, seeking, other versions, and files that are cut off, damaged
// or made up.
#include "sim/export/trace_file.hpp"

#include <zlib.h>

#include "sim/export/trace_codec.hpp"
#include "tests/catch.hpp"
#include "tests/export/sample_log.hpp"

namespace mailscope::exporting {

namespace {

using Catch::Matchers::Contains;

std::uint32_t crc(const std::string& octets) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(octets.data()), octets.size()));
}

std::string deflated(const std::string& raw) {
  uLongf size = compressBound(raw.size());
  std::string stored(size, '\0');
  compress(reinterpret_cast<Bytef*>(stored.data()), &size,
           reinterpret_cast<const Bytef*>(raw.data()), raw.size());
  stored.resize(size);
  return stored;
}

/// A file made by hand, as docs/trace.md says.
struct HandMade {
  std::string kinds;
  std::uint64_t kind_count = 0;
  std::string blocks;

  void kind(const std::string& name, const std::vector<std::string>& fields) {
    put_string(kinds, name);
    put_string(kinds, "smtp");
    put_string(kinds, "what it says");
    put_varint(kinds, fields.size());
    for (const auto& field : fields) {
      put_string(kinds, field.substr(0, field.find(':')));
      kinds += field.back();
    }
    ++kind_count;
  }
  void block(const std::string& tag, const std::string& raw, std::uint32_t first = 0,
             std::uint32_t events = 0, std::int64_t time = 1000, std::uint32_t claim = 0) {
    const std::string stored = deflated(raw);
    std::string header = tag;
    put_u32(header, static_cast<std::uint32_t>(stored.size()));
    put_u32(header, claim ? claim : static_cast<std::uint32_t>(raw.size()));
    put_u32(header, first);
    put_u64(header, static_cast<std::uint64_t>(time));
    put_u32(header, events);
    put_u32(header, crc(header + stored));
    blocks += header + stored;
  }
  std::string file(std::uint64_t minor = 0, const std::string& more = {}) const {
    std::string payload;
    put_varint(payload, minor);
    put_string(payload, "by hand");
    put_varint(payload, kind_count);
    payload += kinds + more;
    std::string out(kTraceMagic);
    put_u32(out, static_cast<std::uint32_t>(payload.size()));
    put_u32(out, crc(payload));
    return out + payload + blocks;
  }
};

std::string numbers(std::initializer_list<int> list) {
  std::string out;
  for (const int n : list) put_varint(out, static_cast<std::uint64_t>(n));
  return out;
}

/// The first problem of the file, loading what can be loaded.
std::string problem_of(const std::string& file) {
  TraceReader reader(file);
  trace::Log log;
  reader.load(log);
  return reader.problem() ? reader.problem()->to_string() : "";
}

}  // namespace

TEST_CASE("a log is the same after writing and reading") {
  for (const int rounds : {0, 1, 3, 200}) {
    CAPTURE(rounds);
    const trace::Log log = sample_log(rounds);
    const std::string file = write_trace(log);
    TraceReader reader(file);
    CHECK_FALSE(reader.problem());
    CHECK(reader.indexed());
    CHECK(reader.producer() == "mailscope 0.1.0");
    CHECK(reader.event_count() == log.size());
    trace::Log copy;
    REQUIRE(reader.load(copy));
    CHECK(reader.unknown_kinds().empty());
    CHECK(copy.size() == log.size());
    CHECK(copy.hash() == log.hash());
    CHECK(copy.host_count() == log.host_count());
    CHECK(copy.host_name(1) == "silent.example");
    CHECK(write_trace(copy) == file);
  }
}

TEST_CASE("a file that grows with its log is as good as one written at once") {
  const trace::Log all = sample_log(120);
  trace::Log log;
  std::string file;
  TraceWriter writer(log, [&](std::string_view octets) { file += octets; });
  for (trace::EventId id = 1; id <= all.size(); ++id) {
    const trace::Event& event = all.at(id);
    const auto values = all.values(id);
    trace::Origin origin;
    if (event.host) origin.host = log.host(all.host_name(event.host));
    if (event.peer) origin.peer = log.host(all.host_name(event.peer));
    origin.connection = event.connection;
    origin.message = event.message;
    log.append(all.time(id), event.kind, origin, event.cause, values.data(), values.size());
    if (id % 17 == 0) writer.write_full_blocks();
  }
  // As if the writer had been killed here: what is in whole blocks is readable.
  {
    TraceReader reader(file);
    trace::Log copy;
    CHECK_FALSE(reader.load(copy));
    CHECK_THAT(reader.problem()->what, Contains("no index"));
    CHECK(copy.size() > all.size() / 2);
    CHECK(copy.size() % 2'048 == 0);
  }
  writer.finish();
  TraceReader reader(file);
  trace::Log copy;
  REQUIRE(reader.load(copy));
  CHECK(copy.hash() == all.hash());
}

TEST_CASE("any chunk can be read on its own") {
  const trace::Log log = sample_log(200);
  const std::string file = write_trace(log);
  TraceReader reader(file);
  REQUIRE(reader.chunks().size() > 3);
  for (const trace::EventId id : {trace::EventId{1}, trace::EventId{2'048}, trace::EventId{2'049},
                                  log.size() / 2, log.size()}) {
    CAPTURE(id);
    const auto chunk = reader.chunk_of(id);
    REQUIRE(chunk);
    bool found = false;
    TraceReader fresh(file);  // nothing was read before
    REQUIRE(fresh.read_chunk(*chunk, [&](const ReadEvent& event) {
      if (event.id != id) return true;
      found = true;
      const trace::Event& expected = log.at(id);
      CHECK(event.kind == trace::info(expected.kind).name);
      CHECK(event.time_ns == expected.time_ns);
      CHECK(event.cause == expected.cause);
      CHECK(event.host == log.host_name(expected.host));
      CHECK(event.peer == log.host_name(expected.peer));
      CHECK(event.connection == expected.connection);
      CHECK(event.message == expected.message);
      return false;
    }));
    CHECK(found);
    const auto at = reader.chunk_at(log.time(id));
    REQUIRE(at);
    CHECK(*at >= *chunk);  // equal times may reach into the next
    CHECK(reader.chunks()[*at].first_time_ns <= log.at(id).time_ns);
  }
  CHECK_FALSE(reader.chunk_of(0));
  CHECK_FALSE(reader.chunk_of(log.size() + 1));
  CHECK_FALSE(reader.chunk_at(kNine - std::chrono::seconds(1)));
  CHECK(reader.chunk_at(net::kNever) == reader.chunks().size() - 1);
}

TEST_CASE("a file without its index is scanned") {
  const trace::Log log = sample_log(100);
  std::string file = write_trace(log);
  SECTION("the trailer is damaged") {
    file[file.size() - 1] ^= 1;
  }
  SECTION("the trailer points elsewhere") {
    file[file.size() - 15] ^= 1;
  }
  bool is_sound = true;
  SECTION("the index is damaged") {
    file[file.size() - 20] ^= 1;
    is_sound = false;  // said, although nothing is lost
  }
  TraceReader reader(file);
  CHECK_FALSE(reader.indexed());
  trace::Log copy;
  CHECK(reader.load(copy) == is_sound);
  CHECK(copy.hash() == log.hash());
}

TEST_CASE("a file that ends early gives what came before, at every octet") {
  const trace::Log log = sample_log(2);
  const std::string file = write_trace(log);
  for (std::size_t size = 0; size < file.size(); ++size) {
    const std::string cut = file.substr(0, size);
    TraceReader reader(cut);
    trace::Log copy;
    const bool whole = reader.load(copy);
    // Without the trailer alone nothing is missing: the index block ends the scan.
    REQUIRE((whole || reader.problem()));
    REQUIRE((copy.size() == 0 || copy.hash() == log.hash()));
    if (whole) REQUIRE(size >= file.size() - 16);
    if (!whole) REQUIRE(reader.problem()->offset <= size);
  }
}

TEST_CASE("a changed octet is noticed, wherever it is") {
  const trace::Log log = sample_log(1);
  const std::string file = write_trace(log);
  for (std::size_t at = 0; at < file.size(); ++at) {
    std::string damaged = file;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    TraceReader reader(damaged);
    trace::Log copy;
    const bool whole = reader.load(copy);
    if (whole) REQUIRE(copy.hash() == log.hash());  // the damage was in the index or trailer
    if (whole) REQUIRE(at > file.size() / 2);
  }
}

TEST_CASE("other versions of the table of kinds are read by name") {
  HandMade made;
  made.kind("smtp.teleport", {"to:s"});                        // of a later version
  made.kind("smtp.command", {"later:i", "line:s", "verb:s"});  // fields moved, one is new
  made.kind("smtp.reply", {"code:s"});                         // another type; others missing
  made.block("STRS", numbers({1, 3}) + "\x04MAIL\x0bMAIL FROM:<\x02mx" + numbers({1, 1, 3}));
  // kind, time, cause back, host, peer, connection, message, fields
  made.block("EVTS",
             numbers({1, 0, 0, 1, 0, 2, 4, /*later*/ 8, /*line*/ 2, /*verb*/ 1}) +  // event 1
                 numbers({0, 10, 1, 1, 1, 0, 0, 1}) +                               // 2, unknown
                 numbers({2, 1, 1, 0, 1, 1, 3, 1}),  // 3, caused by 2
             1, 3);
  made.block("NEWS", "a block of a later version", 9, 9);
  made.block("INDX", numbers({0}));
  const std::string file = made.file(7, "more that a later version says");
  TraceReader reader(file);
  trace::Log log;
  REQUIRE(reader.load(log));
  CHECK(reader.producer() == "by hand");
  CHECK(reader.unknown_kinds() == std::map<std::string, std::uint64_t>{{"smtp.teleport", 1}});
  REQUIRE(log.size() == 2);
  CHECK(log.text(1, "verb") == "MAIL");
  CHECK(log.text(1, "line") == "MAIL FROM:<");
  CHECK(log.at(1).time_ns == 1000);
  CHECK(log.at(1).connection == 1);
  CHECK(log.at(1).message == 2);
  CHECK(log.host_name(log.at(1).host) == "mx");
  CHECK(log.number(2, "code") == 0);
  CHECK(log.text(2, "text") == "");
  CHECK(log.at(2).cause == 1);  // the cause of the event that was left out
  CHECK(log.at(2).time_ns == 1004);
  CHECK(log.at(2).connection == 0);
}

TEST_CASE("what is wrong with a file is said, with the place") {
  const std::string event = numbers({0, 0, 0, 0, 0, 0, 0, 1});
  const auto with = [](auto change) {
    HandMade made;
    made.kind("smtp.closed", {"reason:s"});
    change(made);
    return made.file();
  };
  const auto strings = [](HandMade& m) {
    m.block("STRS", numbers({1, 1}) +
                        "\x03"
                        "bye" +
                        numbers({1, 1, 1}));
  };
  CHECK(problem_of("") == "at octet 0: not a trace file: found \"\", wanted \"MSTRACE1\"");
  CHECK_THAT(problem_of("PK\x03\x04 a zip archive"), Contains("found \"PK\\x03\\x04 a z\""));
  CHECK_THAT(problem_of("MSTRACE2...................."), Contains("version \"2\""));
  CHECK_THAT(problem_of("MSTRACE1"), Contains("ends in its header"));
  CHECK_THAT(problem_of(std::string("MSTRACE1\xFF\xFF\xFF\x7F....", 16)),
             Contains("at octet 8: a header of"));
  CHECK_THAT(problem_of(with([](auto&) {})), Contains("no index"));
  CHECK_THAT(problem_of(with([](auto& m) { m.kind("x", {"field:q"}); })),
             Contains("field type \"q\""));
  CHECK_THAT(problem_of(with([](auto& m) { m.kind_count = 5; })), Contains("table of kinds"));
  CHECK_THAT(problem_of(with([&](auto& m) { m.block("EVTS", event, 1, 1); })),
             Contains("is cut off or refers to"));  // string 1 is not there
  CHECK_THAT(problem_of(with([&](auto& m) {
               strings(m);
               m.block("EVTS", event, 2, 1);
             })),
             Contains("number 1 comes next"));
  CHECK_THAT(problem_of(with([&](auto& m) {
               strings(m);
               m.block("EVTS", event, 1, 2);
             })),
             Contains("says it has 2 events in 8 octets"));
  CHECK_THAT(problem_of(with([&](auto& m) {
               strings(m);
               m.block("EVTS", event + event, 1, 1);
             })),
             Contains("8 octets behind its last event"));
  CHECK_THAT(problem_of(with([&](auto& m) {
               strings(m);
               m.block("EVTS", event, 1, 1, 0, 9);
             })),
             Contains("cannot be uncompressed"));
  CHECK_THAT(problem_of(with([&](auto& m) {
               strings(m);
               m.block("EVTS", event, 1, 1, 0, 0xF0000000);
             })),
             Contains("octets uncompressed; at most"));
  CHECK_THAT(problem_of(with([&](auto& m) {
               strings(m);
               m.block("EVTS", numbers({9, 0, 0, 0, 0, 0, 0, 1}), 1, 1);
             })),
             Contains("event 1 has kind number 9; the file has 1 kinds"));
  CHECK_THAT(problem_of(with([&](auto& m) {
               strings(m);
               m.block("EVTS", numbers({0, 0, 1, 0, 0, 0, 0, 1}), 1, 1);  // caused by event 0
             })),
             Contains("event 1 is cut off or refers to"));
  CHECK_THAT(problem_of(with([&](auto& m) {
               strings(m);
               strings(m);
             })),
             Contains("1 strings from number 1; number 2 comes next"));
  CHECK_THAT(problem_of(with([&](auto& m) {
               m.block("STRS", numbers({1, 0, 1, 1, 7}));
             })),
             Contains("does not end where it should"));
  CHECK_THAT(problem_of(with([&](auto& m) {
               m.block("STRS", numbers({1, 0, 2, 1, 0}));
             })),
             Contains("hosts from number 2"));
}

TEST_CASE("limits hold for small files that claim to be large") {
  HandMade made;
  made.kind("smtp.closed", {"reason:s"});
  const std::string large(1 << 20, '\0');
  for (int i = 0; i < 20; ++i) made.block("NEWS", large);
  TraceLimits limits;
  limits.raw_octets = 10 << 20;
  const std::string file = made.file();
  TraceReader reader(file, limits);
  REQUIRE(reader.problem());
  CHECK_THAT(reader.problem()->what, Contains("larger than 10485760 octets uncompressed"));
}

}  // namespace mailscope::exporting
