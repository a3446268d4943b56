// A mailbox as an mbox file (RFC 4155), in the mboxrd form: what looks like the start of a message
// inside of one is quoted so that it can be restored.
//
//   From alice@acme.example Mon Mar  2 09:00:00 2026
//   Subject: Lunch?
//
//   >From where I stand, yes.
#pragma once

#include <string>
#include <string_view>

#include "server/net/time.hpp"
#include "server/store/mail_store.hpp"

namespace mailscope::exporting {

/// Appends one message. `sender` is the envelope's; empty: MAILER-DAEMON.
void append_mbox(std::string& out, std::string_view message, std::string_view sender,
                 net::Time received);

/// All messages of a mailbox in UID order; the sender is taken from Return-Path.
std::string write_mbox(const store::MailStore& store, store::MailboxId mailbox);

}  // namespace mailscope::exporting
