// A maildrop: the INBOX as a POP3 session sees it, numbered once at login and held alone until the
// session ends (RFC 1939 section 4).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/store/mail_store.hpp"

namespace mailscope::pop3 {

class Maildrop {
 public:
  enum class Trouble : std::uint8_t { none, in_use, missing };
  struct Opened {
    std::unique_ptr<Maildrop> maildrop;  // null with trouble
    Trouble trouble = Trouble::none;
  };
  /// For whom: one who has said UTF8 gets messages as they are, others as RFC 6858 has them.
  enum class Reader : std::uint8_t { utf8, older };
  /// Locks the account's maildrop; destroying it lets go.
  static Opened open(store::MailStore& store, std::string account, Reader reader);
  ~Maildrop();
  Maildrop(const Maildrop&) = delete;
  Maildrop& operator=(const Maildrop&) = delete;

  const std::string& account() const { return account_; }
  /// Messages at login, deleted or not; numbers are 1 to count().
  std::uint32_t count() const { return static_cast<std::uint32_t>(messages_.size()); }
  /// A number that may be named: it exists and is not marked as deleted.
  bool has(std::uint32_t number) const;
  bool deleted(std::uint32_t number) const;
  /// Octets as the reader gets them (RFC 6856 section 2.1), with every line ended by CRLF (RFC 1939
  /// section 11). Not for the dots that stuffing adds.
  std::uint64_t size(std::uint32_t number) const;
  /// Unique for all time: the mailbox's UIDVALIDITY and the message's UID.
  std::string unique_id(std::uint32_t number) const;
  /// Octets as the reader gets them. Null when another session (IMAP) has removed the message since
  /// login.
  store::Body body(std::uint32_t number) const;

  struct Total {
    std::uint32_t messages = 0;
    std::uint64_t octets = 0;
  };
  /// Without what is marked as deleted.
  Total total() const;

  /// Octets that it takes.
  std::size_t memory() const { return messages_.capacity() * sizeof(Message); }

  void mark(std::uint32_t number);
  void unmark_all();
  /// UPDATE: removes what is marked; returns the UIDs that are gone, rising.
  std::vector<store::Uid> remove_marked();

 private:
  struct Message {
    store::Uid uid = 0;
    std::uint64_t size = 0;  // octets on the wire
    bool deleted = false;
    bool downgraded = false;  // for this reader; its size is not known until it is asked for
  };
  Maildrop(store::MailStore& store, std::string account, const store::MailboxInfo& inbox,
           Reader reader);

  store::MailStore& store_;
  std::string account_;
  store::MailboxId mailbox_;
  std::uint32_t uid_validity_;
  Reader reader_;
  mutable std::vector<Message> messages_;
};

}  // namespace mailscope::pop3
