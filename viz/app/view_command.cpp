#include "viz/app/view_command.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>

#include "sim/cli/cli.hpp"
#include "sim/cli/files.hpp"
#include "sim/export/trace_file.hpp"
#include "sim/scenario/loader.hpp"
#include "sim/world/event_match.hpp"
#include "sim/world/world.hpp"
#include "viz/app/viewer.hpp"
#include "viz/render/png.hpp"

namespace mailscope::viz {
namespace {

struct ViewOptions {
  std::string file;
  std::string render;  // PNG file, or folder with --all
  std::size_t step = 1;
  bool all = false;
  std::string theme = "light";
  std::string stage = "map";
  std::string size;
  float scale = 1;
  float phase = 1;
  bool play = false;
  bool causes = false;
  int frames = 0;
};

ThemeName theme_of(const ViewOptions& options) {
  return options.theme == "dark" ? ThemeName::dark : ThemeName::light;
}

/// A lesson from either source: a scenario is run first, a trace file is only read.
struct Source {
  std::unique_ptr<world::World> world;
  trace::Log read;
  std::vector<Question> questions;
  const trace::Log& log() const { return world != nullptr ? world->log() : read; }
};

std::vector<Question> questions_of(const scenario::Scenario& scenario, const world::World& world) {
  std::vector<Question> out;
  for (const scenario::Question& question : scenario.lesson.questions) {
    for (trace::EventId id = 1; id <= world.log().size(); ++id) {
      if (!world::matches(question.when, world.log(), id, world.start())) continue;
      out.push_back({id, question.ask, question.answers, static_cast<std::size_t>(question.right),
                     question.because});
      break;
    }
  }
  return out;
}

void open(const std::string& file, Source& source) {
  if (file.ends_with(".json")) {
    const scenario::Scenario scenario = scenario::load_scenario_file(file);
    world::WorldOptions options;
    options.capture_payloads = true;  // the packet tab shows them
    source.world = std::make_unique<world::World>(scenario, options);
    source.world->run();
    source.questions = questions_of(scenario, *source.world);
    return;
  }
  const std::string octets = cli::read_file(file);
  exporting::TraceReader reader(octets);
  reader.load(source.read);
  if (reader.problem() && source.read.size() == 0) {
    throw std::runtime_error(
        file + ": neither a scenario (*.json) nor a trace: " + reader.problem()->to_string());
  }
}

void read_size(const std::string& text, int& width, int& height) {
  if (text.empty()) return;
  int w = 0, h = 0;
  char rest = 0;
  constexpr int kMin = 320, kMax = 16384;  // pixels; beyond, nothing can be read or stored
  if (std::sscanf(text.c_str(), "%dx%d%c", &w, &h, &rest) != 2 || w < kMin || h < kMin ||
      w > kMax || h > kMax) {
    throw std::runtime_error(
        "--size " + text +
        ": expected WIDTHxHEIGHT in pixels, each 320 to 16384, such as 1920x1080");
  }
  width = w;
  height = h;
}

void render(const ViewOptions& options, const Source& source, Stage stage) {
  RenderOptions picture;
  picture.theme = theme_of(options);
  picture.stage = stage;
  picture.scale = options.scale;
  picture.phase = options.phase;
  picture.causes = options.causes;
  read_size(options.size, picture.width, picture.height);
  Renderer renderer(source.log(), picture);
  if (!options.all) {
    // A question hides only what comes later: the picture asked for is drawn.
    write_png(options.render, renderer.render(options.step > 0 ? options.step - 1 : 0));
    return;
  }
  std::filesystem::create_directories(options.render);
  for (std::size_t i = 0; i < renderer.steps(); ++i) {
    char name[32];
    std::snprintf(name, sizeof name, "step-%04zu.png", i + 1);
    write_png((std::filesystem::path(options.render) / name).string(), renderer.render(i));
  }
}

int view(const ViewOptions& options) {
  Source source;
  open(options.file, source);
  const Stage stage = options.stage == "ladder"  ? Stage::ladder
                      : options.stage == "split" ? Stage::split
                                                 : Stage::map;
  if (!options.render.empty()) {
    render(options, source, stage);
    return cli::kOk;
  }
  WindowOptions window;
  window.theme = theme_of(options);
  window.stage = stage;
  window.step = options.step > 0 ? options.step - 1 : 0;
  window.play = options.play;
  window.questions = source.questions;
  window.frames = options.frames;
  read_size(options.size, window.width, window.height);
  return view_window(source.log(), window) == 0 ? cli::kOk : cli::kBadInput;
}

}  // namespace

void add_view(CLI::App& app, int& status) {
  auto options = std::make_shared<ViewOptions>();
  CLI::App* command =
      app.add_subcommand("view", "Watch a scenario or a trace, or render its steps as pictures");
  command->add_option("file", options->file, "Scenario (JSON) or trace")->required();
  command->add_option("--render", options->render, "Write a PNG file instead of opening a window");
  command->add_flag("--all", options->all, "With --render FOLDER: write every step");
  command->add_option("--step", options->step, "Step to begin with, or to render (from 1)");
  command->add_option("--theme", options->theme, "light or dark")
      ->check(CLI::IsMember({"light", "dark"}))
      ->capture_default_str();
  command->add_option("--stage", options->stage, "map, ladder or split")
      ->check(CLI::IsMember({"map", "ladder", "split"}));
  command->add_option("--size", options->size, "Size in pixels, such as 1920x1080");
  command->add_option("--scale", options->scale, "HiDPI scale: 2 draws everything twice as large")
      ->check(CLI::Range(0.5f, 4.0f));
  command->add_option("--phase", options->phase, "How far the step has come, 0 to 1")
      ->check(CLI::Range(0.0f, 1.0f));
  command->add_flag("--causes", options->causes, "Show the causes of the step");
  command->add_flag("--play", options->play, "Begin to play at once");
  command->add_option("--frames", options->frames,
                      "Close the window after this many frames (for tests)");
  command->callback([options, &status] { status = view(*options); });
}

}  // namespace mailscope::viz
