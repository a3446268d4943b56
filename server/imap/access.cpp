// Names of mailboxes to mailboxes, and rights on them.
#include "server/imap/access.hpp"

#include <algorithm>

namespace mailscope::imap {
namespace {

Reply nonexistent() {
  return no("No such mailbox", "NONEXISTENT");
}

std::string_view domain_of(std::string_view account) {
  const std::size_t at = account.rfind('@');
  return at == std::string_view::npos ? std::string_view() : account.substr(at);
}

}  // namespace

Rights writing_rights() {
  return *Rights::parse("iewst");
}
Rights any_right() {
  return *Rights::parse("lrikxa");
}

std::string Access::account_of(std::string_view user) const {
  std::string account(user);
  std::transform(account.begin(), account.end(), account.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (account.find('@') == std::string::npos) account += domain_of(account_);
  return account;
}

MailboxPlace Access::locate(std::string_view name) const {
  const bool root = name == kOtherUsers.substr(0, kOtherUsers.size() - 1);
  if (!root && !name.starts_with(kOtherUsers)) return {account_, std::string(name), true};
  MailboxPlace place{{}, {}, false};
  if (root) return place;
  name.remove_prefix(kOtherUsers.size());
  const std::size_t slash = name.find('/');
  place.account = account_of(name.substr(0, slash));
  if (slash != std::string_view::npos) place.name = name.substr(slash + 1);
  if (place.account == account_) place.name.clear();  // the own ones have their own names
  return place;
}

std::string Access::shown_name(std::string_view account, std::string_view name) const {
  if (account == account_) return std::string(name);
  std::string shown(kOtherUsers);
  const std::string_view domain = domain_of(account);
  shown +=
      domain == domain_of(account_) ? account.substr(0, account.size() - domain.size()) : account;
  return shown.append("/").append(name);
}

std::optional<store::MailboxInfo> Access::find(std::string_view name) const {
  const MailboxPlace place = locate(name);
  if (place.name.empty() || !store_.has_account(place.account)) return std::nullopt;
  auto info = store_.mailbox(place.account, place.name);
  if (!info || !rights(info->id).any_of(any_right())) return std::nullopt;
  if (!place.own) {
    info->name = shown_name(place.account, info->name);
    info->special_use.clear();  // its owner's, not this user's
  }
  return info;
}

Rights Access::rights(store::MailboxId mailbox) const {
  const std::vector<store::Grant> grants = store_.grants(mailbox);
  std::vector<std::pair<std::string_view, std::string_view>> entries;
  bool listed = false;
  for (const store::Grant& grant : grants) {
    entries.emplace_back(grant.identifier, grant.rights);
    listed = listed || grant.identifier == account_;
  }
  const Rights granted = rights_of(entries, account_);
  if (store_.owner(mailbox) != account_) return granted;
  // Owners have every right until the list says otherwise of them, and can always see and mend.
  return (listed ? granted : Rights::all().without(denied_to(entries, account_))) |
         *Rights::parse("la");
}

std::vector<store::MailboxInfo> Access::visible() const {
  std::vector<store::MailboxInfo> all = store_.mailboxes(account_);
  std::erase_if(
      all, [this](const store::MailboxInfo& info) { return !rights(info.id).has(Right::lookup); });
  std::vector<store::SharedMailbox> shared = store_.granted_to(account_);
  for (store::SharedMailbox& box : store_.granted_to("anyone")) shared.push_back(std::move(box));
  std::vector<store::MailboxInfo> others;
  for (const store::SharedMailbox& box : shared) {
    if (box.owner == account_ || !rights(box.id).has(Right::lookup)) continue;
    auto info = store_.mailbox(box.id);
    if (!info) continue;
    info->name = shown_name(box.owner, box.name);
    info->special_use.clear();
    others.push_back(std::move(*info));
  }
  const auto by_name = [](const store::MailboxInfo& a, const store::MailboxInfo& b) {
    return a.name < b.name;
  };
  std::sort(others.begin(), others.end(), by_name);
  others.erase(std::unique(others.begin(), others.end(),
                           [](const auto& a, const auto& b) { return a.id == b.id; }),
               others.end());
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

std::optional<Reply> Access::lacks(store::MailboxId mailbox, Right right) const {
  const Rights mine = rights(mailbox);
  if (mine.has(right)) return std::nullopt;
  if (!mine.has(Right::lookup)) return nonexistent();
  return no(std::string("Missing right on the mailbox: ") +
                kRightLetters[static_cast<std::size_t>(right)],
            "NOPERM");
}

std::optional<Reply> Access::lacks_create(std::string_view name) const {
  const MailboxPlace place = locate(name);
  if (place.name.empty() || !store_.has_account(place.account)) return nonexistent();
  std::string_view parent = place.name;
  for (std::size_t slash = parent.rfind('/'); slash != std::string_view::npos;
       slash = parent.rfind('/')) {
    parent = parent.substr(0, slash);
    if (const auto info = store_.mailbox(place.account, parent))
      return lacks(info->id, Right::create);
  }
  // The uppermost level is its owner's.
  if (place.own) return std::nullopt;
  return no("Only its owner may make a mailbox there", "NOPERM");
}

store::Flags Access::permitted(store::MailboxId mailbox, const store::Flags& flags) const {
  const Rights mine = rights(mailbox);
  store::Flags out;
  std::uint8_t allowed = 0;
  if (mine.has(Right::seen)) allowed |= store::kSeen;
  if (mine.has(Right::del_flag)) allowed |= store::kDeleted;
  if (mine.has(Right::write)) {
    allowed |= store::kAnswered | store::kFlagged | store::kDraft;
    out.keywords = flags.keywords;
  }
  out.system = flags.system & allowed;
  return out;
}

std::string Access::canonical(std::string_view identifier) const {
  const bool negative = identifier.starts_with('-');
  const std::string_view who = identifier.substr(negative ? 1 : 0);
  const std::string account = account_of(who);
  const std::string known = store_.has_account(account) ? account : std::string(who);
  return (negative ? "-" : "") + known;
}

}  // namespace mailscope::imap
