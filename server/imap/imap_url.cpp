// Reads IMAP URLs.
#include "server/imap/imap_url.hpp"

#include <charconv>
#include <chrono>

#include "server/imap/unicode.hpp"
#include "server/mail/text.hpp"

namespace mailscope::imap {
namespace {

constexpr std::string_view kScheme = "imap://";
constexpr std::size_t kMinToken = 32;  // digits, RFC 5092 section 11

// A view that is read from the front.
class Rest {
 public:
  explicit Rest(std::string_view text) : text_(text) {}
  bool empty() const { return text_.empty(); }
  std::string_view text() const { return text_; }
  bool word(std::string_view wanted) {
    if (!equal_ci(text_.substr(0, wanted.size()), wanted)) return false;
    text_.remove_prefix(wanted.size());
    return true;
  }
  // Up to one of `ends` or to the end.
  std::string_view until(std::string_view ends) {
    const std::string_view found = text_.substr(0, text_.find_first_of(ends));
    text_.remove_prefix(found.size());
    return found;
  }
  bool number(std::uint32_t& out) {
    const char* end = text_.data() + text_.size();
    if (text_.empty() || !mail::is_digit(text_.front())) return false;
    const auto [at, error] = std::from_chars(text_.data(), end, out);
    if (error != std::errc()) return false;
    text_.remove_prefix(static_cast<std::size_t>(at - text_.data()));
    return true;
  }
  bool nz_number(std::uint32_t& out) { return number(out) && out != 0; }

 private:
  std::string_view text_;
};

bool decode_into(std::string_view text, std::string& out) {
  auto decoded = url_decode(text);
  if (!decoded) return false;
  out = std::move(*decoded);
  return true;
}

// iserver = [iuserinfo "@"] host [":" port]
bool parse_server(Rest& rest, ImapUrl& url) {
  Rest server(rest.until("/"));
  const std::size_t at = server.text().rfind('@');
  if (at != std::string_view::npos) {
    Rest info(server.text().substr(0, at));
    server = Rest(server.text().substr(at + 1));
    if (!decode_into(info.until(";"), url.user)) return false;
    if (info.word(";AUTH=")) {
      if (!decode_into(info.text(), url.auth) || url.auth.empty()) return false;
    } else if (!info.empty()) {
      return false;
    }
    if (url.user.empty() && url.auth.empty()) return false;
  }
  const bool literal = server.text().starts_with('[');
  std::string host(server.until(literal ? "]" : ":"));
  if (literal && !server.word("]")) return false;
  if (literal) host += ']';
  if (host.empty()) return false;
  url.host = mail::lower(host);
  if (server.empty()) return true;
  std::uint32_t port = 0;
  if (!server.word(":") || !server.nz_number(port) || port > 0xffff || !server.empty())
    return false;
  url.port = static_cast<std::uint16_t>(port);
  return true;
}

// RFC 3339: 2026-03-02T09:00:00.5+01:00
std::optional<net::Time> parse_expire(std::string_view text) {
  Rest rest(text);
  std::uint32_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!rest.number(year) || !rest.word("-") || !rest.number(month) || !rest.word("-") ||
      !rest.number(day) || !rest.word("T") || !rest.number(hour) || !rest.word(":") ||
      !rest.number(minute) || !rest.word(":") || !rest.number(second)) {
    return std::nullopt;
  }
  std::uint32_t fraction = 0;
  if (rest.word(".") && !rest.number(fraction)) return std::nullopt;
  int zone = 0;
  if (!rest.word("Z")) {
    const bool west = rest.text().starts_with('-');
    std::uint32_t hours = 0, minutes = 0;
    if ((!rest.word("+") && !rest.word("-")) || !rest.number(hours) || !rest.word(":") ||
        !rest.number(minutes) || hours > 23 || minutes > 59) {
      return std::nullopt;
    }
    zone = static_cast<int>(hours * 60 + minutes) * (west ? -1 : 1);
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(month), std::chrono::day(day)};
  constexpr std::uint32_t kFirstYear = 1678, kLastYear = 2261;  // the years of net::Time
  if (!rest.empty() || year < kFirstYear || year > kLastYear || !date.ok() || hour > 23 ||
      minute > 59 || second > 60) {
    return std::nullopt;
  }
  return net::Time(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(static_cast<int>(minute) - zone) + std::chrono::seconds(second);
}

// iurlauth = [";EXPIRE=" date-time] ";URLAUTH=" access ":" mechanism ":" token
bool parse_urlauth(Rest& rest, std::string_view whole, ImapUrl& url) {
  if (rest.word(";EXPIRE=")) {
    url.expire = parse_expire(rest.until(";"));
    if (!url.expire) return false;
  }
  if (!rest.word(";URLAUTH=")) return false;
  const std::string_view access = rest.until(":");
  const std::size_t plus = access.find('+');
  url.access = mail::lower(access.substr(0, plus == access.npos ? access.npos : plus + 1));
  if (url.access == "submit+" || url.access == "user+") {
    if (!decode_into(access.substr(plus + 1), url.access_user) || url.access_user.empty())
      return false;
  } else if (url.access != "authuser" && url.access != "anonymous") {
    return false;
  }
  url.rump = whole.substr(0, whole.size() - rest.text().size());
  if (rest.empty()) return true;
  rest.word(":");
  url.mechanism = mail::lower(rest.until(":"));
  if (url.mechanism.empty() || !rest.word(":")) return false;
  url.token = mail::lower(rest.text());
  rest = Rest({});
  return url.token.size() >= kMinToken &&
         url.token.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool parse_partial(Rest& rest, ImapUrl& url) {
  UrlRange& range = url.partial.emplace();
  if (!rest.number(range.offset)) return false;
  if (!rest.word(".")) return true;
  return rest.nz_number(range.length.emplace());
}

// ";UID=" nz-number ["/;SECTION=" section] ["/;PARTIAL=" range] [urlauth]
bool parse_message(Rest& rest, std::string_view whole, ImapUrl& url) {
  if (!rest.word(";UID=") || !rest.nz_number(url.uid)) return false;
  if (rest.word("/;SECTION=")) {
    // A section holds no "/" and no ";" that is not escaped.
    if (!decode_into(rest.until("/;"), url.section) || url.section.empty()) return false;
  }
  if (rest.word("/;PARTIAL=") && !parse_partial(rest, url)) return false;
  return rest.empty() || parse_urlauth(rest, whole, url);
}

// imailbox-ref [iuid ...] / imailbox-ref ["?" search]
bool parse_path(Rest& rest, std::string_view whole, ImapUrl& url) {
  std::string_view name = rest.until(";?");
  const bool slash = name.ends_with('/');
  const bool message = slash && equal_ci(rest.text().substr(0, 5), ";UID=");
  if (message) name.remove_suffix(1);
  if (!decode_into(name, url.mailbox) || url.mailbox.empty()) return false;
  if (equal_ci(url.mailbox, "INBOX")) url.mailbox = "INBOX";
  if (rest.word(";UIDVALIDITY=")) {
    if (message || !rest.nz_number(url.uid_validity)) return false;
    if (rest.word("/")) return parse_message(rest, whole, url);
  }
  if (message) return parse_message(rest, whole, url);
  if (rest.word("?")) {
    if (!decode_into(rest.text(), url.search)) return false;
    rest = Rest({});
  }
  return rest.empty();
}

}  // namespace

std::optional<ImapUrl> parse_imap_url(std::string_view text) {
  ImapUrl url;
  Rest rest(text);
  if (rest.word(kScheme)) {
    url.has_server = true;
    if (!parse_server(rest, url)) return std::nullopt;
    if (rest.empty()) return url;
  } else if (equal_ci(text.substr(0, 5), ";UID=") || equal_ci(text.substr(0, 6), "/;UID=")) {
    rest.word("/");
    if (!parse_message(rest, text, url)) return std::nullopt;
    return url;
  }
  if (!rest.word("/")) return std::nullopt;
  if (rest.empty()) return url.has_server ? std::optional(url) : std::nullopt;
  if (!parse_path(rest, text, url)) return std::nullopt;
  return url;
}

std::optional<std::string> url_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = mail::hex_value(text[i + 1]), low = mail::hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high << 4 | low);
      i += 2;
    } else if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7f) {
      return std::nullopt;
    }
    if (c == '\0' || c == '\r' || c == '\n') return std::nullopt;
    out += c;
  }
  return out;
}

std::string url_encode_mailbox(std::string_view utf8) {
  constexpr std::string_view kPlain = "-._~!$'()*+,&=:@/";
  std::string out;
  for (const char c : utf8) {
    if (mail::is_alpha(c) || mail::is_digit(c) || kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto octet = static_cast<unsigned char>(c);
      out += '%';
      out += mail::kHexDigits[octet >> 4];
      out += mail::kHexDigits[octet & 0xf];
    }
  }
  return out;
}

}  // namespace mailscope::imap
