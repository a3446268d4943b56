// The grammar of SMTP commands, see grammar.hpp. A path is found with regard to its quotes; what is
// in it is a Mailbox, which server/mail reads.
#include "server/smtp/grammar.hpp"

#include <algorithm>
#include <charconv>

#include "server/net/address.hpp"

namespace mailscope::smtp {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alnum(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
}
bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

/// RFC 5321 section 4.5.3.1.3: 256 octets with the punctuation; routes make them longer.
constexpr std::size_t kMaxPath = 512;
/// Longest domain (RFC 5321 section 4.5.3.1.2).
constexpr std::size_t kMaxDomain = 255;
/// Most parameters of one command: there are about ten in all.
constexpr std::size_t kMaxParameters = 16;

/// Where the '>' stands that ends the path which begins at `text[0]` = '<'; npos when there is
/// none.
std::size_t path_end(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == '>' && !quoted) {
      return i;
    }
  }
  return std::string_view::npos;
}

/// Length of the source route at the start of a path, with its colon: "@one.example,@two.example:".
/// 0 when there is none, npos when it is broken. RFC 5321 appendix C: read, then ignored.
std::size_t route_length(std::string_view path) {
  if (!path.starts_with('@')) return 0;
  const std::size_t colon = path.find(':');
  // An address literal for IPv6 has colons of its own, but a route is made of domains only.
  if (colon == std::string_view::npos) return std::string_view::npos;
  std::string_view route = path.substr(0, colon);
  while (true) {
    const std::size_t comma = route.find(',');
    const std::string_view hop = route.substr(0, comma);
    if (hop.size() < 2 || hop[0] != '@' || !is_helo_name(hop.substr(1))) {
      return std::string_view::npos;
    }
    if (comma == std::string_view::npos) return colon + 1;
    route.remove_prefix(comma + 1);
  }
}

bool is_keyword(std::string_view text) {
  // esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-"), RFC 5321 section 4.1.2.
  return !text.empty() && is_alnum(text[0]) &&
         std::ranges::all_of(text, [](char c) { return is_alnum(c) || c == '-'; });
}

bool is_value(std::string_view text, mail::Utf8 utf8) {
  // esmtp-value = 1*(%d33-60 / %d62-126): printable, without '=' and space; UTF-8 may be added
  // (RFC 6531 section 3.3).
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return is_ascii(c) ? c > ' ' && c < 0x7f && c != '=' : utf8 == mail::Utf8::yes;
  });
}

/// Parameters in `text` from `at` on, which stands behind the path.
Parsed<std::vector<Parameter>> parse_parameters(std::string_view text, std::size_t at,
                                                mail::Utf8 utf8) {
  std::vector<Parameter> found;
  while (at < text.size()) {
    if (text[at] != ' ') return ParseError{at, "a space must stand before each parameter"};
    const std::size_t begin = text.find_first_not_of(' ', at);
    if (begin == std::string_view::npos) break;
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    const std::size_t equals = word.find('=');
    if (!is_keyword(word.substr(0, equals))) return ParseError{begin, "not a parameter"};
    Parameter parameter;
    for (const char c : word.substr(0, equals)) parameter.keyword += upper(c);
    if (equals != std::string_view::npos) {
      if (!is_value(word.substr(equals + 1), utf8)) {
        return ParseError{begin + equals + 1, "not a value of a parameter"};
      }
      parameter.value = std::string(word.substr(equals + 1));
    }
    for (const Parameter& other : found) {
      if (other.keyword == parameter.keyword) return ParseError{begin, "a parameter given twice"};
    }
    if (found.size() == kMaxParameters) return ParseError{begin, "too many parameters"};
    found.push_back(std::move(parameter));
    at = end;
  }
  return found;
}

enum class PathKind : std::uint8_t { reverse, forward };

Parsed<mail::Mailbox> parse_path(std::string_view inside, std::size_t offset, PathKind kind,
                                 mail::Utf8 utf8) {
  if (inside.empty()) {
    // RFC 5321 section 4.5.5: the null reverse-path; there is no null forward-path.
    if (kind == PathKind::reverse) return mail::Mailbox{};
    return ParseError{offset, "an address must stand between '<' and '>'"};
  }
  if (inside.size() > kMaxPath) return ParseError{offset, "the path is too long"};
  if (utf8 == mail::Utf8::no && !std::ranges::all_of(inside, is_ascii)) {
    return ParseError{offset, "the address has characters that are not ASCII", true};
  }
  const std::size_t route = route_length(inside);
  if (route == std::string_view::npos) return ParseError{offset, "not a source route"};
  // RFC 5321 section 4.5.1: <Postmaster>, in any case, needs no domain.
  if (kind == PathKind::forward && equal_nocase(inside, "postmaster")) {
    return mail::Mailbox{std::string(inside), {}};
  }
  auto mailbox = mail::Mailbox::parse(inside.substr(route), utf8);
  if (!mailbox) return ParseError{offset + route, "not an address"};
  return std::move(*mailbox);
}

Parsed<PathArgument> parse_argument(std::string_view text, std::string_view keyword,
                                    std::string_view expected, PathKind kind, mail::Utf8 utf8) {
  if (!equal_nocase(text.substr(0, keyword.size()), keyword)) return ParseError{0, expected};
  std::size_t at = keyword.size();
  // RFC 5321 section 3.3 forbids the space; many clients send it, and it harms nobody.
  if (at < text.size() && text[at] == ' ') ++at;
  if (at >= text.size() || text[at] != '<') return ParseError{at, "'<' expected"};
  const std::size_t length = path_end(text.substr(at));
  if (length == std::string_view::npos) return ParseError{text.size(), "'>' expected"};
  auto mailbox = parse_path(text.substr(at + 1, length - 1), at + 1, kind, utf8);
  if (const auto* error = std::get_if<ParseError>(&mailbox)) return *error;
  auto parameters = parse_parameters(text, at + length + 1, utf8);
  if (const auto* error = std::get_if<ParseError>(&parameters)) return *error;
  return PathArgument{std::get<mail::Mailbox>(std::move(mailbox)),
                      std::get<std::vector<Parameter>>(std::move(parameters)),
                      !std::ranges::all_of(text, is_ascii)};
}

}  // namespace

bool equal_nocase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

CommandLine split_command(std::string_view line) {
  // RFC 5321 section 4.1.1: trailing white space is tolerated.
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return {line, {}};
  const std::string_view rest = line.substr(space);
  return {line.substr(0, space), rest.substr(std::min(rest.find_first_not_of(' '), rest.size()))};
}

Parsed<PathArgument> parse_mail(std::string_view argument, mail::Utf8 utf8) {
  return parse_argument(argument, "FROM:", "'FROM:' expected", PathKind::reverse, utf8);
}

Parsed<PathArgument> parse_rcpt(std::string_view argument, mail::Utf8 utf8) {
  return parse_argument(argument, "TO:", "'TO:' expected", PathKind::forward, utf8);
}

bool is_helo_name(std::string_view text) {
  if (text.empty() || text.size() > kMaxDomain) return false;
  if (text.front() == '[') {
    if (text.size() < 3 || text.back() != ']') return false;
    std::string_view inside = text.substr(1, text.size() - 2);
    const bool v6 = equal_nocase(inside.substr(0, 5), "IPv6:");
    if (v6) inside.remove_prefix(5);
    const auto address = net::Address::parse(inside);
    return address && address->is_v6() == v6;
  }
  if (text.front() == '.' || text.find("..") != std::string_view::npos) return false;
  return std::ranges::all_of(
      text, [](char c) { return is_alnum(c) || c == '.' || c == '-' || c == '_'; });
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t value = 0;
  if (text.empty() || text.size() > 20 || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // Twenty digits can be more than 64 bits hold; that is too big for everybody.
  if (error != std::errc()) return ~std::uint64_t{0};
  return value;
}

std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c < ' ' || c == 0x7f || !is_ascii(c)) c = '?';
  }
  return out;
}

}  // namespace mailscope::smtp
