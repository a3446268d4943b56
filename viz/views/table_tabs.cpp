// Queue and mailbox: what hosts keep.
#include "viz/model/details.hpp"
#include "viz/theme/icons.hpp"
#include "viz/views/views.hpp"

namespace mailscope::viz {
namespace {

struct Column {
  const char* title;
  float share;  // of the width, where it starts
};

void draw_head(Canvas& canvas, Rect area, std::span<const Column> columns, float y) {
  const Palette& p = canvas.colours();
  for (const Column& column : columns) {
    canvas.text(Type::label, {area.x + 24 + column.share * (area.w - 48), y}, p.text_soft,
                column.title);
  }
  canvas.line({area.x + 18, y + 16}, {area.right() - 18, y + 16}, p.border);
}

/// The host whose queue is shown: the chosen one, else the one that has custody or sends.
trace::HostId queue_host(const Scene& scene) {
  if (scene.view.host && !scene.now().queue(*scene.view.host).empty()) return *scene.view.host;
  const story::Step& step = scene.step();
  for (const trace::HostId host : {step.from, step.to}) {
    if (host != 0 && !scene.now().queue(host).empty()) return host;
  }
  const auto holders = scene.now().responsible(scene.message);
  if (!holders.empty()) return holders.front();
  return scene.now().copies.empty() ? step.from : scene.now().copies.front().host;
}

std::string joined(const std::vector<std::string>& words) {
  return words.empty()       ? ""
         : words.size() == 1 ? words[0]
                             : words[0] + " +" + std::to_string(words.size() - 1);
}

}  // namespace

float draw_queue(Canvas& canvas, const Scene& scene, Rect area) {
  const Palette& p = canvas.colours();
  const trace::HostId host = queue_host(scene);
  const story::Host* found = scene.world().host(host);
  const auto queue = scene.now().queue(host);
  const std::string count =
      std::to_string(queue.size()) + (queue.size() == 1 ? " message" : " messages");
  const float w =
      canvas.text(Type::note, {area.right() - 24, area.y + 28}, p.text_soft, count, Align::right);
  canvas.text(Type::strong, {area.x + 24, area.y + 28}, p.text,
              "Queue of " + (found != nullptr ? found->name : std::string("?")), Align::left,
              area.w - 64 - w);
  constexpr Column kColumns[] = {{"ID", 0}, {"To", 0.19f}, {"Tries", 0.62f}, {"State", 0.72f}};
  float y = area.y + 66;
  draw_head(canvas, area, kColumns, y);
  y += 36;
  const float full = area.w - 48;
  for (const Copy* copy : queue) {
    if (y > area.bottom() - 14) return y;
    const bool current = copy->message == scene.message;
    const Colour ink = copy->trouble ? p.failure : p.text_soft;
    if (current)
      canvas.fill({area.x + 18, y - 16, area.w - 36, 32},
                  mix(p.panel, copy->trouble ? p.failure : p.accent, 0.10f), 5);
    const auto at = [&](int i) { return Vec{area.x + 24 + kColumns[i].share * full, y}; };
    const auto room = [&](int i) {
      return ((i < 3 ? kColumns[i + 1].share : 1.0f) - kColumns[i].share) * full - 10;
    };
    canvas.text(Type::mono_note, at(0), p.text_soft, copy->queue_id, Align::left, room(0));
    canvas.text(Type::note, at(1), p.text, joined(copy->recipients), Align::left, room(1));
    canvas.text(Type::note, at(2), p.text, std::to_string(copy->tries), Align::left, room(2));
    canvas.text(Type::note, at(3), ink, copy->committed ? copy->status : "not yet 250", Align::left,
                room(3));
    y += 34;
  }
  if (queue.empty() && y < area.bottom() - 14)
    canvas.text(Type::body, {area.x + 24, y}, p.text_soft,
                "Empty: this host owes nobody a delivery.", Align::left, full);
  return y;
}

void draw_queue_tab(Canvas& canvas, const Scene& scene, Rect area) {
  draw_where(canvas, scene, area, draw_queue(canvas, scene, area) + 40);
}

void draw_mailbox_tab(Canvas& canvas, const Scene& scene, Rect area) {
  const Palette& p = canvas.colours();
  canvas.text(Type::strong, {area.x + 24, area.y + 28}, p.text, "Mailboxes");
  constexpr Column kColumns[] = {
      {"Account", 0}, {"Mailbox", 0.5f}, {"Messages", 0.72f}, {"New", 0.9f}};
  float y = area.y + 66;
  draw_head(canvas, area, kColumns, y);
  y += 36;
  const float full = area.w - 48;
  const std::string_view account = scene.log().text(scene.step().event, "account");
  for (const Mailbox& box : scene.now().mailboxes) {
    if (y > area.bottom() - 14) return;
    if (box.account == account)
      canvas.fill({area.x + 18, y - 16, area.w - 36, 32}, mix(p.panel, p.store, 0.12f), 5);
    const auto x = [&](int i) { return area.x + 24 + kColumns[i].share * full; };
    canvas.text(Type::note, {x(0), y}, p.text, box.account, Align::left, 0.48f * full);
    canvas.text(Type::note, {x(1), y}, p.text, box.name, Align::left, 0.2f * full);
    canvas.text(Type::note, {x(2), y}, p.text, std::to_string(box.messages), Align::left,
                0.16f * full);
    canvas.text(Type::note, {x(3), y}, box.unseen > 0 ? p.store : p.text_soft,
                std::to_string(box.unseen), Align::left, 0.1f * full);
    y += 34;
  }
  if (scene.now().mailboxes.empty())
    canvas.text(Type::body, {area.x + 24, y}, p.text_soft, "Nothing has been delivered yet.",
                Align::left, full);
  draw_where(canvas, scene, area, y + 40);
}

}  // namespace mailscope::viz
