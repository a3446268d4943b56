// mailscope test: every scenario below the paths, for one seed or many, as a test suite.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>

#include "server/live/stopwatch.hpp"
#include "sim/cli/cli.hpp"
#include "sim/cli/files.hpp"
#include "sim/cli/narrator.hpp"
#include "sim/export/junit.hpp"
#include "sim/scenario/loader.hpp"
#include "sim/world/invariants.hpp"
#include "sim/world/world.hpp"

namespace mailscope::cli {
namespace {

struct TestOptions {
  std::vector<std::string> paths;
  std::string junit, seeds, filter;
  int jobs = 1;
  bool hashes = false;
};

struct Seeds {
  std::uint64_t first = 0, last = 0;
};

std::optional<Seeds> parse_seeds(const std::string& text) {
  const auto dots = text.find("..");
  Seeds seeds;
  try {
    std::size_t used = 0;
    seeds.first = std::stoull(text, &used);
    if (used != std::min(dots, text.size())) return std::nullopt;
    seeds.last = seeds.first;
    if (dots != std::string::npos) {
      const std::string rest = text.substr(dots + 2);
      seeds.last = std::stoull(rest, &used);
      if (used != rest.size()) return std::nullopt;
    }
  } catch (const std::exception&) {
    return std::nullopt;
  }
  if (seeds.last < seeds.first || seeds.last - seeds.first >= 100'000) return std::nullopt;
  return seeds;
}

struct Case {
  const scenario::Scenario* scenario;
  std::optional<std::uint64_t> seed;
  std::string failure, hash;
  double seconds = 0;
  std::size_t expectations = 0;
  bool done = false;
  std::string name() const {
    return scenario->title + (seed ? fmt::format(" (seed {})", *seed) : "");
  }
};

void play(Case& test) {
  const live::Stopwatch watch;
  try {
    world::WorldOptions options;
    options.seed = test.seed;
    world::World world(*test.scenario, options);
    world.run();
    for (const world::Verdict& verdict : world.verdicts()) {
      ++test.expectations;
      if (!verdict.holds)
        test.failure += narrate_failure(world.log(), verdict, test.scenario->file);
    }
    for (const std::string& broken : world::broken_invariants(world))
      test.failure += "invariant broken: " + broken + "\n";
    test.hash = world.log().hash();
  } catch (const std::exception& error) {
    test.failure += std::string(error.what()) + "\n";
  }
  test.seconds = watch.seconds();
  test.done = true;
}

int run(const TestOptions& options) {
  std::vector<std::unique_ptr<scenario::Scenario>> scenarios;
  for (const std::string& path : find_scenarios(options.paths)) {
    auto scenario = std::make_unique<scenario::Scenario>(scenario::load_scenario_file(path));
    const bool wanted = options.filter.empty() || path.find(options.filter) != std::string::npos ||
                        scenario->title.find(options.filter) != std::string::npos;
    if (wanted) scenarios.push_back(std::move(scenario));
  }
  std::vector<Case> cases;
  for (const auto& scenario : scenarios) {
    if (options.seeds.empty()) {
      cases.push_back({scenario.get(), std::nullopt, {}, {}});
      continue;
    }
    const Seeds seeds = *parse_seeds(options.seeds);
    for (std::uint64_t seed = seeds.first; seed <= seeds.last; ++seed)
      cases.push_back({scenario.get(), seed, {}, {}});
  }
  // Worlds share nothing, so they run side by side; the report stays in order.
  std::atomic<std::size_t> next{0};
  std::mutex printing;
  std::size_t printed = 0;
  auto work = [&] {
    for (std::size_t i = next++; i < cases.size(); i = next++) {
      Case result = cases[i];
      play(result);
      const std::lock_guard lock(printing);
      cases[i] = std::move(result);
      for (; printed < cases.size() && cases[printed].done; ++printed) {
        const Case& test = cases[printed];
        fmt::print("{}  {}  {}{}\n{}", test.failure.empty() ? "ok  " : "FAIL", test.scenario->file,
                   test.name(), options.hashes ? "  " + test.hash : "", test.failure);
      }
    }
  };
  std::vector<std::thread> threads;
  for (int i = 1; i < options.jobs; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();

  std::vector<exporting::JunitCase> report;
  std::size_t failed = 0, expectations = 0;
  for (const Case& test : cases) {
    failed += test.failure.empty() ? 0 : 1;
    expectations += test.expectations;
    report.push_back({test.name(), test.scenario->file, test.seconds, test.failure});
  }
  if (!options.junit.empty())
    write_file(options.junit, exporting::write_junit("mailscope", report));
  fmt::print("{} passed, {} failed ({} scenarios, {} expectations checked)\n",
             cases.size() - failed, failed, scenarios.size(), expectations);
  if (cases.empty()) {
    fmt::print(stderr, "mailscope: no scenario fits --filter {}\n", options.filter);
    return kBadInput;
  }
  return failed == 0 ? kOk : kFailed;
}

}  // namespace

void add_test(CLI::App& app, int& status) {
  auto options = std::make_shared<TestOptions>();
  CLI::App* command = app.add_subcommand("test", "Run all scenarios under the paths as tests");
  command->add_option("paths", options->paths, "Scenario files or folders")->required();
  command->add_option("--junit", options->junit, "Write the results as JUnit XML");
  command->add_option("--seeds", options->seeds, "Each scenario with each of these seeds: A..B")
      ->check([](const std::string& text) {
        return parse_seeds(text) ? std::string() : text + " is no range of seeds such as 1..50";
      });
  command->add_option("-j,--jobs", options->jobs, "Scenarios that run side by side")
      ->check(CLI::Range(1, 256));
  command->add_option("--filter", options->filter,
                      "Only scenarios whose path or title contains this");
  command->add_flag("--hashes", options->hashes, "Show the hash of each trace");
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace mailscope::cli
