// Writing mbox files.
#include "sim/export/mbox.hpp"

#include <fmt/format.h>

#include "server/mail/mime.hpp"
#include "sim/export/line_ends.hpp"
#include "sim/export/mbox_fields.hpp"

namespace mailscope::exporting {

namespace {

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

/// Appends the message line by line, those that look like the start of a message quoted. `raw`:
/// line ends stay as they are, and one more is put behind the last line.
void append_lines(std::string& out, std::string_view message, bool raw) {
  bool more = raw || !message.empty();
  while (more) {
    const std::size_t end = std::min(message.find('\n'), message.size());
    std::string_view line = message.substr(0, end);
    more = end < message.size() && (raw || end + 1 < message.size());
    message.remove_prefix(std::min(end + 1, message.size()));
    if (!raw && line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t quotes = std::min(line.find_first_not_of('>'), line.size());
    if (line.substr(quotes).starts_with("From ")) out += '>';
    out += line;
    out += '\n';
  }
}

void append_from_line(std::string& out, std::string_view sender, net::Time received) {
  out += "From ";
  out += sender.empty() ? "MAILER-DAEMON" : sender;
  out += ' ' + timestamp(received) + '\n';
}

}  // namespace

void append_mbox(std::string& out, std::string_view message, std::string_view sender,
                 net::Time received) {
  append_from_line(out, sender, received);
  append_lines(out, message, false);
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

void write_mbox_with_flags(std::ostream& file, const store::MailStore& store,
                           store::MailboxId mailbox) {
  store.scan(mailbox, {}, [&](const store::MessageInfo& info) {
    const store::Body body = store.body(mailbox, info.uid);
    if (!body) return true;
    const bool raw = !has_mail_lines(*body);
    std::string out;
    append_from_line(out, sender_of(*body), info.internal_date);
    if (raw) out += kRawLine;
    // All three always: so the reader knows that a fourth one is the message's own.
    out += (info.flags.system & store::kSeen) ? "Status: RO\nX-Status: " : "Status: O\nX-Status: ";
    for (const auto& [flag, letter] : kStatusLetters) {
      if (info.flags.system & flag) out += letter;
    }
    out += "\nX-Keywords:";
    for (const std::string& keyword : info.flags.keywords) out += ' ' + keyword;
    out += '\n';
    append_lines(out, *body, raw);
    out += '\n';
    file.write(out.data(), static_cast<std::streamsize>(out.size()));
    return static_cast<bool>(file);
  });
}

}  // namespace mailscope::exporting
