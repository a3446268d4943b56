#include "server/net/address.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>
#include <iterator>

namespace mailscope::net {

std::optional<Address> Address::parse(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN + 1];
  if (text.empty() || text.size() >= sizeof buffer) return std::nullopt;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  if (std::strlen(buffer) != text.size()) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, buffer, bytes.data()) == 1) {
    return v4(bytes[0], bytes[1], bytes[2], bytes[3]);
  }
  if (inet_pton(AF_INET6, buffer, bytes.data()) == 1) return v6(bytes);
  return std::nullopt;
}

bool Address::is_loopback() const {
  if (is_v4()) return bytes_[0] == 127;
  std::array<std::uint8_t, 16> one{};
  one[15] = 1;
  return bytes_ == one;
}

bool Address::is_unspecified() const {
  return bytes_ == std::array<std::uint8_t, 16>{};
}

std::string Address::to_string() const {
  if (is_v4()) {
    // By hand, because every packet's and query's event shows addresses and inet_ntop prints them
    // with sprintf.
    char text[sizeof "255.255.255.255"];
    char* end = text;
    for (std::size_t i = 0; i < 4; ++i) {
      if (i > 0) *end++ = '.';
      end = std::to_chars(end, std::end(text), bytes_[i]).ptr;
    }
    return {text, end};
  }
  char buffer[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, bytes_.data(), buffer, sizeof buffer);
  return buffer;
}

std::string Address::literal() const {
  return (is_v6_ ? "[IPv6:" : "[") + to_string() + "]";
}

std::string Address::reverse_name() const {
  std::string name;
  if (is_v4()) {
    for (int i = 3; i >= 0; --i) name += std::to_string(bytes_[static_cast<std::size_t>(i)]) + ".";
    return name + "in-addr.arpa";
  }
  constexpr std::string_view hex = "0123456789abcdef";
  for (std::size_t i = 16; i-- > 0;) {
    name += hex[bytes_[i] & 15];
    name += '.';
    name += hex[bytes_[i] >> 4];
    name += '.';
  }
  return name + "ip6.arpa";
}

std::string Endpoint::to_string() const {
  std::string text = address.to_string();
  if (address.is_v6()) text = "[" + text + "]";
  text += ':';
  text += std::to_string(port);
  return text;
}

}  // namespace mailscope::net
