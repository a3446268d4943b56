// Faults of the same kind that overlap: the first to begin and the last to end count.
#include <string>

#include "sim/scenario/loader.hpp"
#include "sim/world/world.hpp"
#include "tests/catch.hpp"

namespace mailscope::world {
namespace {

/// Runs a world of one domain with these faults; the virtual time at which a message that was sent
/// after a minute arrived, in seconds; -1: never.
long arrival(const std::string& faults) {
  const auto scenario = scenario::load_scenario(
      R"({"title": "t", "duration": "2h",
          "domains": {"a.example": {"users": ["x"]}, "b.example": {"users": ["y"]}},
          "script": [{"at": "1m", "send": {"from": "x@a.example", "to": "y@b.example"}}],
          "faults": [)" +
          faults + "]}",
      "s.json");
  World world(scenario, {});
  world.run();
  const trace::Log& log = world.log();
  for (trace::EventId id = 1; id <= log.size(); ++id) {
    if (log.at(id).kind != trace::Kind::mail_delivered) continue;
    return std::chrono::duration_cast<std::chrono::seconds>(log.time(id) - world.start()).count();
  }
  return -1;
}

}  // namespace

TEST_CASE("a host stays off until the last of the faults ends", "[world]") {
  CHECK(arrival("") == 60);
  const long arrived = arrival(
      R"({"host": "mail.b.example", "down": "2m"}, {"at": "1m", "host": "mail.b.example", "down": "30m"})");
  CHECK(arrived > 31 * 60);
}

TEST_CASE("a mailbox stays full until the last of the faults ends", "[world]") {
  const long arrived = arrival(
      R"({"mailboxFull": "y@b.example", "for": "2m"}, {"at": "1m", "mailboxFull": "y@b.example", "for": "30m"})");
  CHECK(arrived > 31 * 60);
}

TEST_CASE("a link stays down until the last of the faults ends", "[world]") {
  const long arrived = arrival(
      R"({"link": ["a.example", "b.example"], "down": "2m"},
         {"at": "1m", "link": ["a.example", "b.example"], "down": "30m"})");
  CHECK(arrived > 31 * 60);
}

}  // namespace mailscope::world
