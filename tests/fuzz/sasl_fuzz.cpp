// SASL mechanisms of both sides under any messages: the first octet chooses the mechanism, the
// lines are what the other side says.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/auth/sasl.hpp"
#include "server/auth/sasl_client.hpp"
#include "server/auth/token.hpp"
#include "server/mail/text.hpp"

using namespace mailscope;
using namespace mailscope::auth;

namespace {

/// Everybody's keys are the same, and none of them is known.
class LockedAccounts final : public Accounts {
 public:
  std::optional<std::string> verify(std::string_view, std::string_view) const override {
    return std::nullopt;
  }
  bool keeps(Material) const override { return true; }
  Scram scram(std::string_view, Hash hash) const override {
    return {"bob@b.example",
            {"salt", 4'096, std::string(digest_octets(hash), 'k'), std::string(32, 's')}};
  }
  TokenCheck verify_token(std::string_view token, net::Time) const override {
    if (read_token("key", token)) std::abort();
    return {.account = {}, .problem = "no"};
  }
  std::string nonce() const override { return "server"; }
};

/// No server asks for more than 99 rounds of PBKDF2: the time is the client's, not a fault.
bool is_quick(std::string_view lines) {
  for (std::size_t at = lines.find("i="); at != lines.npos; at = lines.find("i=", at + 2)) {
    const std::size_t end = lines.find_first_not_of("0123456789", at + 2);
    if (std::min(end, lines.size()) - at > 4) return false;
  }
  return true;
}

std::string_view next_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

void serve(const SaslMechanism& mechanism, std::string_view lines) {
  static const LockedAccounts accounts;
  net::TlsInfo tls;
  tls.bindings.exporter = "binding";
  const auto sasl = mechanism.make({.accounts = accounts, .tls = &tls, .host = "h"});
  SaslStep step = sasl->start(lines.empty() ? std::nullopt : std::optional(next_line(lines)));
  for (int i = 0; step.kind == SaslStep::Kind::challenge && i < 8; ++i) {
    step = sasl->respond(next_line(lines));
  }
  if (step.kind == SaslStep::Kind::success) std::abort();  // nobody knows a password
}

void log_in(const SaslMechanism& mechanism, std::string_view lines) {
  net::TlsInfo tls;
  tls.bindings.exporter = "binding";
  const auto client = make_sasl_client(
      mechanism.name,
      {.user = "bob", .password = "x", .token = "t", .nonce = "client", .host = "h", .tls = &tls});
  (void)client->initial();
  for (int i = 0; i < 4 && client->respond(next_line(lines)); ++i) {
  }
  // A server that does not know the password cannot look as if it did.
  if (mechanism.name.starts_with("SCRAM") && client->trusts_success()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto mechanisms = sasl_mechanisms();
  const SaslMechanism& mechanism = mechanisms[data[0] % mechanisms.size()];
  const std::string_view lines(reinterpret_cast<const char*>(data) + 1, size - 1);
  if ((data[0] & 128) != 0) {
    if (is_quick(lines)) log_in(mechanism, lines);
  } else {
    serve(mechanism, lines);
  }
  return 0;
}
