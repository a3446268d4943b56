// The log: what is appended is read back, for every kind; the hash tells runs apart and is the same
// everywhere.
#include <limits>
#include <string>
#include <vector>

#include "server/trace/log.hpp"
#include "tests/catch.hpp"

namespace mailscope::trace {
namespace {

net::Time at(std::int64_t nanoseconds) {
  return net::Time(net::Duration(nanoseconds));
}

/// Values that fit a kind; `salt` makes them differ between events.
std::vector<Value> values_for(const KindInfo& kind, const std::vector<std::string>& texts,
                              std::int64_t salt) {
  std::vector<Value> values;
  std::size_t i = 0;
  for (const FieldInfo& field : kind.fields) {
    if (field.type == FieldType::integer)
      values.emplace_back(salt * (i % 2 == 0 ? 1 : -1));
    else
      values.emplace_back(texts[(i + static_cast<std::size_t>(salt)) % texts.size()]);
    ++i;
  }
  return values;
}

Log one(std::string_view text, std::int64_t time = 5, EventId cause = 0, Origin origin = {}) {
  Log log;
  log.host("a.example");
  log.host("b.example");
  const Value values[] = {text};
  log.append(at(time), Kind::lesson_note, origin, cause, values, 1);
  return log;
}

}  // namespace

TEST_CASE("what is appended is read back, for every kind", "[trace]") {
  using namespace std::string_literals;
  const std::vector<std::string> texts = {"", "text", "two\nlines", "\0\x80"s,
                                          std::string(70'000, 'y')};
  Log log;
  std::int64_t salt = 1;
  for (const KindInfo& kind : all_kinds()) {
    INFO(kind.name);
    const auto given = values_for(kind, texts, salt);
    const EventId id =
        log.append(at(salt * 7), kind.kind, {1, 2, 3, 4}, log.size(), given.data(), given.size());
    CHECK(id == static_cast<EventId>(salt));
    CHECK(log.at(id).kind == kind.kind);
    CHECK(log.time(id) == at(salt * 7));
    CHECK(log.at(id).cause == id - 1);
    CHECK(log.at(id).host == 1);
    CHECK(log.at(id).peer == 2);
    CHECK(log.at(id).connection == 3);
    CHECK(log.at(id).message == 4);
    const auto read = log.values(id);
    REQUIRE(read.size() == given.size());
    for (std::size_t i = 0; i < read.size(); ++i) {
      INFO(kind.fields[i].name);
      CHECK(read[i].is_number == given[i].is_number);
      CHECK(read[i].number == given[i].number);
      CHECK(read[i].text == given[i].text);
      if (given[i].is_number)
        CHECK(log.number(id, kind.fields[i].name) == given[i].number);
      else
        CHECK(log.text(id, kind.fields[i].name) == given[i].text);
    }
    ++salt;
  }
  CHECK(log.size() == all_kinds().size());
}

TEST_CASE("numbers keep their whole range", "[trace]") {
  using Limits = std::numeric_limits<std::int64_t>;
  Log log;
  for (const std::int64_t n :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{63}, std::int64_t{64}, std::int64_t{-64},
        std::int64_t{-65}, std::int64_t{8191}, std::int64_t{8192}, Limits::max(), Limits::min()}) {
    const Value values[] = {n};
    const EventId id = log.append(at(0), Kind::smtp_data, {}, 0, values, 1);
    CHECK(log.number(id, "octets") == n);
  }
}

TEST_CASE("an event before 1970 and one at the end of time keep their times", "[trace]") {
  for (const net::Time time : {net::Time::min(), at(-1), net::Time::max()}) {
    Log log;
    const Value values[] = {"x"};
    CHECK(log.time(log.append(time, Kind::lesson_note, {}, 0, values, 1)) == time);
  }
}

TEST_CASE("a field that the kind does not have is empty or 0", "[trace]") {
  const Log log = one("hello");
  CHECK(log.text(1, "text") == "hello");
  CHECK(log.text(1, "octets").empty());
  CHECK(log.number(1, "text") == 0);
  CHECK(log.number(1, "") == 0);
}

TEST_CASE("hosts are numbered from 1 in order of first sight", "[trace]") {
  Log log;
  CHECK(log.host_count() == 0);
  CHECK(log.host_name(0).empty());
  CHECK(log.find_host("mx1") == 0);
  CHECK(log.host("mx1") == 1);
  CHECK(log.host("mx2") == 2);
  CHECK(log.host("mx1") == 1);
  CHECK(log.find_host("mx2") == 2);
  CHECK(log.host_name(2) == "mx2");
  CHECK(log.host_count() == 2);
}

TEST_CASE("a thousand hosts are told apart", "[trace]") {
  Log log;
  for (int i = 1; i <= 1'000; ++i) REQUIRE(log.host("host" + std::to_string(i)) == i);
  for (int i = 1; i <= 1'000; ++i) REQUIRE(log.find_host("host" + std::to_string(i)) == i);
}

TEST_CASE("the hash depends on everything that an event says", "[trace]") {
  const std::string base = one("hello").hash();
  CHECK(base.size() == 16);
  CHECK(base == one("hello").hash());
  CHECK(base != one("hellp").hash());
  CHECK(base != one("hello", 6).hash());
  CHECK(base != one("hello", 5, 1).hash());
  CHECK(base != one("hello", 5, 0, {1, 0, 0, 0}).hash());
  CHECK(one("hello", 5, 0, {1, 0, 0, 0}).hash() != one("hello", 5, 0, {2, 0, 0, 0}).hash());
  CHECK(one("hello", 5, 0, {1, 0, 0, 0}).hash() != one("hello", 5, 0, {0, 1, 0, 0}).hash());
  CHECK(base != one("hello", 5, 0, {0, 0, 1, 0}).hash());
  CHECK(base != one("hello", 5, 0, {0, 0, 0, 1}).hash());
  CHECK(base != Log().hash());
}

TEST_CASE("where one text ends and the next begins changes the hash", "[trace]") {
  auto act = [](const char* person, const char* verb) {
    Log log;
    const Value values[] = {person, verb, ""};
    log.append(at(0), Kind::lesson_act, {}, 0, values, 3);
    return log.hash();
  };
  CHECK(act("ab", "c") != act("a", "bc"));
}

TEST_CASE("the hash goes by names, not by numbers of strings", "[trace]") {
  Log log;
  log.host("a.example");
  const Value first[] = {"hello"};
  log.append(at(5), Kind::lesson_note, {1, 0, 0, 0}, 0, first, 1);
  Log other;  // the same run, whose host got its string later
  const Value same[] = {"hello"};
  other.append(at(5), Kind::lesson_note, {0, 0, 0, 0}, 0, same, 1);
  CHECK(log.hash() != other.hash());
  Log third;
  third.host("a.example");
  third.host("unused.example");
  third.append(at(5), Kind::lesson_note, {1, 0, 0, 0}, 0, first, 1);
  CHECK(log.hash() == third.hash());
}

TEST_CASE("the hash of a known trace is the same on every machine", "[trace]") {
  // A change of these means that traces of before cannot be compared any more: kVersion in
  // sim/world/version.hpp must change too.
  CHECK(Log().hash() == "cbf29ce484222325");
  Log log;
  const HostId mail = log.host("mail.acme.example");
  const HostId mx = log.host("mx1.globex.example");
  const Value command[] = {"RCPT", "RCPT TO:<bob@globex.example>"};
  const Value reply[] = {550, "5.1.1", "User unknown\nfor good"};
  const Value segment[] = {"PSH ACK", 1, -1, 65'535, 4, std::string_view("\0\r\n\xff", 4)};
  const EventId first = log.append(at(1'000), Kind::smtp_command, {mx, mail, 7, 1}, 0, command, 2);
  const EventId second = log.append(at(2'000), Kind::smtp_reply, {mx, mail, 7, 1}, first, reply, 3);
  log.append(at(-1), Kind::transport_segment, {mx, mail, 7, 0}, second, segment, 6);
  CHECK(log.hash() == "f36f05ea5297cc90");
}

TEST_CASE("an event takes 32 octets", "[trace]") {
  // Ten million events, as a busy world makes them, fit into 320 MB besides their fields.
  CHECK(sizeof(Event) == 32);
  CHECK(kMaxEvents * sizeof(Event) < (std::size_t{8} << 30));
  CHECK(kMaxFieldOctets < std::numeric_limits<std::uint32_t>::max());
}

}  // namespace mailscope::trace
