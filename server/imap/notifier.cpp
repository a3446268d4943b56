// Compares what is with what was known, and tells the difference.
#include "server/imap/notifier.hpp"

#include <algorithm>

#include "server/imap/access.hpp"
#include "server/imap/limits.hpp"
#include "server/imap/session.hpp"

namespace mailscope::imap {

struct Notifier::Known {
  store::MailboxInfo info;
  NotifyEvents events;
  std::vector<store::Annotation> annotations;
  std::unique_ptr<store::Watch> watch;
  Dirt dirt;
};

Notifier::Notifier(Session& session, std::function<void()> wake)
    : session_(session), wake_(std::move(wake)) {}
Notifier::~Notifier() = default;

void Notifier::touch(Dirt& dirt) {
  (acting_ ? dirt.own : dirt.others) = true;
  pending_ = true;
  if (!acting_) wake_();
}

// ---- What is wanted ----

const NotifyGroup* Notifier::selected() const {
  for (const NotifyGroup& group : program_.groups) {
    if (group.filter.is_selected() && group.events.any()) return &group;
  }
  return nullptr;
}

NotifyEvents Notifier::events_of(std::string_view name, bool own, bool subscribed) const {
  NotifyEvents events;
  for (const NotifyGroup& group : program_.groups) {
    if (filter_matches(group.filter, name, own, subscribed)) events = events | group.events;
  }
  if (metadata_) events.add(NotifyEvent::mailbox_metadata);
  return events;
}

NotifyEvents Notifier::all_events() const {
  NotifyEvents events;
  for (const NotifyGroup& group : program_.groups) events = events | group.events;
  if (metadata_) events.add(NotifyEvent::server_metadata);
  return events;
}

bool Notifier::set(NotifyProgram program) {
  std::swap(program_, program);
  const auto before = std::move(mailboxes_);
  mailboxes_.clear();
  if (!watch_mailboxes()) {
    std::swap(program_, program);
    mailboxes_.clear();
    if (used_ || metadata_) static_cast<void>(watch_mailboxes());
    return false;
  }
  used_ = true;
  watch_accounts();
  look_at_account(false);
  for (const auto& [id, known] : mailboxes_) {
    if (program_.status && known->events.any_message() &&
        (session_.view() == nullptr || session_.view()->id() != id)) {
      // Section 3.1: of flags the mod-sequence is told even to who has not enabled it.
      const bool flags = known->events.has(NotifyEvent::flag_change);
      const bool modseq = session_.style().modseq() || (flags && session_.offers("CONDSTORE"));
      send_status(*known, {.validity = true, .counts = true, .modseq = modseq});
    }
  }
  barred_.clear();
  tell_access({}, true);
  return true;
}

// RFC 5465 sections 3.1 and 5.9: mailboxes that are to be watched, and may not be read, now or any
// longer. `watched`: what was watched up to now.
void Notifier::tell_access(const Names& watched, bool tell) {
  const Access access = session_.access();
  std::map<store::MailboxId, Barred> now;
  for (const store::MailboxInfo& info : access.visible()) {
    const bool own = access.locate(info.name).own;
    const NotifyEvents events = events_of(info.name, own, subscribed_.contains(info.name));
    if (events.any() && !access.rights(info.id).has(Right::read)) now[info.id] = {info.name, false};
  }
  const auto lost = [&](store::MailboxId id, const std::string& name) {
    if (mailboxes_.contains(id) || now.contains(id) || names_.contains(id)) return;
    if (session_.store().mailbox(id)) now[id] = {name, true};
  };
  for (const auto& [id, name] : watched) lost(id, name);
  for (const auto& [id, barred] : barred_) lost(id, barred.name);
  const auto before = std::exchange(barred_, now);
  if (!tell) return;
  // What appears or disappears is told by MailboxName, where that is wanted.
  const auto told = [&](const Barred& barred) {
    const bool own = access.locate(barred.name).own;
    return barred.hidden && events_of(barred.name, own, subscribed_.contains(barred.name))
                                .has(NotifyEvent::mailbox_name);
  };
  for (const auto& [id, barred] : now) {
    if (!before.contains(id) && !told(barred)) send_no_access(barred.name);
  }
  for (const auto& [id, barred] : before) {
    if (mailboxes_.contains(id) && !told(barred)) send_list(mailboxes_.at(id)->info.name);
  }
}

void Notifier::none() {
  program_ = {};
  used_ = true;
  mailboxes_.clear();
  barred_.clear();
  account_watches_.clear();
  pending_ = false;
  if (metadata_) tell_metadata();
}

void Notifier::forget() {
  metadata_ = false;
  none();
  used_ = false;
}

void Notifier::tell_metadata() {
  metadata_ = true;
  watch_accounts();
  static_cast<void>(watch_mailboxes());
  look_at_account(false);
}

// Access lists make mailboxes of any account appear.
void Notifier::watch_accounts() {
  account_watches_.clear();
  const auto watch = [this](std::string_view account) {
    account_watches_.push_back(
        session_.store().watch_account(account, [this] { touch(account_dirt_); }));
  };
  watch(session_.account());
  const std::vector<std::string> accounts = session_.store().accounts();
  if (accounts.size() > kMaxNotifyAccounts) return;
  for (const std::string& account : accounts) {
    if (account != session_.account()) watch(account);
  }
}

// Brings the list of watched mailboxes in line with the program; false: there are too many.
bool Notifier::watch_mailboxes() {
  const Access access = session_.access();
  const auto subscriptions = session_.store().subscriptions(session_.account());
  const std::set<std::string> subscribed(subscriptions.begin(), subscriptions.end());
  std::map<store::MailboxId, std::unique_ptr<Known>> now;
  for (const store::MailboxInfo& info : access.visible()) {
    const bool own = access.locate(info.name).own;
    const NotifyEvents events = events_of(info.name, own, subscribed.contains(info.name));
    if (!events.any() || !access.rights(info.id).has(Right::read)) continue;
    if (now.size() >= kMaxNotifyMailboxes) return false;
    auto& known = now[info.id];
    const auto before = mailboxes_.find(info.id);
    if (before != mailboxes_.end()) {
      known = std::move(before->second);
      known->info.name = info.name;
    } else {
      known = std::make_unique<Known>();
      known->info = info;
      known->annotations = session_.store().annotations(session_.account(), info.id);
    }
    known->events = events;
    if (events.any_message() && !known->watch) {
      Dirt& dirt = known->dirt;
      known->watch = session_.store().watch(info.id, [this, &dirt] { touch(dirt); });
    }
  }
  mailboxes_ = std::move(now);
  return true;
}

// ---- What has happened ----

void Notifier::flush() {
  if (!pending_) return;
  pending_ = false;
  if (account_dirt_.any()) {
    const bool tell = account_dirt_.others;
    account_dirt_ = {};
    Names watched;
    for (const auto& [id, known] : mailboxes_) watched[id] = known->info.name;
    look_at_account(tell);
    if (!watch_mailboxes()) return overflow();
    if (used_) tell_access(watched, tell);
  }
  for (const auto& [id, known] : mailboxes_) {
    if (!known->dirt.any()) continue;
    const bool tell = known->dirt.others;
    known->dirt = {};
    // The selected mailbox is told of in numbers of messages, not here.
    const bool selected = session_.view() != nullptr && session_.view()->id() == id;
    look_at_mailbox(*known, tell && !selected);
  }
}

void Notifier::overflow() {
  none();
  session_.say("OK", "NOTIFICATIONOVERFLOW", "Too many mailboxes to watch");
}

void Notifier::look_at_account(bool tell) {
  const auto subscriptions = session_.store().subscriptions(session_.account());
  const std::set<std::string> subscribed(subscriptions.begin(), subscriptions.end());
  Names names;
  for (const store::MailboxInfo& info : session_.access().visible()) names[info.id] = info.name;
  tell_names(names, tell);
  tell_subscriptions(subscribed, tell);
  const NotifyEvents events = all_events();
  if (events.has(NotifyEvent::server_metadata)) tell_annotations(0, "", server_annotations_, tell);
  for (const auto& [id, known] : mailboxes_) {
    if (known->events.has(NotifyEvent::mailbox_metadata))
      tell_annotations(id, known->info.name, known->annotations, tell);
  }
}

void Notifier::tell_names(const Names& now, bool tell) {
  const Names before = std::exchange(names_, now);
  if (!tell) return;
  const auto wanted = [&](const std::string& name) {
    return events_of(name, session_.access().locate(name).own, subscribed_.contains(name))
        .has(NotifyEvent::mailbox_name);
  };
  const auto affected = [&](const std::string& name) {
    if (wanted(name)) send_list(name);
    const std::size_t slash = name.rfind('/');
    if (slash != std::string::npos && wanted(name.substr(0, slash)))
      send_list(name.substr(0, slash));
  };
  for (const auto& [id, name] : before) {
    if (!now.contains(id)) affected(name);
  }
  for (const auto& entry : now) {
    const std::string& name = entry.second;
    const auto old = before.find(entry.first);
    if (old == before.end()) {
      affected(name);
    } else if (old->second != name && wanted(name)) {
      // RFC 5465 section 5.4: children go with it and are not told of.
      const auto same_tail = [](const std::string& a, const std::string& b) {
        const std::size_t x = a.rfind('/'), y = b.rfind('/');
        return x != std::string::npos && y != std::string::npos && a.substr(x) == b.substr(y);
      };
      const bool with_parent = same_tail(old->second, name) &&
                               std::any_of(now.begin(), now.end(), [&](const auto& other) {
                                 const auto was = before.find(other.first);
                                 return was != before.end() && was->second != other.second &&
                                        name.starts_with(other.second + '/') &&
                                        old->second.starts_with(was->second + '/');
                               });
      if (!with_parent) send_list(name, old->second);
    }
  }
}

void Notifier::tell_subscriptions(const std::set<std::string>& now, bool tell) {
  const std::set<std::string> before = std::exchange(subscribed_, now);
  if (!tell) return;
  std::vector<std::string> changed;
  std::set_symmetric_difference(before.begin(), before.end(), now.begin(), now.end(),
                                std::back_inserter(changed));
  for (const std::string& name : changed) {
    if (events_of(name, session_.access().locate(name).own, true)
            .has(NotifyEvent::subscription_change)) {
      send_list(name);
    }
  }
}

void Notifier::tell_annotations(store::MailboxId mailbox, std::string_view name,
                                std::vector<store::Annotation>& known, bool tell) {
  auto now = session_.store().annotations(session_.account(), mailbox);
  const auto before = std::exchange(known, now);
  if (!tell) return;
  std::set<std::string> changed;  // entries, of which something is different
  const auto note = [&changed](const auto& these, const auto& those) {
    for (const store::Annotation& one : these) {
      if (std::find(those.begin(), those.end(), one) == those.end()) changed.insert(one.entry);
    }
  };
  note(before, now);
  note(now, before);
  if (changed.empty()) return;
  ResponseWriter& out = session_.out().begin("*").text("METADATA ");
  if (name.empty()) {
    out.text("\"\"");
  } else {
    out.mailbox(name);
  }
  for (const std::string& entry : changed) out.text(" ").astring(entry);
  out.end();
}

void Notifier::look_at_mailbox(Known& known, bool tell) {
  auto now = session_.store().mailbox(known.info.id);
  if (!now) return;  // its removal is told as a change of names
  now->name = known.info.name;
  const store::MailboxInfo before = std::exchange(known.info, std::move(*now));
  if (!tell) return;
  const store::MailboxInfo& after = known.info;
  const bool counts = before.uid_next != after.uid_next || before.messages != after.messages;
  if (counts && known.events.has(NotifyEvent::message_new)) {
    send_status(known, {.validity = before.uid_validity != after.uid_validity,
                        .counts = true,
                        .modseq = session_.style().modseq()});
  } else if (known.events.has(NotifyEvent::flag_change)) {
    const bool unseen = before.unseen != after.unseen;
    const bool modseq = session_.style().modseq() && before.highest_modseq != after.highest_modseq;
    if (unseen || modseq || before.uid_validity != after.uid_validity)
      send_status(known, {.validity = true, .unseen = unseen, .modseq = session_.style().modseq()});
  }
}

// ---- How it is told ----

void Notifier::send_list(std::string_view name, std::string_view old_name) {
  const bool there = std::any_of(names_.begin(), names_.end(),
                                 [name](const auto& one) { return one.second == name; });
  const std::string below = std::string(name) + '/';
  const bool children = std::any_of(names_.begin(), names_.end(),
                                    [&](const auto& one) { return one.second.starts_with(below); });
  ResponseWriter& out = session_.out().begin("*").text("LIST (");
  if (!there) out.text("\\NonExistent ");
  out.text(children ? "\\HasChildren" : "\\HasNoChildren");
  if (subscribed_.contains(std::string(name))) out.text(" \\Subscribed");
  // Section 5.5: all attributes are accurate.
  const auto info = there ? session_.find_mailbox(name) : std::nullopt;
  if (info && !info->special_use.empty() && session_.offers("SPECIAL-USE"))
    out.text(" ").text(info->special_use);
  out.text(") \"/\" ").mailbox(name);
  if (!old_name.empty()) out.text(" (\"OLDNAME\" (").mailbox(old_name).text("))");
  out.end();
}

void Notifier::send_no_access(std::string_view name) {
  session_.out().begin("*").text("LIST (\\NoAccess) \"/\" ").mailbox(name).end();
}

void Notifier::send_status(const Known& known, StatusItems items) {
  const store::MailboxInfo& info = known.info;
  ResponseWriter& out = session_.out().begin("*").text("STATUS ").mailbox(info.name).text(" (");
  bool first = true;
  const auto item = [&](std::string_view name, std::uint64_t value) {
    out.text(first ? "" : " ").text(name).text(" ").number(value);
    first = false;
  };
  if (items.validity) item("UIDVALIDITY", info.uid_validity);
  if (items.counts) {
    item("UIDNEXT", info.uid_next);
    item("MESSAGES", info.messages);
  }
  if (items.unseen) item("UNSEEN", info.unseen);
  if (items.modseq) item("HIGHESTMODSEQ", info.highest_modseq);
  out.text(")").end();
}

}  // namespace mailscope::imap
