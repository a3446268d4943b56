// A message as the tests of a script look at it: fields, addresses, parts.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/mail/address.hpp"
#include "server/mail/mime.hpp"

namespace mailscope::sieve {

class Message {
 public:
  /// `octets` outlive the view.
  explicit Message(std::string_view octets);

  std::string_view octets() const { return octets_; }
  /// Fields of that name, in order. A name that is none finds nothing (RFC 5228 section 2.4.2.2).
  std::vector<const mail::Field*> fields(std::string_view name) const { return header_.all(name); }
  std::size_t field_count() const { return header_.fields.size(); }
  /// All behind the first empty line; nullopt when there is no such line.
  std::optional<std::string_view> raw_body() const;
  /// Text of each part of that content type, decoded (RFC 5173 section 5.2). An empty type: all.
  std::vector<std::string> content(std::string_view type) const;
  /// The header as "editheader" has changed it, without the empty line behind it; null: it has not.
  const std::shared_ptr<const std::string>& changed_header() const { return changed_; }
  /// `field` with its line end, before or behind the others (RFC 5293 section 4). What fields()
  /// gave before is void.
  void add_field(std::string_view field, bool last);
  /// Takes fields out that fields() gave.
  void remove_fields(const std::vector<const mail::Field*>& gone);
  /// Octets of the header, and of all, as they are now.
  std::size_t header_size() const { return header_text().size(); }
  std::size_t size() const;
  /// The words of each part of text, those of HTML without mark-up (RFC 5173 section 5.3).
  std::vector<std::string> text() const;

 private:
  void collect(const mail::Part& part, std::string_view type, std::vector<std::string>& out) const;
  void collect_text(const mail::Part& part, std::vector<std::string>& out) const;

  std::string_view header_text() const;
  void change(std::string text);

  std::string_view octets_;
  std::shared_ptr<const std::string> changed_;
  mail::Header header_;                          // of octets_ or changed_
  mutable std::optional<mail::Part> structure_;  // made when a test of the body asks
};

/// `message` with that header (see Message::changed_header) in place of its own.
std::string with_header(std::string_view message, std::string_view header);
/// field-name of RFC 5322 section 3.6.8.
bool is_field_name(std::string_view name);
/// What may become the value of a field.
inline constexpr std::size_t kMaxFieldValue = 16'384;  // octets; RFC 5293 section 4 asks for 998
bool is_field_value(std::string_view value);

/// Value of a field as tests compare it: unfolded, encoded words in UTF-8, trimmed.
std::string field_text(const mail::Field& field);

/// One address that a test looks at.
struct TestAddress {
  std::string local, domain;
  std::string whole;  // local@domain, or what stands there instead
  bool sound = true;  // has both parts; else :all alone matches (RFC 5228 section 2.7.4)
};
std::vector<TestAddress> field_addresses(const mail::Field& field);
/// Part of an address that ":all", ":localpart", ":domain", ":user" or ":detail" mean; nullopt:
/// there is no such part.
std::optional<std::string> address_part(const TestAddress& address, std::string_view part);

/// Whether the field of this name holds addresses (RFC 5228 section 5.1).
bool is_address_header(std::string_view name);
}  // namespace mailscope::sieve
