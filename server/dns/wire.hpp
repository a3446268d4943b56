// Octets of messages, read and written: numbers, names with compression, RDATA.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/dns/record.hpp"

namespace mailscope::dns {

/// Reads a message. The first failure sticks: everything read after it is zero or empty.
class Reader {
 public:
  explicit Reader(std::string_view message, std::size_t at = 0) : message_(message), at_(at) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::string_view octets(std::size_t count);
  /// A name, compressed or not (RFC 1035 section 4.1.4). Pointers must lead back, which is what
  /// makes every chain of them end.
  Name name();
  /// A length octet and that many octets.
  std::string_view character_string();

  std::size_t at() const { return at_; }
  std::size_t left() const { return end() - at_; }
  /// Narrows reading to the next `count` octets (RDATA) until widen(); names may still point back.
  bool narrow(std::size_t count);
  /// False, and a failure, when the narrowed part was not read to its end.
  bool widen();
  bool failed() const { return !error_.empty(); }
  void fail(std::string_view what);
  /// What went wrong and at which octet.
  const std::string& error() const { return error_; }

 private:
  std::size_t end() const { return narrowed_ ? end_ : message_.size(); }
  bool need(std::size_t count);

  std::string_view message_;
  std::size_t at_;
  std::size_t end_ = 0;
  bool narrowed_ = false;
  std::string error_;
};

/// Writes a message.
class Writer {
 public:
  void u8(std::uint8_t value) { out_ += static_cast<char>(value); }
  void u16(std::uint16_t value);
  void u32(std::uint32_t value);
  void octets(std::string_view value) { out_ += value; }
  void character_string(std::string_view value);
  void name_plain(const Name& name) { out_ += name.wire(); }
  /// Points back to an earlier occurrence of the name or of its ending where there is one.
  void name_compressed(const Name& name);
  void patch_u16(std::size_t at, std::uint16_t value);

  std::size_t size() const { return out_.size(); }
  void reserve(std::size_t size) { out_.reserve(size); }
  /// Takes back everything from `size` on.
  void rewind(std::size_t size);
  std::string take() { return std::move(out_); }

 private:
  /// An earlier place to point to: where a name's ending stands and how long it is uncompressed.
  struct Target {
    std::uint16_t at;
    std::uint16_t length;
  };
  bool ending_is_at(std::size_t at, std::string_view ending) const;

  /// Endings remembered in one message. More would make long messages slow to write, and save
  /// little: the first ones are the zone's own.
  static constexpr std::size_t kMaxTargets = 128;
  std::string out_;
  std::array<Target, kMaxTargets> targets_;
  std::size_t target_count_ = 0;
};

/// What the two length octets of RDATA can say (RFC 1035 section 3.2.1).
inline constexpr std::size_t kMaxRdata = 65535;

/// RDATA of `length` octets at the reader. Fails the reader when it is malformed.
Rdata read_rdata(Reader& reader, Type type, Class klass, std::size_t length);
/// RDATA with its two length octets.
void write_rdata(Writer& writer, const Rdata& data);
/// One record.
void write_record(Writer& writer, const Record& record);

}  // namespace mailscope::dns
