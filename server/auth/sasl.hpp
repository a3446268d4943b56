// The server side of a SASL exchange (RFC 4422), the same for SMTP AUTH, IMAP AUTHENTICATE, POP3
// AUTH and ManageSieve. Messages are decoded octets; base64 is the protocols' business.
//
//   const auth::SaslContext context{.accounts = ..., .tls = ..., .now = ..., ...};
//   for (name : auth::offered_mechanisms(context)) ...            in EHLO, CAPABILITY, CAPA
//   const auto choice = auth::choose_mechanism(name, context);    at AUTH
//   if (choice.refusal == none) sasl = choice.mechanism->make(context);
//   step = sasl->start(initial); while challenge: step = sasl->respond(response)
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/auth/accounts.hpp"
#include "server/net/engine.hpp"

namespace mailscope::auth {

/// What a mechanism knows of the session that it runs in. Mechanisms copy what they need, but the
/// accounts outlive them.
struct SaslContext {
  const Accounts& accounts;
  const net::TlsInfo* tls = nullptr;  // null: the connection is in the clear
  net::Time now{};                    // for tokens and challenges
  std::string_view host = {};         // the server's name, for challenges
  bool allow_plaintext = false;       // passwords and tokens may be shown without TLS
  /// Mechanisms that are taken away here ("SCRAM-SHA-256-PLUS"); may be empty.
  std::function<bool(std::string_view name)> hidden = {};
};

struct SaslStep {
  enum class Kind : std::uint8_t { challenge, success, failure, malformed } kind = Kind::malformed;
  std::string challenge = {};    // to send with `challenge`
  std::string account = {};      // the account's address with `success`
  std::string user = {};         // name that was tried, for the trace; may be empty
  std::string_view reason = {};  // why a failure is one; for the trace, not for the client
  /// With `challenge`: the last one, to which there is only an empty answer. Protocols that can say
  /// it together with their success may.
  bool last = false;
};

class SaslServer {
 public:
  virtual ~SaslServer() = default;
  virtual std::string_view mechanism() const = 0;
  /// `initial`: the initial response; nullopt when the client sent none.
  virtual SaslStep start(std::optional<std::string_view> initial) = 0;
  virtual SaslStep respond(std::string_view response) = 0;
};

struct SaslMechanism {
  std::string_view name;  // "PLAIN"
  bool plaintext;         // shows a secret to whoever listens: only under TLS
  bool binds_channel;     // only where the TLS session has a channel binding
  Material needs;         // only where the accounts keep this
  std::unique_ptr<SaslServer> (*make)(const SaslContext& context);
};

/// The table of mechanisms, the best first.
std::span<const SaslMechanism> sasl_mechanisms();
/// Null when there is no such mechanism (no regard to case).
const SaslMechanism* find_sasl_mechanism(std::string_view name);

enum class SaslRefusal : std::uint8_t {
  none,
  unknown,    // there is no such mechanism here
  needs_tls,  // there is, once TLS is up
};
/// Why a mechanism may not be used in this session.
SaslRefusal sasl_refusal(const SaslMechanism& mechanism, const SaslContext& context);

struct SaslChoice {
  const SaslMechanism* mechanism = nullptr;  // null with SaslRefusal::unknown
  SaslRefusal refusal = SaslRefusal::unknown;
};
SaslChoice choose_mechanism(std::string_view name, const SaslContext& context);
/// Names of the mechanisms that may be used, the best first.
std::vector<std::string_view> offered_mechanisms(const SaslContext& context);

}  // namespace mailscope::auth
