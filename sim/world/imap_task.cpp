#include "sim/world/imap_task.hpp"

#include <algorithm>

#include "server/host/services.hpp"
#include "server/mail/encoding.hpp"

namespace mailscope::world {

using imap::Action;

std::uint16_t ImapTask::port() const {
  const bool implicit = security() == scenario::Security::tls;
  return host::info(implicit ? host::Service::imaps : host::Service::imap).port;
}

std::string ImapTask::mailbox() const {
  return std::visit(
      [](const auto& act) -> std::string {
        if constexpr (requires { act.mailbox; })
          return act.mailbox;
        else
          return "INBOX";
      },
      act_);
}

std::unique_ptr<net::Engine> ImapTask::make_engine() {
  imap::ClientOptions options;
  options.tls = security() == scenario::Security::starttls ? imap::ClientOptions::Tls::required
                                                           : imap::ClientOptions::Tls::none;
  options.user = device_.options().address;
  options.password = device_.options().password;
  options.sasl = device_.login();
  options.allow_plaintext_auth = security() == scenario::Security::none;
  auto engine = std::make_unique<imap::ClientEngine>(std::move(options));
  client_ = engine.get();
  client_->on_result(
      [this](const Action& action, const imap::ActionResult& r) { result(action, r); });
  if (const auto* move = std::get_if<scenario::Move>(&act_)) {
    if (move->to != "INBOX") client_->add(Action::list());
  }
  client_->add(Action::select(mailbox()));
  return engine;
}

void ImapTask::result(const Action& action, const imap::ActionResult& result) {
  if (!result.ok) {
    report("failed", std::string(imap::to_string(action.kind)) + ": " + result.error);
    if (action.kind != Action::Kind::logout && client_->state() != imap::ClientState::closed)
      client_->add(Action::logout());
    return;
  }
  switch (action.kind) {
    case Action::Kind::select:
      client_->add(Action::sync(device_.synced_up_to(mailbox(), client_->mailbox()->uid_validity)));
      break;
    case Action::Kind::sync:
      synced();
      break;
    case Action::Kind::list: {
      const std::string& target = std::get<scenario::Move>(act_).to;
      const auto& all = client_->mailboxes();
      if (std::none_of(all.begin(), all.end(), [&](const auto& box) { return box.name == target; }))
        client_->add(Action::create(target));
      break;
    }
    case Action::Kind::set_flags:
    case Action::Kind::remove:
    case Action::Kind::move:
      keep();
      client_->add(Action::logout());
      break;
    default:
      break;
  }
}

std::string ImapTask::id_of(store::Uid uid) const {
  return mailbox() + "/" + std::to_string(client_->mailbox()->uid_validity) + "/" +
         std::to_string(uid);
}

void ImapTask::synced() {
  keep();
  if (std::holds_alternative<scenario::Read>(act_)) {
    // Reading is what sets \Seen: a person has looked at the message.
    std::vector<store::Uid> unread;
    for (const auto& [uid, message] : client_->mailbox()->messages) {
      if (!message.has_flag("\\Seen")) unread.push_back(uid);
    }
    client_->add(unread.empty() ? Action::logout()
                                : Action::set_flags(unread, store::FlagChange::add, {"\\Seen"}));
    return;
  }
  if (const auto* remove = std::get_if<scenario::Delete>(&act_))
    change(*remove);
  else if (const auto* move = std::get_if<scenario::Move>(&act_))
    change(*move);
  else
    change(std::get<scenario::Flag>(act_));
}

std::vector<store::Uid> ImapTask::chosen(const std::string& subject) const {
  std::vector<store::Uid> uids;
  for (const auto& [uid, message] : client_->mailbox()->messages) {
    if (mail::decode_words(message.envelope.subject).find(subject) != std::string::npos)
      uids.push_back(uid);
  }
  return uids;
}

void ImapTask::change(const scenario::Delete& act) {
  const auto uids = chosen(act.subject);
  client_->add(uids.empty() ? Action::logout() : Action::remove(uids));
}

void ImapTask::change(const scenario::Move& act) {
  const auto uids = chosen(act.subject);
  client_->add(uids.empty() ? Action::logout() : Action::move(uids, act.to));
}

void ImapTask::change(const scenario::Flag& act) {
  const auto uids = chosen(act.subject);
  const bool add = !act.add.empty();
  client_->add(uids.empty() ? Action::logout()
                            : Action::set_flags(
                                  uids, add ? store::FlagChange::add : store::FlagChange::remove,
                                  {add ? act.add : act.remove}));
}

void ImapTask::keep() {
  const imap::ClientMailbox* box = client_->mailbox();
  if (box == nullptr) return;
  std::vector<std::string> gone;
  for (const HeldMessage& held : device_.held()) {
    if (held.id.starts_with(mailbox() + "/")) gone.push_back(held.id);
  }
  store::Uid last = 0;
  for (const auto& [uid, message] : box->messages) {
    const std::string id = id_of(uid);
    std::erase(gone, id);
    device_.hold({id, message.octets ? *message.octets : std::string(), message.flags});
    last = std::max(last, uid);
  }
  for (const std::string& id : gone) device_.forget(id);
  device_.set_synced(mailbox(), box->uid_validity, last);
}

void ImapTask::finished(net::Engine&) {}

}  // namespace mailscope::world
