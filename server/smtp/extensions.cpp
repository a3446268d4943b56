#include "server/smtp/extensions.hpp"

#include <algorithm>
#include <array>

#include "server/smtp/server.hpp"

namespace mailscope::smtp {
namespace {

std::string size_argument(const ServerEngine& session) {
  return std::to_string(session.options().limits.message);
}

std::string auth_argument(const ServerEngine& session) {
  std::string names;
  for (const auto& mechanism : auth::sasl_mechanisms()) {
    if (!session.switches().offers("AUTH=" + std::string(mechanism.name))) continue;
    names.append(names.empty() ? "" : " ").append(mechanism.name);
  }
  return names;
}

constexpr auto kExtensions = std::to_array<ExtensionRule>({
    {Extension::esmtp, "EHLO", "RFC 5321 section 2.2", nullptr, nullptr},
    {Extension::pipelining, "PIPELINING", "RFC 2920 section 2", nullptr, nullptr},
    {Extension::size, "SIZE", "RFC 1870 section 3", nullptr, size_argument},
    {Extension::eight_bit_mime, "8BITMIME", "RFC 6152 section 2", nullptr, nullptr},
    {Extension::enhanced_status_codes, "ENHANCEDSTATUSCODES", "RFC 2034 section 3", nullptr,
     nullptr},
    {Extension::starttls, "STARTTLS", "RFC 3207 section 2",
     [](const ServerEngine& session) { return session.options().starttls && !session.tls(); },
     nullptr},
    {Extension::auth, "AUTH", "RFC 4954 section 3",
     [](const ServerEngine& session) {
       const ServerOptions& options = session.options();
       return options.accounts != nullptr && (session.tls() || options.allow_plaintext_auth);
     },
     auth_argument},
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
