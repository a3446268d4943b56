// What the mechanisms of the table share; not for the protocols.
#pragma once

#include "server/auth/sasl.hpp"

namespace mailscope::auth {

/// Octets of a name or password in a SASL message: RFC 4616 section 2 asks servers for 255 at
/// least.
inline constexpr std::size_t kMaxSaslString = 1'024;

std::unique_ptr<SaslServer> make_plain(const Accounts& accounts);
std::unique_ptr<SaslServer> make_login(const Accounts& accounts);

/// May be a name or password: 1 to kMaxSaslString octets of UTF-8 without NUL.
bool is_sasl_string(std::string_view text);
/// Success or failure of a name and password.
SaslStep check_password(const Accounts& accounts, std::string_view user, std::string_view password);

}  // namespace mailscope::auth
