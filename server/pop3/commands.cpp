#include "server/pop3/commands.hpp"

#include <array>
#include <charconv>

#include "server/mail/text.hpp"
#include "server/pop3/server.hpp"

namespace mailscope::pop3 {
namespace {

constexpr std::size_t kMaxDigits = 9;  // of a number in a command; fits 32 bits

constexpr StateSet kAnyone = State::authorization | State::password;

/// Takes a number off the front of `text`; RFC 1939 section 3: digits, one space between arguments.
std::optional<std::uint32_t> take_number(std::string_view& text) {
  std::size_t digits = 0;
  while (digits < text.size() && mail::is_digit(text[digits])) ++digits;
  if (digits == 0 || digits > kMaxDigits) return std::nullopt;
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + digits, value);
  text.remove_prefix(digits);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return value;
}

}  // namespace

// A static member, because handlers are the engine's own business.
std::span<const CommandRule> ServerEngine::commands() {
  using S = ServerEngine;
  using enum ArgumentRule;
  // verb, argument, states, capability, handler, syntax, section, secret
  static constexpr auto kCommands = std::to_array<CommandRule>({
      {"USER", text, kAnyone, "USER", &S::user, "USER name", "RFC 1939 section 7", false},
      {"PASS", text, in(State::password), "USER", &S::pass, "PASS string", "RFC 1939 section 7",
       true},
      {"APOP", name_and_digest, kAnyone, "", &S::apop, "APOP name digest", "RFC 1939 section 7",
       true},
      {"AUTH", mechanism, kAnyone, "SASL", &S::auth, "AUTH mechanism [initial-response]",
       "RFC 5034 section 4", true},
      {"STLS", none, kAnyone, "STLS", &S::stls, "STLS", "RFC 2595 section 4", false},
      {"UTF8", none, kAnyone, "UTF8", &S::utf8, "UTF8", "RFC 6856 section 2", false},
      {"LANG", optional_word, kAnyone | State::transaction, "LANG", &S::lang, "LANG [language]",
       "RFC 6856 section 3", false},
      {"CAPA", none, kAnyone | State::transaction, "", &S::capa, "CAPA", "RFC 2449 section 5",
       false},
      {"STAT", none, in(State::transaction), "", &S::stat, "STAT", "RFC 1939 section 5", false},
      {"LIST", optional_message, in(State::transaction), "", &S::list, "LIST [msg]",
       "RFC 1939 section 5", false},
      {"UIDL", optional_message, in(State::transaction), "UIDL", &S::uidl, "UIDL [msg]",
       "RFC 1939 section 7", false},
      {"RETR", message, in(State::transaction), "", &S::retr, "RETR msg", "RFC 1939 section 5",
       false},
      {"TOP", message_and_lines, in(State::transaction), "TOP", &S::top, "TOP msg n",
       "RFC 1939 section 7", false},
      {"DELE", message, in(State::transaction), "", &S::dele, "DELE msg", "RFC 1939 section 5",
       false},
      {"RSET", none, in(State::transaction), "", &S::rset, "RSET", "RFC 1939 section 5", false},
      {"NOOP", none, in(State::transaction), "", &S::noop, "NOOP", "RFC 1939 section 5", false},
      {"QUIT", none, kAnyone | State::transaction, "", &S::quit, "QUIT", "RFC 1939 section 6",
       false},
  });
  return kCommands;
}

std::span<const CommandRule> commands() {
  return ServerEngine::commands();
}

const CommandRule* find_command(std::string_view verb) {
  for (const CommandRule& rule : commands()) {
    if (mail::iequals(rule.verb, verb)) return &rule;
  }
  return nullptr;
}

std::optional<Arguments> parse_arguments(ArgumentRule rule, std::string_view text) {
  Arguments arguments;
  // A password may begin and end with a space; around anything else spaces mean nothing.
  if (rule != ArgumentRule::text) text = mail::trim(text);
  arguments.text = text;
  switch (rule) {
    case ArgumentRule::none:
      break;
    case ArgumentRule::text:
      if (text.empty()) return std::nullopt;
      return arguments;
    case ArgumentRule::mechanism:
      arguments.text = text.substr(0, text.find(' '));
      if (text.size() > arguments.text.size()) {
        arguments.initial_response = mail::trim(text.substr(arguments.text.size()));
      }
      return arguments;
    case ArgumentRule::name_and_digest: {
      const std::size_t space = text.rfind(' ');
      if (space == std::string_view::npos) return std::nullopt;
      arguments.text = mail::trim(text.substr(0, space));
      arguments.digest = text.substr(space + 1);
      return arguments;
    }
    case ArgumentRule::optional_word:
      if (text.find(' ') != std::string_view::npos) return std::nullopt;
      return arguments;
    case ArgumentRule::optional_message:
      if (text.empty()) return arguments;
      [[fallthrough]];
    case ArgumentRule::message:
      arguments.message = take_number(text);
      if (!arguments.message) return std::nullopt;
      break;
    case ArgumentRule::message_and_lines: {
      arguments.message = take_number(text);
      const auto lines = take_number(text);
      if (!arguments.message || !lines) return std::nullopt;
      arguments.lines = *lines;
      break;
    }
  }
  if (!text.empty()) return std::nullopt;
  return arguments;
}

std::string_view to_string(State state) {
  switch (state) {
    case State::opening:
      return "opening";
    case State::authorization:
      return "authorization";
    case State::password:
      return "password";
    case State::sasl:
      return "sasl";
    case State::handshake:
      return "handshake";
    case State::transaction:
      return "transaction";
    case State::sending:
      return "sending";
    case State::update:
      return "update";
    case State::closed:
      return "closed";
  }
  return "";
}

}  // namespace mailscope::pop3
