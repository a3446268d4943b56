// mbox files.
#include "sim/export/mbox.hpp"

#include <fmt/format.h>

#include <array>

#include "server/mail/mime.hpp"

namespace mailscope::exporting {

namespace {

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// "Mon Mar  2 09:00:00 2026", in UTC (RFC 4155 appendix A).
std::string timestamp(net::Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  return fmt::format(
      "{} {} {:2} {:02}:{:02}:{:02} {}", kDays[std::chrono::weekday(day).c_encoding()],
      kMonths[unsigned(date.month()) - 1], unsigned(date.day()), clock.hours().count(),
      clock.minutes().count(), clock.seconds().count(), int(date.year()));
}

/// The address of a Return-Path; the From line's fields are separated by spaces, so it has none.
std::string sender_of(std::string_view message) {
  const mail::Header header = mail::parse_header(message);
  std::string sender;
  for (const char c : header.text("Return-Path")) {
    if (c != '<' && c != '>' && c > ' ' && c != '\x7f') sender += c;
  }
  return sender;
}

}  // namespace

void append_mbox(std::string& out, std::string_view message, std::string_view sender,
                 net::Time received) {
  out += "From ";
  out += sender.empty() ? "MAILER-DAEMON" : sender;
  out += ' ' + timestamp(received) + '\n';
  while (!message.empty()) {
    const std::size_t end = std::min(message.find('\n'), message.size());
    std::string_view line = message.substr(0, end);
    message.remove_prefix(std::min(end + 1, message.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t quotes = std::min(line.find_first_not_of('>'), line.size());
    if (line.substr(quotes).starts_with("From ")) out += '>';
    out += line;
    out += '\n';
  }
  out += '\n';
}

std::string write_mbox(const store::MailStore& store, store::MailboxId mailbox) {
  std::string out;
  store.scan(mailbox, {}, [&](const store::MessageInfo& info) {
    if (const store::Body body = store.body(mailbox, info.uid)) {
      append_mbox(out, *body, sender_of(*body), info.internal_date);
    }
    return true;
  });
  return out;
}

}  // namespace mailscope::exporting
