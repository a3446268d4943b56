// The walk of a DNS question: who was asked, what each said, and the answer.
#include "viz/model/details.hpp"
#include "viz/theme/icons.hpp"
#include "viz/views/views.hpp"

namespace mailscope::viz {

void draw_dns_tab(Canvas& canvas, const Scene& scene, Rect area) {
  const Palette& p = canvas.colours();
  const DnsWalk walk = dns_walk(scene.lesson, scene.step().last);
  const float x = area.x + 24, right = area.right() - 24;
  float y = area.y + 28;
  if (walk.lookup == 0) {
    canvas.text(Type::body, {area.centre().x, area.y + 60}, p.text_soft,
                "Nobody has asked the DNS anything yet.", Align::centre, area.w - 40);
    return;
  }
  const float w =
      canvas.text(Type::note, {right, y}, p.text_soft, "asked by " + walk.asker, Align::right, 200);
  canvas.text(Type::mono_strong, {x, y}, p.text, walk.question, Align::left, right - x - w - 16);
  y += 40;
  const float rail = x + 12;
  if (walk.cached) {
    draw_diamond(canvas, {rail, y}, 7, p.dns);
    canvas.text(Type::body, {x + 36, y}, p.text, "answered from the cache", Align::left,
                right - x - 40);
    y += 40;
  }
  for (const DnsHop& hop : walk.hops) {
    if (y > area.bottom() - 190) break;
    const bool current = scene.step().event == hop.query || scene.step().event == hop.response;
    if (current) {
      canvas.fill({area.x + 9, y - 19, area.w - 18, 62}, mix(p.panel, p.dns, 0.10f), 6);
      canvas.fill({area.x + 9, y - 19, 5, 62}, p.dns, 2);
    }
    canvas.dashes(Path::line({rail, y + 12}, {rail, y + 56}), p.dns, 2, 0, 6);
    draw_diamond(canvas, {rail, y}, 7, p.dns, hop.response == 0);
    canvas.text(Type::strong, {x + 36, y}, p.text, hop.server, Align::left, right - x - 40);
    const Colour ink = hop.failure ? p.failure : p.text_soft;
    canvas.text(Type::mono_note, {x + 36, y + 25}, ink,
                hop.response == 0 ? "asked: " + hop.question : hop.answer, Align::left,
                right - x - 40);
    y += 66;
  }
  y += 6;
  canvas.line({area.x, y - 12}, {area.right(), y - 12}, p.border);
  y += 16;
  if (walk.result.empty()) {
    canvas.text(Type::body, {x, y}, p.text_soft, "The answer is not there yet.", Align::left,
                right - x);
    draw_where(canvas, scene, area, y + 30);
    return;
  }
  canvas.text(Type::strong, {x, y}, p.text, "Answer");
  const bool ok = walk.result == "ok";
  draw_pill(canvas, {right - 46, y}, walk.result, Type::strong_label,
            mix(p.panel, ok ? p.store : p.failure, 0.14f), ok ? p.store : p.failure, 27, 110);
  y += 36;
  for (const std::string& record : walk.records) {
    if (y > area.bottom() - 14) break;
    canvas.text(Type::mono_note, {x, y}, p.text, record, Align::left, right - x);
    y += 27;
  }
  draw_where(canvas, scene, area, y + 10);
}

}  // namespace mailscope::viz
