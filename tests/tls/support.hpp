// What the TLS tests share: a small seeded entropy, a CA, and a pair of engines joined back to
// back.
#pragma once

#include <memory>
#include <string>

#include "server/net/certificates.hpp"
#include "server/net/tls.hpp"

namespace mailscope::tests {

/// SplitMix64 (Steele, Lea, Flood 2014): enough for tests, and independent of the simulation.
class TestEntropy final : public net::Entropy {
 public:
  explicit TestEntropy(std::uint64_t seed) : seed_(seed), state_(seed) {}
  std::uint64_t next() override {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  std::unique_ptr<net::Entropy> fork(std::string_view label) const override {
    std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed_;  // FNV-1a
    for (const char c : label) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return std::make_unique<TestEntropy>(hash);
  }

 private:
  std::uint64_t seed_;
  std::uint64_t state_;
};

/// 2026-03-01T12:00:00Z.
inline constexpr net::Time kNow{std::chrono::seconds(1772366400)};

inline net::WorldCa make_ca(std::uint64_t seed) {
  return net::WorldCa(std::make_unique<TestEntropy>(seed), kNow);
}

/// A server and a client engine, and everything that went over the wire between them.
struct TlsPair {
  net::TlsEngine client;
  net::TlsEngine server;
  std::string to_server;
  std::string to_client;

  TlsPair(std::shared_ptr<net::TlsContext> server_context,
          std::shared_ptr<net::TlsContext> client_context, std::string_view name,
          std::uint64_t seed = 1, net::Time now = kNow)
      : client(std::move(client_context), net::TlsEngine::Role::client, name,
               std::make_unique<TestEntropy>(seed * 2), now),
        server(std::move(server_context), net::TlsEngine::Role::server, {},
               std::make_unique<TestEntropy>(seed * 2 + 1), now) {}

  /// Carries octets until neither side has more to say.
  void carry() {
    for (;;) {
      const std::string up = client.take_ciphertext();
      if (!up.empty()) server.receive(up);
      const std::string down = server.take_ciphertext();
      if (!down.empty()) client.receive(down);
      to_server += up;
      to_client += down;
      if (up.empty() && down.empty()) return;
    }
  }
  void shake_hands() {
    client.start();
    carry();
  }
};

}  // namespace mailscope::tests
