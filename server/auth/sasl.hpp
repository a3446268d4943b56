// The server side of a SASL exchange (RFC 4422), the same for SMTP AUTH, IMAP AUTHENTICATE and POP3
// AUTH. Messages are decoded octets; base64 is the protocols' business.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/auth/accounts.hpp"

namespace mailscope::auth {

struct SaslStep {
  enum class Kind : std::uint8_t { challenge, success, failure, malformed } kind;
  std::string challenge;  // to send with `challenge`
  std::string account;    // the account's address with `success`
  std::string user;       // name that was tried, for the trace; may be empty
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
  bool plaintext;         // shows the password to whoever listens: only under TLS
  std::unique_ptr<SaslServer> (*make)(const Accounts& accounts);
};
/// The table of mechanisms, in order of preference.
std::span<const SaslMechanism> sasl_mechanisms();
/// Null when there is no such mechanism (no regard to case).
const SaslMechanism* find_sasl_mechanism(std::string_view name);

}  // namespace mailscope::auth
