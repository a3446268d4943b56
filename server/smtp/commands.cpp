#include "server/smtp/commands.hpp"

#include "server/smtp/grammar.hpp"

namespace mailscope::smtp {

std::string_view to_string(State state) {
  constexpr std::array<std::string_view, kStateCount> names = {
      "opening", "greeted", "ready", "mail",      "rcpt",    "data",
      "chunk",   "chunks",  "auth",  "handshake", "refused", "closed"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view to_string(Verb verb) {
  for (const CommandRule& rule : kCommands) {
    if (rule.verb == verb) return rule.name;
  }
  return "unknown";
}

const CommandRule* find_command(std::string_view name) {
  for (const CommandRule& rule : kCommands) {
    if (equal_nocase(rule.name, name)) return &rule;
  }
  return nullptr;
}

}  // namespace mailscope::smtp
