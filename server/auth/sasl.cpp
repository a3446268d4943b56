// The table of SASL mechanisms.
#include "server/auth/sasl.hpp"

#include <array>

#include "server/auth/sasl_mechanisms.hpp"
#include "server/mail/text.hpp"

namespace mailscope::auth {
namespace {

constexpr auto kMechanisms = std::to_array<SaslMechanism>({
    // name, plaintext, binds_channel, needs, make
    {"SCRAM-SHA-256-PLUS", false, true, Material::scram_sha256, &make_scram_sha256_plus},
    {"SCRAM-SHA-256", false, false, Material::scram_sha256, &make_scram_sha256},
    {"SCRAM-SHA-1-PLUS", false, true, Material::scram_sha1, &make_scram_sha1_plus},
    {"SCRAM-SHA-1", false, false, Material::scram_sha1, &make_scram_sha1},
    {"CRAM-MD5", false, false, Material::cram_md5, &make_cram_md5},
    {"PLAIN", true, false, Material::check, &make_plain},
    {"LOGIN", true, false, Material::check, &make_login},
    {"OAUTHBEARER", true, false, Material::token, &make_oauthbearer},
    {"XOAUTH2", true, false, Material::token, &make_xoauth2},
});

}  // namespace

std::span<const SaslMechanism> sasl_mechanisms() {
  return kMechanisms;
}

const SaslMechanism* find_sasl_mechanism(std::string_view name) {
  for (const SaslMechanism& mechanism : kMechanisms) {
    if (mail::iequals(mechanism.name, name)) return &mechanism;
  }
  return nullptr;
}

SaslRefusal sasl_refusal(const SaslMechanism& mechanism, const SaslContext& context) {
  if (!context.accounts.keeps(mechanism.needs)) return SaslRefusal::unknown;
  if (mechanism.binds_channel && !context.accounts.keeps(Material::binding))
    return SaslRefusal::unknown;
  if (context.hidden && context.hidden(mechanism.name)) return SaslRefusal::unknown;
  if (mechanism.plaintext && !context.tls && !context.allow_plaintext) {
    return SaslRefusal::needs_tls;
  }
  if (mechanism.binds_channel && (!context.tls || !context.tls->bindings.any())) {
    return context.tls ? SaslRefusal::unknown : SaslRefusal::needs_tls;
  }
  return SaslRefusal::none;
}

SaslChoice choose_mechanism(std::string_view name, const SaslContext& context) {
  const SaslMechanism* mechanism = find_sasl_mechanism(name);
  if (mechanism == nullptr) return {};
  const SaslRefusal refusal = sasl_refusal(*mechanism, context);
  return {refusal == SaslRefusal::unknown ? nullptr : mechanism, refusal};
}

std::vector<std::string_view> offered_mechanisms(const SaslContext& context) {
  std::vector<std::string_view> names;
  for (const SaslMechanism& mechanism : kMechanisms) {
    if (sasl_refusal(mechanism, context) == SaslRefusal::none) names.push_back(mechanism.name);
  }
  return names;
}

}  // namespace mailscope::auth
