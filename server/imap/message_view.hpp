// One message while FETCH or SEARCH looks at it: octets, header and MIME structure, each read only
// when something asks for it.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "server/imap/fetch_items.hpp"
#include "server/mail/mime.hpp"
#include "server/store/mail_store.hpp"

namespace mailscope::imap {

class MessageView {
 public:
  /// `body` must not be null.
  explicit MessageView(store::Body body) : body_(std::move(body)), octets_(*body_) {}
  /// Only the header section is known; nothing may be asked for that lies behind it.
  explicit MessageView(std::string_view header) : octets_(header) {}
  /// Null when only the header is known.
  const store::Body& shared() const { return body_; }
  std::string_view octets() const { return octets_; }
  const mail::Header& header();
  const mail::Part& structure();
  /// Header section with its final empty line, and what follows it.
  std::string_view header_text() const;
  std::string_view body_text() const;

 private:
  store::Body body_;
  std::string_view octets_;
  std::optional<mail::Header> header_;
  std::optional<mail::Part> structure_;
  mutable std::optional<std::size_t> header_size_;
};

/// Octets of a section of a message (RFC 3501 section 6.4.5). `scratch` holds them where they are
/// put together (HEADER.FIELDS); nullopt when the message has no such part.
std::optional<std::string_view> section_octets(MessageView& message, const Section& section,
                                               std::string& scratch);
/// The part that the numbers mean, or null.
const mail::Part* find_part(MessageView& message, std::span<const std::uint32_t> numbers);
/// The octets of a range; empty beyond the end.
std::string_view partial_octets(std::string_view octets, const Partial& partial);

}  // namespace mailscope::imap
