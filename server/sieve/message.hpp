// A message as the tests of a script look at it: fields, addresses, parts.
#pragma once

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
  /// The words of each part of text, those of HTML without mark-up (RFC 5173 section 5.3).
  std::vector<std::string> text() const;

 private:
  void collect(const mail::Part& part, std::string_view type, std::vector<std::string>& out) const;
  void collect_text(const mail::Part& part, std::vector<std::string>& out) const;

  std::string_view octets_;
  mail::Header header_;
  mutable std::optional<mail::Part> structure_;  // made when a test of the body asks
};

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
/// sieve-address of RFC 5228 section 2.4.2.3: "a@b" or "Name <a@b>", no route, no group.
std::optional<mail::Mailbox> parse_outbound(std::string_view text);
/// The addresses of a mailbox-list (RFC 5322 section 3.4), as they stand there; none: it is not
/// one.
std::vector<std::string> parse_mailbox_list(std::string_view text);

}  // namespace mailscope::sieve
