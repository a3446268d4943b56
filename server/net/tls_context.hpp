// What the TLS engine sees of a TlsContext. Private to server/net.
#pragma once

#include <map>

#include "server/net/openssl.hpp"
#include "server/net/tls.hpp"

namespace mailscope::net {

/// What OpenSSL's callbacks leave for the engine; SSL_get_app_data() of each SSL.
struct TlsNotes {
  std::optional<TlsClientHello> client_hello;
  std::string key_log;
};

class OpensslContext final : public TlsContext {
 public:
  openssl::SslContextPtr context;
  TlsEngine::Role role = TlsEngine::Role::server;
  bool verify = false;
  /// Lower-case SNI host name -> context with that identity.
  std::map<std::string, openssl::SslContextPtr, std::less<>> by_name;
};

}  // namespace mailscope::net
