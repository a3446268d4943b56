// The window: GLFW and OpenGL show the same draw lists that the software rasteriser draws.
#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <backends/imgui_impl_opengl3.h>

#include <cmath>
#include <cstdio>
#include <memory>

#include "viz/app/player.hpp"
#include "viz/app/viewer.hpp"
#include "viz/views/views.hpp"

namespace mailscope::viz {
namespace {

constexpr float kUnitStep = 1.0f / 16;  // fonts are made anew only when the size changes by this
constexpr double kIdleSeconds = 0.25;   // between frames when nothing moves
constexpr float kMaxTick = 0.1f;        // seconds; a stall must not jump over an animation

struct KeyRow {
  int glfw;
  Key key;
};
constexpr KeyRow kKeys[] = {{GLFW_KEY_SPACE, Key::space},
                            {GLFW_KEY_HOME, Key::home},
                            {GLFW_KEY_END, Key::end},
                            {GLFW_KEY_COMMA, Key::comma},
                            {GLFW_KEY_PERIOD, Key::period},
                            {GLFW_KEY_LEFT_BRACKET, Key::bracket_left},
                            {GLFW_KEY_RIGHT_BRACKET, Key::bracket_right},
                            {GLFW_KEY_TAB, Key::tab},
                            {GLFW_KEY_ENTER, Key::enter},
                            {GLFW_KEY_BACKSPACE, Key::backspace},
                            {GLFW_KEY_ESCAPE, Key::escape}};

class Window {
 public:
  Window(const trace::Log& log, const WindowOptions& options)
      : options_(options), player_(log, view_of(options), options.step) {
    if (options.play) player_.press(Key::space);
  }
  ~Window() {
    if (context_ != nullptr) {
      ImGui_ImplOpenGL3_Shutdown();
      ImGui_ImplGlfw_Shutdown();
      ImGui::DestroyContext(context_);
    }
    if (window_ != nullptr) glfwDestroyWindow(window_);
    glfwTerminate();
  }
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  bool open() {
    glfwSetErrorCallback(
        [](int, const char* text) { std::fprintf(stderr, "mailscope: %s\n", text); });
    if (glfwInit() == 0) return false;
    glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
    glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 2);
    glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
    const std::string title = player_.lesson().world().title + " - Mailscope";
    window_ = glfwCreateWindow(options_.width, options_.height, title.c_str(), nullptr, nullptr);
    if (window_ == nullptr) return false;
    glfwMakeContextCurrent(window_);
    glfwSwapInterval(1);
    glfwSetWindowUserPointer(window_, this);
    glfwSetKeyCallback(window_, [](GLFWwindow* w, int key, int, int action, int mods) {
      if (action != GLFW_RELEASE) static_cast<Window*>(glfwGetWindowUserPointer(w))->key(key, mods);
    });
    glfwSetCharCallback(window_, [](GLFWwindow* w, unsigned c) {
      static_cast<Window*>(glfwGetWindowUserPointer(w))->character(c);
    });
    glfwSetScrollCallback(window_, [](GLFWwindow* w, double, double y) {
      static_cast<Window*>(glfwGetWindowUserPointer(w))->player_.scroll(static_cast<float>(y) * 2);
    });
    glfwSetMouseButtonCallback(window_, [](GLFWwindow* w, int button, int action, int) {
      if (button == GLFW_MOUSE_BUTTON_LEFT && action == GLFW_PRESS)
        static_cast<Window*>(glfwGetWindowUserPointer(w))->click();
    });
    make_fonts();
    context_ = ImGui::CreateContext(&fonts_->atlas());
    ImGui::GetIO().IniFilename = nullptr;  // nothing is written beside the scenario
    ImGui_ImplGlfw_InitForOpenGL(window_, false);
    ImGui_ImplOpenGL3_Init("#version 150");
    return true;
  }

  void run() {
    double last = glfwGetTime();
    for (int frames = 0; glfwWindowShouldClose(window_) == 0 && !player_.quit(); ++frames) {
      if (options_.frames > 0 && frames >= options_.frames) break;
      if (player_.moving()) {
        glfwPollEvents();
      } else {
        glfwWaitEventsTimeout(kIdleSeconds);
      }
      const double now = glfwGetTime();
      player_.tick(std::min(static_cast<float>(now - last), kMaxTick));
      last = now;
      draw();
    }
  }

 private:
  static ViewState view_of(const WindowOptions& options) {
    ViewState view;
    view.theme = options.theme;
    view.stage = options.stage;
    view.lesson_number = options.lesson_number;
    view.questions = options.questions;
    return view;
  }

  /// Makes fonts for the present size; true when they are new.
  bool make_fonts() {
    int width = 0, height = 0, window_width = 0, window_height = 0;
    glfwGetFramebufferSize(window_, &width, &height);
    glfwGetWindowSize(window_, &window_width, &window_height);
    if (width == 0 || height == 0) return false;
    pixels_ = static_cast<float>(width) / static_cast<float>(std::max(window_width, 1));
    const float unit =
        std::max(kUnitStep, std::floor(unit_for(width, height, pixels_) / kUnitStep) * kUnitStep);
    width_ = static_cast<float>(width);
    height_ = static_cast<float>(height);
    if (fonts_ != nullptr && fonts_->unit() == unit) return false;
    fonts_ = std::make_unique<FontSet>(unit);
    return true;
  }

  void draw() {
    std::unique_ptr<FontSet> old;
    // The backend's texture belongs to the fonts: both change together, between two frames.
    const FontSet* before = fonts_.get();
    int width = 0, height = 0;
    glfwGetFramebufferSize(window_, &width, &height);
    if (width == 0 || height == 0) return;  // minimised
    if (static_cast<float>(width) != width_ || static_cast<float>(height) != height_) {
      old = std::move(fonts_);
      make_fonts();
      if (fonts_->unit() == old->unit()) fonts_ = std::move(old);
    }
    if (fonts_.get() != before) {
      ImGui_ImplOpenGL3_DestroyFontsTexture();
      ImGui::GetIO().Fonts = &fonts_->atlas();
      ImGui_ImplOpenGL3_CreateFontsTexture();
    }
    ImGui_ImplOpenGL3_NewFrame();
    ImGui_ImplGlfw_NewFrame();
    // One unit of ImGui is one pixel of the framebuffer: our layout does the scaling.
    ImGuiIO& io = ImGui::GetIO();
    io.DisplaySize = ImVec2(width_, height_);
    io.DisplayFramebufferScale = ImVec2(1, 1);
    ImGui::NewFrame();
    Canvas canvas(*ImGui::GetBackgroundDrawList(), *fonts_, palette(player_.view().theme));
    const Scene scene(player_.lesson(), player_.view(), player_.step(), player_.phase());
    draw_frame(canvas, scene, width_ / fonts_->unit(), height_ / fonts_->unit());
    hits_ = canvas.hits();
    ImGui::Render();
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
    glfwSwapBuffers(window_);
  }

  void key(int glfw, int mods) {
    const bool shift = (mods & GLFW_MOD_SHIFT) != 0;
    typing_ = !player_.view().prompt.empty();
    if (glfw == GLFW_KEY_F11) return full_screen();
    if (glfw == GLFW_KEY_RIGHT) return player_.press(shift ? Key::shift_right : Key::right);
    if (glfw == GLFW_KEY_LEFT) return player_.press(shift ? Key::shift_left : Key::left);
    for (const KeyRow& row : kKeys) {
      const bool printable = glfw < GLFW_KEY_ESCAPE;
      if (row.glfw == glfw && !(typing_ && printable)) return player_.press(row.key);
    }
  }

  /// Letters and digits come as characters, so that they fit every keyboard.
  void character(unsigned code) {
    if (code < ' ' || code > '~') return;
    auto c = static_cast<char>(code);
    if (!player_.view().prompt.empty()) return player_.press(Key::letter, c);
    if (c == '?') return player_.press(Key::question_mark);
    if (c == '/') return player_.press(Key::slash);
    if (c >= '0' && c <= '9') return player_.press(Key::digit, c);
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c >= 'a' && c <= 'z') player_.press(Key::letter, c);
  }

  void click() {
    double x = 0, y = 0;
    glfwGetCursorPos(window_, &x, &y);
    const float k = pixels_ / fonts_->unit();
    const Vec at{static_cast<float>(x) * k, static_cast<float>(y) * k};
    // The last drawn lies on top.
    for (auto hit = hits_.rbegin(); hit != hits_.rend(); ++hit) {
      if (hit->area.contains(at)) return player_.click(hit->action);
    }
  }

  void full_screen() {
    if (glfwGetWindowMonitor(window_) != nullptr) {
      glfwSetWindowMonitor(window_, nullptr, 60, 60, options_.width, options_.height, 0);
      return;
    }
    GLFWmonitor* monitor = glfwGetPrimaryMonitor();
    const GLFWvidmode* mode = monitor == nullptr ? nullptr : glfwGetVideoMode(monitor);
    if (mode != nullptr)
      glfwSetWindowMonitor(window_, monitor, 0, 0, mode->width, mode->height, mode->refreshRate);
  }

  WindowOptions options_;
  Player player_;
  GLFWwindow* window_ = nullptr;
  ImGuiContext* context_ = nullptr;
  std::unique_ptr<FontSet> fonts_;
  std::vector<Hit> hits_;
  float width_ = 0, height_ = 0, pixels_ = 1;
  bool typing_ = false;
};

}  // namespace

int view_window(const trace::Log& log, const WindowOptions& options) {
  Window window(log, options);
  if (!window.open()) {
    std::fprintf(
        stderr,
        "mailscope: no window can be opened here; --render writes pictures without a display\n");
    return 1;
  }
  window.run();
  return 0;
}

}  // namespace mailscope::viz
