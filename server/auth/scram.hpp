// SCRAM's arithmetic and messages (RFC 5802, RFC 7677), for both sides.
//
//   C: n,,n=user,r=rOprNGfwEbeRWgbNEkqO
//   S: r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096
//   C:
//   c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjf...
//   S: v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=
//
// The server keeps StoredKey and ServerKey: with them it can check a proof and prove itself, but
// whoever steals them cannot log in (RFC 5802 section 2.2 and section 9).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/auth/crypto.hpp"

namespace mailscope::auth {

/// What a server keeps of a password (RFC 5802 section 3).
struct ScramKeys {
  std::string salt;
  int iterations = 0;
  std::string stored_key;
  std::string server_key;
};

/// The keys of a password that is prepared already (sasl_prepare).
ScramKeys make_scram_keys(Hash hash, std::string_view password, std::string salt, int iterations);

/// What the client computes from the password: its proof, and the signature that the server must
/// show.
struct ScramAnswer {
  std::string proof;
  std::string server_signature;
};
ScramAnswer scram_answer(Hash hash, std::string_view password, std::string_view salt,
                         int iterations, std::string_view auth_message);
/// The server's check of a proof.
bool scram_proof_fits(Hash hash, const ScramKeys& keys, std::string_view auth_message,
                      std::string_view proof);

/// A message's attributes, taken one after the other: "r=abc,s=def" (RFC 5802 section 7).
class ScramFields {
 public:
  explicit ScramFields(std::string_view message) : rest_(message) {}
  /// The value of the next attribute when it is `name`; nullopt, and nothing taken, when it is not.
  std::optional<std::string_view> take(char name);
  bool at_end() const { return ended_; }

 private:
  std::string_view rest_;
  bool ended_ = false;
};

/// "=2C" and "=3D" for ',' and '=' in names, and back (nullopt: another '=').
std::string scram_escape(std::string_view name);
std::optional<std::string> scram_unescape(std::string_view name);
/// printable of RFC 5802 section 7: what a nonce is made of.
bool is_scram_nonce(std::string_view text);

inline constexpr std::size_t kMaxScramNonce = 512;  // octets of the client's nonce
/// Rounds that a client is willing to do: a hostile server must not keep it busy.
inline constexpr int kMaxScramIterations = 1'000'000;

}  // namespace mailscope::auth
