// A mailbox as an mbox file (RFC 4155), in the mboxrd form: what looks like the start of a message
// inside of one is quoted so that it can be restored.
//
//   From alice@acme.example Mon Mar  2 09:00:00 2026
//   Subject: Lunch?
//
//   >From where I stand, yes.
//
// Flags are fields at the top of a message's header, as mail programs on Unix write them:
//
//   Status: RO
//   X-Status: AF
//   X-Keywords: $Forwarded work
#pragma once

#include <istream>
#include <ostream>
#include <string>
#include <string_view>

#include "server/net/time.hpp"
#include "server/store/mail_store.hpp"
#include "sim/export/filed_message.hpp"

namespace mailscope::exporting {

/// Appends one message. `sender` is the envelope's; empty: MAILER-DAEMON.
void append_mbox(std::string& out, std::string_view message, std::string_view sender,
                 net::Time received);

/// All messages of a mailbox in UID order; the sender is taken from Return-Path.
std::string write_mbox(const store::MailStore& store, store::MailboxId mailbox);

/// The same with flags. Every octet comes back from read_mbox: lines have LF here, and what is not
/// in lines that end with CRLF is marked "X-Mailscope-Lines: raw" and written as it is.
void write_mbox_with_flags(std::ostream& out, const store::MailStore& store,
                           store::MailboxId mailbox);

/// Reads an mbox file, ours or another program's: flag fields are read and removed, LF becomes
/// CRLF. Throws std::runtime_error, which names `file`, when it is none.
void read_mbox(std::istream& in, std::string_view file,
               const std::function<void(FiledMessage)>& take);

}  // namespace mailscope::exporting
