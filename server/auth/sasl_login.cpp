// LOGIN, which no RFC defines (draft-murchison-sasl-login) and every old client speaks:
//
//   S: + VXNlcm5hbWU6           (Username:)
//   C: Ym9iQGIuZXhhbXBsZQ==     (bob@b.example)
//   S: + UGFzc3dvcmQ6           (Password:)
//   C: c2VjcmV0                 (secret)
#include "server/auth/sasl_mechanisms.hpp"

namespace mailscope::auth {
namespace {

class Login final : public SaslServer {
 public:
  explicit Login(const Accounts& accounts) : accounts_(accounts) {}

  std::string_view mechanism() const override { return "LOGIN"; }

  SaslStep start(std::optional<std::string_view> initial) override {
    if (initial) return respond(*initial);  // some clients send the user name at once
    return sasl_challenge("Username:");
  }

  SaslStep respond(std::string_view response) override {
    const bool has_user = !user_.empty();
    if (!is_sasl_string(response)) return sasl_malformed(user_);
    if (has_user) return check_password(accounts_, user_, response);
    user_ = std::string(response);
    return sasl_challenge("Password:", user_);
  }

 private:
  const Accounts& accounts_;
  std::string user_;
};

}  // namespace

std::unique_ptr<SaslServer> make_login(const SaslContext& context) {
  return std::make_unique<Login>(context.accounts);
}

}  // namespace mailscope::auth
