// TLS, logins and packets: lists of facts with a few words on each.
#include "viz/theme/icons.hpp"
#include "viz/views/views.hpp"

namespace mailscope::viz {
namespace {

struct Fact {
  std::string name, value, note;
};

float draw_facts(Canvas& canvas, Rect area, const std::vector<Fact>& facts) {
  const Palette& p = canvas.colours();
  float y = area.y;
  for (const Fact& fact : facts) {
    if (y > area.bottom() - 30) break;
    canvas.text(Type::label, {area.x + 24, y}, p.text_soft, fact.name, Align::left, 130);
    canvas.text(Type::mono, {area.x + 160, y}, p.text, fact.value.empty() ? "\u2013" : fact.value,
                Align::left, area.w - 184);
    if (!fact.note.empty()) {
      y += 24;
      canvas.text(Type::note, {area.x + 160, y}, p.text_faint, fact.note, Align::left,
                  area.w - 184);
    }
    y += 36;
  }
  return y;
}

void draw_nothing(Canvas& canvas, Rect area, const char* text) {
  canvas.text(Type::body, {area.centre().x, area.y + 60}, canvas.colours().text_soft, text,
              Align::centre, area.w - 40);
}

/// The last event of a kind on the connection in focus, or of any, at or before the step.
trace::EventId last_of(const Scene& scene, trace::Kind kind, bool on_connection) {
  for (trace::EventId id = scene.step().last; id > 0; --id) {
    const trace::Event& event = scene.log().at(id);
    if (event.kind == kind && (!on_connection || event.connection == scene.connection)) return id;
  }
  return 0;
}

std::string printable(std::string_view octets, std::size_t limit) {
  std::string out;
  for (const char c : octets.substr(0, limit)) out += c >= ' ' && c < 127 ? c : '.';
  return out;
}

std::string hexadecimal(std::string_view octets) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : octets) {
    const auto value = static_cast<unsigned char>(c);
    if (!out.empty()) out += ' ';
    out += kDigits[value >> 4];
    out += kDigits[value & 15];
  }
  return out;
}

}  // namespace

void draw_tls_tab(Canvas& canvas, const Scene& scene, Rect area) {
  const Palette& p = canvas.colours();
  const trace::Log& log = scene.log();
  const trace::EventId up = last_of(scene, trace::Kind::tls_established, true);
  const trace::EventId hello = last_of(scene, trace::Kind::tls_hello, true);
  const trace::EventId failed = last_of(scene, trace::Kind::tls_failed, true);
  if (up == 0 && hello == 0 && failed == 0)
    return draw_nothing(canvas, area, "This connection is not encrypted.");
  const bool encrypted = up > failed;
  canvas.icon(encrypted ? icon::kLock : icon::kWarning, {area.x + 36, area.y + 30},
              encrypted ? p.store : p.text_soft, Type::icon);
  canvas.text(Type::heading, {area.x + 58, area.y + 30}, p.text,
              encrypted     ? "Encrypted"
              : failed != 0 ? "The handshake failed"
                            : "The handshake is under way",
              Align::left, area.w - 80);
  std::vector<Fact> facts;
  if (hello != 0)
    facts.push_back({"Asked for", std::string(log.text(hello, "server_name")),
                     "the name that the client wants to reach (SNI)"});
  if (hello != 0 && up == 0)
    facts.push_back({"Offered", std::string(log.text(hello, "versions")),
                     "the server picks the best that both know"});
  if (failed != 0) facts.push_back({"Reason", std::string(log.text(failed, "reason")), ""});
  if (up != 0) {
    const bool verified = log.number(up, "verified") != 0;
    facts.push_back({"Version", story::tls_name(log.text(up, "version")), ""});
    facts.push_back({"Cipher", std::string(log.text(up, "cipher")),
                     "how octets are encrypted and protected against change"});
    facts.push_back({"Key exchange", std::string(log.text(up, "group")),
                     "a fresh secret for each connection: old recordings stay unreadable"});
    facts.push_back(
        {"Certificate", std::string(log.text(up, "certificate")), "who the server says it is"});
    facts.push_back({"Issued by", std::string(log.text(up, "issuer")),
                     verified ? "the client knows this authority: the name is proved"
                              : "the client could not prove the name: " +
                                    std::string(log.text(up, "problem"))});
  }
  draw_facts(canvas, {area.x, area.y + 78, area.w, area.h - 78}, facts);
}

void draw_auth_tab(Canvas& canvas, const Scene& scene, Rect area) {
  const Palette& p = canvas.colours();
  const trace::Log& log = scene.log();
  const trace::EventId id = last_of(scene, trace::Kind::policy_auth, false);
  if (id == 0) return draw_nothing(canvas, area, "Nobody has logged in yet.");
  const bool ok = log.number(id, "ok") != 0;
  canvas.icon(ok ? icon::kVerified : icon::kWarning, {area.x + 36, area.y + 30},
              ok ? p.store : p.failure, Type::icon);
  canvas.text(Type::heading, {area.x + 58, area.y + 30}, p.text,
              ok ? "Login accepted" : "Login refused", Align::left, area.w - 80);
  std::vector<Fact> facts{{"User", std::string(log.text(id, "user")), ""},
                          {"Mechanism", std::string(log.text(id, "mechanism")),
                           "how name and password are told or proved (SASL)"},
                          {"Checked by", scene.world().name(log.at(id).host),
                           "only this server can say whose mail it is"},
                          {"Password", "[redacted]", "secrets are never written into a trace"}};
  if (!ok) facts.push_back({"Reason", std::string(log.text(id, "reason")), ""});
  draw_where(canvas, scene, area,
             draw_facts(canvas, {area.x, area.y + 78, area.w, area.h - 78}, facts));
}

void draw_packet_tab(Canvas& canvas, const Scene& scene, Rect area) {
  const Palette& p = canvas.colours();
  const trace::Log& log = scene.log();
  canvas.text(Type::strong, {area.x + 24, area.y + 28}, p.text, "Packets up to this step");
  constexpr float kRowHeight = 31;
  const auto rows = static_cast<std::size_t>(std::max(1.0f, (area.h - 190) / kRowHeight));
  std::vector<trace::EventId> packets;
  for (trace::EventId id = scene.step().last; id > 0 && packets.size() < rows; --id) {
    const trace::Kind kind = log.at(id).kind;
    const bool tcp =
        kind == trace::Kind::transport_segment || kind == trace::Kind::transport_retransmit;
    if (tcp || kind == trace::Kind::transport_datagram || kind == trace::Kind::link_lost)
      packets.push_back(id);
  }
  if (packets.empty()) return draw_nothing(canvas, area, "No packet has travelled yet.");
  float y = area.y + 66;
  for (auto it = packets.rbegin(); it != packets.rend(); ++it) {
    const trace::Event& event = log.at(*it);
    const bool lost = event.kind == trace::Kind::link_lost;
    const std::string what = event.kind == trace::Kind::transport_datagram ? "UDP"
                             : lost                                        ? "lost"
                             : event.kind == trace::Kind::transport_retransmit
                                 ? "again"
                                 : std::string(log.text(*it, "flags"));
    const std::string_view seq = event.kind == trace::Kind::transport_segment ? " seq " : "";
    if (it + 1 == packets.rend())
      canvas.fill({area.x + 18, y - 15, area.w - 36, 30}, mix(p.panel, p.accent, 0.10f), 5);
    canvas.text(Type::mono_note, {area.x + 24, y}, p.text_soft,
                seconds(event.time_ns - log.at(1).time_ns), Align::left, 70);
    canvas.text(Type::note, {area.x + 104, y}, p.text,
                scene.world().name(event.host) + " \u2192 " + scene.world().name(event.peer),
                Align::left, area.w * 0.42f);
    canvas.text(Type::mono_note, {area.right() - 24, y}, lost ? p.failure : p.text,
                what +
                    (seq.empty() ? std::string()
                                 : std::string(seq) + std::to_string(log.number(*it, "seq"))) +
                    ", " + std::to_string(log.number(*it, "octets")) + " octets",
                Align::right, area.w * 0.36f);
    y += kRowHeight;
  }
  const std::string_view payload = log.text(packets.front(), "payload");
  y = area.bottom() - 104;
  canvas.line({area.x, y - 14}, {area.right(), y - 14}, p.border);
  canvas.text(Type::strong, {area.x + 24, y + 10}, p.text,
              payload.empty() ? "The last one carries no octets" : "First octets of the last one");
  constexpr std::size_t kRow = 16;
  for (std::size_t row = 0; row < 2 && row * kRow < payload.size(); ++row) {
    const std::string_view part = payload.substr(row * kRow, kRow);
    const float ry = y + 42 + 26 * static_cast<float>(row);
    canvas.text(Type::mono_note, {area.x + 24, ry}, p.text_soft, hexadecimal(part), Align::left,
                area.w * 0.7f);
    canvas.text(Type::mono_note, {area.right() - 24, ry}, p.text, printable(part, kRow),
                Align::right, area.w * 0.25f);
  }
}

}  // namespace mailscope::viz
