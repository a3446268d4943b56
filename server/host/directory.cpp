#include "server/host/directory.hpp"

#include <algorithm>

#include "server/host/verp.hpp"
#include "server/mail/idna.hpp"
#include "server/mail/text.hpp"

namespace mailscope::host {

bool is_member(const MailingList& list, const mail::Mailbox& who) {
  return std::ranges::any_of(list.members, [&](const mail::Mailbox& member) {
    return mail::same_domain(member.domain, who.domain) && mail::iequals(member.local, who.local);
  });
}

void Directory::add_user(std::string_view local) {
  const std::string name = mail::lower(local);
  users_.emplace(name, name + "@" + domain_);
  if (first_user_.empty()) first_user_ = name;
}

void Directory::add_alias(std::string_view local, std::vector<mail::Mailbox> targets) {
  aliases_[mail::lower(local)] = std::move(targets);
}

void Directory::add_list(MailingList list) {
  list.name = mail::lower(list.name);
  std::string name = list.name;
  lists_[std::move(name)] = std::move(list);
}

std::vector<Destination> Directory::resolve(const mail::Mailbox& address) const {
  Found found;
  std::vector<std::string> path;
  follow(address, 0, path, found);
  return found;
}

std::optional<std::string> Directory::account_of(const mail::Mailbox& address) const {
  const Found found = resolve(address);
  if (found.size() != 1 || found[0].kind != Destination::Kind::mailbox) return std::nullopt;
  return found[0].account;
}

void Directory::follow(const mail::Mailbox& address, std::size_t depth,
                       std::vector<std::string>& path, Found& found) const {
  if (depth > kMaxAliasDepth || found.size() >= kMaxDestinations) return;
  if (!mail::same_domain(address.domain, domain_)) {
    Destination elsewhere;
    elsewhere.kind = Destination::Kind::forward;
    elsewhere.address = address;
    if (std::ranges::find(found, elsewhere) == found.end()) found.push_back(std::move(elsewhere));
    return;
  }
  const std::string local = mail::lower(address.local);
  if (add_known(local, {}, depth, path, found)) return;
  if (add_list_address(local, found)) return;
  const std::size_t at = separator_ == 0 ? std::string::npos : local.find(separator_, 1);
  // The detail keeps its letters as written: a Sieve script may compare them.
  if (at != std::string::npos &&
      add_known(local.substr(0, at), std::string_view(address.local).substr(at + 1), depth, path,
                found)) {
    return;
  }
  if (!catch_all_.empty()) add_known(catch_all_, {}, depth, path, found);
}

/// Alias, user or role of exactly this name.
bool Directory::add_known(const std::string& local, std::string_view detail, std::size_t depth,
                          std::vector<std::string>& path, Found& found) const {
  const auto alias = aliases_.find(local);
  const bool inside = std::ranges::find(path, local) != path.end();
  if (alias != aliases_.end() && !inside) {
    path.push_back(local);
    for (const mail::Mailbox& target : alias->second) follow(target, depth + 1, path, found);
    path.pop_back();
    return true;
  }
  if (users_.contains(local)) return add_mailbox(local, detail, found), true;
  if (inside) return true;  // an alias that means itself and is no user: nothing more
  if ((local == "postmaster" || local == "abuse") && !first_user_.empty()) {
    return add_mailbox(first_user_, detail, found), true;
  }
  return false;
}

void Directory::add_mailbox(const std::string& user, std::string_view detail, Found& found) const {
  Destination place;
  place.account = users_.at(user);
  place.detail = detail;
  // One copy serves two ways to the same mailbox, whatever their details.
  const bool known = std::ranges::any_of(found, [&](const Destination& other) {
    return other.kind == Destination::Kind::mailbox && other.account == place.account;
  });
  if (!known) found.push_back(std::move(place));
}

bool Directory::add_list_address(const std::string& local, Found& found) const {
  Destination place;
  for (const auto& [name, list] : lists_) {
    if (!local.starts_with(name)) continue;
    const std::string_view rest = std::string_view(local).substr(name.size());
    place.list = &list;
    if (rest.empty()) {
      place.kind = Destination::Kind::list;
    } else if (rest == "-owner" || rest == "-request" || rest == "-bounces") {
      place.kind = Destination::Kind::list_owner;
      if (first_user_.empty()) return false;
      place.account = users_.at(first_user_);
    } else if (const auto member = verp_member(rest)) {
      place.kind = Destination::Kind::list_bounce;
      place.address = *member;
    } else {
      continue;
    }
    found.push_back(std::move(place));
    return true;
  }
  return false;
}

}  // namespace mailscope::host
