#include "server/pop3/capabilities.hpp"

#include <array>

#include "server/mail/text.hpp"
#include "server/pop3/server.hpp"

namespace mailscope::pop3 {
namespace {

using Engine = ServerEngine;

constexpr StateSet kLogin = State::authorization | State::password;
constexpr StateSet kBoth = kLogin | State::transaction;

std::string login_delay(const Engine& session) {
  return std::to_string(
      std::chrono::duration_cast<std::chrono::seconds>(session.options().login_delay).count());
}

std::string mechanisms(const Engine& session) {
  std::string names;
  for (const std::string_view name : auth::offered_mechanisms(session.sasl_context())) {
    (names += names.empty() ? "" : " ") += name;
  }
  return names;
}

constexpr auto kCapabilities = std::to_array<Capability>({
    {"TOP", "RFC 2449 section 6.1", kBoth, nullptr, nullptr},
    {"UIDL", "RFC 2449 section 6.8", kBoth, nullptr, nullptr},
    {"RESP-CODES", "RFC 2449 section 6.4", kBoth, nullptr, nullptr},
    {"AUTH-RESP-CODE", "RFC 3206 section 6", kBoth, nullptr, nullptr},
    {"PIPELINING", "RFC 2449 section 6.6", kBoth, nullptr, nullptr},
    {"EXPIRE", "RFC 2449 section 6.7", kBoth, nullptr,
     [](const Engine&) -> std::string { return "NEVER"; }},
    {"LOGIN-DELAY", "RFC 2449 section 6.5", kBoth,
     [](const Engine& session) { return session.options().login_delay > net::Duration{}; },
     login_delay},
    {"STLS", "RFC 2595 section 4", kLogin,
     [](const Engine& session) { return session.options().stls && !session.tls(); }, nullptr},
    // RFC 2595 section 2.2 and RFC 8314: no passwords in the clear unless the site wants it so.
    {"USER", "RFC 2449 section 6.2", kBoth,
     [](const Engine& session) { return session.tls() || session.options().allow_plaintext_auth; },
     nullptr},
    {"SASL", "RFC 5034 section 3", kBoth,
     [](const Engine& session) { return !mechanisms(session).empty(); }, mechanisms},
    {"UTF8", "RFC 6856 section 2", kBoth, nullptr,
     [](const Engine&) -> std::string { return "USER"; }},
    {"LANG", "RFC 6856 section 3", kBoth, nullptr, nullptr},
    // RFC 2449 section 6.9: what the program is called helps attackers more than strangers.
    {"IMPLEMENTATION", "RFC 2449 section 6.9", in(State::transaction), nullptr,
     [](const Engine& session) { return session.options().software; }},
});

}  // namespace

std::span<const Capability> capabilities() {
  return kCapabilities;
}

const Capability* find_capability(std::string_view name) {
  for (const Capability& row : kCapabilities) {
    if (mail::iequals(row.name, name)) return &row;
  }
  return nullptr;
}

}  // namespace mailscope::pop3
