// Who must deliver this message? One host holds custody; it passes on with the final 250.
#include "viz/theme/icons.hpp"
#include "viz/views/views.hpp"

namespace mailscope::viz {
namespace {

struct Holder {
  std::string name;
  std::string note;
  bool holds = false;
  bool mailbox = false;
};

struct Custody {
  Holder left, right;
  std::string gate;  // "250"
  bool gate_failed = false;
  bool none = true;
};

std::string organisation(const Scene& scene, trace::HostId host) {
  const story::Host* found = scene.world().host(host);
  return found != nullptr && found->is_client() ? scene.world().name(host)
                                                : scene.world().organisation(host);
}

std::string receiving_domain(const Message& message) {
  const std::size_t at = message.recipients.rfind('@');
  if (at == std::string::npos) return "the receiver";
  return story::organisation_of(std::string_view(message.recipients).substr(at + 1));
}

/// A refusal or a delay that this step brings changes the sign on the gate.
void read_gate(const Scene& scene, Custody& custody) {
  custody.gate = "250";
  const story::Step& step = scene.step();
  if (step.kind == trace::Kind::smtp_reply && (step.failure || step.trouble)) {
    custody.gate = std::to_string(scene.log().number(step.event, "code"));
    custody.gate_failed = true;
  }
}

Custody custody_of(const Scene& scene) {
  Custody out;
  const State& now = scene.now();
  read_gate(scene, out);
  const trace::MessageNumber number = scene.message;
  const Message* message = now.message(number);
  for (const Transit& transit :
       scene.step().kind == trace::Kind::smtp_data ? scene.after.transits : now.transits) {
    if (transit.message != number) continue;
    out.none = false;
    out.left = {organisation(scene, transit.from), "", true, false};
    out.right = {organisation(scene, transit.to), "after 250", false, false};
    return out;
  }
  const auto holders = now.responsible(number);
  if (!holders.empty()) {
    out.none = false;
    const std::string org = organisation(scene, holders.back());
    const Message* any = scene.after.message(number);
    std::string next = any != nullptr ? receiving_domain(*any) : "the receiver";
    if (next == org) next = "mailbox";
    out.left = {org, "", true, false};
    out.right = {next, next == "mailbox" ? "" : "after 250", false, next == "mailbox"};
    return out;
  }
  if (message != nullptr && !message->mailboxes.empty()) {
    out.none = false;
    const std::string box = message->mailboxes.back();
    out.left = {"nobody any more", "", false, false};
    out.right = {box.substr(0, box.find('@')) + "'s mailbox", "delivered", true, true};
  }
  return out;
}

void draw_holder(Canvas& canvas, Vec at, const Holder& holder) {
  const Palette& p = canvas.colours();
  const Colour c = holder.mailbox && holder.holds ? p.store : p.accent;
  constexpr float kRadius = 26;
  if (holder.holds) {
    canvas.circle(at, kRadius, c);
    canvas.icon(holder.mailbox ? icon::kMailbox : icon::kMailOutline, at, p.on_accent, Type::icon);
  } else {
    canvas.dashed_ring(at, kRadius, p.text_faint, 1.8f);
    canvas.icon(holder.note.empty() ? icon::kCheck : icon::kWaiting, at, p.text_faint, Type::icon);
  }
}

}  // namespace

void draw_custody(Canvas& canvas, const Scene& scene, Rect area) {
  const Palette& p = canvas.colours();
  canvas.fill(area, p.panel, 10);
  canvas.stroke(area, p.zone_border, 10);
  canvas.text(Type::strong, {area.centre().x, area.y + area.h * 0.158f}, p.text,
              "Who must deliver this message?", Align::centre, area.w - 24);
  const Custody custody = custody_of(scene);
  const float y = area.y + area.h * 0.49f;
  if (custody.none) {
    canvas.text(Type::body, {area.centre().x, y + 4}, p.text_soft, "No message is under way yet.",
                Align::centre, area.w - 24);
    return;
  }
  const Vec left{area.x + area.w * 0.205f, y}, middle{area.centre().x, y},
      right{area.x + area.w * 0.795f, y};
  const Colour dash = custody.right.holds ? p.store : p.text_faint;
  canvas.dashes(Path::line({left.x + 30, y}, {middle.x - 34, y}), dash, 1.8f, 6, 5);
  canvas.dashes(Path::line({middle.x + 34, y}, {right.x - 30, y}), dash, 1.8f, 6, 5);
  draw_holder(canvas, left, custody.left);
  draw_holder(canvas, right, custody.right);
  const Rect gate{middle.x - 32, y - 17, 64, 34};
  const Colour gate_colour = custody.gate_failed   ? p.failure
                             : custody.right.holds ? p.store
                                                   : p.text_soft;
  canvas.fill(gate, mix(p.panel, gate_colour, 0.08f), 7);
  canvas.stroke(gate, gate_colour, 7, 1.6f);
  canvas.text(Type::mono_strong, middle, gate_colour, custody.gate, Align::centre);
  const auto line = [](const Holder& h) {
    return h.note.empty() ? h.name : h.name + ", " + h.note;
  };
  const float limit = area.w / 2 - 14;
  const float ly = area.y + area.h * (area.h < 160 ? 0.82f : 0.765f);
  const auto draw_name = [&](Vec at, const Holder& h) {
    const std::string text = line(h);
    const float w = std::min(canvas.width(Type::strong_label, text), limit);
    const float x = std::clamp(at.x, area.x + 10 + w / 2, area.right() - 10 - w / 2);
    canvas.text(h.holds ? Type::strong_label : Type::label, {x, ly},
                h.holds ? (h.mailbox ? p.store : p.accent) : p.text_soft, text, Align::centre,
                limit);
  };
  draw_name(left, custody.left);
  draw_name(right, custody.right);
}

}  // namespace mailscope::viz
