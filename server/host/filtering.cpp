#include "server/host/filtering.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "server/host/auto_reply.hpp"
#include "server/host/mdn.hpp"
#include "server/host/notice.hpp"
#include "server/mail/downgrade.hpp"
#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"
#include "server/sieve/message.hpp"
#include "server/sieve/outbound.hpp"
#include "server/store/mailbox_names.hpp"

namespace mailscope::host {
namespace {

using Kind = sieve::Action::Kind;

/// Added to what a script sends on; also how loops are noticed (RFC 5228 section 4.2).
constexpr std::string_view kRedirectedField = "X-Sieve-Redirected-From";

/// Names a text of any length for the memory of an account: FNV-1a twice, from two beginnings.
std::string digest(std::string_view text) {
  std::string out;
  for (std::uint64_t hash :
       {std::uint64_t{0xcbf29ce484222325}, std::uint64_t{0x6c62272e07bb0142}}) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    for (int shift = 60; shift >= 0; shift -= 4) out += mail::kHexDigits[hash >> shift & 0xf];
  }
  return out;
}

/// The mailboxes and the memory of an account, as its script may ask for them.
class StoreSurroundings final : public sieve::Surroundings {
 public:
  StoreSurroundings(const store::MailStore& store, std::string_view account, net::Time now)
      : store_(store), account_(account), now_(now) {}
  bool mailbox_exists(std::string_view mailbox) const override {
    return store_.mailbox(account_, mail::iequals(mailbox, "INBOX") ? "INBOX" : mailbox)
        .has_value();
  }
  bool has_special_use(std::string_view mailbox, std::string_view use) const override {
    return std::ranges::any_of(store_.mailboxes(account_), [&](const store::MailboxInfo& info) {
      return store::has_use(info.special_use, use) && (mailbox.empty() || info.name == mailbox);
    });
  }
  std::optional<std::string> annotation(std::string_view mailbox,
                                        std::string_view entry) const override {
    store::MailboxId id = 0;
    if (!mailbox.empty()) {
      const auto info =
          store_.mailbox(account_, mail::iequals(mailbox, "INBOX") ? "INBOX" : mailbox);
      if (!info) return std::nullopt;
      id = info->id;
    }
    // RFC 5464 section 4: names of entries have no case.
    for (store::Annotation& each : store_.annotations(account_, id)) {
      if (mail::iequals(each.entry, entry)) return std::move(each.value);
    }
    return std::nullopt;
  }
  bool seen(std::string_view id) const override {
    return store_.remembers(account_, "duplicate " + digest(id), now_);
  }

 private:
  const store::MailStore& store_;
  std::string_view account_;
  net::Time now_;
};

store::Flags store_flags(const std::vector<std::string>& names) {
  store::Flags out;
  constexpr std::pair<std::string_view, store::Flag> kSystem[] = {{"\\Seen", store::kSeen},
                                                                  {"\\Answered", store::kAnswered},
                                                                  {"\\Flagged", store::kFlagged},
                                                                  {"\\Deleted", store::kDeleted},
                                                                  {"\\Draft", store::kDraft}};
  for (const std::string& name : names) {
    const auto found =
        std::ranges::find_if(kSystem, [&](const auto& row) { return row.first == name; });
    if (found != std::end(kSystem))
      out.system = static_cast<std::uint8_t>(out.system | found->second);
    else
      out.keywords.push_back(name);
  }
  return out;
}

/// RFC 5429 section 2.5: the reason as a reply of several lines, in ASCII.
smtp::Reply refusal_reply(std::string_view reason) {
  constexpr std::size_t kMaxLine = 400;  // octets; with code and status below SMTP's 512
  constexpr std::size_t kMaxLines = 20;
  smtp::Reply out{550, {5, 7, 1}, {}};
  if (!mail::all_ascii(reason)) reason = "The recipient's mail filter refused the message";
  std::size_t lines = 0;
  while (!reason.empty() && lines++ < kMaxLines) {
    const std::size_t end = std::min({reason.find('\n'), reason.size(), kMaxLine});
    std::string line(mail::trim(reason.substr(0, end)));
    std::ranges::replace_if(line, mail::is_control, ' ');
    if (!line.empty()) out.text += (out.text.empty() ? "" : "\n") + line;
    reason.remove_prefix(
        std::min(reason.size(), end + (end < reason.size() && reason[end] == '\n' ? 1 : 0)));
  }
  if (out.text.empty()) out.text = "The recipient's mail filter refused the message";
  return out;
}

bool is_copy(const sieve::Action& action) {
  return action.kind == Kind::keep || action.kind == Kind::fileinto;
}

/// In words for the trace: "fileinto Work, vacation".
std::string words(const sieve::Outcome& outcome) {
  std::string out;
  for (const sieve::Action& action : outcome.actions) {
    if (!out.empty()) out += ", ";
    out += to_string(action.kind);
    if (action.kind == Kind::fileinto) out += " " + action.mailbox;
    if (action.kind == Kind::redirect) out += " " + action.address.to_string();
    for (const auto* addresses : {&action.notification.method.to, &action.notification.method.cc}) {
      for (const mail::Mailbox& each : *addresses) out += " " + each.to_string();
    }
  }
  return out.empty() ? "discard" : out;
}

}  // namespace

const sieve::Compiled& Filtering::compiled(std::string_view account, std::string text) {
  Compiled& kept = scripts_[std::string(account)];
  if (kept.text != text || (!kept.result.script && kept.result.problems.empty())) {
    kept.result = sieve::compile(text);
    kept.text = std::move(text);
  }
  return kept.result;
}

Filtering::Decision Filtering::decide(const Delivery& delivery) {
  const store::MailStore& store = environment_.organisation.store();
  std::string script = store.active_script(delivery.account);
  if (script.empty()) return {};
  auto text = store.script(delivery.account, script);
  if (!text) return {};
  const sieve::Compiled& ready = compiled(delivery.account, std::move(*text));
  const auto kept = [&script](sieve::Problem problem) {
    sieve::Outcome out;
    out.actions.emplace_back().mailbox = "INBOX";
    out.error = std::move(problem);
    return Decision{std::move(script), std::move(out)};
  };
  if (!ready.script) return kept(ready.problems.front());
  const net::Time now = environment_.clock.now();
  const net::Address& client = delivery.envelope.client;
  std::string remote_ip = client.is_v6() ? "IPv6:" : "";
  if (client != net::Address()) remote_ip += client.to_string();
  const sieve::Input input{delivery.content,
                           delivery.envelope.reverse_path,
                           delivery.recipient.mailbox,
                           now,
                           {environment_.organisation.domain(), environment_.hostname, remote_ip}};
  sieve::Outcome outcome =
      sieve::run(*ready.script, input, StoreSurroundings(store, delivery.account, now));
  const bool sends_on = std::ranges::any_of(
      outcome.actions, [](const auto& action) { return action.kind == Kind::redirect; });
  if (!sends_on) return {std::move(script), std::move(outcome)};
  const mail::Header header = mail::parse_header(delivery.content);
  const auto before = header.all(kRedirectedField);
  const bool again = std::ranges::any_of(before, [&](const mail::Field* field) {
    return mail::iequals(mail::trim(field->value), delivery.account);
  });
  if (again || before.size() >= kMaxRedirections)
    return kept({{}, "redirect would make a loop: the message came through here before"});
  return {std::move(script), std::move(outcome)};
}

namespace {

std::string asked_key(const smtp::Envelope& envelope, const smtp::Recipient& recipient,
                      std::string_view account) {
  return envelope.queue_id + ' ' + recipient.mailbox.to_string() + ' ' + std::string(account);
}

}  // namespace

Filtering::Decision Filtering::decided(const Delivery& delivery) {
  const auto asked =
      asked_.find(asked_key(delivery.envelope, delivery.recipient, delivery.account));
  if (asked == asked_.end()) return decide(delivery);
  Decision out = std::move(asked->second);
  asked_.erase(asked);
  return out;
}

trace::EventId Filtering::record(const Delivery& delivery, const std::string& script,
                                 const sieve::Outcome& outcome) {
  const trace::Origin origin{environment_.self, 0, 0, delivery.envelope.message};
  if (outcome.error) {
    return environment_.sink.record(
        trace::Kind::sieve_failed, origin,
        {delivery.account, script, mail::repair_utf8(outcome.error->to_string())});
  }
  const bool stays = std::ranges::any_of(outcome.actions, [](const sieve::Action& action) {
    return is_copy(action) || action.kind == Kind::ereject;
  });
  return environment_.sink.record(
      trace::Kind::sieve_run, origin,
      {delivery.envelope.queue_id, delivery.recipient.mailbox.to_string(), script,
       mail::repair_utf8(words(outcome)), stays ? 0 : 1});
}

void Filtering::failed(const Delivery& delivery, std::string_view script,
                       std::string_view problem) {
  environment_.sink.record(trace::Kind::sieve_failed,
                           {environment_.self, 0, 0, delivery.envelope.message},
                           {delivery.account, script, mail::repair_utf8(problem)});
}

std::optional<smtp::Reply> Filtering::refusal(const smtp::Envelope& envelope,
                                              const smtp::Recipient& recipient,
                                              std::string_view account, std::string_view content) {
  const auto [kept, fresh] = asked_.try_emplace(asked_key(envelope, recipient, account));
  if (fresh) kept->second = decide({envelope, recipient, account, content});
  const std::optional<sieve::Outcome>& outcome = kept->second.outcome;
  if (!outcome) return std::nullopt;
  // Beside it there may be notifications, and nothing else.
  for (const sieve::Action& action : outcome->actions) {
    if (action.kind == Kind::ereject) return refusal_reply(action.text);
  }
  return std::nullopt;
}

void Filtering::refused(const smtp::Envelope& envelope, const smtp::Recipient& recipient,
                        std::string_view account, std::string_view content) {
  const Delivery delivery{envelope, recipient, account, content};
  const Decision decision = decided(delivery);
  if (decision.outcome) notify(delivery, *decision.outcome);
}

/// RFC 5435 section 7: notifications change nothing else, and nothing else changes them.
void Filtering::notify(const Delivery& delivery, const sieve::Outcome& outcome) {
  for (const sieve::Action& action : outcome.actions) {
    if (action.kind == Kind::notify) notify(delivery, action);
  }
}

Delivered Filtering::deliver(const smtp::Envelope& envelope, const smtp::Recipient& recipient,
                             std::string_view account, std::string_view content) {
  const Delivery delivery{envelope, recipient, account, content};
  std::set<std::string> served;
  Delivered out;
  const auto [script, outcome] = decided(delivery);
  if (!outcome) {
    file(delivery, script, {}, served, out);
    return out;
  }
  trace::Sink& sink = environment_.sink;
  const trace::CauseScope scope(sink, sink.cause());
  sink.set_cause(record(delivery, script, *outcome));
  for (const sieve::Action& action : outcome->actions) {
    if (action.kind == Kind::ereject) {
      out.refusal = refusal_reply(action.text);
      out.reason = action.text;
      notify(delivery, *outcome);
      return out;
    }
    if (is_copy(action) && !file(delivery, script, action, served, out)) return out;
  }
  for (const sieve::Action& action : outcome->actions) carry_out(delivery, action);
  store::MailStore& store = environment_.organisation.store();
  for (const sieve::Tracked& tracked : outcome->tracked) {
    // RFC 7352 section 3: only now, when all went well.
    const std::string key = "duplicate " + digest(tracked.id);
    const net::Time now = environment_.clock.now();
    store.forget(account, key);
    store.remember(account, key, now, now + tracked.lifetime);
  }
  return out;
}

void Filtering::deliver_again(const smtp::Envelope& envelope, const smtp::Recipient& recipient,
                              const Delivered& served) {
  if (served.uid != 0) {
    environment_.delivery.deliver_again(envelope, recipient.mailbox, served.mailbox, served.uid);
    return;
  }
  environment_.sink.record(trace::Kind::sieve_run, {environment_.self, 0, 0, envelope.message},
                           {envelope.queue_id, recipient.mailbox.to_string(), "",
                            "as for the account's other address", 1});
}

/// The mailbox of a keep or fileinto that exists; INBOX when there is no better one.
std::string Filtering::target(const Delivery& delivery, const std::string& script,
                              const sieve::Action& action) {
  if (action.mailbox.empty()) return "INBOX";
  store::MailStore& store = environment_.organisation.store();
  if (!action.special_use.empty()) {
    // RFC 8579 section 4: of several, the one that is named by name; else always the same.
    std::string found;
    for (const store::MailboxInfo& info : store.mailboxes(delivery.account)) {
      if (!store::has_use(info.special_use, action.special_use)) continue;
      if (found.empty() || info.name == action.mailbox) found = info.name;
    }
    if (!found.empty()) return found;
  }
  if (store.mailbox(delivery.account, action.mailbox)) return action.mailbox;
  if (!action.create) {
    failed(delivery, script, "there is no mailbox " + action.mailbox);
    return "INBOX";
  }
  const auto made = store.create_mailbox(delivery.account, action.mailbox, action.special_use);
  if (!made) {
    failed(delivery, script,
           "the mailbox " + action.mailbox +
               " cannot be created: " + std::string(store::to_string(made.error)));
    return "INBOX";
  }
  store.subscribe(delivery.account, action.mailbox, true);
  environment_.sink.record(trace::Kind::store_mailbox,
                           {environment_.self, 0, 0, delivery.envelope.message},
                           {delivery.account, action.mailbox, "created"});
  return action.mailbox;
}

/// Makes a copy. False when the store refuses it.
bool Filtering::file(const Delivery& delivery, const std::string& script,
                     const sieve::Action& action, std::set<std::string>& served, Delivered& out) {
  const std::string mailbox = target(delivery, script, action);
  if (!served.insert(mailbox).second) return true;
  const mail::Mailbox& recipient = delivery.recipient.mailbox;
  const std::string changed =
      action.header ? sieve::with_header(delivery.content, *action.header) : std::string();
  const auto uid = environment_.delivery.deliver(
      delivery.envelope, out.uid == 0 ? &recipient : nullptr, delivery.account,
      action.header ? std::string_view(changed) : delivery.content, mailbox,
      store_flags(action.flags));
  if (!uid) {
    // A copy that is there is a delivery; a further one that does not fit is told to the owner.
    if (out.uid == 0)
      out.refusal = smtp::Reply{552, {5, 2, 2}, std::string(store::to_string(uid.error))};
    else
      failed(delivery, script, mailbox + ": " + std::string(store::to_string(uid.error)));
    return out.uid != 0;
  }
  if (out.uid != 0) return true;
  out.uid = uid.value;
  out.mailbox = mailbox;
  return true;
}

void Filtering::carry_out(const Delivery& delivery, const sieve::Action& action) {
  const trace::CauseScope scope(environment_.sink, environment_.sink.cause());
  if (action.kind == Kind::redirect) redirect(delivery, action);
  if (action.kind == Kind::reject) reject(delivery, action);
  if (action.kind == Kind::vacation) answer(delivery, action);
  if (action.kind == Kind::notify) notify(delivery, action);
}

/// RFC 5228 section 4.2: sent on as it came, with its return path; an empty one stays empty.
void Filtering::redirect(const Delivery& delivery, const sieve::Action& action) {
  smtp::Envelope envelope = delivery.envelope;
  envelope.queue_id = environment_.new_queue_id();
  envelope.account.clear();
  envelope.asked.hold_until.reset();
  // RFC 3461 section 5.2.6: that this host has delivered it is told here already; a failure is news
  // to whom asked for it.
  smtp::Recipient to = delivery.recipient;
  to.mailbox = action.address;
  to.notify = to.notify.without_success();
  envelope.recipients = {std::move(to)};
  std::string content(kRedirectedField);
  content += ": " + std::string(delivery.account) + "\r\n";
  content += action.header ? sieve::with_header(delivery.content, *action.header)
                           : std::string(delivery.content);
  environment_.submit(std::move(envelope), std::move(content));
}

namespace {

/// An envelope for what nobody may answer: no return path, no notifications.
smtp::Envelope quiet_envelope(const mail::Mailbox& to, std::string queue_id,
                              const std::string& hostname) {
  smtp::Envelope out;
  out.queue_id = std::move(queue_id);
  smtp::NotifySet never;
  never.add(smtp::Notify::never);
  out.recipients.emplace_back(to, "", never);
  out.asked.smtputf8 = !mail::all_ascii(to.to_string());
  out.message_id = "<" + out.queue_id + "@" + hostname + ">";
  return out;
}

}  // namespace

void Filtering::reject(const Delivery& delivery, const sieve::Action& action) {
  const mail::Mailbox& sender = delivery.envelope.reverse_path;
  if (sender.null()) {
    // RFC 5429 section 2.2.1: nobody is there to be told.
    environment_.sink.record(trace::Kind::mail_discarded,
                             {environment_.self, 0, 0, delivery.envelope.message},
                             {delivery.envelope.queue_id, "rejected, and it has no return path"});
    return;
  }
  smtp::Envelope envelope =
      quiet_envelope(sender, environment_.new_queue_id(), environment_.hostname);
  Mdn mdn;
  mdn.hostname = environment_.hostname;
  mdn.to = sender;
  mdn.recipient = delivery.recipient.mailbox;
  mdn.orcpt = delivery.recipient.orcpt;
  mdn.reason = action.text;
  mdn.message_id = envelope.message_id;
  mdn.now = environment_.clock.now();
  mdn.original = delivery.content;
  environment_.sink.set_cause(environment_.sink.record(
      trace::Kind::mail_bounced, {environment_.self, 0, 0, delivery.envelope.message},
      {delivery.envelope.queue_id, envelope.queue_id, "rejected", sender.to_string()}));
  environment_.submit(std::move(envelope), build_mdn(mdn));
}

void Filtering::answer(const Delivery& delivery, const sieve::Action& action) {
  const sieve::Vacation& vacation = action.vacation;
  store::MailStore& store = environment_.organisation.store();
  const mail::Mailbox& sender = delivery.envelope.reverse_path;
  const net::Time now = environment_.clock.now();
  std::vector<std::string> own = {std::string(delivery.account),
                                  delivery.recipient.mailbox.to_string()};
  own.insert(own.end(), vacation.addresses.begin(), vacation.addresses.end());
  const mail::Header header =
      mail::parse_header(action.header ? std::string_view(*action.header) : delivery.content);
  // RFC 5230 section 4.5: other names of the account are the user's as well. One that the message
  // is addressed to is enough: there may be thousands.
  const auto is_own = [&](const mail::Mailbox& each) {
    return environment_.organisation.account_of(each) == delivery.account;
  };
  const std::vector<mail::Mailbox> addressed = recipients_of(header);
  const auto found = std::ranges::find_if(addressed, is_own);
  if (found != addressed.end()) own.push_back(found->to_string());
  if (is_own(sender)) own.push_back(sender.to_string());
  std::string_view silent = why_no_answer(header, sender, own);
  const std::string key =
      "vacation " + digest(vacation.tracking) + " " + mail::lower(sender.to_string());
  if (silent.empty() && vacation.interval > net::Duration::zero() &&
      !store.remember(delivery.account, key, now, now + vacation.interval))
    silent = "it was answered before";
  const trace::EventId event = environment_.sink.record(
      trace::Kind::sieve_answer, {environment_.self, 0, 0, delivery.envelope.message},
      {delivery.account, sender.to_string(), silent});
  if (!silent.empty()) return;
  environment_.sink.set_cause(event);
  smtp::Envelope envelope =
      quiet_envelope(sender, environment_.new_queue_id(), environment_.hostname);
  std::string content = build_answer(
      {vacation, header, std::string(delivery.account), sender, envelope.message_id, now});
  environment_.submit(std::move(envelope), std::move(content));
}

namespace {

/// The text with its display name when the address in angle brackets, which a letter would show, is
/// this one; "a@x (<b@y>)" is the address of "a" and looks like that of "b".
std::string named(const std::string& text, const mail::Mailbox& address) {
  const std::size_t open = text.rfind('<');
  if (open == std::string::npos) return address.to_string();
  const std::string_view inside = std::string_view(text).substr(open + 1);
  const auto shown = mail::Mailbox::parse(mail::trim(inside.substr(0, inside.find('>'))));
  return shown && *shown == address ? text : address.to_string();
}

}  // namespace

/// RFC 5436 section 2.7.
void Filtering::notify(const Delivery& delivery, const sieve::Action& action) {
  // As the message came: a script may have put a field above those that end loops.
  if (sent_automatically(mail::parse_header(delivery.content))) return;
  const mail::Header header =
      mail::parse_header(action.header ? std::string_view(*action.header) : delivery.content);
  const trace::CauseScope scope(environment_.sink, environment_.sink.cause());
  // RFC 5435 section 3.3: nobody writes in the name of others.
  mail::Mailbox sender = delivery.recipient.mailbox;
  std::string from = sender.to_string();
  const auto wanted = sieve::parse_outbound(action.notification.from);
  if (wanted && environment_.organisation.account_of(*wanted) == delivery.account) {
    sender = *wanted;
    from = named(action.notification.from, sender);
  }
  smtp::Envelope envelope;
  envelope.queue_id = environment_.new_queue_id();
  envelope.message_id = "<" + envelope.queue_id + "@" + environment_.hostname + ">";
  // A message without a return path causes none that has one, or two hosts could go on for ever.
  if (!delivery.envelope.reverse_path.null()) envelope.reverse_path = sender;
  for (const auto* addresses : {&action.notification.method.to, &action.notification.method.cc}) {
    for (const mail::Mailbox& each : *addresses) envelope.recipients.emplace_back(each);
  }
  std::string content = build_notice({action.notification, header, std::string(delivery.account),
                                      from, envelope.message_id, environment_.clock.now()});
  envelope.asked.smtputf8 =
      !mail::all_ascii(envelope.reverse_path.to_string()) || mail::has_utf8_headers(content) ||
      std::ranges::any_of(envelope.recipients, [](const smtp::Recipient& each) {
        return !mail::all_ascii(each.mailbox.to_string());
      });
  environment_.submit(std::move(envelope), std::move(content));
}

}  // namespace mailscope::host
