// The table of SASL mechanisms.
#include "server/auth/sasl.hpp"

#include <array>

#include "server/auth/sasl_mechanisms.hpp"
#include "server/mail/text.hpp"

namespace mailscope::auth {
namespace {

constexpr std::array kMechanisms = {
    SaslMechanism{.name = "PLAIN", .plaintext = true, .make = &make_plain},
    SaslMechanism{.name = "LOGIN", .plaintext = true, .make = &make_login},
};

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

}  // namespace mailscope::auth
