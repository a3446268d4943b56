// The envelope: what SMTP says about a message outside of it.
//
//   MAIL FROM:<alice@acme.example> BODY=8BITMIME RET=HDRS ENVID=QQ314159    MailParameters
//   RCPT TO:<bob@globex.example> NOTIFY=FAILURE ORCPT=rfc822;bob@old.example      Recipient
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/mail/address.hpp"
#include "server/net/address.hpp"
#include "server/net/time.hpp"
#include "server/trace/event.hpp"

namespace mailscope::smtp {

/// BODY: what the octets of the content may be.
enum class Body : std::uint8_t {
  unsaid,
  seven_bit,  // 7BIT (RFC 6152)
  eight_bit,  // 8BITMIME (RFC 6152)
  binary,     // BINARYMIME (RFC 3030)
};
/// The parameter's value; empty when unsaid.
std::string_view to_string(Body body);

/// RET: what a notification of failure gives back (RFC 3461 section 4.3).
enum class Return : std::uint8_t { unsaid, full, headers };
std::string_view to_string(Return ret);

/// NOTIFY: when the sender wants to hear of a recipient (RFC 3461 section 4.1).
enum class Notify : std::uint8_t { never = 1, success = 2, failure = 4, delay = 8 };
/// A set of these, one bit each; 0: the sender did not say.
class NotifySet {
 public:
  constexpr NotifySet() = default;
  explicit constexpr NotifySet(std::uint8_t bits) : bits_(bits) {}
  constexpr void add(Notify what) { bits_ |= static_cast<std::uint8_t>(what); }
  constexpr void remove(Notify what) {
    bits_ = static_cast<std::uint8_t>(bits_ & ~static_cast<std::uint8_t>(what));
  }
  constexpr bool said() const { return bits_ != 0; }
  constexpr bool has(Notify what) const { return (bits_ & static_cast<std::uint8_t>(what)) != 0; }
  /// Whether the sender is to be told, where silence means `unless_said`.
  constexpr bool wants(Notify what, bool unless_said) const {
    return said() ? has(what) : unless_said;
  }
  constexpr std::uint8_t bits() const { return bits_; }
  /// What is left to be told when success is told already: NEVER where nothing is.
  constexpr NotifySet without_success() const {
    NotifySet rest = *this;
    rest.remove(Notify::success);
    if (said() && !rest.said()) rest.add(Notify::never);
    return rest;
  }
  /// The parameter's value: "SUCCESS,DELAY"; empty when the sender did not say.
  std::string to_string() const;
  constexpr bool operator==(const NotifySet&) const = default;

 private:
  std::uint8_t bits_ = 0;
};

/// BY: until when a message is to be delivered (RFC 2852).
struct DeliverBy {
  net::Time deadline{};
  bool give_up = false;  // mode R: return it when the time is up; else N: tell, and go on
  bool trace = false;    // T: tell of each relaying
  bool operator==(const DeliverBy&) const = default;
};

/// What the parameters of MAIL ask for; travels with the message from host to host.
struct MailParameters {
  Body body = Body::unsaid;
  bool smtputf8 = false;  // RFC 6531
  Return ret = Return::unsaid;
  std::string envid;         // ENVID, xtext undone; empty: none (RFC 3461 section 4.4)
  bool require_tls = false;  // REQUIRETLS (RFC 8689)
  std::optional<DeliverBy> by;
  std::optional<net::Time> hold_until;  // HOLDFOR, HOLDUNTIL (RFC 4865)
  std::string hold_request;             // as it was asked for, for notifications: "for;3600"
  std::optional<int> priority;          // MT-PRIORITY, -9 to 9 (RFC 6710)
  /// AUTH: who submitted the message, xtext undone, or "<>": not known. Empty: a client that
  /// submits says nothing (RFC 4954 section 5).
  std::string auth;
  bool operator==(const MailParameters&) const = default;
};

/// A recipient with the parameters of RCPT.
struct Recipient {
  mail::Mailbox mailbox;
  /// ORCPT as "type;address", xtext undone; empty: none (RFC 3461 section 4.2).
  std::string orcpt = {};
  NotifySet notify = {};

  Recipient() = default;
  /// One about whom nothing is said but the address.
  Recipient(mail::Mailbox address) : mailbox(std::move(address)) {}  // NOLINT: meant to convert
  Recipient(mail::Mailbox address, std::string original, NotifySet when)
      : mailbox(std::move(address)), orcpt(std::move(original)), notify(when) {}
  bool operator==(const Recipient&) const = default;
};

struct Envelope {
  std::string queue_id;  // name of the message at this host, also in its Received field
  std::string helo;      // what the client called itself
  net::Address client;   // where it connected from
  bool esmtp = false;    // EHLO or LHLO, not HELO
  bool tls = false;
  std::string account;         // who logged in, or empty
  mail::Mailbox reverse_path;  // null: a notification
  std::vector<Recipient> recipients;
  MailParameters asked;
  std::uint64_t declared_size = 0;  // SIZE parameter, octets; 0: none
  std::string message_id;  // of the header, with angle brackets; empty until the end of data
  trace::MessageNumber message = 0;  // its number in the trace; 0 until the end of data
};

}  // namespace mailscope::smtp
