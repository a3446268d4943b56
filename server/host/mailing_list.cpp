#include "server/host/mailing_list.hpp"

#include <algorithm>

#include "server/host/auto_reply.hpp"
#include "server/mail/encoding.hpp"
#include "server/mail/mime.hpp"
#include "server/mail/text.hpp"

namespace mailscope::host {
namespace {

/// Fields that a list makes itself; those of a list before it are about that list
/// (RFC 2369 section 4).
constexpr std::string_view kReplaced[] = {"List-Id",
                                          "List-Post",
                                          "List-Help",
                                          "List-Owner",
                                          "List-Subscribe",
                                          "List-Unsubscribe",
                                          "List-Unsubscribe-Post",
                                          "List-Archive",
                                          "Precedence",
                                          "Return-Path",
                                          "Sender"};

bool replaced(std::string_view field) {
  return std::ranges::any_of(kReplaced,
                             [&](std::string_view name) { return mail::iequals(name, field); });
}

/// What stands in angle brackets in a List-Id field.
std::string_view id_of(std::string_view value) {
  const std::size_t begin = value.rfind('<');
  const std::size_t end = value.rfind('>');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return {};
  return value.substr(begin + 1, end - begin - 1);
}

}  // namespace

std::string list_id(const MailingList& list, std::string_view domain) {
  return list.name + "." + std::string(domain);
}

std::optional<std::string> not_for_list(const MailingList& list, std::string_view domain,
                                        const mail::Mailbox& sender, std::string_view content) {
  if (sender.null()) return "a report or an automatic answer is no contribution to a list";
  const mail::Header header = mail::parse_header(content);
  for (const mail::Field* field : header.all("List-Id")) {
    if (mail::iequals(id_of(field->value), list_id(list, domain)))
      return "the message was sent to this list before: a loop";
  }
  if (sent_automatically(header)) return "an automatic answer is no contribution to a list";
  return std::nullopt;
}

std::string list_copy(const MailingList& list, std::string_view domain, std::string_view content) {
  const std::string at = "@" + std::string(domain);
  const auto address = [&](std::string_view suffix) {
    return "<mailto:" + list.name + std::string(suffix) + at + ">";
  };
  std::string out;
  out.reserve(content.size() + 600);
  const mail::Header header = mail::parse_header(content);
  std::size_t end = 0;
  std::string kept;
  for (const mail::Field& field : header.fields) {
    end = static_cast<std::size_t>(field.whole.data() - content.data()) + field.whole.size();
    if (!replaced(field.name)) kept += field.whole;
  }
  // Trace fields stay on top (RFC 5321 section 4.4): ours go behind all others.
  out += kept;
  // RFC 2919 section 2: a phrase and the identifier.
  out += "List-Id: ";
  if (!list.title.empty()) out += mail::encode_words(list.title) + " ";
  out += "<" + list_id(list, domain) + ">\r\n";
  out += "List-Post: " + address("") + "\r\n";
  out += "List-Help: " + address("-request") + "\r\n";
  out += "List-Owner: " + address("-owner") + "\r\n";
  out += "List-Unsubscribe: <mailto:" + list.name + "-request" + at + "?subject=unsubscribe>\r\n";
  out += "Precedence: list\r\n";
  out += "Sender: " + list.name + "-bounces" + at + "\r\n";
  out += content.substr(end);
  return out;
}

}  // namespace mailscope::host
