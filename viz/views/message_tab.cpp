// The message: the envelope that servers route by, against the header that people read.
#include "sim/story/wire.hpp"
#include "viz/model/details.hpp"
#include "viz/theme/icons.hpp"
#include "viz/views/views.hpp"

namespace mailscope::viz {
namespace {

/// The envelope as far as the session in focus has told it.
struct Envelope {
  std::string mail, rcpt;
  bool known = false;
};

std::string path_of(std::string_view line) {
  const std::size_t open = line.find('<'), close = line.find('>');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
  const std::string path(line.substr(open + 1, close - open - 1));
  return path.empty() ? "<> (nobody)" : path;
}

Envelope envelope_of(const Scene& scene) {
  Envelope out;
  std::size_t recipients = 0;
  for (const trace::EventId id : scene.lesson.wire(scene.connection)) {
    if (id > scene.step().last) break;
    if (scene.log().at(id).kind != trace::Kind::smtp_command) continue;
    const std::string_view verb = scene.log().text(id, "verb");
    if (verb == "MAIL") {
      out.mail = path_of(scene.log().text(id, "line"));
      out.rcpt.clear();
      recipients = 0;
      out.known = true;
    } else if (verb == "RCPT") {
      if (recipients++ == 0) out.rcpt = path_of(scene.log().text(id, "line"));
    }
  }
  if (recipients > 1) out.rcpt += " +" + std::to_string(recipients - 1);
  if (!out.known) {
    if (const Message* message = scene.after.message(scene.message)) {
      out = {message->return_path, message->recipients, message->content != 0};
      if (out.known && out.mail.empty()) out.mail = "<> (nobody)";
    }
  }
  return out;
}

struct Row {
  std::string name, value;
};

void draw_box(Canvas& canvas, Rect r, Colour edge, const char* title, const char* note,
              const std::vector<Row>& rows, bool tinted) {
  const Palette& p = canvas.colours();
  canvas.fill(
      r, tinted ? mix(p.panel, p.accent, p.name == ThemeName::light ? 0.06f : 0.14f) : p.zone, 9);
  canvas.fill({r.x, r.y, 5, r.h}, edge, 2);
  const float x = r.x + 20;
  canvas.text(Type::strong_label, {x, r.y + 22}, tinted ? p.accent : p.text_soft, title);
  canvas.text(Type::note, {x, r.y + 44}, p.text_soft, note, Align::left, r.w - 30);
  float y = r.y + 78;
  for (const Row& row : rows) {
    canvas.text(Type::note, {x, y}, p.text_faint, row.name);
    canvas.text(Type::mono_note, {x + 56, y}, p.text, row.value.empty() ? "\u2013" : row.value,
                Align::left, r.right() - x - 66);
    y += 30;
  }
}

}  // namespace

float draw_envelope_and_header(Canvas& canvas, const Scene& scene, Rect area) {
  const Palette& p = canvas.colours();
  canvas.text(Type::strong, {area.x + 24, area.y + 24}, p.text,
              "Envelope and header are different things", Align::left, area.w - 48);
  const float gap = 14;
  const float w = (area.w - 40 - gap) / 2;
  const Rect left{area.x + 20, area.y + 46, w, 134};
  const Rect right{left.right() + gap, left.y, w, left.h};
  const Envelope envelope = envelope_of(scene);
  const Header header = header_of(scene.lesson, scene.message);
  draw_box(canvas, left, p.accent, "Envelope", "servers route by this",
           {{"MAIL", envelope.mail}, {"RCPT", envelope.rcpt}}, true);
  draw_box(canvas, right, p.tls, "Header", "people read this",
           {{"From", header.find("From")}, {"To", header.find("To")}}, false);
  return right.bottom();
}

void draw_message_tab(Canvas& canvas, const Scene& scene, Rect area) {
  const Palette& p = canvas.colours();
  const float below = draw_envelope_and_header(canvas, scene, area);
  const Header header = header_of(scene.lesson, scene.message);
  float y = below + 34;
  canvas.line({area.x, y - 14}, {area.right(), y - 14}, p.border);
  y += 14;
  if (header.fields.empty()) {
    canvas.text(Type::body, {area.x + 24, y}, p.text_soft, "No message is under way yet.",
                Align::left, area.w - 48);
    return;
  }
  canvas.text(Type::strong, {area.x + 24, y}, p.text, "As it was submitted");
  y += 34;
  for (const auto& [name, value] : header.fields) {
    if (y > area.bottom() - 20) return;
    canvas.text(Type::mono, {area.x + 24, y}, p.accent, name + ":", Align::left, 130);
    canvas.text(Type::mono, {area.x + 160, y}, p.text, value, Align::left, area.w - 184);
    y += 28;
  }
  y += 10;
  for (const std::string& line : header.body) {
    if (y > area.bottom() - 20) return;
    canvas.text(Type::mono, {area.x + 24, y}, p.text_soft, line, Align::left, area.w - 48);
    y += 26;
  }
}

}  // namespace mailscope::viz
