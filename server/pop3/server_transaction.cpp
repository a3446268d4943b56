// TRANSACTION and UPDATE: what is in the maildrop, and what shall go.
#include <memory>

#include "server/mail/mime.hpp"
#include "server/pop3/server.hpp"

namespace mailscope::pop3 {

using trace::Kind;

namespace {

/// "2 messages", "1 message".
std::string counted(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " message" : " messages");
}

/// Rising UIDs as IMAP writes sets: "3:5,9".
std::string uid_set(const std::vector<store::Uid>& uids) {
  std::string out;
  for (std::size_t i = 0; i < uids.size();) {
    std::size_t end = i + 1;
    while (end < uids.size() && uids[end] == uids[end - 1] + 1) ++end;
    if (!out.empty()) out += ',';
    out += std::to_string(uids[i]);
    if (end > i + 1) out += ':' + std::to_string(uids[end - 1]);
    i = end;
  }
  return out;
}

}  // namespace

bool ServerEngine::known(std::uint32_t number) {
  if (maildrop_->has(number)) return true;
  error(maildrop_->deleted(number)
            ? "Message " + std::to_string(number) + " is marked as deleted"
            : "No such message, there are " + std::to_string(maildrop_->count()));
  return false;
}

void ServerEngine::stat(const Arguments&) {
  const Maildrop::Total total = maildrop_->total();
  ok(std::to_string(total.messages) + ' ' + std::to_string(total.octets));
}

void ServerEngine::list(const Arguments& arguments) {
  const Maildrop::Total total = maildrop_->total();
  listed(
      arguments,
      [this](std::uint32_t number) {
        return std::to_string(number) + ' ' + std::to_string(maildrop_->size(number));
      },
      counted(total.messages) + " (" + std::to_string(total.octets) + " octets)");
}

void ServerEngine::uidl(const Arguments& arguments) {
  listed(
      arguments,
      [this](std::uint32_t number) {
        return std::to_string(number) + ' ' + maildrop_->unique_id(number);
      },
      "Unique identifiers follow");
}

/// One line for the message that was named, or one for each that is not deleted.
void ServerEngine::listed(const Arguments& arguments,
                          std::function<std::string(std::uint32_t)> line, std::string_view text) {
  if (arguments.message) {
    if (known(*arguments.message)) ok(line(*arguments.message));
    return;
  }
  send(text, listing(1, maildrop_->count(), [this, line = std::move(line)](std::uint32_t number) {
         return maildrop_->has(number) ? line(number) : std::string();
       }));
}

void ServerEngine::retr(const Arguments& arguments) {
  send_message(*arguments.message, std::nullopt);
}

void ServerEngine::top(const Arguments& arguments) {
  send_message(*arguments.message, arguments.lines);
}

void ServerEngine::send_message(std::uint32_t number, std::optional<std::uint32_t> lines) {
  if (!known(number)) return;
  store::Body body = maildrop_->body(number);
  if (!body) return error("SYS/TEMP", "Another session has removed this message");
  // Its number is for the trace alone, and taking the header apart costs more than sending it all.
  trace::MessageNumber message = 0;
  if (tracer_.sink().wants(Kind::pop3_reply)) {
    const std::string id = mail::parse_header(*body).text("Message-ID");
    if (!id.empty()) message = tracer_.sink().message(id);
  }
  const std::size_t end = lines ? top_end(*body, *lines) : body->size();
  auto content = message_lines(std::move(body), end);
  const std::string text =
      lines ? "Top of message follows" : std::to_string(content->octets()) + " octets";
  send(text, std::move(content), message);
}

void ServerEngine::dele(const Arguments& arguments) {
  if (!known(*arguments.message)) return;
  maildrop_->mark(*arguments.message);
  ok("Message " + std::to_string(*arguments.message) + " marked as deleted");
}

void ServerEngine::rset(const Arguments&) {
  maildrop_->unmark_all();
  ok(counted(maildrop_->count()) + ", none marked as deleted");
}

void ServerEngine::noop(const Arguments&) {
  ok("");
}

void ServerEngine::quit(const Arguments&) {
  if (!maildrop_) {
    ok("Bye");
    return finish(State::closed, "QUIT");
  }
  // RFC 1939 section 6: here, and only here, messages go.
  const std::vector<store::Uid> gone = maildrop_->remove_marked();
  if (!gone.empty())
    tracer_.record(Kind::store_expunged, {maildrop_->account(), "INBOX", uid_set(gone)});
  ok(gone.empty() ? std::string("Bye") : "Bye, " + counted(gone.size()) + " deleted");
  finish(State::update, "QUIT");
}

}  // namespace mailscope::pop3
