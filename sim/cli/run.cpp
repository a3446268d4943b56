// mailscope run: plays a scenario in virtual time and tells its story.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "sim/cli/cli.hpp"
#include "sim/cli/files.hpp"
#include "sim/cli/narrator.hpp"
#include "sim/export/ndjson.hpp"
#include "sim/export/pcapng.hpp"
#include "sim/export/trace_file.hpp"
#include "sim/scenario/loader.hpp"
#include "sim/scenario/units.hpp"
#include "sim/world/world.hpp"

namespace mailscope::cli {
namespace {

struct RunOptions {
  std::string file;
  std::optional<std::uint64_t> seed;
  std::string trace, ndjson, pcap, layer;
  bool hash = false;
  bool quiet = false;
};

std::optional<trace::Layer> layer_named(const std::string& name) {
  for (int i = 0; i < trace::kLayerCount; ++i) {
    const auto layer = static_cast<trace::Layer>(i);
    if (trace::to_string(layer) == name) return layer;
  }
  return std::nullopt;
}

std::string layer_names() {
  std::string names;
  for (int i = 0; i < trace::kLayerCount; ++i) {
    names += (i == 0 ? "" : ", ") + std::string(trace::to_string(static_cast<trace::Layer>(i)));
  }
  return names;
}

int run(const RunOptions& options) {
  NarratorOptions narrator;
  narrator.colour = terminal_has_colour();
  narrator.cut = isatty(STDOUT_FILENO) != 0;
  narrator.width = terminal_width();
  if (!options.layer.empty()) narrator.layer = layer_named(options.layer);
  const scenario::Scenario scenario = scenario::load_scenario_file(options.file);
  world::WorldOptions world_options;
  world_options.seed = options.seed;
  world_options.capture_payloads = !options.pcap.empty();
  world::World world(scenario, world_options);
  world.run();
  const trace::Log& log = world.log();
  if (!options.quiet) fmt::print("{}\n{}", scenario.title, narrate(log, narrator));
  if (!options.trace.empty()) write_file(options.trace, exporting::write_trace(log));
  if (!options.ndjson.empty()) {
    std::string text;
    exporting::write_ndjson(log, [&text](std::string_view piece) { text += piece; });
    write_file(options.ndjson, text);
  }
  if (!options.pcap.empty()) {
    std::string packets;
    exporting::write_pcapng(log, {.key_log = world.key_log()},
                            [&packets](std::string_view piece) { packets += piece; });
    write_file(options.pcap, packets);
  }
  std::size_t failed = 0;
  const auto verdicts = world.verdicts();
  for (const world::Verdict& verdict : verdicts) {
    if (verdict.holds) continue;
    ++failed;
    fmt::print("\n{}", narrate_failure(log, verdict, options.file));
  }
  if (options.hash) fmt::print("{}{}\n", options.quiet ? "" : "\ntrace hash ", log.hash());
  if (!options.quiet) {
    fmt::print("\n{} of {} expectations hold; {} events in {} of virtual time, seed {}\n",
               verdicts.size() - failed, verdicts.size(), log.size(),
               scenario::format_duration(world.kernel().now() - world.start()), world.seed());
  }
  return failed == 0 ? kOk : kFailed;
}

}  // namespace

void add_run(CLI::App& app, int& status) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command =
      app.add_subcommand("run", "Play a scenario in virtual time and tell its story");
  command->add_option("file", options->file, "Scenario (JSON)")->required();
  command->add_option("--seed", options->seed, "Seed instead of the scenario's own");
  command->add_option("--trace", options->trace, "Write the trace (binary form, docs/trace.md)");
  command->add_option("--ndjson", options->ndjson, "Write the trace as one JSON object a line");
  command->add_option("--pcap", options->pcap, "Write the packets as pcapng, for Wireshark");
  command->add_flag("--hash", options->hash, "Print the hash of the trace");
  command->add_flag("--quiet", options->quiet, "Do not tell the story");
  command->add_option("--layer", options->layer, "Tell only this layer: " + layer_names())
      ->check([](const std::string& name) {
        return layer_named(name) ? std::string()
                                 : "there is no layer " + name + "; there are " + layer_names();
      });
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace mailscope::cli
