// What the mechanisms of the table share; not for the protocols.
#pragma once

#include "server/auth/sasl.hpp"

namespace mailscope::auth {

/// Octets of a name or password in a SASL message: RFC 4616 section 2 asks servers for 255 at
/// least.
inline constexpr std::size_t kMaxSaslString = 1'024;

std::unique_ptr<SaslServer> make_plain(const SaslContext& context);
std::unique_ptr<SaslServer> make_login(const SaslContext& context);
std::unique_ptr<SaslServer> make_scram_sha256(const SaslContext& context);
std::unique_ptr<SaslServer> make_scram_sha256_plus(const SaslContext& context);
std::unique_ptr<SaslServer> make_scram_sha1(const SaslContext& context);
std::unique_ptr<SaslServer> make_scram_sha1_plus(const SaslContext& context);
std::unique_ptr<SaslServer> make_cram_md5(const SaslContext& context);
std::unique_ptr<SaslServer> make_oauthbearer(const SaslContext& context);
std::unique_ptr<SaslServer> make_xoauth2(const SaslContext& context);

/// May be a name or password: 1 to kMaxSaslString octets of UTF-8 without NUL.
bool is_sasl_string(std::string_view text);
/// Success or failure of a name and password.
SaslStep check_password(const Accounts& accounts, std::string_view user, std::string_view password);
/// Success for `account`, unless an authorization identity asks for another one: nobody here may
/// act for another, so it can only repeat who logs in.
SaslStep authorize(const Accounts& accounts, std::string_view user, std::string_view account,
                   std::string_view authorization);

SaslStep sasl_challenge(std::string text, std::string_view user = {});
SaslStep sasl_failure(std::string_view user, std::string_view reason);
SaslStep sasl_malformed(std::string_view user = {});

inline constexpr std::string_view kWrongPassword = "wrong user name or password";

}  // namespace mailscope::auth
