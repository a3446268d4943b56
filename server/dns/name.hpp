// Domain names (RFC 1035 section 3.1): a list of labels, kept in uncompressed wire form, so that a
// name from a message can be compared, cut and sent without being taken apart.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mailscope::dns {

/// Octets of one label (RFC 1035 section 2.3.4).
inline constexpr std::size_t kMaxLabel = 63;
/// Octets of a whole name in wire form, length octets and root label included (RFC 1035
/// section 2.3.4).
inline constexpr std::size_t kMaxName = 255;

/// A fully qualified name. Keeps the case it came with; compares without regard to the case of
/// ASCII letters (RFC 4343). Default: the root.
class Name {
 public:
  Name() : wire_(1, '\0') {}

  /// From text as in a zone file: labels between dots, `\.` and `\DDD` escapes; the final dot may
  /// be left out, "." is the root. nullopt: an empty label, a bad escape, or a limit exceeded.
  static std::optional<Name> parse(std::string_view text);
  /// As parse(), but text without a final dot is relative to `origin`, and "@" is the origin
  /// itself.
  static std::optional<Name> parse(std::string_view text, const Name& origin);
  /// From uncompressed wire form; all of `wire` must be the name.
  static std::optional<Name> from_wire(std::string_view wire);

  /// "mail.acme.example"; "." for the root. Octets that are not printable ASCII are escaped.
  std::string to_string() const;
  /// As to_string() with the final dot: the form of zone files.
  std::string zone_text() const;
  /// Uncompressed wire form with the root label.
  std::string_view wire() const { return wire_; }

  bool is_root() const { return wire_.size() == 1; }
  /// Number of labels; 0 for the root.
  std::size_t label_count() const;
  /// The leftmost label's octets; empty for the root.
  std::string_view first_label() const;
  /// Without the leftmost label; the root's parent is the root.
  Name parent() const;
  /// The last `labels` labels: suffix(2) of "mail.acme.example" is "acme.example".
  Name suffix(std::size_t labels) const;
  /// `label` in front of this name; nullopt when a limit is exceeded.
  std::optional<Name> child(std::string_view label) const;
  /// This name with its ancestor `from` replaced by `to` (a wildcard's or DNAME's synthesis);
  /// nullopt when the result is too long. Precondition: is_within(from).
  std::optional<Name> rebase(const Name& from, const Name& to) const;
  /// True when this name is `ancestor` or below it.
  bool is_within(const Name& ancestor) const;
  /// True when the leftmost label is "*".
  bool is_wildcard() const { return wire_[0] == 1 && wire_[1] == '*'; }
  /// With ASCII letters in lower case (the canonical form of RFC 4034 section 6.2).
  Name lower() const;

  friend bool operator==(const Name& a, const Name& b);
  /// Canonical order (RFC 4034 section 6.1): by labels from the right.
  friend std::weak_ordering operator<=>(const Name& a, const Name& b);
  std::size_t hash() const noexcept;

 private:
  explicit Name(std::string wire) : wire_(std::move(wire)) {}
  std::string wire_;
};

/// Compares two wire forms (or parts of them) without regard to ASCII case.
bool same_octets(std::string_view a, std::string_view b);
/// Hash of a wire form without regard to ASCII case; the same on every machine.
std::size_t hash_octets(std::string_view wire) noexcept;

/// A literal name of the program's own: throws std::invalid_argument when it is none.
Name name(std::string_view text);

}  // namespace mailscope::dns

template <>
struct std::hash<mailscope::dns::Name> {
  std::size_t operator()(const mailscope::dns::Name& n) const noexcept { return n.hash(); }
};
