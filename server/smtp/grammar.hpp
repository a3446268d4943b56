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
#include "server/net/time.hpp"
#include "server/smtp/envelope.hpp"

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
  bool non_ascii = false;  // the address or a parameter's value has UTF-8 (RFC 6531 section 3.3)
};
/// "FROM:<reverse-path> [parameters]"; one optional space after the colon is forgiven.
Parsed<PathArgument> parse_mail(std::string_view argument, mail::Utf8 utf8 = mail::Utf8::no);
/// "TO:<forward-path> [parameters]". "<>" is refused, "<Postmaster>" is not.
Parsed<PathArgument> parse_rcpt(std::string_view argument, mail::Utf8 utf8 = mail::Utf8::no);

/// Domain or address literal of HELO and EHLO. Underscores are forgiven: many hosts have them.
bool is_helo_name(std::string_view text);

/// Equal without regard to the case of ASCII letters.
bool equal_nocase(std::string_view a, std::string_view b);
/// Decimal digits alone, at most 20 (RFC 1870 section 5).
std::optional<std::uint64_t> parse_size(std::string_view text);
/// Argument of BDAT: "chunk-size [LAST]" (RFC 3030 section 2).
struct ChunkArgument {
  std::uint64_t octets = 0;
  bool last = false;
};
std::optional<ChunkArgument> parse_chunk(std::string_view argument);
/// Value of BY: "by-time;by-mode[by-trace]" (RFC 2852 section 4): "120;R", "-5;NT".
struct ByValue {
  std::int64_t seconds = 0;
  bool give_up = false;  // R
  bool trace = false;    // T
};
std::optional<ByValue> parse_by(std::string_view value);
/// Value of MT-PRIORITY: -9 to 9 (RFC 6710 section 7).
std::optional<int> parse_priority(std::string_view value);
/// Value of NOTIFY: "NEVER", or some of SUCCESS, FAILURE and DELAY (RFC 3461 section 4.1).
std::optional<NotifySet> parse_notify(std::string_view value);
/// "2026-03-02T09:00:00Z": UTC in the form of RFC 3339, as HOLDUNTIL has it (RFC 4865 section 3).
std::optional<net::Time> parse_utc(std::string_view text);
std::string format_utc(net::Time time);
/// Characters that cannot stand in a protocol line or a header field shown as '?'.
std::string printable(std::string_view text);

}  // namespace mailscope::smtp
