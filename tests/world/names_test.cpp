// Names that only the whole of a scenario shows to be wrong: an error with its place, not a world
// that does something else than its author meant.
#include <string>

#include "sim/scenario/loader.hpp"
#include "sim/world/world.hpp"
#include "tests/catch.hpp"

namespace mailscope::world {
namespace {

/// The error of building this world; empty: it stands.
std::string problem(const std::string& rest) {
  try {
    const auto scenario = scenario::load_scenario("{\"title\": \"t\",\n" + rest + "}", "s.json");
    const World world(scenario, {});
    return {};
  } catch (const scenario::ScenarioError& error) {
    return error.what();
  }
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("two hosts cannot have one name", "[world]") {
  const std::string devices = problem(R"("domains": {"a.example": {"users": ["a.b", "a-b"]}})");
  CHECK(has(devices, "s.json:2:"));
  CHECK(has(devices, "/domains/a.example/users/1"));
  CHECK(has(devices, "both a device of a.b@a.example and a device of a-b@a.example"));
  CHECK(has(problem(R"("domains": {"a.example": {"users": ["x"], "mx": ["ns1"]}})"),
            "the name server of a.example and a mail exchanger"));
  CHECK(has(problem(R"("domains": {"a.example": {"users": ["x"], "mx": ["mx1", "x-laptop"]}})"),
            "/domains/a.example/users/0"));
  CHECK(problem(R"("domains": {"a.example": {"users": ["x"], "mx": ["mail", "mx2"]}})").empty());
}

TEST_CASE("a domain cannot have the name of a host", "[world]") {
  const std::string text =
      problem(R"("domains": {"a.example": {"users": ["x"]}, "mail.a.example": {"users": ["y"]}})");
  CHECK(has(text, "mail.a.example is the mail server of a.example"));
  CHECK(problem(R"("domains": {"a.example": {"users": ["x"]}, "dept.a.example": {"users": ["y"]}})")
            .empty());
}

TEST_CASE("there is room for 240 top-level domains", "[world]") {
  auto world = [](int tops) {
    std::string list;
    for (int i = 0; i < tops; ++i) {
      list += (i == 0 ? "" : ", ") + ("\"a.t" + std::to_string(i)) + "\": {\"users\": [\"x\"]}";
    }
    return problem("\"domains\": {" + list + "}");
  };
  CHECK(world(240).empty());
  CHECK(has(world(241), "at most 240 top-level domains"));
}

TEST_CASE("what a fault puts into the DNS is checked before the run", "[world]") {
  const std::string text = problem(
      R"("domains": {"a.example": {"users": ["x"]}},
         "faults": [{"at": "5d", "dns": {"name": "a.example", "type": "MX", "values": ["junk"]}}])");
  CHECK(has(text, "s.json:3:"));
  CHECK(has(text, "/faults/0"));
  CHECK(has(text, "expected a preference"));
}

TEST_CASE("an owner of a record that is no domain name is an error", "[world]") {
  const std::string text =
      problem(R"("domains": {"a.example": {"users": ["x"], "records": [{"name": ")" +
              std::string(64, 'x') + R"(", "type": "A", "value": "192.0.2.1"}]}})");
  CHECK(has(text, "is no domain name"));
}

}  // namespace mailscope::world
