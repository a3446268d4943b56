#include "sim/cli/cli.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "sim/scenario/loader.hpp"
#include "sim/world/version.hpp"

namespace mailscope::cli {

int main_with(int argc, char** argv, const std::vector<AddCommand>& more) {
  CLI::App app("Mailscope: see how mail works. A real mail stack in a simulated internet.",
               "mailscope");
  app.set_version_flag("--version", "mailscope " + std::string(world::kVersion));
  app.require_subcommand(1);
  int status = kOk;
  try {
    // Commands run from inside parse(), so what they throw is caught here as well.
    for (const AddCommand add : {add_run, add_test, add_check, add_serve, add_store, add_schema})
      add(app, status);
    for (const AddCommand add : more) add(app, status);
    app.parse(argc, argv);
    return status;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kBadInput;
  } catch (const scenario::ScenarioError& error) {
    fmt::print(stderr, "mailscope: {}\n", error.what());
    return kBadInput;
  } catch (const std::exception& error) {
    fmt::print(stderr, "mailscope: {}\n", error.what());
    return kBadInput;
  }
}

}  // namespace mailscope::cli
