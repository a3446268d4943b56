// A small map: organisations as frames, hosts as discs, what moves between them.
#include <cmath>

#include "viz/theme/icons.hpp"
#include "viz/theme/motion.hpp"
#include "viz/views/views.hpp"

namespace mailscope::viz {
namespace {

struct Node {
  float room = 0;  // for its name
  trace::HostId host = 0;
  const char* icon = "";
  Vec at;
};

struct MiniLayout {
  std::vector<std::pair<std::string, Rect>> zones;
  std::vector<Node> nodes;
  float radius = 20;
  const Node* node(trace::HostId id) const {
    const auto it = std::ranges::find(nodes, id, &Node::host);
    return it == nodes.end() ? nullptr : &*it;
  }
};

/// Frames side by side, the two of this step first; the resolver above the gap between them.
MiniLayout layout_mini(const story::World& world, Rect area) {
  MiniLayout out;
  const std::size_t count =
      std::min<std::size_t>(std::max<std::size_t>(world.domains.size(), 1), 6);
  const std::size_t columns = count <= 3 ? count : (count + 1) / 2;
  const std::size_t rows = (count + columns - 1) / columns;
  const float dns = 72;  // the strip of the name servers above
  const float gap = 26;
  const float w = (area.w - gap * static_cast<float>(columns - 1)) / static_cast<float>(columns);
  const float h = (area.h - dns - gap * static_cast<float>(rows - 1)) / static_cast<float>(rows);
  out.radius = std::clamp(h * 0.15f, 11.0f, 22.0f);
  for (std::size_t i = 0; i < std::min(world.domains.size(), count); ++i) {
    const story::Domain& domain = world.domains[i];
    const Rect zone{area.x + static_cast<float>(i % columns) * (w + gap),
                    area.y + dns + static_cast<float>(i / columns) * (h + gap), w, h};
    out.zones.emplace_back(domain.name, zone);
    std::vector<const story::Host*> hosts;
    for (const story::Host& host : world.hosts) {
      if (host.domain == domain.name && !host.is_name_server() && !host.is_resolver())
        hosts.push_back(&host);
    }
    const bool mirrored = i % columns > 0;  // clients stand on the outside
    const auto n = static_cast<float>(hosts.size());
    for (std::size_t k = 0; k < hosts.size(); ++k) {
      const float share = (static_cast<float>(k) + 0.5f) / n;
      out.nodes.push_back(
          {zone.w / n - 8,
           hosts[k]->id,
           host_icon(*hosts[k]),
           {zone.x + (mirrored ? 1 - share : share) * zone.w, zone.y + (zone.h - 26) / 2 + 4}});
    }
  }
  std::vector<const story::Host*> names;
  for (const story::Host& host : world.hosts) {
    if (host.is_resolver() || host.is_name_server()) names.push_back(&host);
  }
  for (std::size_t k = 0; k < names.size(); ++k) {
    const float pitch = std::min(128.0f, area.w / static_cast<float>(names.size()));
    out.nodes.push_back(
        {pitch - 8,
         names[k]->id,
         host_icon(*names[k]),
         {area.centre().x +
              (static_cast<float>(k) - static_cast<float>(names.size() - 1) / 2) * pitch,
          area.y + 26}});
  }
  return out;
}

}  // namespace

void draw_mini_map(Canvas& canvas, const Scene& scene, Rect area) {
  const Palette& p = canvas.colours();
  const MiniLayout layout = layout_mini(scene.world(), area);
  for (const auto& [name, zone] : layout.zones) {
    canvas.fill(zone, p.zone, 9);
    canvas.stroke(zone, p.zone_border, 9);
    canvas.text(Type::strong_label, {zone.centre().x, zone.bottom() - 17}, p.text_soft, name,
                Align::centre, zone.w - 12);
  }
  const story::Step& step = scene.step();
  const Colour c = step_colour(p, step);
  for (const auto& [id, session] : scene.now().sessions) {
    const Node* a = layout.node(session.client);
    const Node* b = layout.node(session.server);
    if (session.open && a != nullptr && b != nullptr) canvas.line(a->at, b->at, p.zone_border, 2);
  }
  const Node* from = layout.node(step.from);
  const Node* to = layout.node(step.to);
  std::string_view sign;
  Vec sign_at{};
  if (from != nullptr && to != nullptr && from != to) {
    const Vec d = to->at - from->at;
    const float length = std::sqrt(d.x * d.x + d.y * d.y);
    const Vec u = d * (1 / length);
    const Vec a = from->at + u * (layout.radius + 2), b = to->at - u * (layout.radius + 4);
    // Below the discs in between, if there are any, but above the names of the zones.
    const bool between = std::ranges::any_of(layout.nodes, [&](const Node& n) {
      return std::abs(n.at.y - a.y) < 2 && n.at.x > std::min(a.x, b.x) &&
             n.at.x < std::max(a.x, b.x);
    });
    const float floor =
        layout.zones.empty() ? area.bottom() : layout.zones.front().second.bottom() - 44;
    const float sag = between ? std::clamp(floor - a.y, 0.0f, layout.radius + 22) : 0;
    const Path path = std::abs(d.y) < 30
                          ? Path::cubic(a, a + u * (length / 3) + Vec{0, sag * 1.34f},
                                        b - u * (length / 3) + Vec{0, sag * 1.34f}, b)
                          : Path::line(a, b);
    if (step.mover == story::Mover::diamond) {
      canvas.dashes(path, c, 3, 0, 7);
    } else {
      canvas.path(path, c, 3);
    }
    canvas.arrow_head(path.at(1), path.direction(0.99f), c, 12);
    sign_at = path.at(0.12f + 0.40f * motion::travel(scene.phase));
    sign = step.label;
  }
  for (const Node& node : layout.nodes) {
    const bool active = scene.is_active(node.host);
    canvas.circle(node.at, layout.radius, active ? c : p.raised);
    canvas.ring(node.at, layout.radius, active ? c : p.zone_border, 1.6f);
    canvas.icon(node.icon, node.at, active ? p.on_accent : p.text_soft,
                layout.radius > 18 ? Type::icon : Type::icon_small);
    const bool named = area.w > 700;
    const float y =
        node.at.y < area.y + 40 ? node.at.y + layout.radius + 12 : node.at.y - layout.radius - 13;
    if (named)
      canvas.text(Type::note, {node.at.x, y}, active ? p.text : p.text_faint,
                  scene.world().name(node.host), Align::centre, node.room);
  }
  if (sign.empty()) return;
  if (step.mover == story::Mover::envelope) {
    draw_envelope(canvas, {sign_at.x - 22, sign_at.y - 15, 44, 30}, c, p.raised, false);
  } else if (step.mover == story::Mover::diamond) {
    draw_diamond(canvas, sign_at, 9, c);
  } else {
    // The code or the verb is enough at this size.
    const std::string_view word = sign.substr(0, sign.find_first_of(" :"));
    draw_pill(canvas, sign_at, word, Type::strong_label, c, p.on_accent, 28, 120);
  }
}

void draw_where(Canvas& canvas, const Scene& scene, Rect area, float y) {
  constexpr float kHeight = 264;
  if (area.bottom() - y < kHeight) return;
  const Palette& p = canvas.colours();
  const Rect map{area.x, area.bottom() - kHeight, area.w, kHeight};
  canvas.line({map.x, map.y}, {map.right(), map.y}, p.border);
  canvas.text(Type::strong, {map.x + 24, map.y + 26}, p.text, "Where this happens");
  draw_mini_map(canvas, scene, {map.x + 18, map.y + 50, map.w - 36, map.h - 66});
}

}  // namespace mailscope::viz
