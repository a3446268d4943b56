// Addresses that a script sends to or writes from (RFC 5228 section 2.4.2.3), read strictly:
//
//   coyote@acme.example     "Wile E." <coyote@acme.example>     coyote @ acme.example (at work)
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/mail/address.hpp"

namespace mailscope::sieve {

/// An address with or without a name, white space and comments where RFC 5322 section 3.4 has them;
/// no route, no group. The domain in lower case.
std::optional<mail::Mailbox> parse_outbound(std::string_view text);
/// The addresses of a mailbox-list, as they stand there; none: it is not one.
std::vector<std::string> parse_mailbox_list(std::string_view text);

}  // namespace mailscope::sieve
