// IP addresses and endpoints (address and port), IPv4 and IPv6.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mailscope::net {

/// An IPv4 or IPv6 address. Default: the unspecified IPv4 address 0.0.0.0.
class Address {
 public:
  constexpr Address() = default;
  static constexpr Address v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    Address address;
    address.bytes_ = {a, b, c, d};
    return address;
  }
  static constexpr Address v4(std::uint32_t host_order) {
    return v4(static_cast<std::uint8_t>(host_order >> 24),
              static_cast<std::uint8_t>(host_order >> 16),
              static_cast<std::uint8_t>(host_order >> 8), static_cast<std::uint8_t>(host_order));
  }
  static constexpr Address v6(const std::array<std::uint8_t, 16>& bytes) {
    Address address;
    address.bytes_ = bytes;
    address.is_v6_ = true;
    return address;
  }
  /// Dotted quad or RFC 4291 section 2.2 text, without brackets or zone; nullopt when it is
  /// neither.
  static std::optional<Address> parse(std::string_view text);

  constexpr bool is_v6() const { return is_v6_; }
  constexpr bool is_v4() const { return !is_v6_; }
  bool is_loopback() const;
  bool is_unspecified() const;
  /// 4 or 16 bytes in network order.
  std::string_view bytes() const {
    return {reinterpret_cast<const char*>(bytes_.data()), is_v6_ ? 16u : 4u};
  }
  /// "192.0.2.1"; IPv6 in the form of RFC 5952.
  std::string to_string() const;
  /// Address literal of SMTP (RFC 5321 section 4.1.3): "[192.0.2.1]", "[IPv6:2001:db8::1]".
  std::string literal() const;
  /// Name under in-addr.arpa or ip6.arpa, without the final dot.
  std::string reverse_name() const;

  constexpr auto operator<=>(const Address&) const = default;

 private:
  bool is_v6_ = false;
  std::array<std::uint8_t, 16> bytes_{};
};

struct Endpoint {
  Address address;
  std::uint16_t port = 0;
  std::string to_string() const;  // "192.0.2.1:25", "[2001:db8::1]:25"
  constexpr auto operator<=>(const Endpoint&) const = default;
};

}  // namespace mailscope::net

template <>
struct std::hash<mailscope::net::Address> {
  std::size_t operator()(const mailscope::net::Address& a) const noexcept {
    return std::hash<std::string_view>{}(a.bytes());
  }
};
template <>
struct std::hash<mailscope::net::Endpoint> {
  std::size_t operator()(const mailscope::net::Endpoint& e) const noexcept {
    return std::hash<mailscope::net::Address>{}(e.address) * 31 + e.port;
  }
};
