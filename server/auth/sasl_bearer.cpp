// OAUTHBEARER (RFC 7628) and its forerunner XOAUTH2: a token instead of a password. ^A is octet 1.
//
//   C: n,a=bob@b.example,^Ahost=mail.b.example^Aport=143^Aauth=Bearer eyJhbGci...^A^A
//   C: user=bob@b.example^Aauth=Bearer eyJhbGci...^A^A                              (XOAUTH2)
//
// A refusal is told twice: first as a challenge that says why, in JSON, then, after the client's
// empty answer, as the failure itself.
#include "server/auth/sasl_mechanisms.hpp"
#include "server/auth/token.hpp"
#include "server/mail/text.hpp"

namespace mailscope::auth {
namespace {

constexpr char kSeparator = '\x01';
constexpr std::size_t kMaxMessage = 8'192;  // octets: the longest token and some names

/// What a first message says.
struct Claim {
  std::string user;                // authorization identity or "user="; may be empty
  std::string_view authorization;  // value of "auth"
};

/// Pairs "key=value" with ^A behind each and another one at the end (RFC 7628 section 3.1).
bool read_pairs(std::string_view text, Claim& claim) {
  while (!text.empty() && text.front() != kSeparator) {
    const std::size_t end = text.find(kSeparator);
    const std::size_t equals = text.find('=');
    if (end == text.npos || equals == 0 || equals > end) return false;
    const std::string_view key = text.substr(0, equals);
    const std::string_view value = text.substr(equals + 1, end - equals - 1);
    for (const char c : key) {
      if (!mail::is_alpha(c)) return false;
    }
    if (mail::iequals(key, "auth")) claim.authorization = value;
    if (mail::iequals(key, "user")) claim.user = value;
    text.remove_prefix(end + 1);
  }
  return text == std::string_view(&kSeparator, 1);
}

std::optional<Claim> read_oauthbearer(std::string_view message) {
  const std::size_t end = message.find(kSeparator);
  if (end == message.npos) return std::nullopt;
  std::string_view header = message.substr(0, end);  // gs2-header without channel binding
  if (!header.starts_with("n,") && !header.starts_with("y,")) return std::nullopt;
  header.remove_prefix(2);
  if (!header.ends_with(',')) return std::nullopt;
  header.remove_suffix(1);
  Claim claim;
  if (!read_pairs(message.substr(end + 1), claim)) return std::nullopt;
  claim.user.clear();
  if (header.empty()) return claim;
  const auto user = header.starts_with("a=") ? scram_unescape(header.substr(2)) : std::nullopt;
  if (!user || header.find(',') != header.npos) return std::nullopt;
  claim.user = *user;
  return claim;
}

std::optional<Claim> read_xoauth2(std::string_view message) {
  Claim claim;
  if (!message.starts_with("user=") || !read_pairs(message, claim)) return std::nullopt;
  return claim;
}

class Bearer final : public SaslServer {
 public:
  Bearer(const SaslContext& context, bool xoauth2)
      : accounts_(context.accounts), now_(context.now), xoauth2_(xoauth2) {}

  std::string_view mechanism() const override { return xoauth2_ ? "XOAUTH2" : "OAUTHBEARER"; }

  SaslStep start(std::optional<std::string_view> initial) override {
    return initial ? respond(*initial) : sasl_challenge({});
  }

  SaslStep respond(std::string_view response) override {
    // RFC 7628 section 3.2.3: after the error the client says ^A (XOAUTH2: nothing), and fails.
    if (refused_) return sasl_failure(user_, problem_);
    if (response.size() > kMaxMessage) return sasl_malformed();
    const auto claim = xoauth2_ ? read_xoauth2(response) : read_oauthbearer(response);
    if (!claim || (!claim->user.empty() && !is_sasl_string(claim->user))) return sasl_malformed();
    user_ = claim->user;
    // RFC 6750 section 2.1: the scheme's name has no case, and one space follows it.
    constexpr std::string_view kScheme = "bearer ";
    const std::string_view value = claim->authorization;
    if (!mail::iequals(value.substr(0, kScheme.size()), kScheme)) {
      return refuse("invalid_request", "no bearer token");
    }
    const Accounts::TokenCheck check =
        accounts_.verify_token(mail::trim(value.substr(kScheme.size())), now_);
    if (check.account.empty()) return refuse("invalid_token", check.problem);
    const SaslStep step = authorize(accounts_, check.account, check.account, user_);
    if (user_.empty()) user_ = check.account;
    if (step.kind != SaslStep::Kind::success) return refuse("invalid_token", step.reason);
    return step;
  }

 private:
  SaslStep refuse(std::string_view status, std::string_view problem) {
    refused_ = true;
    problem_ = problem;
    // Google's form has the HTTP status.
    const std::string_view told = xoauth2_ ? "401" : status;
    return sasl_challenge("{\"status\":\"" + std::string(told) +
                              "\",\"schemes\":\"bearer\",\"scope\":\"" + std::string(kTokenScope) +
                              "\"}",
                          user_);
  }

  const Accounts& accounts_;
  net::Time now_;
  bool xoauth2_;
  bool refused_ = false;
  std::string user_;
  std::string_view problem_;
};

}  // namespace

std::unique_ptr<SaslServer> make_oauthbearer(const SaslContext& context) {
  return std::make_unique<Bearer>(context, false);
}
std::unique_ptr<SaslServer> make_xoauth2(const SaslContext& context) {
  return std::make_unique<Bearer>(context, true);
}

}  // namespace mailscope::auth
