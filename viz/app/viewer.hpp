// The viewer as the command line uses it: a window, or pictures without a display. No ImGui here.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/trace/log.hpp"
#include "viz/render/image.hpp"
#include "viz/views/scene.hpp"

namespace mailscope::viz {

struct RenderOptions {
  ThemeName theme = ThemeName::light;
  Stage stage = Stage::map;
  int width = 1920;  // pixels of the picture
  int height = 1080;
  float scale = 1;  // HiDPI: 2 draws everything twice as large
  float phase = 1;  // 0..1: how far the step's mover has come
  bool causes = false;
  std::optional<Tab> tab;
  std::string lesson_number;
  std::vector<Question> questions;
};

/// Draws pictures of one lesson, keeping fonts and model between them.
class Renderer {
 public:
  /// `log` must outlive the renderer and not grow.
  Renderer(const trace::Log& log, RenderOptions options);
  ~Renderer();
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  std::size_t steps() const;
  /// The same picture for the same step and options, on every machine. Throws std::out_of_range
  /// when there is no such step.
  Image render(std::size_t step);
  /// Every text of that picture and where it is, without drawing: for the tests of the layout.
  std::vector<DrawnText> texts(std::size_t step);
  RenderOptions& options();

 private:
  template <typename Use>
  void draw(std::size_t step, Use use);

  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Writes one step (counted from 0) as a PNG file. Throws std::runtime_error when it cannot, and
/// std::out_of_range when there is no such step.
void render_png(const trace::Log& log, std::size_t step, const RenderOptions& options,
                const std::string& path);

struct WindowOptions {
  ThemeName theme = ThemeName::light;
  Stage stage = Stage::map;
  int width = 1600;
  int height = 900;
  std::size_t step = 0;
  bool play = false;
  std::string lesson_number;
  std::vector<Question> questions;
  /// For tests: close after this many frames; 0 runs until the person closes the window.
  int frames = 0;
};

/// Opens a window and runs until it is closed. Returns 0, or 1 with a message on stderr when there
/// is no display.
int view_window(const trace::Log& log, const WindowOptions& options);

}  // namespace mailscope::viz
