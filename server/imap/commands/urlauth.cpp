// URLs that let others read one message (URLAUTH, RFC 4467; URL-PARTIAL, RFC 5550 section 4.2).
//
//   C: a GENURLAUTH "imap://joe@example.com/INBOX/;uid=20/;section=1.2;urlauth=submit+fred"
//   INTERNAL S: * GENURLAUTH "imap://joe@example.com/INBOX/;uid=20/;section=1.2;urlauth=submit+fred
//      :internal:01a354473744909de610943775f9203891354a47"
//   S: a OK URLs authorized
//   C: b URLFETCH
//   "imap://joe@example.com/INBOX/;uid=20/;section=1.2;urlauth=submit+fred:internal:..." S: *
//   URLFETCH "imap://joe@example.com/INBOX/;uid=20/;section=1.2;urlauth=..." {28} S: ... S: b OK
//   URLs fetched
#include "server/auth/crypto.hpp"
#include "server/imap/commands/commands.hpp"
#include "server/imap/limits.hpp"
#include "server/imap/unicode.hpp"
#include "server/imap/url_octets.hpp"

namespace mailscope::imap {
namespace {

constexpr std::string_view kMechanism = "INTERNAL";
// The first octet of a token says how it was made (RFC 4467 section 3).
constexpr std::string_view kTokenKind = "01";
constexpr std::size_t kKeyOctets = 32;
// The keys are annotations of the mailbox that belong to nobody who can log in.
constexpr std::string_view kKeyOwner = "urlauth:";
constexpr std::string_view kKeyEntry = "/private/key";

std::string key_owner(std::string_view account) {
  return std::string(kKeyOwner) + std::string(account);
}

// The user's key of a mailbox (RFC 4467 section 3); empty: there is none.
std::string find_key(const Session& session, std::string_view account, store::MailboxId mailbox) {
  for (const store::Annotation& one : session.store().annotations(key_owner(account), mailbox)) {
    if (one.entry == kKeyEntry) return one.value;
  }
  return {};
}

std::string find_or_make_key(Session& session, store::MailboxId mailbox) {
  std::string key = find_key(session, session.account(), mailbox);
  if (!key.empty() || session.options().entropy == nullptr) return key;
  key = session.options().entropy->hex(kKeyOctets);
  const auto error =
      session.store().annotate(key_owner(session.account()), mailbox, kKeyEntry, key);
  return error == store::StoreError::none ? key : std::string();
}

std::string token_of(std::string_view key, std::string_view rump) {
  return std::string(kTokenKind) + auth::hex(auth::hmac(auth::Hash::sha1, key, rump));
}

// The account that a URL names; a name without a domain is of the user's own.
std::string account_of(const Session& session, std::string_view user) {
  return session.access().canonical(user);
}

// RFC 4467 section 6: the server checks each URL before it vouches for it.
bool may_authorize(const Session& session, const ImapUrl& url) {
  if (!url.has_server || url.uid == 0 || url.access.empty() || !url.mechanism.empty()) return false;
  return equal_ci(url.host, session.options().hostname) &&
         account_of(session, url.user) == session.account();
}

struct Rump {
  std::string text;
  std::string mechanism;
};

bool parse_rumps(Cursor& cursor, std::vector<Rump>& out) {
  do {
    if (out.size() >= kMaxUrls) return cursor.expected("fewer URLs before this,");
    Rump& rump = out.emplace_back();
    if (!cursor.space() || !cursor.astring(rump.text) || !cursor.space() ||
        !cursor.astring(rump.mechanism)) {
      return false;
    }
  } while (!cursor.at_end());
  return true;
}

// RFC 4467 section 2.1: who may have it.
bool may_fetch(const Session& session, const ImapUrl& url) {
  if (url.access == "anonymous" || url.access == "authuser") return true;
  if (url.access == "user+") return account_of(session, url.access_user) == session.account();
  // "submit+": submission servers log in as administrators, on behalf of the user.
  return session.is_administrator();
}

// The octets of a URL that holds; nullopt: it does not, and nobody is told why.
std::optional<std::string> fetched(const Session& session, const std::string& text) {
  const auto url = parse_imap_url(text);
  if (!url || url->uid == 0 || !equal_ci(url->mechanism, kMechanism) ||
      !equal_ci(url->host, session.options().hostname)) {
    return std::nullopt;
  }
  if (url->expire && session.now() > *url->expire) return std::nullopt;
  const std::string owner = account_of(session, url->user);
  const Access access(session.store(), owner);
  if (!session.store().has_account(owner)) return std::nullopt;
  const auto info = access.find(url->mailbox);
  if (!info) return std::nullopt;
  const std::string key = find_key(session, owner, info->id);
  if (key.empty() || !auth::same_octets(token_of(key, url->rump), url->token)) return std::nullopt;
  if (!may_fetch(session, *url)) return std::nullopt;
  return url_octets(session, owner, *url);
}

}  // namespace

Outcome run_genurlauth(Session& session, Cursor& arguments, Numbering) {
  std::vector<Rump> rumps;
  if (!parse_rumps(arguments, rumps)) return syntax_error(arguments);
  std::vector<std::string> authorized;
  for (const Rump& rump : rumps) {
    const auto url = parse_imap_url(rump.text);
    if (!url || !may_authorize(session, *url))
      return bad("The URL is not one of yours with ;URLAUTH= at its end");
    if (!equal_ci(rump.mechanism, kMechanism)) return bad("The only mechanism is INTERNAL");
    const auto info = session.find_mailbox(url->mailbox);
    if (!info || session.access().lacks(info->id, Right::read))
      return bad("The URL leads to nothing that you may read");
    const std::string key = find_or_make_key(session, info->id);
    if (key.empty()) return no("There are no keys for URLs here", "CANNOT");
    authorized.push_back(rump.text + ":internal:" + token_of(key, rump.text));
  }
  ResponseWriter& out = session.out().begin("*").text("GENURLAUTH");
  for (const std::string& url : authorized) out.text(" ").string(url);
  out.end();
  return ok("URLs authorized");
}

Outcome run_resetkey(Session& session, Cursor& arguments, Numbering) {
  std::string name, mechanism;
  const bool all = arguments.at_end();
  if (!all) {
    if (!arguments.space() || !arguments.mailbox(name)) return syntax_error(arguments);
    std::size_t mechanisms = 0;
    while (!arguments.at_end()) {
      if (++mechanisms > kMaxUrls || !arguments.space() || !arguments.astring(mechanism))
        return syntax_error(arguments);
      if (!equal_ci(mechanism, kMechanism)) return bad("The only mechanism is INTERNAL");
    }
  }
  std::vector<store::MailboxInfo> mailboxes;
  if (all) {
    mailboxes = session.access().visible();
  } else {
    auto info = session.find_mailbox(name);
    if (!info) return no("No such mailbox", "NONEXISTENT");
    mailboxes.push_back(std::move(*info));
  }
  for (const store::MailboxInfo& info : mailboxes) {
    if (find_key(session, session.account(), info.id).empty()) continue;
    const auto error =
        session.store().annotate(key_owner(session.account()), info.id, kKeyEntry, std::nullopt);
    if (error != store::StoreError::none) return refused(error);
  }
  return ok("URLs of before no longer hold", all ? "" : "URLMECH INTERNAL");
}

Outcome run_urlfetch(Session& session, Cursor& arguments, Numbering) {
  std::vector<std::string> urls;
  do {
    if (urls.size() >= kMaxUrls) {
      arguments.expected("fewer URLs before this,");
      return syntax_error(arguments);
    }
    if (!arguments.space() || !arguments.astring(urls.emplace_back()))
      return syntax_error(arguments);
  } while (!arguments.at_end());
  for (const std::string& url : urls) {
    const auto octets = fetched(session, url);
    ResponseWriter& out = session.out().begin("*").text("URLFETCH ").string(url).text(" ");
    if (octets) {
      out.string(*octets);
    } else {
      out.text("NIL");
    }
    out.end();
  }
  return ok("URLs fetched");
}

}  // namespace mailscope::imap
