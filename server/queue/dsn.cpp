#include "server/queue/dsn.hpp"

#include <algorithm>

#include "server/mail/date.hpp"
#include "server/mail/mime.hpp"
#include "server/smtp/client.hpp"
#include "server/smtp/grammar.hpp"

namespace mailscope::queue {
namespace {

/// Octets of a server's reply that are told: the longest that servers give are some hundred.
constexpr std::size_t kMaxDiagnostic = 600;
/// Where lines are folded (RFC 5322 section 2.1.1 recommends 78).
constexpr std::size_t kFoldAt = 76;

/// "name: value" folded at spaces.
void append_field(std::string& out, std::string_view name, std::string_view value) {
  std::string line(name);
  line += ':';
  while (!value.empty()) {
    const std::size_t end = std::min(value.find(' '), value.size());
    const std::string_view word = value.substr(0, end);
    if (line.size() + 1 + word.size() > kFoldAt && line.size() > name.size() + 1) {
      out.append(line).append("\r\n");
      line.clear();
    }
    line.append(" ").append(word);
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  out.append(line).append("\r\n");
}

std::string diagnostic(const smtp::Reply& reply) {
  return smtp::printable(std::string_view(reply.to_string()).substr(0, kMaxDiagnostic));
}

/// A boundary that does not stand in `text` (RFC 2046 section 5.1.1).
std::string boundary_for(std::string_view text, std::string_view seed) {
  std::string base = "=_dsn_";
  for (const char c : seed) {
    const bool fits = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (fits && base.size() < 50) base += c;
  }
  std::string boundary = base;
  for (int n = 1; text.find(boundary) != std::string_view::npos; ++n) {
    boundary = base + "_" + std::to_string(n);
  }
  return boundary;
}

/// The message's header section with its line ends, without the empty line.
std::string_view header_of(std::string_view message) {
  if (message.starts_with("\r\n")) return {};
  const std::size_t end = message.find("\r\n\r\n");
  return end == std::string_view::npos ? message : message.substr(0, end + 2);
}

std::string human_text(const Dsn& dsn, bool delayed) {
  std::string out = "This is the mail system at " + dsn.reporting_mta + ".\r\n\r\n";
  if (delayed) {
    out +=
        "Your message could not be delivered yet. You need not send it again:\r\n"
        "it will be tried until " +
        mail::format_date(dsn.give_up) + ".\r\n\r\n";
  } else {
    out +=
        "Your message could not be delivered to the addresses below. It will not\r\n"
        "be tried again.\r\n\r\n";
  }
  for (const DsnRecipient& each : dsn.recipients) {
    out += "<" + smtp::printable(each.mailbox.to_string()) + ">\r\n";
    if (!each.remote_mta.empty())
      append_field(out, "    " + each.remote_mta + " said", diagnostic(each.reply));
    else
      append_field(out, "    reason", diagnostic(each.reply));
    out += "\r\n";
  }
  return out;
}

std::string status_fields(const Dsn& dsn, bool delayed) {
  // RFC 3464 section 2.2: fields about the message.
  std::string out = "Reporting-MTA: dns; " + dsn.reporting_mta + "\r\n";
  out += "Arrival-Date: " + mail::format_date(dsn.arrived) + "\r\n";
  for (const DsnRecipient& each : dsn.recipients) {
    // RFC 3464 section 2.3: fields about one recipient, behind an empty line.
    const auto status = each.status.present() ? each.status : dsn_status(each.reply, each.action);
    out += "\r\nFinal-Recipient: rfc822; " + smtp::printable(each.mailbox.to_string()) + "\r\n";
    out.append("Action: ").append(to_string(each.action)).append("\r\n");
    out += "Status: " + status.to_string() + "\r\n";
    if (!each.remote_mta.empty()) {
      out += "Remote-MTA: dns; " + each.remote_mta + "\r\n";
      // RFC 3464 section 2.3.6: what an SMTP server said, and nothing that it did not say.
      append_field(out, "Diagnostic-Code", "smtp; " + diagnostic(each.reply));
    }
    if (each.last_attempt != net::Time{}) {
      out += "Last-Attempt-Date: " + mail::format_date(each.last_attempt) + "\r\n";
    }
    if (delayed) out += "Will-Retry-Until: " + mail::format_date(dsn.give_up) + "\r\n";
  }
  return out;
}

}  // namespace

std::string_view to_string(DsnAction action) {
  constexpr std::string_view names[] = {"failed", "delayed", "relayed", "delivered"};
  return names[static_cast<std::size_t>(action)];
}

smtp::EnhancedStatus dsn_status(const smtp::Reply& reply, DsnAction action) {
  // RFC 3464 section 2.3.4: the class goes with the action.
  const std::uint16_t klass = action == DsnAction::failed    ? std::uint16_t{5}
                              : action == DsnAction::delayed ? std::uint16_t{4}
                                                             : std::uint16_t{2};
  if (reply.status.present() && reply.status.klass == klass) return reply.status;
  // RFC 3463 section 3.1: X.0.0 when nothing more is known.
  return {klass, 0, 0};
}

std::string build_dsn(const Dsn& dsn) {
  const bool delayed = !dsn.recipients.empty() && dsn.recipients[0].action == DsnAction::delayed;
  // A warning reminds of the message; only a failure returns it.
  const bool whole = !delayed && dsn.original.size() <= dsn.max_returned;
  const std::string_view returned = whole ? dsn.original : header_of(dsn.original);
  const bool eight_bit = smtp::has_eight_bit(returned);
  const std::string boundary = boundary_for(returned, dsn.queue_id);
  const std::string original_id = mail::parse_header(header_of(dsn.original)).text("Message-ID");

  std::string out;
  out.reserve(returned.size() + 2'048);
  out += "From: Mail Delivery System <mailer-daemon@" + dsn.reporting_mta + ">\r\n";
  out += "To: <" + dsn.to.to_string() + ">\r\n";
  out += delayed ? "Subject: Your message is delayed\r\n"
                 : "Subject: Your message could not be delivered\r\n";
  out += "Date: " + mail::format_date(dsn.now) + "\r\n";
  out += "Message-ID: " + dsn.message_id + "\r\n";
  if (original_id.starts_with('<') && original_id.size() < 900) {
    // RFC 3834 section 3.1.5: mail programs show the notification with the message.
    const std::string id = smtp::printable(original_id);
    out += "In-Reply-To: " + id + "\r\nReferences: " + id + "\r\n";
  }
  // RFC 3834 section 5: nobody should answer this automatically.
  out += "Auto-Submitted: auto-replied\r\n";
  out += "MIME-Version: 1.0\r\n";
  out += "Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"" + boundary +
         "\"\r\n";
  if (eight_bit) out += "Content-Transfer-Encoding: 8bit\r\n";
  // RFC 3464 section 2, RFC 6522 section 3: text, status, and what came back.
  out += "\r\n--" + boundary + "\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n";
  out += human_text(dsn, delayed);
  out += "--" + boundary + "\r\nContent-Type: message/delivery-status\r\n\r\n";
  out += status_fields(dsn, delayed);
  out += "\r\n--" + boundary + "\r\n";
  out += whole ? "Content-Type: message/rfc822\r\n" : "Content-Type: text/rfc822-headers\r\n";
  if (eight_bit) out += "Content-Transfer-Encoding: 8bit\r\n";
  out += "\r\n";
  out += returned;
  if (!returned.ends_with("\r\n")) out += "\r\n";
  out += "\r\n--" + boundary + "--\r\n";
  return out;
}

}  // namespace mailscope::queue
