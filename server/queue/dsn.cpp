#include "server/queue/dsn.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "server/mail/builder.hpp"
#include "server/mail/date.hpp"
#include "server/mail/encoding.hpp"
#include "server/mail/mime.hpp"
#include "server/smtp/client.hpp"
#include "server/smtp/grammar.hpp"
#include "server/smtp/xtext.hpp"

namespace mailscope::queue {
namespace {

/// Octets of a server's reply that are told: the longest that servers give are some hundred.
constexpr std::size_t kMaxDiagnostic = 600;
/// Where lines are folded (RFC 5322 section 2.1.1 recommends 78).
constexpr std::size_t kFoldAt = 76;

/// Words behind the beginning of a line, folded at spaces.
void append_folded(std::string& out, std::string line, std::string_view words) {
  const std::size_t begin = line.size();
  bool fresh = false;  // the line holds nothing but its words
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    const std::string_view word = words.substr(0, end);
    if (line.size() + 1 + word.size() > kFoldAt && (fresh || line.size() > begin)) {
      out.append(line).append("\r\n");
      line.clear();
      fresh = true;
    }
    line.append(" ").append(word);
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  out.append(line).append("\r\n");
}

/// "name: value" folded at spaces.
void append_field(std::string& out, std::string_view name, std::string_view value) {
  append_folded(out, std::string(name) + ":", value);
}

std::string diagnostic(const smtp::Reply& reply) {
  return smtp::printable(std::string_view(reply.to_string()).substr(0, kMaxDiagnostic));
}

/// RFC 3461 section 9.2: a reply as it was given, each line but the first behind a space.
void append_diagnostic(std::string& out, const smtp::Reply& reply) {
  std::string wire;
  reply.append_wire(wire);
  std::string_view rest = std::string_view(wire).substr(0, kMaxDiagnostic);
  std::string begin = "Diagnostic-Code: smtp;";
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find("\r\n"), rest.size());
    append_folded(out, std::exchange(begin, {}), smtp::printable(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
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

/// What differs between the kinds of notifications.
struct ActionRow {
  DsnAction action;
  std::string_view name;  // RFC 3464 section 2.3.3
  std::uint16_t klass;    // of the status: RFC 3464 section 2.3.4
  std::string_view subject;
  std::string_view words;
};
constexpr auto kActions = std::to_array<ActionRow>({
    {DsnAction::failed, "failed", 5, "Your message could not be delivered",
     "Your message could not be delivered to the addresses below. It will not\r\n"
     "be tried again.\r\n"},
    {DsnAction::delayed, "delayed", 4, "Your message is delayed",
     "Your message could not be delivered yet. You need not send it again.\r\n"},
    {DsnAction::relayed, "relayed", 2, "Your message was passed on",
     "Your message was passed on to a mail system that does not tell what becomes\r\n"
     "of it. You will hear of it again only if it fails.\r\n"},
    {DsnAction::delivered, "delivered", 2, "Your message was delivered",
     "Your message was delivered to the addresses below.\r\n"},
    {DsnAction::expanded, "expanded", 2, "Your message was delivered and sent on",
     "Your message reached the addresses below and was sent on from there. You\r\n"
     "will not hear of those who get it.\r\n"},
});

const ActionRow& row_of(DsnAction action) {
  return kActions[static_cast<std::size_t>(action)];
}

DsnAction action_of(const Dsn& dsn) {
  return dsn.recipients.empty() ? DsnAction::failed : dsn.recipients[0].action;
}

/// An address as people read it: UTF-8 only in a notification that is in UTF-8.
std::string shown(const mail::Mailbox& mailbox, bool utf8) {
  return utf8 ? mailbox.to_string() : smtp::printable(mailbox.to_string());
}

std::string human_text(const Dsn& dsn, bool utf8) {
  const DsnAction action = action_of(dsn);
  std::string out = "This is the mail system at " + dsn.reporting_mta + ".\r\n\r\n";
  out += row_of(action).words;
  if (action == DsnAction::delayed) {
    out += "It will be tried until " + mail::format_date(dsn.give_up) + ".\r\n";
  }
  out += "\r\n";
  for (const DsnRecipient& each : dsn.recipients) {
    out += "<" + shown(each.mailbox, utf8) + ">\r\n";
    if (!each.reason.empty()) {
      // RFC 5429 section 2.1.2: the reason as the script gives it.
      out +=
          "Your message was refused by the recipient's mail filtering program.\r\n"
          "The reason given is as follows:\r\n\r\n" +
          mail::crlf_lines(each.reason) + "\r\n";
    } else if (!each.remote_mta.empty()) {
      append_field(out, "    " + each.remote_mta + " said", diagnostic(each.reply));
    } else if (!each.reply.text.empty()) {
      append_field(out, "    reason", diagnostic(each.reply));
    }
    out += "\r\n";
  }
  return out;
}

/// The part for the person, with its header.
std::string human_part(const Dsn& dsn, bool utf8) {
  const std::string text = human_text(dsn, utf8);
  const bool reasons = std::ranges::any_of(
      dsn.recipients, [](const DsnRecipient& each) { return !each.reason.empty(); });
  // What a person wrote has lines of any length, and characters that must be encoded.
  if (reasons) {
    const std::string part = mail::text_part("plain", text);
    return part.ends_with("\r\n") ? part : part + "\r\n";
  }
  return std::string("Content-Type: text/plain; charset=") +
         (utf8 ? "utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" : "us-ascii\r\n\r\n") + text;
}

std::string status_fields(const Dsn& dsn, bool utf8) {
  const bool delayed = action_of(dsn) == DsnAction::delayed;
  // RFC 3464 section 2.2: fields about the message.
  std::string out;
  if (!dsn.envid.empty()) out += "Original-Envelope-Id: " + dsn.envid + "\r\n";
  out += "Reporting-MTA: dns; " + dsn.reporting_mta + "\r\n";
  out += "Arrival-Date: " + mail::format_date(dsn.arrived) + "\r\n";
  // RFC 2852 section 5, RFC 4865 section 5.1.2.
  if (dsn.deliver_by != net::Time{}) {
    out += "Deliver-By-Date: " + mail::format_date(dsn.deliver_by) + "\r\n";
  }
  if (!dsn.hold_request.empty()) out += "Future-Release-Request: " + dsn.hold_request + "\r\n";
  for (const DsnRecipient& each : dsn.recipients) {
    // RFC 3464 section 2.3: fields about one recipient, behind an empty line.
    const auto status = each.status.present() ? each.status : dsn_status(each.reply, each.action);
    out += "\r\n";
    if (!each.orcpt.empty()) {
      out += "Original-Recipient: " + smtp::typed_orcpt(each.orcpt, utf8) + "\r\n";
    }
    out += "Final-Recipient: " + smtp::typed_address("rfc822", each.mailbox.to_string(), utf8) +
           "\r\n";
    out.append("Action: ").append(to_string(each.action)).append("\r\n");
    out += "Status: " + status.to_string() + "\r\n";
    // RFC 3464 section 2.3.6: what an SMTP server said, and nothing that it did not say. Without
    // Remote-MTA it was this host.
    if (!each.remote_mta.empty()) out += "Remote-MTA: dns; " + each.remote_mta + "\r\n";
    if (!each.remote_mta.empty() || each.own_reply) append_diagnostic(out, each.reply);
    if (each.last_attempt != net::Time{}) {
      out += "Last-Attempt-Date: " + mail::format_date(each.last_attempt) + "\r\n";
    }
    if (delayed) out += "Will-Retry-Until: " + mail::format_date(dsn.give_up) + "\r\n";
  }
  return out;
}

/// Whether the whole message comes back, or its header.
bool returns_whole(const Dsn& dsn) {
  // RFC 3461 section 6.2: RET is about failures; everything else only reminds of the message.
  if (action_of(dsn) != DsnAction::failed || dsn.ret == smtp::Return::headers) return false;
  return dsn.ret == smtp::Return::full || dsn.original.size() <= dsn.max_returned;
}

/// Type of the part that brings the message or its header back (RFC 6522 section 3, RFC 6533
/// section 4).
std::string_view returned_type(bool whole, bool utf8_header) {
  if (whole) return utf8_header ? "message/global" : "message/rfc822";
  return utf8_header ? "message/global-headers" : "text/rfc822-headers";
}

}  // namespace

std::string_view to_string(DsnAction action) {
  return row_of(action).name;
}

smtp::EnhancedStatus dsn_status(const smtp::Reply& reply, DsnAction action) {
  const std::uint16_t klass = row_of(action).klass;
  if (reply.status.present() && reply.status.klass == klass) return reply.status;
  // RFC 3463 section 3.1: X.0.0 when nothing more is known.
  return {klass, 0, 0};
}

bool dsn_needs_utf8(const Dsn& dsn) {
  return smtp::has_eight_bit(dsn.to.to_string()) ||
         std::ranges::any_of(dsn.recipients, [](const DsnRecipient& each) {
           return smtp::has_eight_bit(each.mailbox.to_string()) || smtp::has_eight_bit(each.orcpt);
         });
}

std::string build_dsn(const Dsn& dsn) {
  const bool utf8 = dsn_needs_utf8(dsn);
  const bool whole = returns_whole(dsn);
  const std::string_view returned = whole ? dsn.original : header_of(dsn.original);
  const bool eight_bit = smtp::has_eight_bit(returned);
  const bool utf8_header = smtp::has_utf8_header(dsn.original);
  const std::string human = human_part(dsn, utf8);
  const std::string boundary = boundary_for(human + std::string(returned), dsn.queue_id);
  const std::string original_id = mail::parse_header(header_of(dsn.original)).text("Message-ID");
  const std::string_view encoding = smtp::has_binary(returned) ? "binary" : eight_bit ? "8bit" : "";

  std::string out;
  out.reserve(returned.size() + 2'048);
  // RFC 3464 section 2: a person who looks after this host.
  const std::string from =
      dsn.postmaster.empty() ? "mailer-daemon@" + dsn.reporting_mta : dsn.postmaster;
  out += "From: Mail Delivery System <" + from + ">\r\n";
  out += "To: <" + dsn.to.to_string() + ">\r\n";
  out.append("Subject: ").append(row_of(action_of(dsn)).subject).append("\r\n");
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
  out += "Content-Type: multipart/report; report-type=";
  out += utf8 ? "global-delivery-status" : "delivery-status";
  out += ";\r\n boundary=\"" + boundary + "\"\r\n";
  if (utf8 || !encoding.empty()) {
    out.append("Content-Transfer-Encoding: ").append(encoding.empty() ? "8bit" : encoding);
    out += "\r\n";
  }
  // RFC 3464 section 2, RFC 6522 section 3: text, status, and what came back.
  out += "\r\n--" + boundary + "\r\n" + human;
  out += "--" + boundary + "\r\nContent-Type: message/";
  out += utf8 ? "global-delivery-status\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
              : "delivery-status\r\n\r\n";
  out += status_fields(dsn, utf8);
  out += "\r\n--" + boundary + "\r\n";
  out.append("Content-Type: ").append(returned_type(whole, utf8_header)).append("\r\n");
  if (!encoding.empty()) {
    out.append("Content-Transfer-Encoding: ").append(encoding).append("\r\n");
  }
  out += "\r\n";
  out += returned;
  if (!returned.ends_with("\r\n")) out += "\r\n";
  out += "\r\n--" + boundary + "--\r\n";
  return out;
}

}  // namespace mailscope::queue
