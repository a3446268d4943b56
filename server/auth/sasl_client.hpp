// The client side of a SASL exchange, for the client engines of every protocol. Messages are
// decoded octets.
//
//   auto sasl = auth::make_sasl_client("SCRAM-SHA-256", credentials);
//   first = sasl->initial();                              nullopt: the server speaks first
//   while it says "+": answer = sasl->respond(challenge); nullopt: cancel, its words do not fit
//   at its success: sasl->trusts_success()                false: it did not prove who it is
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/net/engine.hpp"

namespace mailscope::auth {

/// What the options of a client engine say about SASL.
struct SaslWish {
  std::string mechanism;   // "SCRAM-SHA-256"; empty: PLAIN or what the protocol has
  std::string token = {};  // for OAUTHBEARER and XOAUTH2
  std::string nonce = {};  // for SCRAM: fresh random characters without commas
};

struct SaslCredentials {
  std::string user, password;
  std::string token = {};             // for OAUTHBEARER and XOAUTH2
  std::string nonce = {};             // for SCRAM: fresh random characters without commas
  std::string host = {};              // the server's name, for OAUTHBEARER; may be empty
  const net::TlsInfo* tls = nullptr;  // for the mechanisms with -PLUS
};

class SaslClient {
 public:
  virtual ~SaslClient() = default;
  virtual std::string_view mechanism() const = 0;
  /// Shows the password or token to whoever listens.
  virtual bool plaintext() const = 0;
  virtual std::optional<std::string> initial() = 0;
  virtual std::optional<std::string> respond(std::string_view challenge) = 0;
  /// The server may say that the login is good now. SCRAM: it has shown that it knows the
  /// password's keys (RFC 5802 section 5).
  virtual bool trusts_success() const { return true; }
};

/// Null when there is no such mechanism (no regard to case) or something that it needs is missing.
std::unique_ptr<SaslClient> make_sasl_client(std::string_view mechanism,
                                             const SaslCredentials& credentials);

}  // namespace mailscope::auth
