// Methods of "notify" (RFC 5435 section 3.2): mailto URIs (RFC 6068), and nothing else.
//
//   mailto:0123456789@sms.example.net?to=backup@example.com&subject=A%20letter
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/mail/address.hpp"

namespace mailscope::sieve {

/// What a mailto URI asks for, as RFC 5436 section 2.7 lets it.
struct Mailto {
  std::vector<mail::Mailbox> to, cc;  // each address once
  std::optional<std::string> subject;
  std::string body;
  /// Further fields of the header; those that a URI may not set are left out.
  std::vector<std::pair<std::string, std::string>> fields;
};

/// Null when `uri` is no mailto URI, or names what is no address.
std::optional<Mailto> parse_mailto(std::string_view uri);

}  // namespace mailscope::sieve
