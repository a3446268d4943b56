// Where zones and cards of the map are. Pure: depends on the world and the rectangle alone, so it
// never jumps while a lesson plays.
#pragma once

#include <string>
#include <vector>

#include "sim/story/world.hpp"
#include "viz/widgets/geometry.hpp"

namespace mailscope::viz {

struct Card {
  enum class What : std::uint8_t { client, server, mailbox, resolver, name_server };
  What what = What::server;
  std::vector<trace::HostId> hosts;   // a card may stand for several
  std::vector<std::string> accounts;  // of a mailbox card
  std::string title;
  std::string subtitle;
  Rect rect;
  std::size_t zone = 0;
  bool stands_for(trace::HostId host) const;
};

struct Zone {
  std::string title;
  std::string subtitle;
  Rect rect;
  bool dns = false;
  bool left = true;   // which side of the picture it is on
  bool roomy = true;  // cards stand alone in a column, with room for a queue below
};

struct MapLayout {
  std::vector<Zone> zones;
  std::vector<Card> cards;
  Rect custody;
  float names_left = 0;  // where the boxes of the name servers begin
  Rect answer;           // the DNS answer pill
  Rect lane;             // free space between the zones, where movers pass
  std::size_t hidden_domains = 0;

  const Card* card(trace::HostId host) const;
  const Card* mailbox(std::string_view account) const;
};

MapLayout layout_map(const story::World& world, Rect area);

}  // namespace mailscope::viz
