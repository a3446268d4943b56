// Who may read what by which URL (RFC 4467): keys of mailboxes, tokens, and what is checked before
// a URL is vouched for or followed.
//
//   imap://joe@example.com/INBOX/;uid=20;urlauth=user+fred:internal:91354a473744909de610943775f92038
//   the rump, up to "fred", as it was written; its token by joe's key of INBOX
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/imap/imap_url.hpp"
#include "server/store/mail_store.hpp"

namespace mailscope::imap {

class Session;

/// The only mechanism (RFC 4467 section 2.4.1).
inline constexpr std::string_view kUrlMechanism = "INTERNAL";

/// The user's key of a mailbox (RFC 4467 section 2.2); empty: there is none.
std::string find_url_key(const store::MailStore& store, std::string_view account,
                         store::MailboxId mailbox);
/// The same; makes one where there is none. Empty: no keys are made here.
std::string find_or_make_url_key(Session& session, store::MailboxId mailbox);
/// A new key: URLs of before no longer hold, and sessions with the mailbox selected are told.
store::StoreError reset_url_key(Session& session, store::MailboxId mailbox);
/// Removes the key; nothing when there is none.
store::StoreError remove_url_key(Session& session, store::MailboxId mailbox);
/// Whether a key has been reset or removed, and not merely made because it was needed.
bool is_new_url_key(std::string_view before, std::string_view after);

/// The token of a rump.
std::string url_token(std::string_view key, std::string_view rump);
/// The URL speaks of this server.
bool is_on_this_server(const Session& session, const ImapUrl& url);
/// The account that the URL names; a name without a domain is of the user's own.
std::string account_of_url(const Session& session, const ImapUrl& url);

/// A URL with a token that holds and that this session may use; nullopt: nobody is told why not.
std::optional<ImapUrl> authorized_url(const Session& session, const std::string& text);

}  // namespace mailscope::imap
