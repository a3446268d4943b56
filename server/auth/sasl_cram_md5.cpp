// CRAM-MD5 (RFC 2195), for old clients:
//
//   S: + <1896.697170952@postoffice.reston.mci.net>
//   C: tim b913a602c7eda7a495b4e6e7334d3890
#include "server/auth/sasl_mechanisms.hpp"

namespace mailscope::auth {
namespace {

class CramMd5 final : public SaslServer {
 public:
  explicit CramMd5(const SaslContext& context)
      : accounts_(context.accounts),
        // RFC 2195 section 2: in the form of a message identifier, never the same twice.
        challenge_('<' + context.accounts.nonce() + '.' +
                   std::to_string(net::unix_seconds(context.now)) + '@' +
                   std::string(context.host) + '>') {}

  std::string_view mechanism() const override { return "CRAM-MD5"; }

  SaslStep start(std::optional<std::string_view> initial) override {
    // The server speaks first: RFC 4422 section 3.
    return initial ? sasl_malformed() : sasl_challenge(challenge_);
  }

  SaslStep respond(std::string_view response) override {
    const std::size_t space = response.rfind(' ');
    if (space == std::string_view::npos) return sasl_malformed();
    const std::string_view user = response.substr(0, space);
    if (!is_sasl_string(user)) return sasl_malformed();
    const auto account = accounts_.verify_cram_md5(user, challenge_, response.substr(space + 1));
    if (!account) return sasl_failure(user, kWrongPassword);
    return authorize(accounts_, user, *account, {});
  }

 private:
  const Accounts& accounts_;
  std::string challenge_;
};

}  // namespace

std::unique_ptr<SaslServer> make_cram_md5(const SaslContext& context) {
  return std::make_unique<CramMd5>(context);
}

}  // namespace mailscope::auth
