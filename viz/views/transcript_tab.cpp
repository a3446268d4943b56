// The transcript: the session in focus as the two sides hear it, with a few words on each line.
#include "viz/model/details.hpp"
#include "viz/model/transcript.hpp"
#include "viz/theme/icons.hpp"
#include "viz/theme/metrics.hpp"
#include "viz/views/views.hpp"

namespace mailscope::viz {
namespace {

/// The milestones of a session, by protocol and role.
std::vector<std::string> milestones(const Session& session) {
  using trace::Layer;
  if (session.protocol == Layer::imap) return {"LOGIN", "SELECT", "FETCH", "STORE", "LOGOUT"};
  if (session.protocol == Layer::pop3) return {"USER", "PASS", "STAT", "RETR", "QUIT"};
  if (session.protocol == Layer::sieve)
    return {"STARTTLS", "AUTHENTICATE", "PUTSCRIPT", "SETACTIVE", "LOGOUT"};
  if (session.role == "mx") return {"EHLO", "STARTTLS", "MAIL", "RCPT", "DATA", "QUIT"};
  return {"EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"};
}

bool done(const Session& session, const std::string& verb) {
  return std::ranges::find(session.verbs, verb) != session.verbs.end();
}

void draw_progress(Canvas& canvas, const Session& session, Rect area) {
  const Palette& p = canvas.colours();
  const auto verbs = milestones(session);
  const float pitch = area.w / static_cast<float>(verbs.size());
  const float y = area.y + 14;
  const auto x_of = [&](std::size_t i) { return area.x + pitch * (static_cast<float>(i) + 0.5f); };
  for (std::size_t i = 0; i + 1 < verbs.size(); ++i) {
    const bool reached = done(session, verbs[i]);
    canvas.line({x_of(i) + 12, y}, {x_of(i + 1) - 12, y}, reached ? p.accent_mid : p.border, 2.4f);
  }
  for (std::size_t i = 0; i < verbs.size(); ++i) {
    const Vec at{x_of(i), y};
    const bool finished = done(session, verbs[i]);
    const bool current = session.last_verb == verbs[i];
    if (finished) {
      canvas.circle(at, 11, p.accent);
      canvas.icon(icon::kCheck, at, p.on_accent);
    } else if (current) {
      canvas.circle(at, 14, p.accent.alpha(0.25f));
      canvas.circle(at, 10, p.accent);
      canvas.circle(at, 4.5f, p.panel);
    } else {
      canvas.ring(at, 9, p.zone_border, 1.6f);
    }
    canvas.text(current ? Type::strong_label : Type::label, {at.x, y + 28},
                current    ? p.accent
                : finished ? p.text_soft
                           : p.text_faint,
                verbs[i], Align::centre, pitch - 6);
  }
}

std::string port_of(const Session& session) {
  const std::size_t colon = session.endpoint.rfind(':');
  return colon == std::string::npos ? std::string() : session.endpoint.substr(colon + 1);
}

void draw_head(Canvas& canvas, const Scene& scene, const Session& session, Rect area) {
  const Palette& p = canvas.colours();
  const float y = area.y + 28;
  float right = area.right() - 24;
  if (session.tls != 0) {
    const std::string version = story::tls_name(scene.log().text(session.tls, "version"));
    right -= canvas.text(Type::label, {right, y}, p.text_soft, version, Align::right) + 22;
    canvas.icon(icon::kLock, {right, y}, p.tls);
    right -= 18;
  } else {
    right -= canvas.text(Type::label, {right, y}, p.text_faint, "not encrypted", Align::right) + 12;
  }
  const story::World& world = scene.world();
  const auto full = [&](trace::HostId id) {
    const story::Host* host = world.host(id);
    return host == nullptr ? std::string("?") : host->is_client() ? world.name(id) : host->name;
  };
  const std::string port = port_of(session);
  const std::string text = full(session.client) + "  \u2192  " + full(session.server) +
                           (port.empty() ? "" : " : " + port);
  canvas.text(Type::strong, {area.x + 24, y}, p.text, text, Align::left, right - area.x - 30);
}

float draw_line(Canvas& canvas, const TranscriptLine& line, Rect row, bool current, bool next) {
  const Palette& p = canvas.colours();
  using Speaker = TranscriptLine::Speaker;
  const float y = row.centre().y;
  if (line.speaker == Speaker::band) {
    const Rect band{row.x + 24, row.y + 2, row.w - 48, row.h - 5};
    canvas.fill(band, current ? p.accent_soft : p.sunken, 6);
    canvas.icon(line.failure ? icon::kWarning : icon::kLock, {band.x + 18, y},
                line.failure ? p.failure : p.tls);
    canvas.text(Type::strong_label, {band.x + 34, y}, line.failure ? p.failure : p.text_soft,
                line.text, Align::left, band.w - 44);
    return row.h;
  }
  const bool client = line.speaker == Speaker::client;
  const Colour who = next ? p.text_faint : client ? p.accent : p.text_soft;
  canvas.text(Type::mono_strong, {row.x + 28, y}, who, client ? "C" : "S");
  float right = row.right() - 24;
  if (next && line.note.empty()) {
    draw_pill(canvas, {right - 26, y}, "next", Type::strong_label, p.sunken, p.text, 25);
    right -= 66;
  } else if (!line.note.empty()) {
    const float w = canvas.width(Type::note, line.note);
    // The wire comes first: a note that does not fit is left out.
    if (canvas.width(Type::mono, line.text) + w + 20 < right - row.x - 54) {
      canvas.text(Type::note, {right, y}, p.text_faint, line.note, Align::right);
      right -= w + 14;
    }
  }
  const Colour ink = line.failure && !next ? p.failure
                     : next                ? p.text_faint
                     : client || current   ? p.text
                                           : p.text_soft;
  canvas.text(Type::mono, {row.x + 54, y}, ink, line.text, Align::left, right - row.x - 54);
  return row.h;
}

void draw_lines(Canvas& canvas, const Scene& scene, Rect area) {
  const Palette& p = canvas.colours();
  const bool hide_next = scene.hidden_from() <= scene.index + 1;
  const Transcript t =
      transcript(scene.lesson, scene.connection, scene.step().last, scene.step().event, !hide_next);
  const auto rows = static_cast<std::size_t>(area.h / metric::kRow);
  // The current lines stay in sight, with what comes next below them.
  std::size_t first = t.lines.size() > rows ? t.lines.size() - rows : 0;
  const std::size_t keep =
      t.next_first < t.lines.size() ? std::min(t.lines.size(), t.next_first + 2) : t.lines.size();
  if (keep < t.lines.size()) first = keep > rows ? keep - rows : 0;
  const auto back = static_cast<std::size_t>(std::max(0.0f, scene.view.scroll));
  first -= std::min(first, back);
  if (t.current_last > t.current_first && t.current_first >= first) {
    const auto from = static_cast<float>(t.current_first - first),
               count = static_cast<float>(t.current_last - t.current_first);
    const float bottom = std::min(area.y + (from + count) * metric::kRow,
                                  area.y + static_cast<float>(rows) * metric::kRow);
    const Rect mark{area.x + 9, area.y + from * metric::kRow, area.w - 18,
                    bottom - area.y - from * metric::kRow};
    const Colour c = scene.step().failure ? p.failure : p.accent;
    canvas.fill(mark, mix(p.panel, c, p.name == ThemeName::light ? 0.09f : 0.20f), 5);
    canvas.fill({mark.x, mark.y, 5, mark.h}, c, 2);
  }
  for (std::size_t i = first; i < std::min(t.lines.size(), first + rows); ++i) {
    const Rect row{area.x, area.y + static_cast<float>(i - first) * metric::kRow, area.w,
                   metric::kRow};
    draw_line(canvas, t.lines[i], row, i >= t.current_first && i < t.current_last,
              i >= t.next_first);
  }
  canvas.hit(area, {Action::What::scroll_area, 0});
}

}  // namespace

void draw_transcript_tab(Canvas& canvas, const Scene& scene, Rect area) {
  const Palette& p = canvas.colours();
  const Session* session = scene.now().session(scene.connection);
  if (session == nullptr) session = scene.after.session(scene.connection);
  if (session == nullptr || scene.lesson.wire(scene.connection).empty()) {
    canvas.text(Type::body, {area.centre().x, area.y + 60}, p.text_soft,
                "Nobody has said anything yet.", Align::centre, area.w - 40);
    return;
  }
  draw_head(canvas, scene, *session, area);
  draw_progress(canvas, *session, {area.x + 12, area.y + 48, area.w - 24, 56});
  Rect lines{area.x, area.y + 114, area.w, area.h - 114};
  const bool smtp = session->protocol == trace::Layer::smtp;
  if (smtp) {
    const Rect foot = lines.take_bottom(200);
    canvas.line({area.x, foot.y}, {area.right(), foot.y}, p.border);
    draw_envelope_and_header(canvas, scene, foot);
  }
  draw_lines(canvas, scene, lines);
}

}  // namespace mailscope::viz
