#include "server/net/proxy_header.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace mailscope::net {
namespace {

using Status = ProxyHeader::Status;

constexpr std::string_view kSignature1 = "PROXY ";
constexpr std::string_view kSignature2{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t kFixed = 16;  // octets of version 2 before the addresses
constexpr std::uint8_t kChecksum = 0x03;
constexpr std::string_view kNoHeader = "this is not the header of a proxy";

ProxyHeader broken(std::string_view why) {
  return {Status::broken, 0, std::nullopt, why};
}

// ---- Version 1 ----

/// A decimal number without a heading zero.
std::optional<std::uint16_t> port(std::string_view text) {
  std::uint16_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  const bool zero_first = text.size() > 1 && text.front() == '0';
  if (error != std::errc() || stop != end || zero_first) return std::nullopt;
  return value;
}

std::optional<Address> address(std::string_view text, bool v6) {
  // Address takes the forms that end in a dotted quad too, which this protocol does not have.
  if (v6 && text.find('.') != std::string_view::npos) return std::nullopt;
  const auto found = Address::parse(text);
  return found && found->is_v6() == v6 ? found : std::nullopt;
}

/// The first word of `line`, taken off with the one space behind it.
std::string_view word(std::string_view& line) {
  const std::string_view found = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), found.size() + 1));
  return found;
}

ProxyHeader parse_line(std::string_view input) {
  const std::string_view start = input.substr(0, kMaxProxyLine);
  const std::size_t end = start.find("\r\n");
  const std::size_t lone = start.find('\n');
  if (end == std::string_view::npos) {
    if (lone != std::string_view::npos) return broken("LF without CR ends no line");
    if (input.size() >= kMaxProxyLine) return broken("the line is longer than 107 octets");
    return {};
  }
  if (lone < end) return broken("LF without CR ends no line");
  ProxyHeader header{Status::complete, end + 2, std::nullopt, {}};
  std::string_view line = input.substr(kSignature1.size(), end - kSignature1.size());
  const std::string_view family = word(line);
  if (family == "UNKNOWN") return header;  // and whatever stands behind it
  if (family != "TCP4" && family != "TCP6")
    return broken("behind PROXY stands TCP4, TCP6 or UNKNOWN");
  const bool v6 = family == "TCP6";
  const auto client = address(word(line), v6);
  const auto server = address(word(line), v6);
  if (!client || !server) return broken("two addresses of the family had to follow");
  const auto client_port = port(word(line));
  const bool last = line.find(' ') == std::string_view::npos;
  const auto server_port = port(line);
  if (!client_port || !server_port || !last) return broken("two ports had to end the line");
  header.ends = {{*client, *client_port}, {*server, *server_port}};
  return header;
}

// ---- Version 2 ----

std::uint8_t octet(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}
std::uint16_t number16(std::string_view text, std::size_t at) {
  return static_cast<std::uint16_t>(octet(text, at) << 8 | octet(text, at + 1));
}

/// An address of 4 or 16 octets; IPv4 inside IPv6 is IPv4.
Address raw_address(std::string_view octets) {
  constexpr std::string_view mapped{"\0\0\0\0\0\0\0\0\0\0\xff\xff", 12};
  if (octets.starts_with(mapped)) octets.remove_prefix(mapped.size());
  if (octets.size() == 4)
    return Address::v4(octet(octets, 0), octet(octets, 1), octet(octets, 2), octet(octets, 3));
  std::array<std::uint8_t, 16> bytes;
  std::copy(octets.begin(), octets.end(), bytes.begin());
  return Address::v6(bytes);
}

/// What may stand behind the addresses: each a type, a length, a value. Only the checksum is looked
/// at; gives what is wrong, or nothing.
std::string_view check_vectors(std::string_view header, std::size_t at) {
  while (at < header.size()) {
    if (header.size() - at < 3 || header.size() - at - 3 < number16(header, at + 1))
      return "a vector is longer than the header";
    const std::size_t length = number16(header, at + 1);
    if (octet(header, at) == kChecksum) {
      if (length != 4) return "the checksum has four octets";
      constexpr std::string_view zeros{"\0\0\0\0", 4};
      std::uint32_t sum = crc32c(header.substr(0, at + 3));
      sum = crc32c(header.substr(at + 7), crc32c(zeros, sum));
      const std::uint32_t told =
          std::uint32_t{number16(header, at + 3)} << 16 | number16(header, at + 5);
      if (sum != told) return "the checksum does not fit";
    }
    at += 3 + length;
  }
  return {};
}

ProxyHeader parse_block(std::string_view input) {
  const std::uint8_t command = octet(input, 12);
  const std::uint8_t family = octet(input, 13) >> 4;
  const std::uint8_t transport = octet(input, 13) & 15;
  if (command >> 4 != 2) return broken("the version is not 2");
  if ((command & 15) > 1) return broken("the command is neither LOCAL nor PROXY");
  const bool local = (command & 15) == 0;
  const std::size_t size = kFixed + number16(input, 14);
  if (!local && (family > 3 || transport > 2))
    return broken("the address family or the protocol is none of version 2");
  if (input.size() < size) return {};
  ProxyHeader header{Status::complete, size, std::nullopt, {}};
  if (local) return header;
  constexpr std::array<std::size_t, 4> kAddressOctets{0, 12, 36, 216};  // both ends
  const std::string_view whole = input.substr(0, size);
  if (whole.size() < kFixed + kAddressOctets[family])
    return broken("the header is too short for its addresses");
  if (const std::string_view problem = check_vectors(whole, kFixed + kAddressOctets[family]);
      !problem.empty()) {
    return broken(problem);
  }
  // The ends of UDP and of UNIX sockets mean nothing here: what is real counts.
  if (transport != 1 || (family != 1 && family != 2)) return header;
  const std::size_t octets = family == 1 ? 4 : 16;
  const std::string_view ends = whole.substr(kFixed);
  header.ends = {{raw_address(ends.substr(0, octets)), number16(ends, 2 * octets)},
                 {raw_address(ends.substr(octets, octets)), number16(ends, 2 * octets + 2)}};
  return header;
}

bool begins(std::string_view input, std::string_view signature) {
  const std::size_t size = std::min(input.size(), signature.size());
  return input.substr(0, size) == signature.substr(0, size);
}

}  // namespace

ProxyHeader parse_proxy_header(std::string_view input) {
  if (begins(input, kSignature1)) {
    if (input.size() < kSignature1.size()) return {};
    return parse_line(input);
  }
  if (!begins(input, kSignature2)) return broken(kNoHeader);
  if (input.size() < kFixed) return {};
  return parse_block(input);
}

std::uint32_t crc32c(std::string_view octets, std::uint32_t before) {
  static constexpr auto kTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0x82f63b78u : 0);
      table[i] = value;
    }
    return table;
  }();
  std::uint32_t sum = ~before;
  for (const char c : octets) sum = sum >> 8 ^ kTable[(sum ^ static_cast<std::uint8_t>(c)) & 255];
  return ~sum;
}

}  // namespace mailscope::net
