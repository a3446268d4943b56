// A range of addresses: an address and how many of its leading bits count.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/net/address.hpp"

namespace mailscope::net {

struct Prefix {
  Address address;
  unsigned bits = 0;  // 0..32, IPv6: 0..128

  bool contains(const Address& other) const;
  /// "192.0.2.0/24" or a single address, IPv4 or IPv6; nullopt when it is neither.
  static std::optional<Prefix> parse(std::string_view text);
  std::string to_string() const;
};

}  // namespace mailscope::net
