// The library of scenarios: each holds, each is the same run every time, and teaches something.
#include <cstdlib>
#include <fstream>
#include <map>

#include "sim/scenario/loader.hpp"
#include "tests/catch.hpp"
#include "tests/sim/support.hpp"

using namespace mailscope;

namespace {

constexpr auto kGoldenFile = "tests/sim/golden_hashes.txt";

/// path -> hash, of lines "hash  path"; lines that begin with # are for people.
std::map<std::string, std::string> golden() {
  std::map<std::string, std::string> hashes;
  std::ifstream in(test::source_path(kGoldenFile));
  std::string hash, path;
  for (std::string line; std::getline(in, line);) {
    const auto gap = line.find("  ");
    if (line.starts_with('#') || gap == std::string::npos) continue;
    hashes[line.substr(gap + 2)] = line.substr(0, gap);
  }
  return hashes;
}

}  // namespace

TEST_CASE("every scenario of the library holds, twice the same, and as ever", "[sim][library]") {
  // A change of behaviour shows here first. When it is meant: run with MAILSCOPE_ACCEPT_TRACES=1,
  // and say in the commit why the traces differ.
  const bool accept = std::getenv("MAILSCOPE_ACCEPT_TRACES") != nullptr;
  const auto expected = golden();
  const auto files = test::library();
  REQUIRE(files.size() >= 10);
  std::string fresh =
      "# Hash of each scenario's trace with its own seed; the same for every compiler and build "
      "type.\n";
  for (const std::string& path : files) {
    INFO(path);
    const scenario::Scenario scenario = scenario::load_scenario_file(test::source_path(path));
    const test::Played first = test::play(scenario);
    CHECK(test::joined(first.failures) == "");
    CHECK(first.expectations > 0);
    const test::Played second = test::play(scenario);
    CHECK(first.hash == second.hash);
    CHECK(first.events == second.events);
    if (!accept) {
      const auto known = expected.find(path);
      CHECK((known == expected.end() ? "not in the list" : known->second) == first.hash);
    }
    fresh += first.hash + "  " + path + "\n";
  }
  if (!accept)
    CHECK(expected.size() == files.size());
  else
    std::ofstream(test::source_path(kGoldenFile)) << fresh;
}

TEST_CASE("another seed is another run", "[sim][library]") {
  const scenario::Scenario scenario =
      scenario::load_scenario_file(test::source_path(test::library().front()));
  CHECK(test::play(scenario, 1).hash != test::play(scenario, 2).hash);
}

TEST_CASE("every scenario of the library is a lesson", "[sim][library]") {
  for (const std::string& path : test::library()) {
    INFO(path);
    const scenario::Scenario scenario = scenario::load_scenario_file(test::source_path(path));
    CHECK(scenario.description.size() > 40);
    CHECK(scenario.goals.size() >= 2);
    CHECK(scenario.lesson.notes.size() >= 2);
    CHECK(scenario.lesson.questions.size() >= 1);
    for (const auto& question : scenario.lesson.questions) CHECK(question.because.size() > 40);
    // Each note and question has its moment.
    world::World world(scenario, {});
    world.run();
    std::size_t notes = 0;
    for (trace::EventId id = 1; id <= world.log().size(); ++id) {
      if (world.log().at(id).kind != trace::Kind::lesson_note) continue;
      ++notes;
      CHECK(world.log().at(id).cause != 0);
      CHECK(world.log().at(id).host != 0);
    }
    CHECK(notes == scenario.lesson.notes.size());
  }
}
