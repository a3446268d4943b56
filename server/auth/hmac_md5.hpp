// HMAC-MD5 from a state that is kept instead of the password (RFC 2195 section 2 and section 4).
#pragma once

#include <string>
#include <string_view>

namespace mailscope::auth {

/// MD5 after the key's inner and outer block: 32 octets. It does not tell the password, but is as
/// good as the password to whoever wants to answer challenges.
std::string hmac_md5_state(std::string_view key);
/// HMAC-MD5 of `text`, 16 octets.
std::string hmac_md5(std::string_view state, std::string_view text);

}  // namespace mailscope::auth
