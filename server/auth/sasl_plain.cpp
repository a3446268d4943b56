// PLAIN (RFC 4616): one message, [authorization identity] NUL user NUL password.
//
//   C: AUTH PLAIN AGJvYkBiLmV4YW1wbGUAc2VjcmV0        (NUL bob@b.example NUL secret)
//   S: +OK
#include "server/auth/sasl_mechanisms.hpp"
#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"

namespace mailscope::auth {
namespace {

class Plain final : public SaslServer {
 public:
  explicit Plain(const Accounts& accounts) : accounts_(accounts) {}

  std::string_view mechanism() const override { return "PLAIN"; }

  SaslStep start(std::optional<std::string_view> initial) override {
    if (initial) return respond(*initial);
    return {.kind = SaslStep::Kind::challenge, .challenge = {}, .account = {}, .user = {}};
  }

  SaslStep respond(std::string_view response) override {
    const SaslStep malformed{
        .kind = SaslStep::Kind::malformed, .challenge = {}, .account = {}, .user = {}};
    const std::size_t first = response.find('\0');
    if (first == std::string_view::npos) return malformed;
    const std::size_t second = response.find('\0', first + 1);
    if (second == std::string_view::npos) return malformed;
    const std::string_view authorize = response.substr(0, first);
    const std::string_view user = response.substr(first + 1, second - first - 1);
    const std::string_view password = response.substr(second + 1);
    if (!is_sasl_string(user) || !is_sasl_string(password)) return malformed;
    if (!authorize.empty() && !is_sasl_string(authorize)) return malformed;
    SaslStep step = check_password(accounts_, user, password);
    // Nobody here may act for another: an authorization identity can only repeat who logs in.
    const bool same = authorize.empty() || mail::iequals(authorize, user) ||
                      mail::iequals(authorize, step.account);
    if (step.kind == SaslStep::Kind::success && !same) {
      step.kind = SaslStep::Kind::failure;
      step.account.clear();
    }
    return step;
  }

 private:
  const Accounts& accounts_;
};

}  // namespace

bool is_sasl_string(std::string_view text) {
  return !text.empty() && text.size() <= kMaxSaslString &&
         text.find('\0') == std::string_view::npos && mail::is_valid_utf8(text);
}

SaslStep check_password(const Accounts& accounts, std::string_view user,
                        std::string_view password) {
  const auto account = accounts.verify(user, password);
  return {.kind = account ? SaslStep::Kind::success : SaslStep::Kind::failure,
          .challenge = {},
          .account = account.value_or(std::string()),
          .user = std::string(user)};
}

std::unique_ptr<SaslServer> make_plain(const Accounts& accounts) {
  return std::make_unique<Plain>(accounts);
}

}  // namespace mailscope::auth
