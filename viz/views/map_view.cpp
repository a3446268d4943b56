// The map: organisations as zones, hosts as cards, and who must deliver the message.
#include "viz/theme/icons.hpp"
#include "viz/theme/metrics.hpp"
#include "viz/views/views.hpp"

namespace mailscope::viz {
namespace {

enum class Look : std::uint8_t { idle, involved, active, failed };

bool in_open_session(const State& state, const Card& card) {
  for (const auto& [id, session] : state.sessions) {
    if (session.open && (card.stands_for(session.client) || card.stands_for(session.server)))
      return true;
  }
  return false;
}

/// The account whose mailbox a step is about, "" for none.
std::string_view account_of(const Scene& scene) {
  return scene.log().text(scene.step().event, "account");
}

Look look_of(const Scene& scene, const Card& card) {
  const story::Step& step = scene.step();
  bool active = false;
  for (const trace::HostId host : card.hosts) active = active || scene.is_active(host);
  const std::string_view account = account_of(scene);
  for (const std::string& own : card.accounts) active = active || own == account;
  if (active) return step.failure ? Look::failed : Look::active;
  if (card.what != Card::What::mailbox && in_open_session(scene.now(), card)) return Look::involved;
  for (const trace::HostId host : card.hosts) {
    if (!scene.now().queue(host).empty()) return Look::involved;
  }
  for (const std::string& own : card.accounts) {
    if (scene.now().mailbox_messages(own) > 0) return Look::involved;
  }
  return Look::idle;
}

std::string subtitle(const Scene& scene, const Card& card) {
  const State& state = scene.now();
  for (const trace::HostId host : card.hosts) {
    if (state.down.contains(host)) return "down";
  }
  if (card.what == Card::What::mailbox) {
    std::int64_t count = 0;
    for (const std::string& account : card.accounts) count += state.mailbox_messages(account);
    return count == 0 ? "empty" : std::to_string(count) + (count == 1 ? " message" : " messages");
  }
  if (card.what == Card::What::resolver) {
    std::size_t known = 0;
    for (const trace::HostId host : card.hosts) {
      const auto it = state.caches.find(host);
      if (it != state.caches.end()) known += it->second.size();
    }
    return known == 0 ? "empty cache" : std::to_string(known) + " cached";
  }
  return card.subtitle;
}

/// Without the domain, which the zone says already.
std::string short_title(const Card& card) {
  if (card.what == Card::What::server) return card.title.substr(0, card.title.find('.'));
  if (card.what == Card::What::mailbox && card.accounts.size() == 1)
    return card.title.substr(0, card.title.rfind(' '));  // "Alice's": the icon says what
  return card.title;
}

const char* card_icon(const Scene& scene, const Card& card) {
  switch (card.what) {
    case Card::What::mailbox:
      return icon::kMailbox;
    case Card::What::resolver:
      return icon::kResolver;
    case Card::What::client:
      return card.hosts.size() > 1 ? icon::kPeople : icon::kLaptop;
    default:
      break;
  }
  for (const trace::HostId host : card.hosts) {
    if (scene.now().down.contains(host)) return icon::kOff;
  }
  return icon::kServer;
}

void draw_name_server(Canvas& canvas, const Scene& scene, const Card& card) {
  const Palette& p = canvas.colours();
  const Look look = look_of(scene, card);
  const bool active = look == Look::active || look == Look::failed;
  canvas.fill(card.rect, p.raised, 6);
  canvas.stroke(card.rect, active ? step_colour(p, scene.step()) : p.zone_border, 6,
                active ? 2.0f : 1.0f);
  std::string name = card.title;
  for (const trace::HostId host : card.hosts) {
    if (card.hosts.size() > 1 && scene.is_active(host)) name = scene.world().name(host);
  }
  canvas.text(active ? Type::strong_label : Type::label, card.rect.centre(),
              active ? p.text : p.text_soft, name, Align::centre, card.rect.w - 12);
}

/// On the upper edge of the card, where no text is; inside a flat card, at its right end.
Rect queue_badge(const Card& card) {
  const bool flat = card.rect.h < 60;
  const float h = flat ? std::min(20.0f, card.rect.h - 8) : 26.0f;
  const float y = flat ? card.rect.centre().y : card.rect.y;
  return {card.rect.right() - h * 1.9f - (flat ? 6.0f : 14.0f), y - h / 2, h * 1.9f, h};
}

void draw_queue_badge(Canvas& canvas, const Card& card, std::size_t count) {
  const Palette& p = canvas.colours();
  const Rect box = queue_badge(card);
  const float h = box.h;
  canvas.fill(box, p.accent, h / 2);
  draw_envelope(canvas, {box.x + h * 0.38f, box.y + h * 0.28f, h * 0.62f, h * 0.44f}, p.on_accent,
                p.accent, false);
  canvas.text(Type::strong_label, {box.right() - h * 0.52f, box.centre().y}, p.on_accent,
              std::to_string(count), Align::centre);
}

void draw_card(Canvas& canvas, const Scene& scene, const Card& card, bool roomy) {
  const Palette& p = canvas.colours();
  const Look look = look_of(scene, card);
  const Rect r = card.rect;
  const bool lit = look == Look::active || look == Look::failed;
  const Colour edge = look == Look::failed ? p.failure : p.accent;
  const float radius = std::min(metric::kCardRadius, r.h * 0.2f);
  if (lit) {
    canvas.shadow(r, radius, edge.alpha(0.22f), 9);
  } else if (look == Look::involved) {
    canvas.shadow(r, radius, p.shadow, 8, 3);
  }
  canvas.fill(r, look == Look::idle ? p.zone : p.raised, radius);
  canvas.stroke(r, lit ? edge : p.zone_border, radius, lit ? 2.2f : 1.0f);
  const bool compact = r.h < 60;
  const bool tiny = r.h < 46;
  const float tile = compact ? r.h - 14 : std::min(54.0f, r.h - 24);
  const Rect icon_box{r.x + (compact ? 7.0f : 13.0f), r.y + (r.h - tile) / 2, tile, tile};
  std::size_t queued = 0;
  for (const trace::HostId host : card.hosts) {
    for (const Copy* copy : scene.now().queue(host)) queued += copy->committed ? 1 : 0;
  }
  // In a tiny card the queue is worth more than the picture of a server.
  const bool bare = tiny && queued > 0 && !roomy;
  if (!bare) {
    canvas.fill(icon_box, lit ? mix(p.raised, edge, 0.14f) : p.sunken, 8);
    canvas.icon(card_icon(scene, card), icon_box.centre(), lit ? edge : p.text_faint,
                tiny ? Type::icon_small : Type::icon);
  }
  const bool badge = queued > 0 && !roomy;
  const float x = bare ? r.x + 9 : icon_box.right() + (compact ? 8.0f : 13.0f);
  const float limit = (badge && r.h < 60 ? queue_badge(card).x : r.right()) - x - 8;
  const Colour ink = look == Look::idle ? p.text_soft : p.text;
  if (tiny) {
    canvas.text(Type::strong_label, {x, r.centre().y}, ink, short_title(card), Align::left, limit);
  } else {
    const float spread = compact ? 10 : std::min(13.5f, r.h * 0.17f);
    canvas.text(compact ? Type::strong_label : Type::heading, {x, r.centre().y - spread}, ink,
                r.w < 220 ? short_title(card) : card.title, Align::left, limit);
    const Type type = compact ? Type::note : Type::body;
    std::string below = subtitle(scene, card);
    // "mail server, sends mail" becomes "mail server", and where that has no room "server".
    if (canvas.width(type, below) > limit) below.erase(std::min(below.find(','), below.size()));
    if (canvas.width(type, below) > limit) below.erase(0, below.rfind(' ') + 1);
    canvas.text(type, {x, r.centre().y + spread}, p.text_soft, below, Align::left, limit);
  }
  if (badge) draw_queue_badge(canvas, card, queued);
  if (!card.hosts.empty()) canvas.hit(r, {Action::What::host, card.hosts.front()});
}

/// The copy that the host keeps while it may still have to send it.
void draw_queue_tray(Canvas& canvas, const Scene& scene, const Card& card) {
  const Palette& p = canvas.colours();
  const Copy* shown = nullptr;
  std::size_t count = 0;
  for (const trace::HostId host : card.hosts) {
    for (const Copy* copy : scene.now().queue(host)) {
      if (!copy->committed) continue;
      shown = copy;
      ++count;
    }
  }
  if (shown == nullptr) return;
  const Colour edge = shown->trouble ? p.failure : p.accent;
  const Rect r{card.rect.x + 40, card.rect.bottom() - 12, card.rect.w - 80, 80};
  canvas.shadow(r, 12, p.shadow, 8, 3);
  canvas.fill(r, p.raised, 12);
  canvas.stroke(r, mix(p.raised, edge, 0.7f), 12, 1.6f);
  const Vec middle{r.x, r.y + 46};
  draw_envelope(canvas, {r.x + 20, middle.y - 19, 55, 38}, edge, p.raised, true);
  canvas.text(Type::strong, {r.x + 89, middle.y - 12}, p.text, "Queue: " + std::to_string(count),
              Align::left, r.w - 98);
  const std::string note =
      count == 1 ? (shown->status == "being sent" || shown->status == "waiting" ? "original kept"
                                                                                : shown->status)
                 : shown->queue_id;
  canvas.text(Type::body, {r.x + 89, middle.y + 12}, p.text_soft, note, Align::left, r.w - 98);
}

void draw_answer(Canvas& canvas, const Scene& scene, Rect area) {
  const story::Step& step = scene.step();
  const bool dns = step.lane == story::Lane::dns;
  const Palette& p = canvas.colours();
  std::string text;
  // The last result, or what the current DNS step says.
  if (dns) {
    text = step.kind == trace::Kind::dns_result ? "Answer: " + step.label : step.label;
  } else {
    for (std::size_t i = scene.index + 1; i-- > 0;) {
      const story::Step& earlier = scene.lesson.step(i);
      if (earlier.kind == trace::Kind::dns_result) {
        text = "Answer: " + earlier.label;
        break;
      }
    }
  }
  if (text.empty()) return;
  const Colour ink = dns && step.failure ? p.failure : p.dns;
  const float w = std::min(canvas.width(Type::strong_label, text) + 62, area.w);
  const Rect pill{area.centre().x - w / 2, area.y, w, area.h};
  const Colour ground = mix(p.zone, ink, dns ? 0.16f : 0.10f);
  canvas.fill(pill, ground, area.h / 2);
  draw_diamond(canvas, {pill.x + 22, pill.centre().y}, 7, ink);
  canvas.text(Type::strong_label, {pill.x + 40, pill.centre().y},
              p.name == ThemeName::light ? mix(ink, p.text, 0.25f) : ink, text, Align::left,
              w - 52);
}

void draw_zone(Canvas& canvas, const Scene& scene, const Zone& zone, float text_right) {
  const Palette& p = canvas.colours();
  canvas.fill(zone.rect, p.zone, 14);
  canvas.stroke(zone.rect, p.zone_border, 14);
  const Vec at{zone.rect.x + 19,
               zone.rect.y + (zone.subtitle.empty() && !zone.dns ? 21.0f : 28.0f)};
  canvas.text(Type::title, at, p.text, zone.title, Align::left, text_right - at.x);
  std::string subtitle = zone.subtitle;
  if (zone.dns) {
    const trace::EventId event = scene.step().event;
    const bool asking = scene.step().lane == story::Lane::dns;
    subtitle = asking ? std::string(scene.log().text(event, "type")) + " of " +
                            std::string(scene.log().text(event, "name"))
                      : "who takes mail?";
  }
  canvas.text(Type::body, {at.x, at.y + 23}, p.text_soft, subtitle, Align::left, text_right - at.x);
}

}  // namespace

void draw_map(Canvas& canvas, const Scene& scene, Rect area) {
  const MapLayout layout = layout_map(scene.world(), area);
  for (const Zone& zone : layout.zones) {
    draw_zone(canvas, scene, zone, zone.dns ? layout.names_left - 10 : zone.rect.right() - 19);
  }
  draw_custody(canvas, scene, layout.custody);
  draw_links(canvas, scene, layout);
  for (const Card& card : layout.cards) {
    if (card.what == Card::What::server && layout.zones[card.zone].roomy)
      draw_queue_tray(canvas, scene, card);
  }
  for (const Card& card : layout.cards) {
    if (card.what == Card::What::name_server) {
      draw_name_server(canvas, scene, card);
    } else {
      draw_card(canvas, scene, card,
                layout.zones[card.zone].roomy || card.what != Card::What::server);
    }
  }
  draw_answer(canvas, scene, layout.answer);
  draw_movers(canvas, scene, layout);
  if (layout.hidden_domains > 0) {
    canvas.text(Type::note, {layout.lane.centre().x, layout.custody.y - 14},
                canvas.colours().text_soft,
                "and " + std::to_string(layout.hidden_domains) + " more domains", Align::centre);
  }
}

}  // namespace mailscope::viz
