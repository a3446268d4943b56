// The rules of every store: annotations, access lists, Sieve scripts, what an account remembers,
// what the server counts. All are small and few, and kept in memory with their account or mailbox.
#include <algorithm>
#include <charconv>
#include <utility>

#include "server/mail/text.hpp"
#include "server/store/store_core.hpp"

namespace mailscope::store {

namespace {

constexpr std::string_view kPrivate = "/private/";
constexpr std::string_view kShared = "/shared/";

std::string private_key(std::string_view user, std::string_view entry) {
  return std::string(user) + '\n' + std::string(entry);
}

bool is_plain(std::string_view name) {
  return std::none_of(name.begin(), name.end(), mail::is_control);
}

net::Time parse_time(std::string_view text) {
  std::int64_t nanoseconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), nanoseconds);
  return net::Time(net::Duration(nanoseconds));
}

/// "<until> <count>"
struct Count {
  net::Time until;
  std::uint32_t count = 0;
};

Count parse_count(std::string_view text) {
  Count out{parse_time(text)};
  const std::size_t space = std::min(text.find(' '), text.size() - 1);
  std::from_chars(text.data() + space + 1, text.data() + text.size(), out.count);
  return out;
}

}  // namespace

StoreCore::PropertyMap& StoreCore::server_properties(Property kind) const {
  if (!server_properties_) server_properties_ = load_server_properties();
  return (*server_properties_)[static_cast<std::size_t>(kind)];
}

/// A property of the account itself.
void StoreCore::set_property(Account& account, Property kind, std::string_view key,
                             std::optional<std::string_view> value) {
  write_property(account.id, 0, kind, key, value);
  PropertyMap& map = account.properties[static_cast<std::size_t>(kind)];
  if (value) {
    map.insert_or_assign(std::string(key), std::string(*value));
  } else if (const auto it = map.find(key); it != map.end()) {
    map.erase(it);
  }
}

// ---- Annotations ----

StoreCore::Place StoreCore::annotation_place(std::string_view user, MailboxId mailbox,
                                             bool is_private) const {
  constexpr auto kKind = static_cast<std::size_t>(Property::annotation);
  if (mailbox != 0) {
    Box* box = find_box(mailbox);
    if (!box) return {};
    return {box->account->id, mailbox, &box->properties[kKind]};
  }
  if (!is_private) return {0, 0, &server_properties(Property::annotation)};
  Account* account = find_account(user);
  if (!account) return {};
  return {account->id, 0, &account->properties[kKind]};
}

StoreError StoreCore::annotate(std::string_view user, MailboxId mailbox, std::string_view entry,
                               std::optional<std::string_view> value) {
  const std::string name = mail::lower(entry);
  const bool is_private = name.starts_with(kPrivate);
  if ((!is_private && !name.starts_with(kShared)) || name.size() > kMaxAnnotationName ||
      !is_plain(name) || name.back() == '/') {
    return StoreError::bad_name;
  }
  if (value && value->size() > kMaxAnnotationOctets) return StoreError::too_large;
  const Place place = annotation_place(user, mailbox, is_private);
  if (!place.map) {
    return mailbox == 0 ? StoreError::no_such_account : StoreError::no_such_mailbox;
  }
  const std::string key = is_private ? private_key(user, name) : name;
  const auto found = place.map->find(key);
  if (!value && found == place.map->end()) return StoreError::none;
  if (value && found == place.map->end()) {
    const std::string prefix = is_private ? private_key(user, {}) : std::string(kShared);
    const auto count = std::count_if(place.map->begin(), place.map->end(), [&](const auto& item) {
      return item.first.starts_with(prefix);
    });
    if (static_cast<std::size_t>(count) >= kMaxAnnotations) return StoreError::too_many;
  }
  write_property(place.account, place.mailbox, Property::annotation, key, value);
  if (value) {
    place.map->insert_or_assign(key, std::string(*value));
  } else {
    place.map->erase(found);
  }
  // RFC 7162 section 3.2: what users say of a mailbox is a change of it.
  if (mailbox != 0 && find_account(user) != nullptr) count_change(mailbox);
  if (Account* account = find_account(mailbox == 0 ? std::string(user) : owner(mailbox))) {
    notify_account(*account);
  }
  return StoreError::none;
}

void StoreCore::count_change(MailboxId mailbox) {
  Box& box = *find_box(mailbox);
  ++box.info.highest_modseq;
  update_mailbox(box.info);
}

std::vector<Annotation> StoreCore::annotations(std::string_view user, MailboxId mailbox) const {
  std::vector<Annotation> result;
  const auto add = [&](const Place& place, std::string_view prefix, std::size_t skip) {
    if (!place.map) return;
    for (auto it = place.map->lower_bound(prefix);
         it != place.map->end() && it->first.starts_with(prefix); ++it) {
      result.push_back({it->first.substr(skip), it->second});
    }
  };
  const std::string prefix = private_key(user, {});
  add(annotation_place(user, mailbox, true), prefix, prefix.size());
  add(annotation_place(user, mailbox, false), kShared, 0);
  return result;
}

// ---- Access lists ----

StoreError StoreCore::grant(MailboxId mailbox, std::string_view identifier,
                            std::optional<std::string_view> rights) {
  Box* box = find_box(mailbox);
  if (!box) return StoreError::no_such_mailbox;
  if (identifier.empty() || identifier.size() > kMaxIdentifier || !is_plain(identifier)) {
    return StoreError::bad_name;
  }
  if (rights && rights->size() > kMaxRights) return StoreError::too_large;
  PropertyMap& map = box->properties[static_cast<std::size_t>(Property::grant)];
  const auto found = map.find(identifier);
  if (!rights && found == map.end()) return StoreError::none;
  if (rights && found == map.end() && map.size() >= kMaxGrants) return StoreError::too_many;
  write_property(box->account->id, mailbox, Property::grant, identifier, rights);
  if (rights) {
    map.insert_or_assign(std::string(identifier), std::string(*rights));
  } else {
    map.erase(found);
  }
  notify_account(*box->account);
  return StoreError::none;
}

std::vector<Grant> StoreCore::grants(MailboxId mailbox) const {
  std::vector<Grant> result;
  if (const Box* box = find_box(mailbox)) {
    for (const auto& [identifier, rights] :
         box->properties[static_cast<std::size_t>(Property::grant)]) {
      result.push_back({identifier, rights});
    }
  }
  return result;
}

std::vector<SharedMailbox> StoreCore::granted_to(std::string_view identifier) const {
  std::vector<SharedMailbox> result;
  for (const MailboxId id : granted_mailboxes(identifier)) {
    const Box* box = find_box(id);
    if (!box) continue;
    const PropertyMap& map = box->properties[static_cast<std::size_t>(Property::grant)];
    const auto found = map.find(identifier);
    if (found != map.end()) result.push_back({owner(id), id, box->info.name, found->second});
  }
  std::sort(result.begin(), result.end(), [](const SharedMailbox& a, const SharedMailbox& b) {
    return std::tie(a.owner, a.name) < std::tie(b.owner, b.name);
  });
  return result;
}

// ---- Sieve scripts ----

StoreError StoreCore::put_script(std::string_view account, std::string_view name,
                                 std::string_view octets) {
  Account* found = find_account(account);
  if (!found) return StoreError::no_such_account;
  if (name.empty() || name.size() > kMaxScriptName || !is_plain(name)) return StoreError::bad_name;
  if (octets.size() > kMaxScriptOctets) return StoreError::too_large;
  std::size_t others = 0;
  std::size_t sum = octets.size();
  for (const auto& [other, text] : found->properties[static_cast<std::size_t>(Property::script)]) {
    if (other == name) continue;
    ++others;
    sum += text.size();
  }
  if (others >= kMaxScripts) return StoreError::too_many;
  if (sum > kMaxScriptsOctets) return StoreError::over_quota;
  set_property(*found, Property::script, name, octets);
  return StoreError::none;
}

std::optional<std::string> StoreCore::script(std::string_view account,
                                             std::string_view name) const {
  const Account* found = find_account(account);
  if (!found) return std::nullopt;
  const PropertyMap& map = found->properties[static_cast<std::size_t>(Property::script)];
  const auto it = map.find(name);
  if (it == map.end()) return std::nullopt;
  return it->second;
}

std::vector<ScriptInfo> StoreCore::scripts(std::string_view account) const {
  std::vector<ScriptInfo> result;
  const std::string active = active_script(account);
  if (const Account* found = find_account(account)) {
    for (const auto& [name, octets] :
         found->properties[static_cast<std::size_t>(Property::script)]) {
      result.push_back({name, octets.size(), name == active});
    }
  }
  return result;
}

StoreError StoreCore::remove_script(std::string_view account, std::string_view name) {
  Account* found = find_account(account);
  if (!found) return StoreError::no_such_account;
  if (!script(account, name)) return StoreError::no_such_script;
  if (active_script(account) == name) return StoreError::not_permitted;
  set_property(*found, Property::script, name, std::nullopt);
  return StoreError::none;
}

StoreError StoreCore::rename_script(std::string_view account, std::string_view from,
                                    std::string_view to) {
  Account* found = find_account(account);
  if (!found) return StoreError::no_such_account;
  const auto octets = script(account, from);
  if (!octets) return StoreError::no_such_script;
  if (to.empty() || to.size() > kMaxScriptName || !is_plain(to)) return StoreError::bad_name;
  if (script(account, to)) return StoreError::already_exists;
  const bool active = active_script(account) == from;
  set_property(*found, Property::script, to, *octets);
  set_property(*found, Property::script, from, std::nullopt);
  if (active) set_property(*found, Property::active_script, {}, to);
  return StoreError::none;
}

StoreError StoreCore::activate_script(std::string_view account, std::string_view name) {
  Account* found = find_account(account);
  if (!found) return StoreError::no_such_account;
  if (name.empty()) {
    set_property(*found, Property::active_script, {}, std::nullopt);
    return StoreError::none;
  }
  if (!script(account, name)) return StoreError::no_such_script;
  set_property(*found, Property::active_script, {}, name);
  return StoreError::none;
}

std::string StoreCore::active_script(std::string_view account) const {
  const Account* found = find_account(account);
  if (!found) return {};
  const PropertyMap& map = found->properties[static_cast<std::size_t>(Property::active_script)];
  return map.empty() ? std::string() : map.begin()->second;
}

// ---- What an account remembers ----

bool StoreCore::remember(std::string_view account, std::string_view key, net::Time now,
                         net::Time until) {
  Account* found = find_account(account);
  if (!found || key.size() > kMaxRememberedKey) return true;
  const PropertyMap& map = found->properties[static_cast<std::size_t>(Property::remembered)];
  if (const auto it = map.find(key); it != map.end() && parse_time(it->second) > now) return false;
  // RFC 5230 section 4.2: what else is remembered takes no place from the answers.
  const std::string_view kind = key.substr(0, key.find(' '));
  const auto of_kind = [&](const auto& each) {
    return std::string_view(each.first).substr(0, each.first.find(' ')) == kind;
  };
  const auto begin = map.lower_bound(kind);
  const auto end = std::find_if_not(begin, map.end(), of_kind);
  if (static_cast<std::size_t>(std::distance(begin, end)) >= kMaxRemembered && !map.contains(key)) {
    const auto first = std::min_element(begin, end, [](const auto& a, const auto& b) {
      return parse_time(a.second) < parse_time(b.second);
    });
    set_property(*found, Property::remembered, std::string(first->first), std::nullopt);
  }
  set_property(*found, Property::remembered, key, std::to_string(until.time_since_epoch().count()));
  return true;
}

bool StoreCore::remembers(std::string_view account, std::string_view key, net::Time now) const {
  const Account* found = find_account(account);
  if (!found) return false;
  const PropertyMap& map = found->properties[static_cast<std::size_t>(Property::remembered)];
  const auto it = map.find(key);
  return it != map.end() && parse_time(it->second) > now;
}

void StoreCore::forget(std::string_view account, std::string_view key) {
  Account* found = find_account(account);
  if (!found) return;
  const PropertyMap& map = found->properties[static_cast<std::size_t>(Property::remembered)];
  if (map.contains(key)) set_property(*found, Property::remembered, key, std::nullopt);
}

std::uint32_t StoreCore::count_up(std::string_view key, net::Time now, net::Time until) {
  if (key.size() > kMaxRememberedKey) return 1;
  PropertyMap& map = server_properties(Property::counted);
  const auto remove = [&](PropertyMap::iterator at) {
    write_property(0, 0, Property::counted, at->first, std::nullopt);
    map.erase(at);
  };
  if (map.size() >= kMaxCounted && !map.contains(key)) {
    remove(std::min_element(map.begin(), map.end(), [](const auto& a, const auto& b) {
      return parse_count(a.second).until < parse_count(b.second).until;
    }));
  }
  const std::uint32_t count = counted(key, now) + 1;
  std::string value =
      std::to_string(until.time_since_epoch().count()) + ' ' + std::to_string(count);
  write_property(0, 0, Property::counted, key, value);
  map.insert_or_assign(std::string(key), std::move(value));
  return count;
}

std::uint32_t StoreCore::counted(std::string_view key, net::Time now) const {
  const PropertyMap& map = server_properties(Property::counted);
  const auto it = map.find(key);
  if (it == map.end()) return 0;
  const Count known = parse_count(it->second);
  return known.until > now ? known.count : 0;
}

}  // namespace mailscope::store
