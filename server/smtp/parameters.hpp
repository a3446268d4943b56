// The parameters of MAIL and RCPT (RFC 5321 section 4.1.1.11): one table. What is accepted, and
// what HELP tells, come from it.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "server/smtp/commands.hpp"
#include "server/smtp/envelope.hpp"
#include "server/smtp/extensions.hpp"
#include "server/smtp/reply.hpp"

namespace mailscope::smtp {

/// What a parameter's reader may look at, and where it puts what it read.
struct ParameterTarget {
  const ServerEngine& session;
  net::Time now;
  Envelope& envelope;    // of the transaction that begins or has begun
  Recipient& recipient;  // for RCPT: the one that is asked for
  Reply& accepted;       // what a yes will say
};

struct ParameterRule {
  Verb verb;                 // MAIL or RCPT
  std::string_view keyword;  // in capitals
  Extension extension;       // which must be offered
  std::string_view syntax;   // for HELP: "SIZE=octets"
  /// Reads the value (nullopt: none was given); gives a refusal, or nothing.
  std::optional<Reply> (*take)(std::optional<std::string_view> value, ParameterTarget& target);
};

/// What a yes says when the server has changed the priority (RFC 6710 section 4.1).
Reply priority_changed(int priority);
std::span<const ParameterRule> parameters();
/// Null when the command has no such parameter. `keyword` in capitals.
const ParameterRule* find_parameter(Verb verb, std::string_view keyword);

}  // namespace mailscope::smtp
