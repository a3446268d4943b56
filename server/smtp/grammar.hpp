// The grammar of SMTP command lines (RFC 5321 section 4.1): pure functions from text to values.
//
//   MAIL FROM:<@old.example:alice@acme.example> SIZE=1024 BODY=8BITMIME
//   RCPT TO:<"two words"@[IPv6:2001:db8::1]>
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/mail/address.hpp"

namespace mailscope::smtp {

/// Where and why a line is not what the grammar asks for.
struct ParseError {
  std::size_t offset = 0;  // octets from the start of the text that the function was given
  std::string_view what;   // "'<' expected"
  bool non_ascii = false;  // the address would need SMTPUTF8 (RFC 6531)
};

template <typename T>
using Parsed = std::variant<T, ParseError>;

/// A verb and what follows the first space; views into the line.
struct CommandLine {
  std::string_view verb;      // as typed
  std::string_view argument;  // trailing white space removed
};
CommandLine split_command(std::string_view line);

/// ESMTP parameter (RFC 5321 section 4.1.2): keyword in capitals, value or nullopt.
struct Parameter {
  std::string keyword;
  std::optional<std::string> value;
  bool operator==(const Parameter&) const = default;
};

/// Argument of MAIL or RCPT. A source route is read and dropped (RFC 5321 section 3.3, appendix C).
struct PathArgument {
  mail::Mailbox mailbox;  // null for "<>"; only the local part for "<Postmaster>"
  std::vector<Parameter> parameters;
};
/// "FROM:<reverse-path> [parameters]"; one optional space after the colon is forgiven.
Parsed<PathArgument> parse_mail(std::string_view argument);
/// "TO:<forward-path> [parameters]". "<>" is refused, "<Postmaster>" is not.
Parsed<PathArgument> parse_rcpt(std::string_view argument);

/// Domain or address literal of HELO and EHLO. Underscores are forgiven: many hosts have them.
bool is_helo_name(std::string_view text);

/// Equal without regard to the case of ASCII letters.
bool equal_nocase(std::string_view a, std::string_view b);
/// Decimal digits alone, at most 20 (RFC 1870 section 5).
std::optional<std::uint64_t> parse_size(std::string_view text);
/// Characters that cannot stand in a protocol line or a header field shown as '?'.
std::string printable(std::string_view text);

}  // namespace mailscope::smtp
