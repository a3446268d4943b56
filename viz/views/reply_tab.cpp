// The reply, digit by digit, and where it was said.
#include "sim/story/wire.hpp"
#include "viz/model/details.hpp"
#include "viz/theme/icons.hpp"
#include "viz/views/views.hpp"

namespace mailscope::viz {
namespace {

struct Digits {
  std::string code, enhanced, text;
  std::vector<DigitNote> notes;
};

std::string enhanced_of(const trace::Log& log, trace::EventId reply) {
  std::string out(log.text(reply, "enhanced"));
  if (!out.empty()) return out;
  // "550 5.1.1 User unknown": the status may be in the text only.
  const std::string line = story::wire_lines(log, reply).back();
  if (line.size() > 8 && line[5] == '.' && line[4] >= '2' && line[4] <= '5')
    return line.substr(4, line.find(' ', 4) - 4);
  return {};
}

float draw_digit(Canvas& canvas, Vec at, char digit, Colour c, bool explained) {
  const Palette& p = canvas.colours();
  const Rect r{at.x, at.y - 26, 32, 52};
  if (explained) {
    canvas.fill(r, mix(p.panel, c, 0.22f), 5);
    canvas.fill({r.x, r.bottom() - 1, r.w, 4}, c, 1);
  }
  canvas.text(Type::digits, {r.centre().x, at.y}, explained ? c : p.text_faint,
              std::string(1, digit), Align::centre);
  return explained ? 36.0f : 28.0f;
}

}  // namespace

void draw_reply_tab(Canvas& canvas, const Scene& scene, Rect area) {
  const Palette& p = canvas.colours();
  const trace::EventId reply = last_reply(scene);
  if (reply == 0) {
    canvas.text(Type::body, {area.centre().x, area.y + 60}, p.text_soft, "No SMTP reply yet.",
                Align::centre, area.w - 40);
    return;
  }
  const std::int64_t code = scene.log().number(reply, "code");
  const std::string enhanced = enhanced_of(scene.log(), reply);
  const auto notes = explain_reply(code, enhanced);
  const Colour good = p.store;
  const Colour colours[] = {code >= 500   ? p.failure
                            : code >= 400 ? p.dns
                                          : good,
                            p.dns, p.auth, p.accent};
  const float y = area.y + 48;
  float x = area.x + 28;
  const std::string digits = std::to_string(code);
  for (std::size_t i = 0; i < digits.size(); ++i)
    x += draw_digit(canvas, {x, y}, digits[i], colours[i < 2 ? i : 0], i < 2);
  if (notes.size() == 4) {
    x += 14;
    const std::size_t dot = enhanced.find('.');
    const std::size_t dot2 = enhanced.find('.', dot + 1);
    x += draw_digit(canvas, {x, y}, enhanced[0], colours[0], true);
    canvas.text(Type::digits, {x + 5, y}, p.text_faint, ".", Align::centre);
    x += 14;
    x += draw_digit(canvas, {x, y}, enhanced[dot + 1], colours[2], true);
    canvas.text(Type::digits, {x + 5, y}, p.text_faint, ".", Align::centre);
    x += 14;
    x += draw_digit(canvas, {x, y}, enhanced[dot2 + 1], colours[3], true);
  }
  std::string text = story::wire_lines(scene.log(), reply).back();
  text = text.size() > 4 ? text.substr(4) : text;
  if (!enhanced.empty() && text.starts_with(enhanced))
    text = text.substr(std::min(text.size(), enhanced.size() + 1));
  const float room = area.right() - 24 - x - 16;
  canvas.text(Type::note, {area.right() - 24, y - 12}, p.text_soft,
              "reply from " + scene.world().name(scene.log().at(reply).host), Align::right, room);
  canvas.text(Type::strong, {area.right() - 24, y + 12}, p.text, text, Align::right, room);
  float row = y + 66;
  for (std::size_t i = 0; i < notes.size(); ++i) {
    const Rect box{area.x + 26, row - 13, 26, 26};
    canvas.fill(box, mix(p.panel, colours[i], 0.22f), 5);
    canvas.text(Type::mono_strong, box.centre(), colours[i], std::string(1, notes[i].digit),
                Align::centre);
    canvas.text(Type::body, {area.x + 68, row}, p.text, notes[i].meaning, Align::left,
                area.w * 0.5f);
    canvas.text(Type::note, {area.right() - 24, row}, p.text_faint, notes[i].other, Align::right,
                area.w * 0.34f);
    row += 37;
  }
  canvas.line({area.x, row - 4}, {area.right(), row - 4}, p.border);
  const Rect rest{area.x, row, area.w, area.bottom() - row};
  draw_where(canvas, scene, rest, draw_queue(canvas, scene, rest) + 20);
}

}  // namespace mailscope::viz
