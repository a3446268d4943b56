#include "server/host/mdn.hpp"

#include "server/mail/builder.hpp"
#include "server/mail/date.hpp"
#include "server/mail/encoding.hpp"
#include "server/mail/mime.hpp"
#include "server/mail/text.hpp"
#include "server/smtp/client.hpp"
#include "server/smtp/grammar.hpp"
#include "server/smtp/xtext.hpp"

namespace mailscope::host {
namespace {

/// A boundary that does not stand in `text` (RFC 2046 section 5.1.1).
std::string boundary_for(std::string_view text, std::string_view id) {
  std::string base = "=_mdn_";
  for (const char c : id) {
    if ((mail::is_alpha(c) || mail::is_digit(c)) && base.size() < 50) base += c;
  }
  std::string boundary = base;
  for (int n = 1; text.find(boundary) != std::string_view::npos; ++n)
    boundary = base + "_" + std::to_string(n);
  return boundary;
}

std::string_view header_of(std::string_view message) {
  const std::size_t end = message.find("\r\n\r\n");
  return end == std::string_view::npos ? message : message.substr(0, end + 2);
}

std::string human_part(const Mdn& mdn) {
  std::string text =
      "The message was refused by the recipient's mail filtering program.\r\n"
      "The reason given was as follows:\r\n\r\n";
  text += mdn.reason;
  return mail::text_part("plain", text);
}

/// RFC 8098 section 3.1.
std::string fields(const Mdn& mdn, const std::string& original_id) {
  std::string out = "Reporting-UA: " + mdn.hostname + "; Mailscope\r\n";
  if (!mdn.orcpt.empty())
    out += "Original-Recipient: " + smtp::typed_orcpt(mdn.orcpt, false) + "\r\n";
  out += "Final-Recipient: " + smtp::typed_address("rfc822", mdn.recipient.to_string(), false) +
         "\r\n";
  if (!original_id.empty()) out += "Original-Message-ID: " + original_id + "\r\n";
  // RFC 5429 section 2.2.1 asks for exactly this.
  return out + "Disposition: automatic-action/MDN-sent-automatically; deleted\r\n";
}

}  // namespace

std::string build_mdn(const Mdn& mdn) {
  const bool whole = mdn.original.size() <= mdn.max_returned;
  const std::string_view returned = whole ? mdn.original : header_of(mdn.original);
  const std::string boundary = boundary_for(std::string(returned) + mdn.reason, mdn.message_id);
  std::string id = mail::parse_header(mdn.original).text("Message-ID");
  id = id.starts_with('<') && id.size() < 900 ? smtp::printable(id) : std::string();
  const bool eight_bit = smtp::has_eight_bit(returned);

  std::string out = "From: <" + mdn.recipient.to_string() + ">\r\n";
  out += "To: <" + mdn.to.to_string() + ">\r\n";
  out += "Subject: Your message was refused\r\n";
  out += "Date: " + mail::format_date(mdn.now) + "\r\n";
  out += "Message-ID: " + mdn.message_id + "\r\n";
  if (!id.empty()) out += "In-Reply-To: " + id + "\r\nReferences: " + id + "\r\n";
  // RFC 3834 section 5: nobody should answer this automatically.
  out += "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n";
  out += "Content-Type: multipart/report; report-type=disposition-notification;\r\n boundary=\"" +
         boundary + "\"\r\n";
  if (eight_bit) out += "Content-Transfer-Encoding: 8bit\r\n";
  out += "\r\n--" + boundary + "\r\n" + human_part(mdn);
  out += "\r\n--" + boundary + "\r\nContent-Type: message/disposition-notification\r\n\r\n";
  out += fields(mdn, id);
  out += "\r\n--" + boundary + "\r\n";
  out += whole ? "Content-Type: message/rfc822\r\n" : "Content-Type: text/rfc822-headers\r\n";
  if (eight_bit) out += "Content-Transfer-Encoding: 8bit\r\n";
  out += "\r\n" + std::string(returned);
  if (!returned.ends_with("\r\n")) out += "\r\n";
  return out + "\r\n--" + boundary + "--\r\n";
}

}  // namespace mailscope::host
