#include "server/smtp/parameters.hpp"

#include <array>

#include "server/smtp/grammar.hpp"
#include "server/smtp/server.hpp"

namespace mailscope::smtp {
namespace {

using Value = std::optional<std::string_view>;
using Refusal = std::optional<Reply>;

Reply bad_value(std::string_view words) {
  return {501, {5, 5, 4}, std::string(words)};
}

Refusal take_size(Value value, ParameterTarget& target) {
  const auto size = value ? parse_size(*value) : std::nullopt;
  if (!size) return bad_value("SIZE is a number of octets");
  const std::uint64_t most = target.session.options().limits.message;
  // RFC 1870 section 6.1: refuse at once what is declared too big.
  if (*size > most) {
    return Reply{552, {5, 3, 4}, "Message too big: at most " + std::to_string(most) + " octets"};
  }
  target.envelope.declared_size = *size;
  return std::nullopt;
}

Refusal take_body(Value value, ParameterTarget& target) {
  // RFC 6152 section 2.
  for (const Body body : {Body::seven_bit, Body::eight_bit}) {
    if (!value || !equal_nocase(*value, to_string(body))) continue;
    target.envelope.asked.body = body;
    return std::nullopt;
  }
  return bad_value("BODY is 7BIT or 8BITMIME");
}

/// RFC 4954 section 5: who first submitted the message; read, not trusted, not passed on.
Refusal take_auth(Value value, ParameterTarget&) {
  if (!value) return bad_value("AUTH is a mailbox or <>");
  return std::nullopt;
}

constexpr auto kParameters = std::to_array<ParameterRule>({
    {Verb::mail, "SIZE", Extension::size, "SIZE=octets", take_size},
    {Verb::mail, "BODY", Extension::eight_bit_mime, "BODY=7BIT|8BITMIME", take_body},
    {Verb::mail, "AUTH", Extension::auth, "AUTH=mailbox|<>", take_auth},
});

}  // namespace

std::span<const ParameterRule> parameters() {
  return kParameters;
}

const ParameterRule* find_parameter(Verb verb, std::string_view keyword) {
  for (const ParameterRule& rule : kParameters) {
    if (rule.verb == verb && rule.keyword == keyword) return &rule;
  }
  return nullptr;
}

}  // namespace mailscope::smtp
