// The top bar: which lesson, which stage, what the shapes mean.
#include "viz/theme/icons.hpp"
#include "viz/theme/metrics.hpp"
#include "viz/views/views.hpp"

namespace mailscope::viz {
namespace {

void draw_stage_switch(Canvas& canvas, const Scene& scene, Vec centre) {
  const Palette& p = canvas.colours();
  constexpr const char* kNames[] = {"Map", "Ladder", "Split"};
  constexpr float kWidths[] = {72, 88, 72};
  const Rect box{centre.x - 121, centre.y - 19, 242, 38};
  canvas.fill(box, p.sunken, 10);
  float x = box.x + 5;
  for (int i = 0; i < 3; ++i) {
    const Rect segment{x, box.y + 4, kWidths[i], box.h - 8};
    const bool on = static_cast<int>(scene.view.stage) == i;
    if (on) {
      canvas.shadow(segment, 8, p.shadow, 4, 1);
      canvas.fill(segment, p.select, 8);
    }
    canvas.text(Type::tab, segment.centre(), on ? p.text : p.text_soft, kNames[i], Align::centre);
    canvas.hit(segment, {Action::What::stage, i});
    x += kWidths[i];
  }
}

/// From right to left; returns the x where the next may end.
float draw_legend(Canvas& canvas, float right, float y) {
  const Palette& p = canvas.colours();
  struct Entry {
    const char* name;
    Colour colour;
  };
  const Entry entries[] = {
      {"Auth", p.auth}, {"Store", p.store}, {"TLS", p.tls}, {"SMTP", p.smtp}, {"DNS", p.dns}};
  for (const Entry& entry : entries) {
    const float w = canvas.width(Type::label, entry.name) + 38;
    const Rect box{right - w, y - 14, w, 28};
    canvas.stroke(box, p.border, 14, 1.2f);
    const Vec at{box.x + 16, y};
    const std::string_view name = entry.name;
    if (name == "DNS") draw_diamond(canvas, at, 7.5f, entry.colour);
    if (name == "SMTP") canvas.fill({at.x - 7, at.y - 5, 14, 10}, entry.colour, 3);
    if (name == "TLS") canvas.ring(at, 5.5f, entry.colour, 2.4f);
    if (name == "Store") canvas.circle(at, 5.5f, entry.colour);
    if (name == "Auth") draw_triangle(canvas, at, 6.5f, entry.colour);
    canvas.text(Type::label, {box.x + 28, y}, p.text_soft, name);
    right = box.x - 10;
  }
  return right;
}

/// "Alice → Bob": who writes to whom, from the message in focus.
std::string route(const Scene& scene) {
  const Message* message = scene.after.message(scene.message);
  if (message == nullptr) {
    return scene.world().domains.size() >= 2
               ? scene.world().domains[0].name + " \u2192 " + scene.world().domains[1].name
               : "";
  }
  const auto name = [](std::string_view address) {
    const std::size_t start = address.find_first_not_of(" <");
    if (start == std::string_view::npos) return std::string("report");
    address.remove_prefix(start);
    return story::capitalised(address.substr(0, address.find_first_of("@>, ")));
  };
  if (message->return_path.empty() && message->content == 0) return {};
  return name(message->return_path) + " \u2192 " + name(message->recipients);
}

}  // namespace

void draw_top_bar(Canvas& canvas, const Scene& scene, Rect area) {
  const Palette& p = canvas.colours();
  canvas.fill(area, p.panel);
  canvas.line({area.x, area.bottom()}, {area.right(), area.bottom()}, p.border);
  const float y = area.centre().y;
  const Rect logo{area.x + 26, y - 17, 34, 34};
  canvas.fill(logo, p.accent, 8);
  draw_envelope(canvas, {logo.x + 7, logo.y + 10, 20, 14}, p.on_accent, p.accent, false);
  const Vec centre = area.centre();
  draw_stage_switch(canvas, scene, centre);
  float x = logo.right() + 16;
  const float limit = centre.x - 121 - 24;
  if (!scene.view.lesson_number.empty()) {
    x += canvas.text(Type::title, {x, y}, p.text_faint, scene.view.lesson_number) + 12;
  }
  const std::string who = route(scene);
  const float pill = who.empty() ? 0 : std::min(canvas.width(Type::label, who) + 26, 220.0f);
  x += canvas.text(Type::title, {x, y}, p.text, scene.world().title, Align::left,
                   limit - x - pill - 16) +
       16;
  if (!who.empty())
    draw_pill(canvas, {x + pill / 2, y}, who, Type::label, p.sunken, p.text_soft, 28, pill);
  float right = area.right() - 26;
  canvas.icon(icon::kFullscreen, {right - 12, y}, p.text_soft, Type::icon);
  const Vec theme{right - 58, y};
  canvas.icon(p.name == ThemeName::light ? icon::kDark : icon::kLight, theme, p.text_soft,
              Type::icon);
  canvas.hit({theme.x - 18, y - 18, 36, 36}, {Action::What::theme, 0});
  draw_legend(canvas, right - 92, y);
}

}  // namespace mailscope::viz
