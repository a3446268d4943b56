#include "server/pop3/maildrop.hpp"

namespace mailscope::pop3 {

Maildrop::Opened Maildrop::open(store::MailStore& store, std::string account) {
  if (!store.has_account(account)) return {nullptr, Trouble::missing};
  if (!store.lock_maildrop(account)) return {nullptr, Trouble::in_use};
  const auto inbox = store.mailbox(account, "INBOX");
  if (!inbox) {
    store.unlock_maildrop(account);
    return {nullptr, Trouble::missing};
  }
  return {std::unique_ptr<Maildrop>(new Maildrop(store, std::move(account), *inbox)),
          Trouble::none};
}

Maildrop::Maildrop(store::MailStore& store, std::string account, const store::MailboxInfo& inbox)
    : store_(store),
      account_(std::move(account)),
      mailbox_(inbox.id),
      uid_validity_(inbox.uid_validity) {
  messages_.reserve(inbox.messages);
  store_.scan(mailbox_, {}, [this](const store::MessageInfo& info) {
    messages_.push_back({.uid = info.uid, .size = info.wire_size, .deleted = false});
    return true;
  });
}

Maildrop::~Maildrop() {
  store_.unlock_maildrop(account_);
}

bool Maildrop::has(std::uint32_t number) const {
  return number >= 1 && number <= count() && !messages_[number - 1].deleted;
}

bool Maildrop::deleted(std::uint32_t number) const {
  return number >= 1 && number <= count() && messages_[number - 1].deleted;
}

std::string Maildrop::unique_id(std::uint32_t number) const {
  return std::to_string(uid_validity_) + '.' + std::to_string(messages_[number - 1].uid);
}

store::Body Maildrop::body(std::uint32_t number) const {
  return store_.body(mailbox_, messages_[number - 1].uid);
}

Maildrop::Total Maildrop::total() const {
  Total total;
  for (std::uint32_t number = 1; number <= count(); ++number) {
    if (messages_[number - 1].deleted) continue;
    ++total.messages;
    total.octets += size(number);
  }
  return total;
}

void Maildrop::mark(std::uint32_t number) {
  messages_[number - 1].deleted = true;
}

void Maildrop::unmark_all() {
  for (Message& message : messages_) message.deleted = false;
}

std::vector<store::Uid> Maildrop::remove_marked() {
  std::vector<store::Uid> uids;
  for (const Message& message : messages_) {
    if (message.deleted) uids.push_back(message.uid);
  }
  return uids.empty() ? uids : store_.expunge(mailbox_, uids);
}

}  // namespace mailscope::pop3
