// What becomes of a recipient of this domain that is not simply a mailbox: aliases and forwarding
// (with rewritten senders), reports that come back along rewritten paths, mailing lists and the
// reports about their members.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "server/host/organisation.hpp"
#include "server/net/network.hpp"
#include "server/queue/dsn.hpp"
#include "server/smtp/envelope.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::host {

/// A recipient and the account of this domain that gets its mail; empty: it is elsewhere.
struct Placed {
  smtp::Recipient recipient;
  std::string account;
};

class Expansion {
 public:
  /// Everything outlives the expansion.
  struct Environment {
    Organisation& organisation;
    const net::Timers& clock;
    trace::Sink& sink;
    trace::HostId self = 0;
    /// Takes responsibility for a message that goes on from here; it gets a queue id of its own.
    std::function<void(smtp::Envelope envelope, std::string content)> submit;
  };
  explicit Expansion(Environment environment) : environment_(std::move(environment)) {}

  /// Whether the address can be a recipient; for SMTP's RCPT. `sender`: the return path.
  struct Verdict {
    const char* word = nullptr;  // "alias", "list" ... for the trace; null: there is nobody
    const char* reason = "";
    std::optional<smtp::Reply> refusal;  // there is, but not for this sender
  };
  Verdict verdict(const mail::Mailbox& recipient, const mail::Mailbox& sender) const;

  struct Result {
    /// Mailboxes of this domain that take the recipient's place in the message.
    std::vector<Placed> local;
    std::optional<smtp::Reply> refusal;  // its sender must be told
    /// What to report to a sender who asked for success (RFC 3461 section 5.2.7); nullopt: others
    /// will.
    std::optional<queue::DsnAction> success;
  };
  /// Expands a recipient for which Organisation::account_of() has no answer. What goes elsewhere is
  /// submitted. `already`: the message's other recipients; they are not named twice.
  Result expand(const smtp::Envelope& envelope, const smtp::Recipient& recipient,
                const std::string& content, const std::vector<smtp::Recipient>& already);

 private:
  void forward(const smtp::Envelope& envelope, std::vector<smtp::Recipient> recipients,
               const std::string& content);
  Result to_members(const smtp::Envelope& envelope, const smtp::Recipient& recipient,
                    const MailingList& list, const std::string& content);
  void note_bounce(const smtp::Envelope& envelope, const smtp::Recipient& recipient,
                   const Destination& about, const std::string& content);
  Result send_back(const smtp::Envelope& envelope, const smtp::Recipient& recipient,
                   const std::string& content);
  void tell(const smtp::Envelope& envelope, const smtp::Recipient& recipient, std::string to,
            std::string_view how);

  Environment environment_;
};

}  // namespace mailscope::host
