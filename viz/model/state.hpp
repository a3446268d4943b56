// What the world looks like after an event: custody, queues, mailboxes, sessions, caches. A plain
// value, folded over the trace; nothing here knows ImGui.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/story/world.hpp"

namespace mailscope::viz {

/// A copy of a message in a host's queue. The host is responsible once `committed`: from the final
/// 250 on, never before (RFC 5321 section 4.2.5).
struct Copy {
  trace::HostId host = 0;
  trace::MessageNumber message = 0;
  std::string queue_id;
  std::vector<std::string> recipients;  // still to be served
  std::vector<std::string> failed;      // given up, and nobody has been told yet
  bool committed = false;
  trace::ConnectionId via = 0;  // the session whose final reply commits it
  std::int64_t tries = 0;
  std::string status;  // "waiting", "next try in 300 s"
  bool trouble = false;
  bool operator==(const Copy&) const = default;
};

struct Message {
  trace::MessageNumber number = 0;
  trace::EventId content = 0;  // the mail_accepted event that holds its text
  std::string return_path;
  std::string recipients;
  bool report = false;  // a delivery status notification
  bool failed = false;
  std::vector<std::string> mailboxes;  // "bob@globex.example/INBOX": final delivery
  bool operator==(const Message&) const = default;
};

/// Message content under way: the sender still owns it.
struct Transit {
  trace::HostId from = 0;
  trace::HostId to = 0;
  trace::ConnectionId connection = 0;
  trace::MessageNumber message = 0;
  bool operator==(const Transit&) const = default;
};

struct Session {
  trace::ConnectionId id = 0;
  trace::HostId client = 0;
  trace::HostId server = 0;
  trace::Layer protocol = trace::Layer::transport;
  std::string role;      // mx, submission, submissions
  std::string endpoint;  // "10.0.2.25:25"
  bool open = false;
  bool up = false;         // TCP established, or spoken to
  trace::EventId tls = 0;  // the tls_established event
  trace::EventId last = 0;
  std::string last_verb;
  std::vector<std::string> verbs;  // commands that were answered well, in order
  std::string user;
  bool operator==(const Session&) const = default;
};

struct Mailbox {
  std::string account;
  std::string name;
  std::int64_t messages = 0;
  std::int64_t unseen = 0;
  bool operator==(const Mailbox&) const = default;
};

struct State {
  trace::EventId event = 0;  // folded up to here
  std::map<trace::MessageNumber, Message> messages;
  std::vector<Copy> copies;
  std::vector<Transit> transits;
  std::map<trace::ConnectionId, Session> sessions;
  std::vector<Mailbox> mailboxes;
  std::map<trace::HostId, std::set<std::string>> caches;  // what a resolver has learnt
  std::set<trace::HostId> down;
  trace::MessageNumber current_message = 0;
  trace::ConnectionId current_connection = 0;
  bool operator==(const State&) const = default;

  const Session* session(trace::ConnectionId id) const;
  const Message* message(trace::MessageNumber number) const;
  std::vector<const Copy*> queue(trace::HostId host) const;
  /// The hosts that must deliver this message now.
  std::vector<trace::HostId> responsible(trace::MessageNumber number) const;
  std::int64_t mailbox_messages(std::string_view account) const;
};

/// Folds one event in. `message_of` gives the message that a smtp_data event carries, since the
/// server learns its Message-ID only afterwards.
void apply(State& state, const trace::Log& log, trace::EventId id,
           const std::map<trace::EventId, trace::MessageNumber>& message_of);

/// The message that each smtp_data event carries.
std::map<trace::EventId, trace::MessageNumber> messages_on_the_wire(const trace::Log& log);

}  // namespace mailscope::viz
