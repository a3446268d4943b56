#include "server/dns/name.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "server/dns/escape.hpp"

namespace mailscope::dns {
namespace {

constexpr std::size_t kMaxLabels = 127;  // 255 octets hold no more labels of one octet

constexpr unsigned char lower_octet(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u >= 'A' && u <= 'Z' ? static_cast<unsigned char>(u + ('a' - 'A')) : u;
}

/// Offsets of the labels of a wire form, leftmost first, without the root.
std::size_t label_offsets(std::string_view wire, std::array<std::uint8_t, kMaxLabels>& offsets) {
  std::size_t count = 0;
  for (std::size_t at = 0; wire[at] != 0; at += 1 + static_cast<unsigned char>(wire[at])) {
    offsets[count++] = static_cast<std::uint8_t>(at);
  }
  return count;
}

std::string_view label_at(std::string_view wire, std::size_t at) {
  return wire.substr(at + 1, static_cast<unsigned char>(wire[at]));
}

std::strong_ordering compare_labels(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (const auto order = lower_octet(a[i]) <=> lower_octet(b[i]); order != 0) return order;
  }
  return a.size() <=> b.size();
}

/// Letters, digits and hyphens: what nearly all names consist of.
constexpr bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '-';
}

void append_escaped(std::string& out, char c) {
  if (is_plain(c)) {
    out += c;
    return;
  }
  const auto u = static_cast<unsigned char>(c);
  if (u <= ' ' || u >= 127) return append_decimal_escape(out, c);
  if (std::string_view(".\\\"();@$").find(c) != std::string_view::npos) out += '\\';
  out += c;
}

/// Labels of `text` in wire form behind each other. `absolute` tells whether a dot ended it.
std::optional<std::string> labels_of(std::string_view text, bool& absolute) {
  absolute = false;
  std::string wire;
  std::size_t start = 0;  // where the current label's length octet stands
  wire.push_back('\0');
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '.') {
      const std::size_t length = wire.size() - start - 1;
      if (length == 0) return std::nullopt;
      ++at;
      if (at == text.size()) {
        absolute = true;
        return wire;
      }
      start = wire.size();
      wire.push_back('\0');
      continue;
    }
    const auto octet = take_octet(text, at);
    if (!octet) return std::nullopt;
    wire.push_back(*octet);
    const std::size_t length = wire.size() - start - 1;
    if (length > kMaxLabel || wire.size() >= kMaxName) return std::nullopt;
    wire[start] = static_cast<char>(length);
  }
  if (wire.size() - start == 1) return std::nullopt;
  return wire;
}

}  // namespace

std::optional<Name> Name::parse(std::string_view text) {
  return parse(text, Name());
}

std::optional<Name> Name::parse(std::string_view text, const Name& origin) {
  if (text == ".") return Name();
  if (text == "@") return origin;
  bool absolute = false;
  auto wire = labels_of(text, absolute);
  if (!wire) return std::nullopt;
  *wire += absolute ? std::string_view("\0", 1) : origin.wire();
  if (wire->size() > kMaxName) return std::nullopt;
  return Name(*std::move(wire));
}

std::optional<Name> Name::from_wire(std::string_view wire) {
  if (wire.empty() || wire.size() > kMaxName) return std::nullopt;
  std::size_t at = 0;
  while (at < wire.size() && wire[at] != 0) {
    const auto length = static_cast<unsigned char>(wire[at]);
    if (length > kMaxLabel) return std::nullopt;
    at += 1 + length;
  }
  if (at + 1 != wire.size()) return std::nullopt;
  return Name(std::string(wire));
}

std::string Name::to_string() const {
  if (is_root()) return ".";
  std::string text = zone_text();
  text.pop_back();
  return text;
}

std::string Name::zone_text() const {
  if (is_root()) return ".";
  std::string text;
  text.reserve(wire_.size());
  for (std::size_t at = 0; wire_[at] != 0; at += 1 + static_cast<unsigned char>(wire_[at])) {
    for (const char c : label_at(wire_, at)) append_escaped(text, c);
    text += '.';
  }
  return text;
}

std::size_t Name::label_count() const {
  std::size_t count = 0;
  for (std::size_t at = 0; wire_[at] != 0; at += 1 + static_cast<unsigned char>(wire_[at])) ++count;
  return count;
}

std::string_view Name::first_label() const {
  return label_at(wire_, 0);
}

Name Name::parent() const {
  return is_root() ? Name() : Name(wire_.substr(1 + static_cast<unsigned char>(wire_[0])));
}

Name Name::suffix(std::size_t labels) const {
  std::array<std::uint8_t, kMaxLabels> offsets;
  const std::size_t count = label_offsets(wire_, offsets);
  if (labels >= count) return *this;
  return labels == 0 ? Name() : Name(wire_.substr(offsets[count - labels]));
}

std::optional<Name> Name::child(std::string_view label) const {
  if (label.empty() || label.size() > kMaxLabel) return std::nullopt;
  if (label.size() + 1 + wire_.size() > kMaxName) return std::nullopt;
  std::string wire;
  wire.reserve(label.size() + 1 + wire_.size());
  wire += static_cast<char>(label.size());
  wire += label;
  wire += wire_;
  return Name(std::move(wire));
}

std::optional<Name> Name::rebase(const Name& from, const Name& to) const {
  const std::size_t kept = wire_.size() - from.wire_.size();
  if (kept + to.wire_.size() > kMaxName) return std::nullopt;
  return Name(wire_.substr(0, kept) + to.wire_);
}

bool Name::is_within(const Name& ancestor) const {
  if (ancestor.wire_.size() > wire_.size()) return false;
  const std::size_t cut = wire_.size() - ancestor.wire_.size();
  std::size_t at = 0;
  while (at < cut) at += 1 + static_cast<unsigned char>(wire_[at]);
  return at == cut && same_octets(std::string_view(wire_).substr(cut), ancestor.wire_);
}

Name Name::lower() const {
  std::string wire = wire_;
  for (char& c : wire) c = static_cast<char>(lower_octet(c));
  return Name(std::move(wire));
}

// Length octets are at most 63, below 'A': folding case over a whole wire form leaves them alone.
bool operator==(const Name& a, const Name& b) {
  return same_octets(a.wire_, b.wire_);
}

std::weak_ordering operator<=>(const Name& a, const Name& b) {
  std::array<std::uint8_t, kMaxLabels> left;
  std::array<std::uint8_t, kMaxLabels> right;
  std::size_t i = label_offsets(a.wire_, left);
  std::size_t j = label_offsets(b.wire_, right);
  while (i > 0 && j > 0) {
    const auto order = compare_labels(label_at(a.wire_, left[--i]), label_at(b.wire_, right[--j]));
    if (order != 0) return order;
  }
  return i <=> j;
}

std::size_t Name::hash() const noexcept {
  return hash_octets(wire_);
}

bool same_octets(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && lower_octet(a[i]) != lower_octet(b[i])) return false;
  }
  return true;
}

std::size_t hash_octets(std::string_view wire) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (const char c : wire) hash = (hash ^ lower_octet(c)) * 0x100000001b3u;
  return static_cast<std::size_t>(hash);
}

Name name(std::string_view text) {
  auto parsed = Name::parse(text);
  if (!parsed) throw std::invalid_argument("not a domain name: " + std::string(text));
  return *std::move(parsed);
}

}  // namespace mailscope::dns
