// Keys, tokens, and the check of a URL.
#include "server/imap/url_authority.hpp"

#include <algorithm>

#include "server/auth/crypto.hpp"
#include "server/imap/session.hpp"
#include "server/imap/unicode.hpp"

namespace mailscope::imap {
namespace {

// The first octets of a token say how it was made (RFC 4467 section 2.4.1).
constexpr std::string_view kTokenKind = "01";
constexpr std::size_t kKeyOctets = 32;
// The keys are annotations of the mailbox that belong to nobody who can log in.
constexpr std::string_view kKeyOwner = "urlauth:";
constexpr std::string_view kKeyEntry = "/private/key";
// What the keys begin with that RESETKEY has made.
constexpr char kResetMark = 'R';
// In the place of a key that is not there (RFC 4467 section 6).
constexpr std::string_view kPlausibleKey =
    "0000000000000000000000000000000000000000000000000000000000000000";

std::string key_owner(std::string_view account) {
  return std::string(kKeyOwner) + std::string(account);
}

store::StoreError set_key(Session& session, store::MailboxId mailbox,
                          std::optional<std::string_view> key) {
  return session.store().annotate(key_owner(session.account()), mailbox, kKeyEntry, key);
}

// RFC 4467 section 3: who may use it.
bool may_use(const Session& session, const ImapUrl& url) {
  // There are no anonymous sessions here.
  if (url.access == "anonymous" || url.access == "authuser") return true;
  if (url.access == "user+")
    return session.access().canonical(url.access_user) == session.account();
  // "submit+": submission servers log in as administrators, on behalf of the user.
  return session.is_administrator();
}

}  // namespace

std::string find_url_key(const store::MailStore& store, std::string_view account,
                         store::MailboxId mailbox) {
  for (const store::Annotation& one : store.annotations(key_owner(account), mailbox)) {
    if (one.entry == kKeyEntry) return one.value;
  }
  return {};
}

std::string find_or_make_url_key(Session& session, store::MailboxId mailbox) {
  std::string key = find_url_key(session.store(), session.account(), mailbox);
  if (!key.empty() || session.options().entropy == nullptr) return key;
  key = session.options().entropy->hex(kKeyOctets);
  return set_key(session, mailbox, key) == store::StoreError::none ? key : std::string();
}

store::StoreError reset_url_key(Session& session, store::MailboxId mailbox) {
  if (session.options().entropy == nullptr) return store::StoreError::not_permitted;
  return set_key(session, mailbox, kResetMark + session.options().entropy->hex(kKeyOctets));
}

store::StoreError remove_url_key(Session& session, store::MailboxId mailbox) {
  if (find_url_key(session.store(), session.account(), mailbox).empty())
    return store::StoreError::none;
  return set_key(session, mailbox, std::nullopt);
}

bool is_new_url_key(std::string_view before, std::string_view after) {
  return after != before && (after.empty() || after.front() == kResetMark);
}

std::string url_token(std::string_view key, std::string_view rump) {
  return std::string(kTokenKind) + auth::hex(auth::hmac(auth::Hash::sha1, key, rump));
}

bool is_on_this_server(const Session& session, const ImapUrl& url) {
  // Served on one machine, it has no other name there.
  static constexpr std::string_view kLoopback[] = {"localhost", "127.0.0.1", "[::1]"};
  return url.has_server &&
         (equal_ci(url.host, session.options().hostname) ||
          std::any_of(std::begin(kLoopback), std::end(kLoopback),
                      [&url](std::string_view name) { return name == url.host; }));
}

std::string account_of_url(const Session& session, const ImapUrl& url) {
  return url.user.empty() ? std::string() : session.access().canonical(url.user);
}

std::optional<ImapUrl> authorized_url(const Session& session, const std::string& text) {
  auto url = parse_imap_url(text);
  if (!url || url->uid == 0 || !equal_ci(url->mechanism, kUrlMechanism) ||
      !is_on_this_server(session, *url)) {
    return std::nullopt;
  }
  const std::string owner = account_of_url(session, *url);
  const Access access(session.store(), owner);
  std::string key;
  if (session.store().has_account(owner)) {
    if (const auto info = access.find(url->mailbox))
      key = find_url_key(session.store(), owner, info->id);
  }
  // Section 6: a mailbox that is not there takes as long as one that is.
  const std::string token = url_token(key.empty() ? kPlausibleKey : key, url->rump);
  if (!auth::same_octets(token, url->token) || key.empty()) return std::nullopt;
  if (url->expire && session.now() > *url->expire) return std::nullopt;
  if (!may_use(session, *url)) return std::nullopt;
  return url;
}

}  // namespace mailscope::imap
