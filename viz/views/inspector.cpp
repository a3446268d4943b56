// The inspector: tabs, and which one fits the step.
#include "viz/theme/icons.hpp"
#include "viz/theme/metrics.hpp"
#include "viz/views/views.hpp"

namespace mailscope::viz {
namespace {

using DrawTab = void (*)(Canvas&, const Scene&, Rect);
constexpr DrawTab kDraw[kTabCount] = {draw_transcript_tab, draw_message_tab, draw_reply_tab,
                                      draw_dns_tab,        draw_queue_tab,   draw_mailbox_tab,
                                      draw_tls_tab,        draw_auth_tab,    draw_packet_tab};
constexpr float kTabRow = 58;

}  // namespace

trace::EventId last_reply(const Scene& scene) {
  trace::EventId found = 0;
  for (const trace::EventId id : scene.lesson.wire(scene.connection)) {
    if (id > scene.step().last) break;
    if (scene.log().at(id).kind == trace::Kind::smtp_reply) found = id;
  }
  return found;
}

Tab tab_for(const Scene& scene) {
  using trace::Layer;
  const story::Step& step = scene.step();
  switch (trace::info(step.kind).layer) {
    case Layer::dns:
      return Tab::dns;
    case Layer::tls:
      return Tab::tls;
    case Layer::store:
      return Tab::mailbox;
    case Layer::mail:
      return Tab::queue;
    case Layer::transport:
      return Tab::packet;
    case Layer::smtp:
      return step.kind == trace::Kind::smtp_reply && (step.failure || step.trouble) ? Tab::reply
             : step.kind == trace::Kind::smtp_attempt                               ? Tab::queue
                                                      : Tab::transcript;
    case Layer::policy:
      return step.kind == trace::Kind::policy_auth ? Tab::auth : Tab::transcript;
    case Layer::lesson:
      return Tab::message;
    default:
      return Tab::transcript;
  }
}

void draw_inspector(Canvas& canvas, const Scene& scene, Rect area) {
  const Palette& p = canvas.colours();
  draw_panel(canvas, area);
  const Tab current = scene.view.tab.value_or(tab_for(scene));
  float widths[kTabCount], sum = 0;
  for (std::size_t i = 0; i < kTabCount; ++i)
    sum += widths[i] = canvas.width(Type::label, title(static_cast<Tab>(i)));
  // All nine stand in one row, whatever the width.
  const float pad = std::clamp((area.w - 24 - sum) / (2 * kTabCount), 2.0f, 14.0f);
  float x = area.x + 12;
  const float limit_scale = std::min(1.0f, (area.w - 24 - 2 * pad * kTabCount) / sum);
  for (std::size_t i = 0; i < kTabCount; ++i) {
    const Tab tab = static_cast<Tab>(i);
    const float w = widths[i] * limit_scale;
    const Rect r{x, area.y + 12, w + 2 * pad, 34};
    if (tab == current) canvas.fill(r, p.accent_soft, 7);
    const Colour on = p.name == ThemeName::light ? p.accent : mix(p.accent, p.text, 0.3f);
    canvas.text(tab == current ? Type::strong_label : Type::label, r.centre(),
                tab == current ? on : p.text_soft, title(tab), Align::centre, w + 2 * pad - 2);
    canvas.hit(r, {Action::What::tab, static_cast<std::int64_t>(i)});
    x += r.w;
  }
  canvas.line({area.x, area.y + kTabRow}, {area.right(), area.y + kTabRow}, p.border);
  const Rect body{area.x, area.y + kTabRow + 1, area.w, area.h - kTabRow - 2};
  canvas.push_clip(body);
  kDraw[static_cast<std::size_t>(current)](canvas, scene, body);
  canvas.pop_clip();
}

}  // namespace mailscope::viz
