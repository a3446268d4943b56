// The MDA (RFC 5598 section 4.3.3): final delivery of a message into a mailbox of this domain.
#pragma once

#include <string_view>

#include "server/host/organisation.hpp"
#include "server/net/network.hpp"
#include "server/smtp/envelope.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::host {

class LocalDelivery {
 public:
  LocalDelivery(Organisation& organisation, const net::Timers& clock, trace::Sink& sink,
                trace::HostId self)
      : organisation_(organisation), clock_(clock), tracer_(sink, {self, 0, 0, 0}) {}

  /// Puts the message into a mailbox of the account under a Return-Path field (RFC 5321
  /// section 4.4). The error says why it did not work. `recipient`: who has the message by this;
  /// null: it is one more copy.
  store::StoreResult<store::Uid> deliver(const smtp::Envelope& envelope,
                                         const mail::Mailbox* recipient, std::string_view account,
                                         std::string_view content, std::string_view mailbox,
                                         const store::Flags& flags);

  /// Records that the recipient has the message: the account's copy serves all of its addresses.
  void deliver_again(const smtp::Envelope& envelope, const mail::Mailbox& recipient,
                     std::string_view mailbox, store::Uid uid);

 private:
  Organisation& organisation_;
  const net::Timers& clock_;
  trace::Tracer tracer_;
  store::Body last_;  // delivered last, as it was stored
};

}  // namespace mailscope::host
