// PLAIN (RFC 4616): one message, [authorization identity] NUL user NUL password.
//
//   C: AUTH PLAIN AGJvYkBiLmV4YW1wbGUAc2VjcmV0        (NUL bob@b.example NUL secret)
//   S: +OK
#include "server/auth/sasl_mechanisms.hpp"
#include "server/mail/encoding.hpp"

namespace mailscope::auth {
namespace {

class Plain final : public SaslServer {
 public:
  explicit Plain(const Accounts& accounts) : accounts_(accounts) {}

  std::string_view mechanism() const override { return "PLAIN"; }

  SaslStep start(std::optional<std::string_view> initial) override {
    return initial ? respond(*initial) : sasl_challenge({});
  }

  SaslStep respond(std::string_view response) override {
    const std::size_t first = response.find('\0');
    if (first == std::string_view::npos) return sasl_malformed();
    const std::size_t second = response.find('\0', first + 1);
    if (second == std::string_view::npos) return sasl_malformed();
    const std::string_view authorization = response.substr(0, first);
    const std::string_view user = response.substr(first + 1, second - first - 1);
    const std::string_view password = response.substr(second + 1);
    if (!is_sasl_string(user) || !is_sasl_string(password)) return sasl_malformed();
    if (!authorization.empty() && !is_sasl_string(authorization)) return sasl_malformed();
    const SaslStep step = check_password(accounts_, user, password);
    if (step.kind != SaslStep::Kind::success) return step;
    return authorize(accounts_, user, step.account, authorization);
  }

 private:
  const Accounts& accounts_;
};

}  // namespace

SaslStep sasl_challenge(std::string text, std::string_view user) {
  return {
      .kind = SaslStep::Kind::challenge, .challenge = std::move(text), .user = std::string(user)};
}

SaslStep sasl_failure(std::string_view user, std::string_view reason) {
  return {.kind = SaslStep::Kind::failure, .user = std::string(user), .reason = reason};
}

SaslStep sasl_malformed(std::string_view user) {
  return {.kind = SaslStep::Kind::malformed,
          .user = std::string(user),
          .reason = "malformed authentication message"};
}

bool is_sasl_string(std::string_view text) {
  return !text.empty() && text.size() <= kMaxSaslString &&
         text.find('\0') == std::string_view::npos && mail::is_valid_utf8(text);
}

SaslStep check_password(const Accounts& accounts, std::string_view user,
                        std::string_view password) {
  const auto account = accounts.verify(user, password);
  if (!account) return sasl_failure(user, kWrongPassword);
  return authorize(accounts, user, *account, {});
}

SaslStep authorize(const Accounts& accounts, std::string_view user, std::string_view account,
                   std::string_view authorization) {
  const bool same = authorization.empty() || authorization == user ||
                    accounts.address_of(authorization) == account;
  if (!same) {
    SaslStep step = sasl_failure(user, "nobody may act for somebody else");
    step.not_authorized = true;
    return step;
  }
  return {
      .kind = SaslStep::Kind::success, .account = std::string(account), .user = std::string(user)};
}

std::unique_ptr<SaslServer> make_plain(const SaslContext& context) {
  return std::make_unique<Plain>(context.accounts);
}

}  // namespace mailscope::auth
