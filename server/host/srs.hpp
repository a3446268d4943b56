// The Sender Rewriting Scheme: who forwards a message sends it under a return path of the own
// domain, so that the next host's check of the sender (SPF, RFC 7208 section 2.4) is about the
// forwarder. Reports come back to that path and are sent on to the first sender. A keyed hash and
// a date keep others from making such paths to have their mail sent on.
//
//   alice@a.example, forwarded by b.example:
//       SRS0=x7aD=4R=a.example=alice@b.example
//   and that, forwarded by c.example:
//       SRS1=Qd5H=b.example==x7aD=4R=a.example=alice@c.example
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/mail/address.hpp"
#include "server/net/time.hpp"

namespace mailscope::host {

class SenderRewriting {
 public:
  /// `domain`: of the forwarder. `key`: secret, some 16 octets or more.
  SenderRewriting(std::string domain, std::string key)
      : domain_(std::move(domain)), key_(std::move(key)) {}

  /// The return path under which to forward. The null path and paths of the own domain stay as
  /// they are; so does one that would become too long (RFC 5321 section 4.5.3.1.1).
  mail::Mailbox forward(const mail::Mailbox& sender, net::Time now) const;

  enum class Trouble : std::uint8_t { none, not_srs, forged, expired };
  struct Reversed {
    Trouble trouble = Trouble::none;
    mail::Mailbox sender;  // where a report is to be sent on to
  };
  /// Undoes forward() for the local part of a recipient of the own domain.
  Reversed reverse(std::string_view local, net::Time now) const;

 private:
  std::string hash(std::string_view text) const;

  std::string domain_, key_;
};

}  // namespace mailscope::host
