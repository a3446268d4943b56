#include "server/managesieve/commands.hpp"

#include "server/mail/text.hpp"
#include "server/managesieve/server.hpp"

namespace mailscope::managesieve {

// clang-format off
// A static member, because handlers are the engine's own business.
std::span<const CommandRule> ServerEngine::commands() {
  using S = ServerEngine;
  using enum Want;
  constexpr StateSet kAnyone = State::unauthenticated | State::authenticated;
  constexpr StateSet kUser = in(State::authenticated);
  constexpr StateSet kNobody = in(State::unauthenticated);
  static constexpr auto kCommands = std::to_array<CommandRule>({
      {"AUTHENTICATE", {string, optional_string}, kNobody, &S::authenticate, "AUTHENTICATE mechanism [initial-response]", "RFC 5804 section 2.1", "", true},
      {"STARTTLS", {nothing, nothing}, kNobody, &S::starttls, "STARTTLS", "RFC 5804 section 2.2", "STARTTLS", false},
      {"LOGOUT", {nothing, nothing}, kAnyone, &S::logout, "LOGOUT", "RFC 5804 section 2.3", "", false},
      {"CAPABILITY", {nothing, nothing}, kAnyone, &S::capability, "CAPABILITY", "RFC 5804 section 2.4", "", false},
      {"HAVESPACE", {string, number}, kUser, &S::havespace, "HAVESPACE name octets", "RFC 5804 section 2.5", "", false},
      {"PUTSCRIPT", {string, string}, kUser, &S::putscript, "PUTSCRIPT name script", "RFC 5804 section 2.6", "", false},
      {"LISTSCRIPTS", {nothing, nothing}, kUser, &S::listscripts, "LISTSCRIPTS", "RFC 5804 section 2.7", "", false},
      {"SETACTIVE", {string, nothing}, kUser, &S::setactive, "SETACTIVE name", "RFC 5804 section 2.8", "", false},
      {"GETSCRIPT", {string, nothing}, kUser, &S::getscript, "GETSCRIPT name", "RFC 5804 section 2.9", "", false},
      {"DELETESCRIPT", {string, nothing}, kUser, &S::deletescript, "DELETESCRIPT name", "RFC 5804 section 2.10", "", false},
      {"RENAMESCRIPT", {string, string}, kUser, &S::renamescript, "RENAMESCRIPT old new", "RFC 5804 section 2.11", "VERSION", false},
      {"CHECKSCRIPT", {string, nothing}, kUser, &S::checkscript, "CHECKSCRIPT script", "RFC 5804 section 2.12", "VERSION", false},
      {"NOOP", {optional_string, nothing}, kAnyone, &S::noop, "NOOP [tag]", "RFC 5804 section 2.13", "VERSION", false},
      {"UNAUTHENTICATE", {nothing, nothing}, kUser, &S::unauthenticate, "UNAUTHENTICATE", "RFC 5804 section 2.14.1", "UNAUTHENTICATE", false},
  });
  return kCommands;
}
// clang-format on

std::span<const CommandRule> commands() {
  return ServerEngine::commands();
}

const CommandRule* find_command(std::string_view verb) {
  for (const CommandRule& rule : commands()) {
    if (mail::iequals(rule.verb, verb)) return &rule;
  }
  return nullptr;
}

bool fits(const CommandRule& rule, const std::vector<Token>& tokens) {
  std::size_t at = 1;
  for (const Want want : rule.arguments) {
    if (want == Want::nothing) break;
    if (at >= tokens.size()) return want == Want::optional_string;
    const auto kind = want == Want::number ? Token::Kind::number : Token::Kind::string;
    if (tokens[at++].kind != kind) return false;
  }
  return at == tokens.size();
}

std::string_view to_string(State state) {
  constexpr std::string_view kNames[kStateCount] = {"opening",   "unauthenticated", "sasl",
                                                    "handshake", "authenticated",   "closed"};
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace mailscope::managesieve
