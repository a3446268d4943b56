#include "server/pop3/maildrop.hpp"

#include "server/mail/downgrade.hpp"
#include "server/store/wire_size.hpp"

namespace mailscope::pop3 {

Maildrop::Opened Maildrop::open(store::MailStore& store, std::string account, Reader reader) {
  if (!store.has_account(account)) return {nullptr, Trouble::missing};
  if (!store.lock_maildrop(account)) return {nullptr, Trouble::in_use};
  const auto inbox = store.mailbox(account, "INBOX");
  if (!inbox) {
    store.unlock_maildrop(account);
    return {nullptr, Trouble::missing};
  }
  return {std::unique_ptr<Maildrop>(new Maildrop(store, std::move(account), *inbox, reader)),
          Trouble::none};
}

Maildrop::Maildrop(store::MailStore& store, std::string account, const store::MailboxInfo& inbox,
                   Reader reader)
    : store_(store),
      account_(std::move(account)),
      mailbox_(inbox.id),
      uid_validity_(inbox.uid_validity),
      reader_(reader) {
  messages_.reserve(inbox.messages);
  store_.scan(mailbox_, {}, [this](const store::MessageInfo& info) {
    messages_.push_back({.uid = info.uid,
                         .size = info.wire_size,
                         .deleted = false,
                         .downgraded = reader_ == Reader::older && info.utf8_headers});
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

// Each message that must be downgraded is read once for its size; nothing is read for the others.
std::uint64_t Maildrop::size(std::uint32_t number) const {
  Message& message = messages_[number - 1];
  if (message.downgraded) {
    if (const store::Body octets = body(number)) message.size = store::wire_size(*octets);
    message.downgraded = false;
  }
  return message.size;
}

store::Body Maildrop::body(std::uint32_t number) const {
  store::Body octets = store_.body(mailbox_, messages_[number - 1].uid);
  if (octets == nullptr || reader_ == Reader::utf8) return octets;
  auto older = mail::downgrade_message(*octets);
  return older ? std::make_shared<const std::string>(std::move(*older)) : octets;
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
