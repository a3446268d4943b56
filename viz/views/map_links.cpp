// Lines between cards and what travels along them.
#include <algorithm>
#include <cmath>
#include <optional>

#include "viz/theme/icons.hpp"
#include "viz/theme/motion.hpp"
#include "viz/views/views.hpp"

namespace mailscope::viz {
namespace {

using story::Mover;
using story::Step;
using trace::Kind;

/// Between two cards above each other: room for a pill without covering their text.
constexpr float kMoverGap = 38;

/// A curve from card to card that leaves through the side that looks at the other.
Path link(const MapLayout& layout, const Card& a, const Card& b) {
  const Zone& za = layout.zones[a.zone];
  const Zone& zb = layout.zones[b.zone];
  if (a.zone == b.zone && za.dns) {
    const bool right = b.rect.x > a.rect.x;
    const Vec from{right ? a.rect.right() : a.rect.x, a.rect.centre().y};
    const Vec to{right ? b.rect.x : b.rect.right(), b.rect.centre().y};
    const float mid = (from.x + to.x) / 2;
    return Path::cubic(from, {mid, from.y}, {mid, to.y}, to);
  }
  if (a.zone == b.zone) {
    const bool same_column = std::abs(a.rect.x - b.rect.x) < 1;
    const bool down = b.rect.y > a.rect.y;
    if (same_column) {
      const float gap = down ? b.rect.y - a.rect.bottom() : a.rect.y - b.rect.bottom();
      const Vec from{a.rect.centre().x, down ? a.rect.bottom() : a.rect.y};
      const Vec to{b.rect.centre().x, down ? b.rect.y : b.rect.bottom()};
      const bool neighbours = std::ranges::none_of(layout.cards, [&](const Card& c) {
        return c.zone == a.zone && c.rect.x == a.rect.x &&
               c.rect.y > std::min(a.rect.y, b.rect.y) && c.rect.y < std::max(a.rect.y, b.rect.y);
      });
      if (neighbours && gap >= kMoverGap) return Path::line(from, to);
      // Round the cards in between, on the side of the middle.
      const float x = za.left ? a.rect.right() : a.rect.x;
      const float out = za.left ? x + 62 : x - 62;
      return Path::cubic({x, a.rect.centre().y}, {out, a.rect.centre().y}, {out, b.rect.centre().y},
                         {x, b.rect.centre().y});
    }
    return Path::line({b.rect.x > a.rect.x ? a.rect.right() : a.rect.x, a.rect.centre().y},
                      {b.rect.x > a.rect.x ? b.rect.x : b.rect.right(), b.rect.centre().y});
  }
  const bool to_dns = zb.dns, from_dns = za.dns;
  if (to_dns || from_dns) {
    const Card& host = to_dns ? a : b;
    const Card& resolver = to_dns ? b : a;
    const bool left = layout.zones[host.zone].left;
    const Vec at_host{left ? host.rect.right() : host.rect.x, host.rect.y + host.rect.h * 0.3f};
    const Vec at_resolver =
        left ? Vec{resolver.rect.x, resolver.rect.centre().y + 12}
             : Vec{resolver.rect.x + resolver.rect.w * 0.7f, resolver.rect.bottom()};
    const float side = left ? 34.0f : -34.0f;
    const Path path = left ? Path::cubic(at_host, {at_host.x + side, at_host.y},
                                         {at_resolver.x - side * 1.3f, at_resolver.y}, at_resolver)
                           : Path::cubic(at_host, {at_host.x + side * 3, at_host.y},
                                         {at_resolver.x, at_resolver.y + 70}, at_resolver);
    return to_dns ? path : path.reversed();
  }
  const float side_a = za.left ? 1.0f : -1.0f;
  const float side_b = zb.left ? 1.0f : -1.0f;
  const Vec from{za.left ? a.rect.right() : a.rect.x, a.rect.centre().y};
  const Vec to{zb.left ? b.rect.right() : b.rect.x, b.rect.centre().y};
  if (za.left == zb.left) {
    const float bulge = 190;
    return Path::cubic(from, {from.x + side_a * bulge, from.y}, {to.x + side_b * bulge, to.y}, to);
  }
  // Through the free space between DNS and custody.
  constexpr float kBand = 26;  // half a mover must fit between the path and the panels
  const float top = layout.lane.y + kBand, bottom = std::max(top, layout.lane.bottom() - kBand);
  if (from.y < top || from.y > bottom || to.y < top || to.y > bottom) {
    // Along the zone's edge into the lane, across, and along the other edge.
    const float edge_a = za.left ? za.rect.right() : za.rect.x,
                edge_b = zb.left ? zb.rect.right() : zb.rect.x;
    constexpr float kGap = 44;  // between a zone and the middle column
    const Vec enter{edge_a + side_a * kGap, std::clamp(from.y, top, bottom)};
    const Vec leave{edge_b + side_b * kGap, std::clamp(to.y, top, bottom)};
    std::vector<Vec> points;
    const float pull = std::abs(leave.x - enter.x) * 0.4f;
    for (const Path& part : {Path::cubic(from, {edge_a + side_a * kGap * 0.8f, from.y},
                                         {edge_a + side_a * kGap * 0.2f, enter.y}, enter),
                             Path::cubic(enter, {enter.x + side_a * pull, enter.y},
                                         {leave.x + side_b * pull, leave.y}, leave),
                             Path::cubic(leave, {edge_b + side_b * kGap * 0.2f, leave.y},
                                         {edge_b + side_b * kGap * 0.8f, to.y}, to)}) {
      points.insert(points.end(), part.points().begin() + (points.empty() ? 0 : 1),
                    part.points().end());
    }
    return Path(std::move(points));
  }
  const float span = std::abs(to.x - from.x) * 0.42f;
  const float lane = layout.lane.centre().y;
  const float lift = (lane - (from.y + to.y) / 2) * 0.9f - 14;
  return Path::cubic(from, {from.x + side_a * span, from.y + lift},
                     {to.x + side_b * span, to.y + lift}, to);
}

std::optional<Path> link_of(const MapLayout& layout, trace::HostId from, trace::HostId to) {
  const Card* a = layout.card(from);
  const Card* b = layout.card(to);
  if (a == nullptr || b == nullptr || a == b) return std::nullopt;
  return link(layout, *a, *b);
}

void draw_rail(Canvas& canvas, const Path& path, bool active) {
  const Palette& p = canvas.colours();
  const Colour rail = active ? p.accent_mid : mix(p.zone, p.tls, 0.5f);
  canvas.path(path, (active ? p.accent : p.tls).alpha(active ? 0.13f : 0.08f), 20);
  canvas.path(path.offset(10), rail, 1.8f);
  canvas.path(path.offset(-10), rail, 1.8f);
}

void draw_session(Canvas& canvas, const Scene& scene, const MapLayout& layout,
                  const Session& session) {
  const Palette& p = canvas.colours();
  const auto path = link_of(layout, session.client, session.server);
  if (!path) return;
  const bool focus = session.id == scene.connection;
  if (session.tls != 0) {
    draw_rail(canvas, *path, focus);
  } else if (session.up) {
    canvas.path(*path, focus ? p.accent_mid : p.zone_border, 2.4f);
  } else {
    canvas.dashes(*path, focus ? p.accent_mid : p.zone_border, 1.8f, 8, 7);
  }
}

/// Which host asks and which line the step moves along.
std::optional<Path> step_path(const Scene& scene, const MapLayout& layout) {
  const Step& step = scene.step();
  if (step.to != 0) return link_of(layout, step.from, step.to);
  // A message comes to rest: from the server's card to the mailbox.
  const std::string_view account = scene.log().text(step.event, "account");
  if (!account.empty()) {
    const Card* server = layout.card(step.from);
    const Card* box = layout.mailbox(account);
    if (server != nullptr && box != nullptr) return link(layout, *server, *box);
  }
  return std::nullopt;
}

void draw_chevrons(Canvas& canvas, const Path& path, float from, Colour c) {
  constexpr int kCount = 3;
  for (int i = 0; i < kCount; ++i) {
    const float share = from + 0.09f + 0.07f * static_cast<float>(i);
    if (share > 0.97f) break;
    const Vec at = path.at(share);
    const Vec d = path.direction(share);
    const Vec n{-d.y, d.x};
    const float size = 6.5f;
    canvas.path(Path({at - d * size + n * size, at, at - d * size - n * size}),
                c.alpha(0.95f - 0.25f * static_cast<float>(i)), 2.2f);
  }
}

/// A label that stays inside the stage whatever the position of the mover.
Vec keep_inside(Vec at, float w, Rect bounds) {
  at.x = std::clamp(at.x, bounds.x + w / 2, std::max(bounds.x + w / 2, bounds.right() - w / 2));
  return at;
}

void draw_mover_pill(Canvas& canvas, const Step& step, Vec at, Rect bounds) {
  const Palette& p = canvas.colours();
  const Colour c = step_colour(p, step);
  constexpr float kHeight = 34;
  const bool diamond = step.mover == Mover::diamond;
  const float lead = diamond || step.failure || step.mover == Mover::handshake ? 22 : 0;
  const float limit = std::min(bounds.w, 380.0f);
  Rect r = pill_area(canvas, at, step.label, Type::mono_strong, kHeight, lead, limit);
  at = keep_inside(at, r.w, bounds);
  r.x = at.x - r.w / 2;
  const float radius = diamond ? kHeight / 2 : 8;
  canvas.shadow(r, radius, p.shadow, 8, 2);
  canvas.fill(r, diamond ? mix(p.raised, c, 0.14f) : c, radius);
  if (diamond) canvas.stroke(r, c, radius, 1.6f);
  const Colour ink =
      diamond ? (p.name == ThemeName::light ? mix(c, p.text, 0.25f) : c) : p.on_accent;
  const Vec sign{r.x + 20, at.y};
  if (step.failure) {
    draw_cross(canvas, sign, 10, diamond ? c : p.on_accent, diamond ? p.raised : c);
  } else if (diamond) {
    draw_diamond(canvas, sign, 7, c);
  } else if (step.mover == Mover::handshake) {
    canvas.icon(step.lane == story::Lane::tls ? icon::kLock : icon::kNext, sign, ink);
  }
  canvas.text(Type::mono_strong, {r.x + 14 + lead, at.y}, ink, step.label, Align::left,
              r.w - 27 - lead);
}

/// The message itself. Between two cards of one column the words stand beside it, else below.
void draw_letter(Canvas& canvas, Vec at, bool narrow) {
  const Palette& p = canvas.colours();
  constexpr const char* kWords = "copy in transit";
  const Rect r = narrow ? Rect{at.x - 26, at.y - 18, 52, 36} : Rect{at.x - 40, at.y - 28, 80, 56};
  canvas.shadow(r, 8, p.accent.alpha(0.25f), 10);
  draw_envelope(canvas, r, p.accent, p.raised, false);
  if (narrow) {
    const float w = canvas.width(Type::strong_label, kWords) + 26;
    draw_pill(canvas, {r.right() + 10 + w / 2, at.y}, kWords, Type::strong_label, p.accent,
              p.on_accent, 27, w);
    return;
  }
  const Rect pill = draw_pill(canvas, {at.x, r.bottom() + 26}, kWords, Type::strong_label, p.accent,
                              p.on_accent, 29);
  canvas.polygon({{at.x, pill.y - 7}, {at.x + 8, pill.y + 0.5f}, {at.x - 8, pill.y + 0.5f}},
                 p.accent);
}

/// What happens inside a host is told beside its card.
void draw_local(Canvas& canvas, const Scene& scene, const MapLayout& layout) {
  const Step& step = scene.step();
  const Card* card = layout.card(step.from);
  if (card == nullptr || step.label.empty()) return;
  const Palette& p = canvas.colours();
  const Colour c = step_colour(p, step);
  const Zone& zone = layout.zones[card->zone];
  constexpr float kHeight = 32;
  const float limit = zone.dns ? 320.0f : 300.0f;
  const std::string text =
      step.mover == Mover::person ? std::string(scene.log().text(step.event, "text")) : step.label;
  const float w = std::min(canvas.width(Type::strong_label, text) + 50, limit);
  // Into the middle lane, at the height of the card.
  Vec at = zone.dns ? Vec{layout.answer.centre().x, layout.answer.bottom() + 34}
                    : Vec{zone.left ? zone.rect.right() + 8 + w / 2 : zone.rect.x - 8 - w / 2,
                          card->rect.centre().y};
  // Never over the DNS zone or the custody panel.
  if (!zone.dns) {
    const bool clear =
        at.y - kHeight / 2 > layout.lane.y && at.y + kHeight / 2 < layout.lane.bottom();
    if (!clear)
      at.y = at.y < layout.lane.centre().y ? layout.lane.y + 26 : layout.lane.bottom() - 26;
    const Vec edge{zone.left ? card->rect.right() : card->rect.x, card->rect.centre().y};
    canvas.dashes(Path::line(edge, {zone.left ? at.x - w / 2 : at.x + w / 2, at.y}), c, 1.8f, 5, 5);
  }
  const Rect r{at.x - w / 2, at.y - kHeight / 2, w, kHeight};
  canvas.shadow(r, kHeight / 2, p.shadow, 8, 2);
  canvas.fill(r, mix(p.raised, c, 0.10f), kHeight / 2);
  canvas.stroke(r, c, kHeight / 2, 1.6f);
  const Vec sign{r.x + 19, at.y};
  if (step.failure) {
    draw_cross(canvas, sign, 9, c, p.raised);
  } else if (step.mover == Mover::triangle) {
    draw_triangle(canvas, sign, 7, c);
  } else if (step.mover == Mover::ring) {
    canvas.ring(sign, 6, c, 2.6f);
  } else if (step.mover == Mover::person) {
    canvas.icon(icon::kPerson, sign, c);
  } else {
    canvas.circle(sign, 4.5f, c);
  }
  canvas.text(Type::strong_label, {r.x + 34, at.y}, p.text, text, Align::left, w - 48);
}

/// The zone that a step does not leave; nullptr when it does, and for the DNS.
const Zone* home_zone(const Scene& scene, const MapLayout& layout) {
  const Card* from = layout.card(scene.step().from);
  if (from == nullptr || layout.zones[from->zone].dns) return nullptr;
  const Card* to = layout.card(scene.step().to);
  if (scene.step().to != 0 && (to == nullptr || to->zone != from->zone)) return nullptr;
  return &layout.zones[from->zone];
}

void draw_cause_marks(Canvas& canvas, const Scene& scene, const MapLayout& layout) {
  const Palette& p = canvas.colours();
  int number = 1;
  for (const std::size_t index : scene.causes) {
    const Card* card = layout.card(scene.lesson.step(index).from);
    if (card != nullptr && index != scene.index) {
      // Several causes at one card stand side by side.
      const Vec at{card->rect.x + 14 + static_cast<float>((number - 1) % 9) * 24, card->rect.y};
      canvas.circle(at, 11, p.marker);
      canvas.text(Type::strong_label, at, p.on_marker, std::to_string(number), Align::centre);
    }
    ++number;
  }
}

}  // namespace

void draw_links(Canvas& canvas, const Scene& scene, const MapLayout& layout) {
  const Palette& p = canvas.colours();
  // The places of a domain belong together.
  for (std::size_t i = 0; i + 1 < layout.cards.size(); ++i) {
    const Card& a = layout.cards[i];
    const Card& b = layout.cards[i + 1];
    if (a.zone != b.zone || layout.zones[a.zone].dns || std::abs(a.rect.x - b.rect.x) > 1) continue;
    canvas.dashes(Path::line({a.rect.centre().x, a.rect.bottom()}, {b.rect.centre().x, b.rect.y}),
                  mix(p.zone, p.text_faint, 0.55f), 1.5f, 7, 7);
  }
  const Card* resolver = nullptr;
  for (const Card& card : layout.cards) {
    if (card.what == Card::What::resolver) resolver = &card;
  }
  for (const Card& card : layout.cards) {
    if (card.what != Card::What::name_server || resolver == nullptr) continue;
    canvas.dashes(link(layout, *resolver, card), mix(p.zone, p.dns, 0.6f), 2.2f, 0, 6);
  }
  for (const auto& [id, session] : scene.now().sessions) {
    if (session.open && id != scene.connection) draw_session(canvas, scene, layout, session);
  }
  // A session whose last step is shown must still have its line.
  const Session* focus = scene.before.session(scene.connection);
  if (focus == nullptr || !focus->open) focus = scene.after.session(scene.connection);
  if (scene.phase >= motion::kTravel) {
    const Session* later = scene.after.session(scene.connection);
    if (later != nullptr && later->open) focus = later;
  }
  if (focus != nullptr && (focus->open || scene.step().connection == focus->id))
    draw_session(canvas, scene, layout, *focus);
}

void draw_movers(Canvas& canvas, const Scene& scene, const MapLayout& layout) {
  const Palette& p = canvas.colours();
  const Step& step = scene.step();
  const Session* session = scene.after.session(step.connection);
  const bool railed = session != nullptr && session->tls != 0;
  if (railed) {
    if (const auto rail = link_of(layout, session->client, session->server)) {
      draw_lock_badge(canvas, rail->at(rail->length() > 250 ? 0.14f : 0.5f), 17);
    }
  }
  const auto path = step_path(scene, layout);
  if (!path) {
    draw_local(canvas, scene, layout);
    draw_cause_marks(canvas, scene, layout);
    return;
  }
  const Colour c = step_colour(p, step);
  const float end = step.mover == Mover::envelope ? 0.56f : 0.70f;
  const float share =
      path->length() < 130 ? 0.5f : 0.12f + (end - 0.12f) * motion::travel(scene.phase);
  const bool dotted = step.mover == Mover::diamond;
  const bool dashed = step.mover == Mover::ring;
  if (dotted || dashed) {
    canvas.dashes(*path, c, dotted ? 3.0f : 2.4f, dotted ? 0 : 7, dotted ? 7.0f : 6.0f);
    canvas.arrow_head(path->at(1), path->direction(1), c, 12);
  } else {
    canvas.path(path->part(0, share), c.alpha(0.85f), 3.4f);
    canvas.path(path->part(share, 1), c.alpha(0.45f), railed ? 2.0f : 2.6f);
    if (path->length() > 250) draw_chevrons(canvas, *path, share + 0.06f, c);
    canvas.arrow_head(path->at(1), path->direction(0.99f), c, 12);
  }
  Vec at = path->at(share);
  const Zone* zone = home_zone(scene, layout);
  const bool between = zone != nullptr && path->length() >= kMoverGap &&
                       path->points().size() == 2 && path->points()[0].x == path->points()[1].x;
  Rect bounds = layout.lane.inset(4, 0);
  if (between) {
    bounds = zone->rect.inset(8, 0);
  } else if (zone != nullptr) {
    // No room among the cards: the mover passes in the lane, at the zone's edge.
    constexpr float kHalf = 46;
    at.x = zone->left ? bounds.x + kHalf : bounds.right() - kHalf;
    at.y = std::clamp(at.y, bounds.y + 34, std::max(bounds.y + 34, bounds.bottom() - 58));
  }
  if (step.mover == Mover::envelope) {
    draw_letter(canvas, at, between);
  } else if (dotted) {
    // The answer pill tells the words; the diamond travels.
    draw_diamond(canvas, at, 11, c);
  } else if (dashed) {
    draw_envelope(canvas, {at.x - 26, at.y - 18, 52, 36}, c, p.raised, true);
  } else {
    draw_mover_pill(canvas, step, at, bounds);
  }
  draw_cause_marks(canvas, scene, layout);
}

}  // namespace mailscope::viz
