// What the SMTP tests share: a sink that remembers events as lines, and a host with a few
// mailboxes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/auth/accounts.hpp"
#include "server/smtp/server.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::smtp::test {

/// 2026-03-02T09:00:00Z.
inline constexpr net::Time kStart{std::chrono::seconds(1'772'442'000)};

/// Remembers "kind value value..." for each event.
class LineSink final : public trace::Sink {
 public:
  struct Event {
    trace::EventId cause;
    trace::MessageNumber message;
    trace::Kind kind;
    std::string line;
  };
  trace::EventId record(trace::Kind kind, const trace::Origin& origin,
                        std::initializer_list<trace::Value> values) override {
    std::string line(trace::info(kind).name);
    for (const trace::Value& v : values) {
      line += " ";
      line += v.is_number ? std::to_string(v.number) : std::string(v.text);
    }
    events.push_back({cause(), origin.message, kind, line});
    return static_cast<trace::EventId>(events.size());
  }
  trace::HostId host(std::string_view) override { return 1; }
  trace::MessageNumber message(std::string_view id) override {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (!id.empty() && ids[i] == id) return static_cast<trace::MessageNumber>(i + 1);
    }
    ids.emplace_back(id);
    return static_cast<trace::MessageNumber>(ids.size());
  }
  trace::ConnectionId new_connection() override { return 1; }
  std::vector<std::string> lines() const {
    std::vector<std::string> out;
    for (const Event& e : events) out.push_back(e.line);
    return out;
  }
  std::size_t count(trace::Kind kind) const {
    std::size_t n = 0;
    for (const Event& e : events) n += e.kind == kind ? 1u : 0u;
    return n;
  }

  std::vector<Event> events;
  std::vector<std::string> ids;
};

/// alice@acme.example with the password "secret".
class OneAccount final : public auth::Accounts {
 public:
  std::optional<std::string> verify(std::string_view user,
                                    std::string_view password) const override {
    if (user != "alice@acme.example" || password != "secret") return std::nullopt;
    return std::string(user);
  }
};

/// A host for globex.example: bob and postmaster live there, full's mailbox is full, later's fate
/// is told later; users who are logged in may write to everybody.
class TestHost final : public ServerHandler {
 public:
  struct Received {
    Envelope envelope;
    std::string content;
  };
  Answer on_connect(ServerEngine&) override { return connect_answer; }
  Answer on_mail(ServerEngine&, const PathArgument& path) override {
    if (path.mailbox.local == "later") return Answer::later();
    if (path.mailbox.local == "spammer") return Answer::reply({550, {5, 7, 1}, "Not from you"});
    return Answer::accept();
  }
  Answer on_rcpt(ServerEngine& session, const mail::Mailbox& recipient) override {
    if (recipient.local == "later") return Answer::later();
    if (!session.envelope().account.empty()) return Answer::accept();
    if (recipient.domain != "globex.example") {
      return Answer::reply({550, {5, 7, 1}, "We do not relay"});
    }
    if (recipient.local == "full") return Answer::reply({452, {4, 2, 2}, "Mailbox full"});
    if (recipient.local == "closing") return Answer::reply({421, {4, 3, 2}, "Shutting down"});
    if (recipient.local.starts_with("bob") || recipient.local == "Postmaster") {
      return Answer::accept();
    }
    return Answer::reply({550, {5, 1, 1}, "No such mailbox here"});
  }
  Answer on_message(ServerEngine&, const Envelope& envelope, std::string content) override {
    if (content.find("Subject: later") != std::string::npos) return Answer::later();
    if (content.find("Subject: virus") != std::string::npos) {
      return Answer::reply({554, {5, 7, 1}, "Refused"});
    }
    messages.push_back({envelope, std::move(content)});
    return Answer::accept();
  }
  std::vector<Answer> on_delivery(ServerEngine&, const Envelope& envelope,
                                  std::string content) override {
    std::vector<Answer> answers;
    for (const Recipient& each : envelope.recipients) {
      answers.push_back(each.mailbox.local == "bobfull"
                            ? Answer::reply({452, {4, 2, 2}, "Mailbox full"})
                            : Answer::accept());
    }
    messages.push_back({envelope, std::move(content)});
    return answers;
  }
  Answer on_verify(ServerEngine&, std::string_view who, bool expand) override {
    if (expand && who == "staff") {
      return Answer::reply({250, {2, 1, 5}, "<ann@globex.example>\n<bob@globex.example>"});
    }
    if (!expand && who == "later") return Answer::later();
    return Answer::accept();
  }
  Answer on_etrn(ServerEngine&, char kind, std::string_view node) override {
    if (node != "acme.example") return Answer::reply({459, {4, 7, 1}, "Not served here"});
    if (kind == '@') return Answer::reply({253, {2, 0, 0}, "4 messages for it and below"});
    return Answer::accept();
  }
  bool trusts(const ServerEngine&, const mail::Mailbox& submitter) override {
    return submitter.local.starts_with("alice");
  }
  std::string new_queue_id() override { return "Q" + std::to_string(++ids); }
  void on_closed(ServerEngine&) override { ++closed; }

  Answer connect_answer;
  std::vector<Received> messages;
  int ids = 0;
  int closed = 0;
};

}  // namespace mailscope::smtp::test
