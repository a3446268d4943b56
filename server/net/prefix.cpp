#include "server/net/prefix.hpp"

#include <charconv>

namespace mailscope::net {

bool Prefix::contains(const Address& other) const {
  if (other.is_v6() != address.is_v6()) return false;
  const std::string_view mine = address.bytes();
  const std::string_view theirs = other.bytes();
  const std::size_t whole = bits / 8;
  if (mine.substr(0, whole) != theirs.substr(0, whole)) return false;
  const unsigned rest = bits % 8;
  if (rest == 0) return true;
  const auto differing =
      static_cast<unsigned char>(mine[whole]) ^ static_cast<unsigned char>(theirs[whole]);
  return (differing >> (8 - rest)) == 0;
}

std::optional<Prefix> Prefix::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned longest = address->is_v6() ? 128 : 32;
  if (slash == std::string_view::npos) return Prefix{*address, longest};
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, bits);
  if (error != std::errc() || stop != end || bits > longest) return std::nullopt;
  return Prefix{*address, bits};
}

std::string Prefix::to_string() const {
  return address.to_string() + "/" + std::to_string(bits);
}

}  // namespace mailscope::net
