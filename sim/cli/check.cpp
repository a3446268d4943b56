// mailscope check: validates scenario files without running them. mailscope schema: prints the JSON
// Schema that they follow.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "sim/cli/cli.hpp"
#include "sim/cli/files.hpp"
#include "sim/scenario/loader.hpp"
#include "sim/scenario/shape.hpp"
#include "sim/world/world.hpp"

namespace mailscope::cli {

void add_check(CLI::App& app, int& status) {
  auto paths = std::make_shared<std::vector<std::string>>();
  CLI::App* command = app.add_subcommand("check", "Validate scenarios without running them");
  command->add_option("paths", *paths, "Scenario files or folders")->required();
  command->callback([paths, &status] {
    std::size_t bad = 0;
    const auto files = find_scenarios(*paths);
    for (const std::string& path : files) {
      try {
        const scenario::Scenario scenario = scenario::load_scenario_file(path);
        const world::World world(scenario, {});  // builds the zones: their records are checked here
        fmt::print("ok  {}  {}\n", path, scenario.title);
      } catch (const scenario::ScenarioError& error) {
        ++bad;
        fmt::print(stderr, "mailscope: {}\n", error.what());
      }
    }
    status = bad == 0 ? kOk : kBadInput;
  });
}

void add_schema(CLI::App& app, int& status) {
  auto markdown = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("schema", "Print the JSON Schema of scenario files");
  command->add_flag("--markdown", *markdown,
                    "Print the reference of all keys instead (docs/scenario.md)");
  command->callback([markdown, &status] {
    fmt::print("{}", *markdown ? scenario::scenario_reference() : scenario::scenario_schema());
    status = kOk;
  });
}

}  // namespace mailscope::cli
