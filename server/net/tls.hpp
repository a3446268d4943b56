// TLS as an engine: OpenSSL over memory BIOs. Ciphertext in, plaintext out and the other way round;
// no socket, no clock but the one that is given, no randomness but the one that is given.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/net/engine.hpp"
#include "server/net/network.hpp"

namespace mailscope::net {

/// Certificate chain (leaf first) and private key, PEM.
struct TlsIdentity {
  std::string chain_pem;
  std::string key_pem;
};

/// Settings that many connections share (an SSL_CTX). Immutable and cheap to use from many
/// sessions.
class TlsContext {
 public:
  virtual ~TlsContext() = default;
};

struct TlsServerOptions {
  TlsIdentity identity;                                      // shown when no SNI name below matches
  std::vector<std::pair<std::string, TlsIdentity>> by_name;  // SNI host name -> identity
  std::string min_version = "TLSv1.2";                       // "TLSv1.2" or "TLSv1.3"
  std::string max_version = "TLSv1.3";
};
struct TlsClientOptions {
  std::string ca_pem;  // trust anchors
  bool verify = true;  // false: opportunistic, the result is only reported
  std::string min_version = "TLSv1.2";
  std::string max_version = "TLSv1.3";
};
/// Throw std::runtime_error with OpenSSL's words when a certificate or key is not usable.
std::shared_ptr<TlsContext> make_tls_server_context(const TlsServerOptions& options);
std::shared_ptr<TlsContext> make_tls_client_context(const TlsClientOptions& options);

/// What a client offered in its ClientHello.
struct TlsClientHello {
  std::string server_name;  // SNI, or empty
  std::string versions;     // "TLSv1.2 TLSv1.3"
};

/// One TLS session.
class TlsEngine {
 public:
  enum class Role : std::uint8_t { client, server };
  /// `server_name`: SNI and the name to verify (client only). `entropy` feeds every random octet of
  /// the handshake. `now` dates certificate checks.
  TlsEngine(std::shared_ptr<TlsContext> context, Role role, std::string_view server_name,
            std::unique_ptr<Entropy> entropy, Time now);
  ~TlsEngine();
  TlsEngine(const TlsEngine&) = delete;
  TlsEngine& operator=(const TlsEngine&) = delete;

  /// The client's first flight; a server waits.
  void start();
  /// Ciphertext from the peer.
  void receive(std::string_view ciphertext);
  /// Plaintext for the peer; kept until the handshake is done.
  void send(std::string_view plaintext);
  /// Sends close_notify behind everything.
  void finish();

  std::string take_ciphertext();  // for the wire
  std::string take_plaintext();   // for the engine above
  bool established() const;
  bool peer_finished() const;  // close_notify has come
  /// Server: the ClientHello, once, when it has come.
  std::optional<TlsClientHello> take_client_hello();
  /// Set once the session is dead: "certificate verify failed: ...", "tlsv1 alert ...".
  const std::optional<std::string>& error() const;
  /// Valid once established().
  const TlsInfo& info() const;
  /// Facts for the trace, known once established(): subject and issuer of the server's certificate.
  std::string certificate_subject() const;
  std::string certificate_issuer() const;
  /// Labels and secrets of NSS's key log format, one line each, for decrypting a capture.
  std::string take_key_log();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mailscope::net
