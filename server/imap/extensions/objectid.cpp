// OBJECTID (RFC 8474): names of mailboxes, messages and threads that survive renaming and copying.
//
//   C: a FETCH 1 (EMAILID THREADID)
//   S: * 1 FETCH (EMAILID (E1f) THREADID (T9c1185a5c5e9fc54))
//   S: a OK Fetched
#include <charconv>

#include "server/imap/extensions/extensions.hpp"
#include "server/imap/message_ids.hpp"

namespace mailscope::imap {
namespace {

std::string named(char kind, std::uint64_t value) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, 16).ptr;
  return kind + std::string(digits, end);
}

// FNV-1a: the same on every machine, and nothing hangs on who could find two texts with one value.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return value;
}

}  // namespace

std::string mailbox_object_id(store::MailboxId id) {
  return named('F', id);
}
std::string email_object_id(store::EmailId id) {
  return named('E', id);
}

// All answers name the first message of their thread first in References; so what depends on that
// name alone never changes, as RFC 8474 section 5.2 asks, and needs no index.
std::string thread_object_id(MessageView& message, store::EmailId email) {
  const mail::Header& header = message.header();
  for (const std::string_view field : {"References", "In-Reply-To", "Message-ID"}) {
    const mail::Field* found = header.find(field);
    if (found == nullptr) continue;
    const std::string id = first_message_id(found->value);
    if (!id.empty()) return named('T', hash(id));
  }
  return named('T', email);
}

void write_email_id(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  out.text("EMAILID (").text(email_object_id(f.info->email)).text(")");
}

void write_thread_id(ResponseWriter& out, const FetchItem&, FetchedMessage& f) {
  // The same for all clients, whatever they get in the place of the message.
  MessageView& message = f.stored != nullptr ? *f.stored : *f.message;
  out.text("THREADID (").text(thread_object_id(message, f.info->email)).text(")");
}

}  // namespace mailscope::imap
