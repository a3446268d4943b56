// Where a host's outbound queue rests: the memory of a simulated host, a database on the live side.
// A host that accepted a message is responsible for it across a crash (RFC 5321 section 6.1).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/mail/address.hpp"
#include "server/net/time.hpp"
#include "server/smtp/envelope.hpp"
#include "server/smtp/reply.hpp"

namespace mailscope::queue {

/// What is known about one recipient.
struct QueueRecipient {
  enum class State : std::uint8_t {
    waiting = 0,    // to be tried at next_try
    delivered = 1,  // the next host is responsible
    failed = 2,     // given up; the sender has been told, or there is nobody to tell
  };
  mail::Mailbox mailbox;
  std::string orcpt = {};  // as in smtp::Recipient
  smtp::NotifySet notify = {};
  State state = State::waiting;
  std::uint32_t attempts = 0;
  net::Time next_try{};
  smtp::Reply last_reply;   // code 0 with empty text: none yet
  std::string last_server;  // name of the host that gave it; empty: no host did
  bool operator==(const QueueRecipient&) const = default;
};

/// A message in the queue.
struct QueueEntry {
  std::string id;                              // unique at this host
  mail::Mailbox reverse_path;                  // null: a notification
  smtp::MailParameters asked;                  // what the sender asks of every host
  std::string message_id;                      // with angle brackets, or empty
  std::shared_ptr<const std::string> content;  // never changes during the entry's life; not null
  std::vector<QueueRecipient> recipients;      // never more or fewer during the entry's life
  net::Time created{};
  bool warned = false;     // the sender was told about the delay
  bool told_late = false;  // and that the deadline is over (RFC 2852)
};

/// Synchronous, like the mail store: a change is part of the turn's transaction and durable before
/// the turn's output leaves.
class QueueStore {
 public:
  virtual ~QueueStore() = default;
  /// Adds the entry or replaces the one of the same id. For an id that is known the content is the
  /// same as before and need not be written again.
  virtual void put(const QueueEntry& entry) = 0;
  /// Unknown ids are ignored.
  virtual void remove(std::string_view id) = 0;
  /// Everything that is there, by (created, id).
  virtual std::vector<QueueEntry> load_all() = 0;
};

/// A queue store that lives as long as the object: with one for each host, a simulated host can
/// crash and start again.
class MemoryQueueStore final : public QueueStore {
 public:
  void put(const QueueEntry& entry) override;
  void remove(std::string_view id) override;
  std::vector<QueueEntry> load_all() override;
  std::size_t size() const { return entries_.size(); }

 private:
  std::map<std::string, QueueEntry, std::less<>> entries_;
};

}  // namespace mailscope::queue
