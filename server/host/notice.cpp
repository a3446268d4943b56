#include "server/host/notice.hpp"

#include "server/mail/builder.hpp"
#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"

namespace mailscope::host {
namespace {

constexpr std::size_t kMaxSubject = 400;  // octets; of a text that may be long

std::string subject_of(const Notice& notice) {
  const sieve::Mailto& method = notice.asked.method;
  // RFC 5436 section 2.7: ":message", else the URI's, else the message's own.
  std::string subject = notice.asked.message ? *notice.asked.message
                        : method.subject     ? *method.subject
                                             : mail::decode_words(notice.header.text("Subject"));
  if (subject.size() > kMaxSubject) subject = mail::repair_utf8(subject.substr(0, kMaxSubject));
  return subject;
}

}  // namespace

std::string build_notice(const Notice& notice) {
  const sieve::Mailto& method = notice.asked.method;
  mail::Draft draft;
  draft.from = notice.from;
  for (const mail::Mailbox& each : method.to) draft.to.push_back(each.to_string());
  for (const mail::Mailbox& each : method.cc) draft.cc.push_back(each.to_string());
  draft.subject = subject_of(notice);
  draft.text = method.body;
  draft.message_id = notice.message_id;
  draft.date = notice.now;
  const std::string id = notice.header.text("Message-ID");
  if (id.starts_with('<') && id.ends_with('>') && id.size() < 900 && mail::all_ascii(id)) {
    draft.extra.emplace_back("References", id);
  }
  if (notice.asked.importance != 2) {
    draft.extra.emplace_back("Importance", notice.asked.importance == 1 ? "high" : "low");
  }
  for (const auto& field : method.fields) draft.extra.push_back(field);
  // RFC 5436 section 2.7.1: a trace field, above those that come from the message; they end loops.
  std::string out = "Auto-Submitted: auto-notified;\r\n owner-email=\"";
  for (const char c : notice.owner) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += "\"\r\n";
  for (const mail::Field* field : notice.header.all("Received")) out += field->whole;
  return out + mail::build_message(draft, notice.message_id);
}

}  // namespace mailscope::host
