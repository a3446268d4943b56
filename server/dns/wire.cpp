#include "server/dns/wire.hpp"

namespace mailscope::dns {
namespace {

/// Pointers followed for one name. A name of 255 octets has at most 127 labels, so a longer chain
/// of pointers is there only to keep us busy.
constexpr int kMaxPointers = 127;
constexpr std::uint8_t kPointer = 0xc0;     // RFC 1035 section 4.1.4
constexpr std::size_t kMaxOffset = 0x3fff;  // what the 14 bits of a pointer can say

std::uint8_t octet_at(std::string_view octets, std::size_t at) {
  return static_cast<std::uint8_t>(octets[at]);
}

}  // namespace

void Reader::fail(std::string_view what) {
  if (!failed()) error_ = std::string(what) + " at octet " + std::to_string(at_);
}

bool Reader::need(std::size_t count) {
  if (failed()) return false;
  if (left() >= count) return true;
  fail("the message ends too early");
  return false;
}

std::uint8_t Reader::u8() {
  return need(1) ? octet_at(message_, at_++) : std::uint8_t{0};
}

std::uint16_t Reader::u16() {
  if (!need(2)) return 0;
  const auto value = octet_at(message_, at_) << 8 | octet_at(message_, at_ + 1);
  at_ += 2;
  return static_cast<std::uint16_t>(value);
}

std::uint32_t Reader::u32() {
  const std::uint32_t high = u16();
  return high << 16 | u16();
}

std::string_view Reader::octets(std::size_t count) {
  if (!need(count)) return {};
  const auto part = message_.substr(at_, count);
  at_ += count;
  return part;
}

std::string_view Reader::character_string() {
  return octets(u8());
}

Name Reader::name() {
  std::array<char, kMaxName> wire;
  std::size_t size = 0;
  std::size_t at = at_;       // where we read: jumps with pointers
  std::size_t segment = at_;  // where the present run of labels began
  std::size_t behind = 0;     // where reading goes on after the name; 0: no pointer met yet
  std::size_t limit = end();  // labels behind a pointer may stand anywhere before
  int pointers = 0;
  while (!failed()) {
    if (at >= limit) return fail("a name runs over the end"), Name();
    const std::uint8_t length = octet_at(message_, at);
    if (length >= kPointer) {
      if (at + 1 >= limit) return fail("a name runs over the end"), Name();
      const std::size_t target = (length & 0x3fu) << 8 | octet_at(message_, at + 1);
      if (behind == 0) behind = at + 2;
      if (target >= segment) return fail("a compression pointer does not lead back"), Name();
      if (target < 12) return fail("a compression pointer leads into the header"), Name();
      if (++pointers > kMaxPointers) return fail("too many compression pointers"), Name();
      at = segment = target;
      limit = message_.size();
      continue;
    }
    if (length > kMaxLabel) return fail("an unknown kind of label"), Name();
    if (size + length + 1 > kMaxName) return fail("a name longer than 255 octets"), Name();
    if (at + 1 + length > limit) return fail("a name runs over the end"), Name();
    message_.copy(wire.data() + size, length + 1u, at);
    size += length + 1u;
    at += length + 1u;
    if (length == 0) break;
  }
  if (failed()) return Name();
  at_ = behind != 0 ? behind : at;
  auto name = Name::from_wire({wire.data(), size});
  return name ? *std::move(name) : Name();
}

bool Reader::narrow(std::size_t count) {
  if (!need(count)) return false;
  end_ = at_ + count;
  narrowed_ = true;
  return true;
}

bool Reader::widen() {
  if (!failed() && at_ != end_) fail("RDATA is longer than its fields");
  narrowed_ = false;
  return !failed();
}

void Writer::u16(std::uint16_t value) {
  out_ += static_cast<char>(value >> 8);
  out_ += static_cast<char>(value & 0xff);
}

void Writer::u32(std::uint32_t value) {
  u16(static_cast<std::uint16_t>(value >> 16));
  u16(static_cast<std::uint16_t>(value & 0xffff));
}

void Writer::character_string(std::string_view value) {
  value = value.substr(0, 255);
  u8(static_cast<std::uint8_t>(value.size()));
  out_ += value;
}

void Writer::patch_u16(std::size_t at, std::uint16_t value) {
  out_[at] = static_cast<char>(value >> 8);
  out_[at + 1] = static_cast<char>(value & 0xff);
}

void Writer::rewind(std::size_t size) {
  out_.resize(size);
  while (target_count_ > 0 && targets_[target_count_ - 1].at >= size) --target_count_;
}

bool Writer::ending_is_at(std::size_t at, std::string_view ending) const {
  std::size_t compared = 0;
  while (compared < ending.size()) {
    const std::uint8_t length = octet_at(out_, at);
    if (length >= kPointer) {
      at = (length & 0x3fu) << 8 | octet_at(out_, at + 1);
      continue;
    }
    // The lengths of both names agree as a whole, so the part never runs over either.
    const std::size_t label = length + 1u;
    if (compared + label > ending.size() ||
        !same_octets(std::string_view(out_).substr(at, label), ending.substr(compared, label))) {
      return false;
    }
    compared += label;
    at += label;
  }
  return true;
}

void Writer::name_compressed(const Name& name) {
  std::string_view rest = name.wire();
  while (rest.size() > 1) {
    for (std::size_t i = 0; i < target_count_; ++i) {
      const Target& target = targets_[i];
      if (target.length != rest.size() || !ending_is_at(target.at, rest)) continue;
      return u16(static_cast<std::uint16_t>(kPointer << 8 | target.at));
    }
    if (out_.size() <= kMaxOffset && target_count_ < kMaxTargets) {
      targets_[target_count_++] = {static_cast<std::uint16_t>(out_.size()),
                                   static_cast<std::uint16_t>(rest.size())};
    }
    const std::size_t label = octet_at(rest, 0) + 1u;
    out_ += rest.substr(0, label);
    rest.remove_prefix(label);
  }
  out_ += '\0';
}

}  // namespace mailscope::dns
