// Accounts as the RFCs' examples need them: one user, a salt, a nonce and a challenge that are
// given.
#pragma once

#include "server/auth/hmac_md5.hpp"
#include "server/auth/sasl.hpp"

namespace mailscope::auth::test {

struct FixedAccounts final : Accounts {
  std::string user = "user", password = "pencil", salt, made_nonce, token;
  int iterations = 4'096;
  std::optional<std::string> verify(std::string_view name, std::string_view secret) const override {
    if (name != user || secret != password) return std::nullopt;
    return user;
  }
  bool keeps(Material) const override { return true; }
  Scram scram(std::string_view name, Hash hash) const override {
    return {name == user ? user : std::string(), make_scram_keys(hash, password, salt, iterations)};
  }
  std::optional<std::string> verify_cram_md5(std::string_view name, std::string_view challenge,
                                             std::string_view response) const override {
    if (name != user || hex(hmac_md5(hmac_md5_state(password), challenge)) != response) {
      return std::nullopt;
    }
    return user;
  }
  TokenCheck verify_token(std::string_view shown, net::Time) const override {
    if (shown == token) return {.account = user};
    return {.account = {}, .problem = "not the token"};
  }
  std::string nonce() const override { return made_nonce; }
};

}  // namespace mailscope::auth::test
