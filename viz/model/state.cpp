#include "viz/model/state.hpp"

#include <algorithm>

#include "sim/story/wire.hpp"

namespace mailscope::viz {
namespace {

using trace::ConnectionId;
using trace::Event;
using trace::EventId;
using trace::HostId;
using trace::Kind;
using trace::Layer;
using trace::Log;
using trace::MessageNumber;

std::vector<std::string> addresses(std::string_view text) {
  std::vector<std::string> out;
  std::string one;
  for (const char c : text) {
    if (c == ' ' || c == ',' || c == '\n' || c == '<' || c == '>') {
      if (!one.empty()) out.push_back(std::move(one));
      one.clear();
    } else {
      one += c;
    }
  }
  if (!one.empty()) out.push_back(std::move(one));
  return out;
}

/// "FETCH" for UID FETCH, and LOGIN for every way to log in to IMAP: what the session has come to.
std::string plain_verb(std::string_view verb, std::string_view line) {
  if (verb.starts_with("UID ")) verb.remove_prefix(4);
  if (verb == "UID") {
    const std::size_t at = line.find("UID ");
    if (at != std::string_view::npos) {
      verb = line.substr(at + 4);
      verb = verb.substr(0, verb.find(' '));
    }
  }
  if (verb == "AUTHENTICATE") verb = "LOGIN";
  return std::string(verb);
}

class Fold {
 public:
  Fold(State& state, const Log& log, EventId id, const std::map<EventId, MessageNumber>& message_of)
      : s_(state), log_(log), id_(id), event_(log.at(id)), message_of_(message_of) {}

  void run() {
    s_.event = id_;
    if (event_.connection != 0) touch_session();
    switch (event_.kind) {
      case Kind::smtp_data:
        return data();
      case Kind::smtp_reply:
        return reply();
      case Kind::pop3_reply:
      case Kind::sieve_reply:
        return answered(log_.number(id_, "ok") != 0);
      case Kind::imap_response:
        return imap_response();
      case Kind::tls_established:
        return tls();
      case Kind::mail_accepted:
        return accepted();
      case Kind::mail_relayed:
        return relayed();
      case Kind::mail_delivered:
        return delivered();
      case Kind::mail_deferred:
        return deferred();
      case Kind::mail_waits:
        return waits();
      case Kind::mail_failed:
        return failed();
      case Kind::mail_bounced:
      case Kind::mail_discarded:
        return failures_told();
      case Kind::sieve_run:
        // A filter that keeps no copy has ended it.
        return log_.number(id_, "ends") != 0 ? served(log_.text(id_, "recipient")) : void();
      case Kind::mail_expanded:
        return served(log_.text(id_, "recipient"));
      case Kind::smtp_attempt:
        return attempt();
      case Kind::store_appended:
        return appended();
      case Kind::store_expunged:
        return expunged();
      case Kind::dns_response:
        return learnt();
      case Kind::link_host:
        return host_state();
      case Kind::policy_auth:
        return login();
      default:
        return;
    }
  }

 private:
  Session& session() { return s_.sessions[event_.connection]; }

  void touch_session() {
    Session& session = this->session();
    session.id = event_.connection;
    session.last = id_;
    const Layer layer = trace::info(event_.kind).layer;
    const bool mail = layer == Layer::smtp || layer == Layer::pop3 || layer == Layer::imap ||
                      layer == Layer::sieve;
    switch (event_.kind) {
      case Kind::transport_open:
        session.client = event_.host;
        session.server = event_.peer;
        session.endpoint = log_.text(id_, "to");
        session.open = true;
        break;
      case Kind::transport_closed:
        session.open = false;
        break;
      case Kind::smtp_connected:
        session.role = log_.text(id_, "role");
        [[fallthrough]];
      case Kind::pop3_connected:
      case Kind::sieve_connected:
      case Kind::imap_connected:
        session.server = event_.host;
        session.client = event_.peer;
        session.protocol = layer;
        session.open = session.up = true;
        break;
      case Kind::smtp_closed:
      case Kind::pop3_closed:
      case Kind::sieve_closed:
      case Kind::imap_closed:
        session.open = false;
        break;
      case Kind::smtp_command:
      case Kind::pop3_command:
      case Kind::sieve_command:
      case Kind::imap_command:
        session.last_verb = plain_verb(log_.text(id_, "verb"), log_.text(id_, "line"));
        break;
      default:
        break;
    }
    if (mail || layer == Layer::tls || event_.kind == Kind::transport_open) {
      s_.current_connection = event_.connection;
    }
  }

  void answered(bool well) {
    Session& session = this->session();
    session.up = true;
    if (!well || session.last_verb.empty()) return;
    if (std::ranges::find(session.verbs, session.last_verb) == session.verbs.end()) {
      session.verbs.push_back(session.last_verb);
    }
  }

  void imap_response() {
    const std::string_view tag = log_.text(id_, "tag");
    if (tag == "*" || tag == "+") return;
    answered(log_.text(id_, "text").find("OK") != std::string_view::npos);
  }

  void data() {
    session().last_verb = "DATA";
    const auto it = message_of_.find(id_);
    const MessageNumber number = it == message_of_.end() ? event_.message : it->second;
    s_.transits.push_back({event_.peer, event_.host, event_.connection, number});
    s_.messages[number].number = number;
    s_.current_message = number;
  }

  void reply() {
    const std::int64_t code = log_.number(id_, "code");
    // 354 after DATA is on the way; the verb is done with the reply to the content.
    answered(code < 300);
    if (code / 100 == 3) return;
    const auto transit = std::ranges::find(s_.transits, event_.connection, &Transit::connection);
    if (transit == s_.transits.end()) return;
    s_.transits.erase(transit);
    for (Copy& copy : s_.copies) {
      if (copy.via == event_.connection && !copy.committed && code / 100 == 2)
        copy.committed = true;
    }
  }

  void tls() {
    Session& session = this->session();
    session.tls = id_;
    // What was said in clear does not count any more (RFC 3207 section 4.2), but STARTTLS was said.
    std::erase_if(session.verbs, [](const std::string& v) {
      return v != "STARTTLS" && v != "STLS" && v != "EHLO";
    });
  }

  void accepted() {
    Message& message = s_.messages[event_.message];
    message.number = event_.message;
    message.content = id_;
    if (message.return_path.empty()) message.return_path = log_.text(id_, "return_path");
    if (message.recipients.empty()) message.recipients = log_.text(id_, "recipients");
    Copy copy;
    copy.host = event_.host;
    copy.message = event_.message;
    copy.queue_id = log_.text(id_, "queue_id");
    copy.recipients = addresses(log_.text(id_, "recipients"));
    copy.status = "waiting";
    const EventId content = story::content_of(log_, id_);
    const ConnectionId via = content != 0 ? log_.at(content).connection : event_.connection;
    const bool arriving =
        via != 0 && std::ranges::find(s_.transits, via, &Transit::connection) != s_.transits.end();
    copy.via = arriving ? via : 0;
    copy.committed = !arriving;  // a report is born in the queue; nobody has to be told
    s_.copies.push_back(std::move(copy));
    s_.current_message = event_.message;
  }

  Copy* copy(std::string_view queue_id) {
    for (Copy& c : s_.copies) {
      if (c.host == event_.host &&
          (c.queue_id == queue_id || (queue_id.empty() && c.message == event_.message)))
        return &c;
    }
    return nullptr;
  }

  void served(std::string_view recipients) {
    Copy* found = copy(log_.text(id_, "queue_id"));
    if (found == nullptr) return;
    for (const std::string& address : addresses(recipients)) std::erase(found->recipients, address);
    if (found->recipients.empty() && found->failed.empty())
      s_.copies.erase(s_.copies.begin() + (found - s_.copies.data()));
  }

  void relayed() { served(log_.text(id_, "recipients")); }

  void delivered() {
    Message& message = s_.messages[event_.message];
    const std::string_view box = log_.text(id_, "mailbox");
    message.number = event_.message;
    message.mailboxes.push_back(std::string(log_.text(id_, "recipient")) + "/" + std::string(box));
    served(log_.text(id_, "recipient"));
  }

  void deferred() {
    if (Copy* found = copy(log_.text(id_, "queue_id"))) {
      found->tries = log_.number(id_, "attempts");
      found->status = "next try in " + std::to_string(log_.number(id_, "next_s")) + " s";
      found->trouble = true;
    }
    s_.current_message = event_.message != 0 ? event_.message : s_.current_message;
  }

  void waits() {
    if (Copy* found = copy(log_.text(id_, "queue_id"))) found->status = "waits for its turn";
  }

  void failed() {
    if (event_.message != 0) s_.messages[event_.message].failed = true;
    if (Copy* found = copy(log_.text(id_, "queue_id"))) {
      for (const std::string& address : addresses(log_.text(id_, "recipient"))) {
        std::erase(found->recipients, address);
        found->failed.push_back(address);
      }
      found->status = "failed";
      found->trouble = true;
    }
    s_.current_message = event_.message != 0 ? event_.message : s_.current_message;
  }

  /// Whoever failed is answered for: a report takes over, or nobody is to be told. The copy stays
  /// for those who still wait.
  void failures_told() {
    Copy* found = copy(log_.text(id_, "queue_id"));
    if (found == nullptr) return;
    found->failed.clear();
    if (found->recipients.empty()) s_.copies.erase(s_.copies.begin() + (found - s_.copies.data()));
  }

  void attempt() {
    if (Copy* found = copy(log_.text(id_, "queue_id"))) {
      found->tries = std::max<std::int64_t>(found->tries, log_.number(id_, "number"));
      found->status = "being sent";
      found->trouble = false;
      s_.current_message = found->message;
    }
  }

  Mailbox& mailbox() {
    const std::string_view account = log_.text(id_, "account");
    const std::string_view name = log_.text(id_, "mailbox");
    for (Mailbox& box : s_.mailboxes) {
      if (box.account == account && box.name == name) return box;
    }
    return s_.mailboxes.emplace_back(Mailbox{std::string(account), std::string(name)});
  }

  void appended() {
    Mailbox& box = mailbox();
    ++box.messages;
    if (log_.text(id_, "flags").find("Seen") == std::string_view::npos) ++box.unseen;
  }

  void expunged() {
    Mailbox& box = mailbox();
    const auto gone = static_cast<std::int64_t>(addresses(log_.text(id_, "uids")).size());
    box.messages = std::max<std::int64_t>(0, box.messages - gone);
  }

  void learnt() {
    for (const char* section : {"answer", "authority", "additional"}) {
      for (const std::string_view line : story::split_lines(log_.text(id_, section))) {
        s_.caches[event_.peer].insert(std::string(line));
      }
    }
  }

  void host_state() {
    const HostId host = log_.find_host(log_.text(id_, "name"));
    if (log_.number(id_, "up") != 0) {
      s_.down.erase(host);
    } else {
      s_.down.insert(host);
    }
  }

  void login() {
    if (event_.connection != 0 && log_.number(id_, "ok") != 0)
      session().user = log_.text(id_, "user");
  }

  State& s_;
  const Log& log_;
  EventId id_;
  const Event& event_;
  const std::map<EventId, MessageNumber>& message_of_;
};

}  // namespace

const Session* State::session(ConnectionId id) const {
  const auto it = sessions.find(id);
  return it == sessions.end() ? nullptr : &it->second;
}

const Message* State::message(MessageNumber number) const {
  const auto it = messages.find(number);
  return it == messages.end() ? nullptr : &it->second;
}

std::vector<const Copy*> State::queue(HostId host) const {
  std::vector<const Copy*> out;
  for (const Copy& copy : copies) {
    if (copy.host == host) out.push_back(&copy);
  }
  return out;
}

std::vector<HostId> State::responsible(MessageNumber number) const {
  std::vector<HostId> out;
  for (const Copy& copy : copies) {
    if (copy.message == number && copy.committed) out.push_back(copy.host);
  }
  return out;
}

std::int64_t State::mailbox_messages(std::string_view account) const {
  std::int64_t sum = 0;
  for (const Mailbox& box : mailboxes) {
    if (box.account == account) sum += box.messages;
  }
  return sum;
}

void apply(State& state, const Log& log, EventId id,
           const std::map<EventId, MessageNumber>& message_of) {
  Fold(state, log, id, message_of).run();
}

std::map<EventId, MessageNumber> messages_on_the_wire(const Log& log) {
  std::map<EventId, MessageNumber> out;
  std::map<HostId, MessageNumber> last_of_host;
  for (EventId id = 1; id <= log.size(); ++id) {
    const Event& event = log.at(id);
    if (event.kind == Kind::smtp_data) {
      // Refused content never gets a queue entry: then it is what the client was busy with.
      out[id] = event.message != 0 ? event.message : last_of_host[event.peer];
    } else if (event.kind == Kind::smtp_attempt && event.message != 0) {
      last_of_host[event.host] = event.message;
    } else if (event.kind == Kind::mail_accepted) {
      if (const EventId content = story::content_of(log, id); content != 0)
        out[content] = event.message;
      last_of_host[event.host] = event.message;
    }
  }
  return out;
}

}  // namespace mailscope::viz
