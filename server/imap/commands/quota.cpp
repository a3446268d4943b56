// Quotas (RFC 9208): one quota root a user, for octets and for messages.
//
//   C: a GETQUOTAROOT INBOX
//   S: * QUOTAROOT INBOX "#user/alice@acme.example"
//   S: * QUOTA "#user/alice@acme.example" (STORAGE 104 10240 MESSAGE 42 1000)
//   S: a OK Quota shown
#include "server/imap/access.hpp"
#include "server/imap/commands/commands.hpp"
#include "server/imap/limits.hpp"

namespace mailscope::imap {
namespace {

constexpr std::string_view kRootPrefix = "#user/";
constexpr std::uint64_t kBlock = 1'024;  // octets, RFC 9208 section 5.1

struct Resource {
  std::string_view name;
  std::string_view capability;
  std::uint64_t unit;
  std::uint64_t (store::MailStore::*used)(std::string_view account) const;
  std::uint64_t (store::MailStore::*limit)(std::string_view account) const;
  void (store::MailStore::*set)(std::string_view account, std::uint64_t value);
};
constexpr Resource kResources[] = {
    {"STORAGE", "QUOTA=RES-STORAGE", kBlock, &store::MailStore::used, &store::MailStore::quota,
     &store::MailStore::set_quota},
    {"MESSAGE", "QUOTA=RES-MESSAGE", 1, &store::MailStore::used_messages,
     &store::MailStore::message_quota, &store::MailStore::set_message_quota},
};

std::string root_of(std::string_view account) {
  return std::string(kRootPrefix) + std::string(account);
}
// The account behind a quota root; nullopt: there is none.
std::optional<std::string> account_of(const Session& session, std::string_view root) {
  if (!root.starts_with(kRootPrefix)) return std::nullopt;
  std::string account(root.substr(kRootPrefix.size()));
  if (!session.store().has_account(account)) return std::nullopt;
  return account;
}

// Whose quota one may see: one's own, that of who shares a mailbox, and an administrator all.
bool may_see(const Session& session, std::string_view account) {
  if (account == session.account() || session.is_administrator()) return true;
  const std::string shown = session.access().shown_name(account, "");
  for (const store::MailboxInfo& info : session.access().visible()) {
    if (info.name.starts_with(shown) && session.access().rights(info.id).has(Right::read))
      return true;
  }
  return false;
}

void write_quota(Session& session, const std::string& account) {
  ResponseWriter& out = session.out();
  out.begin("*").text("QUOTA ").string(root_of(account)).text(" (");
  bool first = true;
  for (const Resource& resource : kResources) {
    const std::uint64_t limit = (session.store().*resource.limit)(account);
    if (limit == 0 || !session.offers(resource.capability)) continue;
    const std::uint64_t used = (session.store().*resource.used)(account);
    out.text(first ? "" : " ").text(resource.name).text(" ");
    out.number((used + resource.unit - 1) / resource.unit).text(" ");
    out.number(limit / resource.unit);
    first = false;
  }
  out.text(")").end();
}

struct Wish {
  const Resource* resource = nullptr;
  std::uint64_t limit = 0;
  bool least = false;  // the smallest that is a limit at all
};

// setquota-list = "(" [resource SP limit *(SP resource SP limit)] ")"; `unknown`: a resource that
// there is not.
bool parse_wishes(Cursor& cursor, std::vector<Wish>& out, bool& unknown) {
  if (!cursor.character('(')) return false;
  while (cursor.peek() != ')') {
    if (!out.empty() && !cursor.space()) return false;
    if (out.size() >= kMaxQuotaResources) return cursor.expected("fewer resources before this,");
    Wish wish;
    for (const Resource& resource : kResources) {
      if (cursor.word(resource.name)) wish.resource = &resource;
    }
    std::string_view name;
    if (wish.resource == nullptr && !cursor.atom(name)) return cursor.expected("a resource");
    if (!cursor.space() || !cursor.number64(wish.limit)) return false;
    unknown = unknown || wish.resource == nullptr;
    out.push_back(wish);
  }
  return cursor.character(')');
}

}  // namespace

Outcome run_getquota(Session& session, Cursor& arguments, Numbering) {
  std::string root;
  if (!arguments.space() || !arguments.astring(root) || !arguments.end())
    return syntax_error(arguments);
  const auto account = account_of(session, root);
  if (!account || !may_see(session, *account)) return no("No such quota root", "NONEXISTENT");
  write_quota(session, *account);
  return ok("Quota shown");
}

Outcome run_getquotaroot(Session& session, Cursor& arguments, Numbering) {
  std::string name;
  if (!arguments.space() || !arguments.mailbox(name) || !arguments.end())
    return syntax_error(arguments);
  // A mailbox need not be there (section 4.1.2); one of somebody else must be readable.
  const MailboxPlace place = session.access().locate(name);
  const auto info = session.find_mailbox(name);
  if (!place.own && !info) return no("No such mailbox", "NONEXISTENT");
  if (info) {
    if (auto reply = session.access().lacks(info->id, Right::read)) return std::move(*reply);
  }
  session.out()
      .begin("*")
      .text("QUOTAROOT ")
      .mailbox(info ? info->name : name)
      .text(" ")
      .string(root_of(place.account))
      .end();
  write_quota(session, place.account);
  return ok("Quota shown");
}

Outcome run_setquota(Session& session, Cursor& arguments, Numbering) {
  std::string root;
  std::vector<Wish> wishes;
  bool unknown = false;
  if (!arguments.space() || !arguments.astring(root) || !arguments.space() ||
      !parse_wishes(arguments, wishes, unknown) || !arguments.end()) {
    return syntax_error(arguments);
  }
  const auto account = account_of(session, root);
  if (!account) return no("No such quota root", "NONEXISTENT");
  if (!session.is_administrator()) return no("Only administrators set quotas", "NOPERM");
  if (unknown) return no("There are quotas of STORAGE and MESSAGE only", "CANNOT");
  // Section 3.1.2: 0 prohibits everything, which for the store is no limit. Less than one unit of
  // STORAGE shows as 0 and holds no message; of messages there is nothing less than one.
  for (Wish& wish : wishes) {
    if (wish.limit != 0) continue;
    if (wish.resource->unit == 1) return no("The least number of messages is 1", "CANNOT");
    wish.least = true;
  }
  // What is not listed is no longer limited (section 4.1.3).
  for (const Resource& resource : kResources) {
    std::uint64_t limit = 0;
    constexpr std::uint64_t kMost = 0x7fffffffffffffff;
    for (const Wish& wish : wishes) {
      if (wish.resource != &resource) continue;
      limit = wish.least ? 1 : std::min(wish.limit, kMost / resource.unit) * resource.unit;
    }
    (session.store().*resource.set)(*account, limit);
  }
  write_quota(session, *account);
  return ok("Quota set");
}

}  // namespace mailscope::imap
