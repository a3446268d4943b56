#include "server/smtp/parameters.hpp"

#include <algorithm>
#include <array>

#include "server/smtp/grammar.hpp"
#include "server/smtp/server.hpp"
#include "server/smtp/xtext.hpp"

namespace mailscope::smtp {
namespace {

using Value = std::optional<std::string_view>;
using Refusal = std::optional<Reply>;

/// Octets of ENVID (RFC 3461 section 4.4) and of ORCPT (RFC 3461 section 4.2).
constexpr std::size_t kMaxEnvid = 100;
constexpr std::size_t kMaxOrcpt = 500;

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
  const bool binary = target.session.offered(Extension::binary_mime);
  // RFC 6152 section 2, RFC 3030 section 3.
  for (const Body body : {Body::seven_bit, Body::eight_bit, Body::binary}) {
    if (!value || !equal_nocase(*value, to_string(body))) continue;
    if (body == Body::binary && !binary) break;
    target.envelope.asked.body = body;
    return std::nullopt;
  }
  return bad_value(binary ? "BODY is 7BIT, 8BITMIME or BINARYMIME" : "BODY is 7BIT or 8BITMIME");
}

/// RFC 4954 section 5: who first submitted the message; whether that is believed is decided later.
Refusal take_auth(Value value, ParameterTarget& target) {
  const auto plain = value ? decode_xtext(*value) : std::nullopt;
  if (!plain || (*plain != "<>" && !mail::Mailbox::parse(*plain))) {
    return bad_value("AUTH is a mailbox or <>");
  }
  target.envelope.asked.auth = *plain;
  return std::nullopt;
}

Refusal take_ret(Value value, ParameterTarget& target) {
  for (const Return ret : {Return::full, Return::headers}) {
    if (!value || !equal_nocase(*value, to_string(ret))) continue;
    target.envelope.asked.ret = ret;
    return std::nullopt;
  }
  return bad_value("RET is FULL or HDRS");
}

Refusal take_envid(Value value, ParameterTarget& target) {
  const auto plain = value && value->size() <= kMaxEnvid ? decode_xtext(*value) : std::nullopt;
  const auto printing = [](char c) { return c >= ' ' && c < 0x7f; };
  // RFC 3461 section 4.4: what it encodes is printable ASCII.
  if (!plain || !std::ranges::all_of(*plain, printing)) {
    return bad_value("ENVID is xtext of at most 100 characters");
  }
  target.envelope.asked.envid = *plain;
  return std::nullopt;
}

Refusal take_notify(Value value, ParameterTarget& target) {
  const auto notify = value ? parse_notify(*value) : std::nullopt;
  if (!notify) return bad_value("NOTIFY is NEVER, or a list of SUCCESS, FAILURE and DELAY");
  target.recipient.notify = *notify;
  return std::nullopt;
}

Refusal take_orcpt(Value value, ParameterTarget& target) {
  const auto plain = value && value->size() <= kMaxOrcpt
                         ? decode_orcpt(*value, target.envelope.asked.smtputf8)
                         : std::nullopt;
  if (!plain) return bad_value("ORCPT is a type, ';' and an address in xtext");
  target.recipient.orcpt = *plain;
  return std::nullopt;
}

Refusal take_smtputf8(Value value, ParameterTarget& target) {
  // RFC 6531 section 3.4: it takes no value.
  if (value) return bad_value("SMTPUTF8 takes no value");
  target.envelope.asked.smtputf8 = true;
  return std::nullopt;
}

Refusal take_by(Value value, ParameterTarget& target) {
  const auto by = value ? parse_by(*value) : std::nullopt;
  if (!by) return bad_value("BY is seconds, ';', N or R, and perhaps T");
  // RFC 2852 section 4: what is to be returned when late must not be late already.
  if (by->give_up && by->seconds <= 0) return bad_value("BY with R needs time that is left");
  target.envelope.asked.by =
      DeliverBy{target.now + std::chrono::seconds(by->seconds), by->give_up, by->trace};
  return std::nullopt;
}

Refusal hold(net::Time until, std::string request, ParameterTarget& target) {
  // RFC 4865 section 4.2: one of the two, in the future, and not longer than was offered.
  if (target.envelope.asked.hold_until) return bad_value("Only one of HOLDFOR and HOLDUNTIL");
  if (until <= target.now) return bad_value("HOLDUNTIL is over");
  if (until > target.now + target.session.options().limits.hold) {
    return bad_value("The message cannot be held for so long");
  }
  target.envelope.asked.hold_until = until;
  target.envelope.asked.hold_request = std::move(request);
  return std::nullopt;
}

Refusal take_holdfor(Value value, ParameterTarget& target) {
  // future-release-integer = %x31-39 *8DIGIT (RFC 4865 section 3).
  const auto seconds =
      value && value->size() <= 9 && !value->starts_with('0') ? parse_size(*value) : std::nullopt;
  if (!seconds) return bad_value("HOLDFOR is a number of seconds");
  return hold(target.now + std::chrono::seconds(*seconds), "for;" + std::string(*value), target);
}

Refusal take_holduntil(Value value, ParameterTarget& target) {
  const auto until = value ? parse_utc(*value) : std::nullopt;
  if (!until) return bad_value("HOLDUNTIL is a moment such as 2026-03-02T09:00:00Z");
  return hold(*until, "until;" + std::string(*value), target);
}

Refusal take_priority(Value value, ParameterTarget& target) {
  const auto asked = value ? parse_priority(*value) : std::nullopt;
  if (!asked) return bad_value("MT-PRIORITY is a number from -9 to 9");
  const int granted = target.session.granted_priority(*asked);
  if (granted != *asked) target.accepted = priority_changed(granted);
  target.envelope.asked.priority = granted;
  return std::nullopt;
}

Refusal take_require_tls(Value value, ParameterTarget& target) {
  if (value) return bad_value("REQUIRETLS takes no value");
  target.envelope.asked.require_tls = true;
  return std::nullopt;
}

constexpr auto kParameters = std::to_array<ParameterRule>({
    {Verb::mail, "SIZE", Extension::size, "SIZE=octets", take_size},
    {Verb::mail, "BODY", Extension::eight_bit_mime, "BODY=7BIT|8BITMIME|BINARYMIME", take_body},
    {Verb::mail, "AUTH", Extension::auth, "AUTH=mailbox|<>", take_auth},
    {Verb::mail, "RET", Extension::dsn, "RET=FULL|HDRS", take_ret},
    {Verb::mail, "ENVID", Extension::dsn, "ENVID=xtext", take_envid},
    {Verb::rcpt, "NOTIFY", Extension::dsn, "NOTIFY=NEVER|SUCCESS,FAILURE,DELAY", take_notify},
    {Verb::rcpt, "ORCPT", Extension::dsn, "ORCPT=type;xtext", take_orcpt},
    {Verb::mail, "SMTPUTF8", Extension::smtputf8, "SMTPUTF8", take_smtputf8},
    {Verb::mail, "BY", Extension::deliver_by, "BY=seconds;N|R[T]", take_by},
    {Verb::mail, "HOLDFOR", Extension::future_release, "HOLDFOR=seconds", take_holdfor},
    {Verb::mail, "HOLDUNTIL", Extension::future_release, "HOLDUNTIL=date-time", take_holduntil},
    {Verb::mail, "MT-PRIORITY", Extension::mt_priority, "MT-PRIORITY=-9..9", take_priority},
    {Verb::mail, "REQUIRETLS", Extension::require_tls, "REQUIRETLS", take_require_tls},
});

}  // namespace

Reply priority_changed(int priority) {
  return {250, {2, 3, 6}, std::to_string(priority) + " is the new priority of the message"};
}

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
