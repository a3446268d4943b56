#include "viz/views/map_layout.hpp"

#include <algorithm>

#include "viz/views/scene.hpp"

namespace mailscope::viz {
namespace {

using story::Domain;
using story::Host;
using story::Person;
using story::World;

constexpr float kInset = 18;  // between the panel and the zones
constexpr float kZoneWidth = 352;
constexpr float kZoneGap = 16;          // between zones above each other
constexpr float kLane = 44;             // between a zone and the middle column
constexpr std::size_t kMaxPerSide = 3;  // zones above each other that stay legible
constexpr std::size_t kMaxPeople = 3;   // in one domain, before they share a card

/// Card sizes from comfortable to dense; the first that fits is taken.
struct Style {
  float height, gap;
  std::size_t columns;
};
constexpr Style kStyles[] = {{80, 38, 1}, {72, 38, 1}, {66, 16, 1}, {50, 9, 1}, {66, 14, 2},
                             {50, 10, 2}, {38, 7, 2},  {28, 5, 2},  {24, 4, 3}};

std::string mailbox_title(const Person& person) {
  return story::capitalised(person.name) + "'s mailbox";
}

std::string domain_of(const std::string& address) {
  const std::size_t at = address.rfind('@');
  return at == std::string::npos ? std::string() : address.substr(at + 1);
}

std::vector<Card> domain_cards(const World& world, const Domain& domain, std::size_t zone) {
  std::vector<const Person*> people;
  for (const Person& person : world.people) {
    if (domain_of(person.address) == domain.name) people.push_back(&person);
  }
  const bool crowd = people.size() > kMaxPeople;
  std::vector<Card> clients, servers, boxes;
  for (const Host& host : world.hosts) {
    if (host.domain != domain.name || host.is_name_server() || host.is_resolver()) continue;
    Card card;
    card.hosts = {host.id};
    card.zone = zone;
    card.subtitle = host_role(host);
    if (host.is_client()) {
      card.what = Card::What::client;
      card.title = story::capitalised(world.name(host.id));
      if (crowd && !clients.empty()) {
        clients.front().hosts.push_back(host.id);
        clients.front().title = std::to_string(clients.front().hosts.size()) + " people";
        clients.front().subtitle = "mail apps";
        continue;
      }
      clients.push_back(std::move(card));
    } else {
      card.title = host.name;
      servers.push_back(std::move(card));
    }
  }
  for (const Person* person : people) {
    if (crowd && !boxes.empty()) {
      boxes.front().accounts.push_back(person->address);
      boxes.front().title = std::to_string(boxes.front().accounts.size()) + " mailboxes";
      continue;
    }
    Card card;
    card.what = Card::What::mailbox;
    card.zone = zone;
    card.accounts = {person->address};
    card.title = mailbox_title(*person);
    boxes.push_back(std::move(card));
  }
  std::vector<Card> out = std::move(clients);
  out.insert(out.end(), servers.begin(), servers.end());
  out.insert(out.end(), boxes.begin(), boxes.end());
  return out;
}

/// Where there are columns, servers stand in the one that looks at the middle of the map: their
/// links begin there and would run across the card beside them.
void turn_servers_inwards(std::vector<Card>& cards, std::size_t columns, bool left) {
  for (std::size_t row = 0; row < cards.size(); row += columns) {
    const std::size_t end = std::min(row + columns, cards.size());
    std::stable_partition(cards.begin() + static_cast<std::ptrdiff_t>(row),
                          cards.begin() + static_cast<std::ptrdiff_t>(end),
                          [left](const Card& c) { return (c.what == Card::What::server) != left; });
  }
}

/// Spreads cards over the zone, which is on the left of the map or on the right; returns whether
/// they stand in one roomy column.
bool place_cards(std::vector<Card>& cards, Rect room, bool left) {
  if (cards.empty()) return true;
  const Style* style = std::end(kStyles) - 1;
  std::size_t rows = 0;
  for (const Style& candidate : kStyles) {
    rows = (cards.size() + candidate.columns - 1) / candidate.columns;
    const float need =
        static_cast<float>(rows) * candidate.height + static_cast<float>(rows - 1) * candidate.gap;
    if (need <= room.h) {
      style = &candidate;
      break;
    }
  }
  rows = (cards.size() + style->columns - 1) / style->columns;
  turn_servers_inwards(cards, style->columns, left);
  const auto columns = static_cast<float>(style->columns);
  constexpr float kColumnGap = 10;
  const float width = (room.w - kColumnGap * (columns - 1)) / columns;
  // A column fills its zone from top to bottom, as people stand at the top and mailboxes below.
  const float spare = room.h - static_cast<float>(rows) * style->height;
  const float gap = rows > 1 ? std::min(spare / static_cast<float>(rows - 1), 116.0f) : 0;
  const float used = static_cast<float>(rows) * style->height + static_cast<float>(rows - 1) * gap;
  const float top = room.y + (room.h - used) / 2;
  for (std::size_t i = 0; i < cards.size(); ++i) {
    const auto row = static_cast<float>(i / style->columns);
    const auto column = static_cast<float>(i % style->columns);
    cards[i].rect = {room.x + column * (width + kColumnGap), top + row * (style->height + gap),
                     width, style->height};
  }
  return style->columns == 1 && gap >= 70;
}

void place_dns(const World& world, MapLayout& layout, Rect zone_rect, std::size_t zone) {
  Card resolver;
  resolver.what = Card::What::resolver;
  resolver.title = "Resolver";
  resolver.zone = zone;
  std::vector<Card> servers;
  for (const Host& host : world.hosts) {
    if (host.is_resolver()) resolver.hosts.push_back(host.id);
    if (!host.is_name_server()) continue;
    Card card;
    card.what = Card::What::name_server;
    card.zone = zone;
    card.hosts = {host.id};
    card.title = host.has("dns-root") ? "root" : world.name(host.id);
    servers.push_back(std::move(card));
  }
  constexpr std::size_t kMaxBoxes = 4;
  while (servers.size() > kMaxBoxes) {
    // The last ones share a box, which shows the name of the one that is asked.
    Card last = std::move(servers.back());
    servers.pop_back();
    servers.back().hosts.insert(servers.back().hosts.end(), last.hosts.begin(), last.hosts.end());
    servers.back().title = std::to_string(servers.back().hosts.size()) + " more";
  }
  // The boxes stand at the right, beside the title; the resolver below it; the answer at the foot.
  constexpr float kTop = 34, kFoot = 56, kHeader = 68, kSide = 17;
  const auto rows = static_cast<float>(std::max<std::size_t>(servers.size(), 1));
  const float box_w = 124;
  const float room = zone_rect.h - kTop - kFoot;
  const float gap = zone_rect.h < 220 ? 6 : 9;
  const float box_h = std::min(34.0f, (room - gap * (rows - 1)) / rows);
  const float top = zone_rect.y + kTop + (room - rows * box_h - gap * (rows - 1)) / 2;
  const float right = zone_rect.right() - kSide;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    servers[i].rect = {right - box_w, top + static_cast<float>(i) * (box_h + gap), box_w, box_h};
  }
  const float taken = box_w;
  const float resolver_h = zone_rect.h - kHeader - kFoot - 18;
  resolver.rect = {zone_rect.x + kSide, zone_rect.y + kHeader + 4,
                   std::min(200.0f, zone_rect.w - 2 * kSide - taken - 26),
                   std::min(80.0f, resolver_h)};
  layout.names_left = servers.empty() ? right : right - taken;
  layout.cards.push_back(std::move(resolver));
  layout.cards.insert(layout.cards.end(), servers.begin(), servers.end());
  layout.answer = {zone_rect.x + 24, zone_rect.bottom() - 46, zone_rect.w - 48, 34};
}

}  // namespace

bool Card::stands_for(trace::HostId host) const {
  return std::ranges::find(hosts, host) != hosts.end();
}

const Card* MapLayout::card(trace::HostId host) const {
  const auto it = std::ranges::find_if(cards, [host](const Card& c) { return c.stands_for(host); });
  return it == cards.end() ? nullptr : &*it;
}

const Card* MapLayout::mailbox(std::string_view account) const {
  const auto it = std::ranges::find_if(cards, [account](const Card& c) {
    return std::ranges::find(c.accounts, account) != c.accounts.end();
  });
  return it == cards.end() ? nullptr : &*it;
}

MapLayout layout_map(const World& world, Rect area) {
  MapLayout layout;
  const Rect inner = area.inset(kInset + 2, kInset);
  const float zone_w = std::min(kZoneWidth, inner.w * 0.29f);
  const std::size_t shown = std::min(world.domains.size(), 2 * kMaxPerSide);
  layout.hidden_domains = world.domains.size() - shown;
  const std::size_t left_count = (shown + 1) / 2, right_count = shown / 2;
  for (std::size_t i = 0; i < shown; ++i) {
    const bool left = i % 2 == 0;
    const auto count = static_cast<float>(left ? left_count : right_count);
    const auto row = static_cast<float>(i / 2);
    const float h = (inner.h - kZoneGap * (count - 1)) / count;
    Zone zone;
    zone.rect = {left ? inner.x : inner.right() - zone_w, inner.y + row * (h + kZoneGap), zone_w,
                 h};
    zone.title = world.domains[i].name;
    zone.subtitle = world.domains[i].label;
    zone.left = left;
    std::vector<Card> cards = domain_cards(world, world.domains[i], layout.zones.size());
    const bool tall = h > 360;
    const float header = tall ? 84 : 40;
    if (!tall) zone.subtitle.clear();
    const float pad = tall ? 24 : 14;
    zone.roomy = place_cards(
        cards,
        {zone.rect.x + pad, zone.rect.y + header, zone_w - 2 * pad, h - header - (tall ? 24 : 14)},
        left);
    layout.cards.insert(layout.cards.end(), cards.begin(), cards.end());
    layout.zones.push_back(std::move(zone));
  }
  const float middle_x = inner.x + zone_w + kLane;
  const float middle_w = inner.w - 2 * (zone_w + kLane);
  Zone dns;
  dns.dns = true;
  dns.title = "DNS";
  // Low windows leave the space to the lane where messages pass.
  const float dns_h = std::clamp(inner.h * 0.37f, 200.0f, 240.0f);
  const float custody_h = std::clamp(inner.h * 0.285f, 140.0f, 184.0f);
  dns.rect = {middle_x, inner.y, middle_w, dns_h};
  place_dns(world, layout, dns.rect, layout.zones.size());
  layout.zones.push_back(std::move(dns));
  layout.custody = {middle_x, inner.bottom() - custody_h, middle_w, custody_h};
  layout.lane = {middle_x - kLane, inner.y + dns_h, middle_w + 2 * kLane,
                 layout.custody.y - inner.y - dns_h};
  return layout;
}

}  // namespace mailscope::viz
