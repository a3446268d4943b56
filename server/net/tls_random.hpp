// Where OpenSSL gets its random octets from: a library context of our own whose only random source
// is the net::Entropy of whoever is calling. Keys, nonces and ECDSA signatures are thereby a
// function of the seed in a simulation, and of the system's randomness on the live side, by the
// same code.
#pragma once

#include <openssl/types.h>

#include "server/net/network.hpp"

namespace mailscope::net {

/// The library context for every OpenSSL object of Mailscope. Never destroyed.
OSSL_LIB_CTX* tls_library();

/// While it lives, OpenSSL calls of this thread draw from `entropy`. Without one they fail: nothing
/// is ever made of predictable octets by accident.
class TlsRandomScope {
 public:
  explicit TlsRandomScope(Entropy& entropy);
  ~TlsRandomScope();
  TlsRandomScope(const TlsRandomScope&) = delete;
  TlsRandomScope& operator=(const TlsRandomScope&) = delete;

 private:
  Entropy* before_;
};

}  // namespace mailscope::net
