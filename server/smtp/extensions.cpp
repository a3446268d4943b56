#include "server/smtp/extensions.hpp"

#include <algorithm>
#include <array>

#include "server/smtp/grammar.hpp"
#include "server/smtp/server.hpp"

namespace mailscope::smtp {
namespace {

std::string size_argument(const ServerEngine& session) {
  return std::to_string(session.options().limits.message);
}

std::string auth_argument(const ServerEngine& session) {
  std::string names;
  for (const std::string_view name : session.auth_mechanisms()) {
    names.append(names.empty() ? "" : " ").append(name);
  }
  return names;
}

/// RFC 4865 section 4: the longest time in seconds, and the latest moment, that mail is held.
std::string future_argument(const ServerEngine& session) {
  const net::Duration most = session.options().limits.hold;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(most).count();
  return std::to_string(seconds) + " " + format_utc(session.now() + most);
}

/// RFC 9422 section 3.
std::string limits_argument(const ServerEngine& session) {
  const ServerLimits& limits = session.options().limits;
  return "MAILMAX=" + std::to_string(limits.transactions) +
         " RCPTMAX=" + std::to_string(limits.recipients);
}

std::string xclient_argument(const ServerEngine&) {
  return "NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT";
}

constexpr auto kExtensions = std::to_array<ExtensionRule>({
    {Extension::esmtp, "EHLO", "RFC 5321 section 2.2",
     [](const ServerEngine& session) { return session.options().role != Role::lmtp; }, nullptr},
    {Extension::lmtp, "LHLO", "RFC 2033 section 4.1",
     [](const ServerEngine& session) { return session.options().role == Role::lmtp; }, nullptr},
    {Extension::pipelining, "PIPELINING", "RFC 2920 section 2", nullptr, nullptr},
    {Extension::size, "SIZE", "RFC 1870 section 3", nullptr, size_argument},
    {Extension::eight_bit_mime, "8BITMIME", "RFC 6152 section 2", nullptr, nullptr},
    {Extension::enhanced_status_codes, "ENHANCEDSTATUSCODES", "RFC 2034 section 3", nullptr,
     nullptr},
    {Extension::starttls, "STARTTLS", "RFC 3207 section 2",
     [](const ServerEngine& session) { return session.options().starttls && !session.tls(); },
     nullptr},
    {Extension::auth, "AUTH", "RFC 4954 section 3",
     [](const ServerEngine& session) { return !session.auth_mechanisms().empty(); }, auth_argument},
    {Extension::chunking, "CHUNKING", "RFC 3030 section 2", nullptr, nullptr},
    // RFC 3030 section 3: who has BINARYMIME has CHUNKING and 8BITMIME.
    {Extension::binary_mime, "BINARYMIME", "RFC 3030 section 3",
     [](const ServerEngine& session) {
       return session.offered(Extension::chunking) && session.offered(Extension::eight_bit_mime);
     },
     nullptr},
    {Extension::dsn, "DSN", "RFC 3461 section 4", nullptr, nullptr},
    // RFC 6531 section 3.1: who has SMTPUTF8 has 8BITMIME.
    {Extension::smtputf8, "SMTPUTF8", "RFC 6531 section 3.1",
     [](const ServerEngine& session) { return session.offered(Extension::eight_bit_mime); },
     nullptr},
    {Extension::deliver_by, "DELIVERBY", "RFC 2852 section 4", nullptr, nullptr},
    // RFC 4865 section 3: for submission alone.
    {Extension::future_release, "FUTURERELEASE", "RFC 4865 section 4",
     [](const ServerEngine& session) { return session.is_submission(); }, future_argument},
    {Extension::mt_priority, "MT-PRIORITY", "RFC 6710 section 3", nullptr, nullptr},
    // RFC 8689 section 2: offered under TLS only.
    {Extension::require_tls, "REQUIRETLS", "RFC 8689 section 2",
     [](const ServerEngine& session) { return session.tls().has_value(); }, nullptr},
    {Extension::limits, "LIMITS", "RFC 9422 section 3", nullptr, limits_argument},
    {Extension::etrn, "ETRN", "RFC 1985 section 5",
     [](const ServerEngine& session) { return session.options().role == Role::mx; }, nullptr},
    {Extension::xclient, "XCLIENT", "the XCLIENT page of Postfix",
     [](const ServerEngine& session) { return session.may_xclient(); }, xclient_argument},
});

}  // namespace

std::span<const ExtensionRule> extensions() {
  return kExtensions;
}

bool has_extension(std::string_view keyword) {
  return std::ranges::any_of(
      kExtensions, [&](const ExtensionRule& rule) { return equal_nocase(rule.keyword, keyword); });
}

const ExtensionRule& extension_rule(Extension extension) {
  return *std::ranges::find(kExtensions, extension, &ExtensionRule::extension);
}

}  // namespace mailscope::smtp
