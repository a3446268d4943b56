// What a script decides about a message: a list of actions, for the host to carry out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/mail/address.hpp"
#include "server/net/time.hpp"
#include "server/sieve/mailto.hpp"
#include "server/sieve/syntax.hpp"

namespace mailscope::sieve {

/// An answer to the sender (RFC 5230 section 4).
struct Vacation {
  std::string subject;                 // empty: made from the message's
  std::vector<std::string> from;       // "Name <a@b>" or "a@b"; none: the owner's address
  std::vector<std::string> addresses;  // further addresses of the owner
  std::string reason;                  // text, or with `mime` a MIME entity
  bool mime = false;
  net::Duration interval{};  // nobody gets it twice within this time; zero: everybody each time
  /// Names this answer for that memory (RFC 5230 section 4.2): its handle, or its arguments as they
  /// stand in the script.
  std::string tracking;
};

/// A letter to others about the message (RFC 5435 section 3).
struct Notification {
  Mailto method;
  std::string from;                    // "Name <a@b>" or "a@b"; empty: the owner's address
  std::optional<std::string> message;  // instead of the URI's subject
  int importance = 2;                  // 1: high, 3: low
};

struct Action {
  enum class Kind : std::uint8_t {
    keep,
    fileinto,
    redirect,
    reject,
    ereject,
    vacation,
    notify
  } kind = Kind::keep;
  std::string mailbox;             // keep, fileinto: "INBOX" for the first
  bool create = false;             // fileinto: make the mailbox when it is not there
  std::string special_use;         // fileinto: the mailbox with this use, when there is one
  std::vector<std::string> flags;  // keep, fileinto: "\\Seen", keywords; each once
  mail::Mailbox address;           // redirect
  std::string text;                // reject, ereject: the reason
  Vacation vacation;
  Notification notification;
  /// The header that stands in place of the message's (see with_header); null: its own.
  std::shared_ptr<const std::string> header;
};
std::string_view to_string(Action::Kind kind);

/// An entry of the memory of "duplicate" to make or to refresh (RFC 7352 section 3).
struct Tracked {
  std::string id;
  net::Duration lifetime{};
};

struct Outcome {
  std::vector<Action> actions;  // in the order in which the script took them
  std::vector<Tracked> tracked;
  bool discarded = false;        // thrown away on purpose: there is no copy
  std::optional<Problem> error;  // went wrong while it ran: then a keep is all there is
};

/// What a script may ask of the mailboxes and the memory of its owner.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  virtual bool mailbox_exists(std::string_view mailbox) const = 0;
  /// Whether the mailbox (empty: any) has that special use (RFC 6154).
  virtual bool has_special_use(std::string_view mailbox, std::string_view use) const = 0;
  /// An annotation (RFC 5464) of a mailbox, or of the server where the mailbox is empty.
  virtual std::optional<std::string> annotation(std::string_view mailbox,
                                                std::string_view entry) const = 0;
  /// Whether an earlier run tracked this id and it has not expired.
  virtual bool seen(std::string_view id) const = 0;
};

/// Where a script runs (RFC 5183 section 4.1).
struct Environment {
  std::string_view domain;     // of the owner's address
  std::string_view host;       // this host's name
  std::string_view remote_ip;  // of the client that brought the message; empty: nobody knows
};

/// The message that a script runs for.
struct Input {
  std::string_view message;  // octets, header first
  mail::Mailbox from;        // of the envelope; null: a notification
  mail::Mailbox to;          // the recipient by which it came to the owner
  net::Time now;
  Environment environment = {};
};

}  // namespace mailscope::sieve
