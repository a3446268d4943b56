// OpenSSL 3 has no other way to the state of a hash than its old functions.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "server/auth/hmac_md5.hpp"

#include <openssl/md5.h>

#include <array>
#include <cassert>

#include "server/auth/crypto.hpp"

namespace mailscope::auth {
namespace {

constexpr std::size_t kBlock = MD5_CBLOCK;
constexpr std::size_t kState = 16;  // four words of 32 bits

/// The state after one block of key octets, each combined with `pad` (RFC 2104 section 2).
std::string after_block(std::string_view key, unsigned char pad) {
  std::array<unsigned char, kBlock> block;
  block.fill(pad);
  for (std::size_t i = 0; i < key.size(); ++i) block[i] ^= static_cast<unsigned char>(key[i]);
  MD5_CTX md5;
  MD5_Init(&md5);
  MD5_Update(&md5, block.data(), block.size());
  std::string state;
  for (const MD5_LONG word : {md5.A, md5.B, md5.C, md5.D}) {
    for (int shift = 0; shift < 32; shift += 8) state += static_cast<char>(word >> shift & 0xff);
  }
  return state;
}

/// Goes on from a state with `text`.
std::string finish(std::string_view state, std::string_view text) {
  MD5_CTX md5;
  MD5_Init(&md5);
  MD5_LONG* const words[] = {&md5.A, &md5.B, &md5.C, &md5.D};
  for (std::size_t i = 0; i < kState; ++i) {
    MD5_LONG& word = *words[i / 4];
    if (i % 4 == 0) word = 0;
    word |= static_cast<MD5_LONG>(static_cast<unsigned char>(state[i])) << (8 * (i % 4));
  }
  md5.Nl = kBlock * 8;  // bits so far
  MD5_Update(&md5, text.data(), text.size());
  std::array<unsigned char, MD5_DIGEST_LENGTH> out;
  MD5_Final(out.data(), &md5);
  return {reinterpret_cast<const char*>(out.data()), out.size()};
}

}  // namespace

std::string hmac_md5_state(std::string_view key) {
  constexpr unsigned char kInner = 0x36, kOuter = 0x5c;
  const std::string hashed = key.size() > kBlock ? digest(Hash::md5, key) : std::string(key);
  return after_block(hashed, kInner) + after_block(hashed, kOuter);
}

std::string hmac_md5(std::string_view state, std::string_view text) {
  assert(state.size() == 2 * kState);
  return finish(state.substr(kState), finish(state.substr(0, kState), text));
}

}  // namespace mailscope::auth
