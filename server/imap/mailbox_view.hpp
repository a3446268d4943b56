// A mailbox as one session knows it: which message has which sequence number now, which are
// \Recent here, and what the session has still to be told about changes that others made.
//
// Sequence numbers belong to the client's picture of the mailbox, not to the mailbox: a message
// that another session expunged keeps its number here until the EXPUNGE has been sent, and RFC 3501
// section 7.4.1 says when that must not happen (during FETCH, STORE and SEARCH).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/imap/sequence_set.hpp"
#include "server/store/mail_store.hpp"

namespace mailscope::imap {

/// Closed range of positions in the view; sequence number = position + 1.
struct PositionRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

/// What a client must be told, in the order in which it must be told.
struct ViewUpdate {
  std::vector<std::uint32_t> expunged;  // sequence numbers, each as of the moment it is sent
  std::vector<store::Uid> expunged_uids;
  std::optional<std::uint32_t> exists;  // set when messages arrived
  std::optional<std::uint32_t> recent;  // set with exists
  struct FlagsOf {
    std::uint32_t number;
    store::MessageInfo info;
  };
  std::vector<FlagsOf> flags;
  bool mailbox_gone = false;  // somebody deleted the mailbox
  bool empty() const {
    return expunged.empty() && !exists && !recent && flags.empty() && !mailbox_gone;
  }
};

class MailboxView {
 public:
  /// `read_only`: EXAMINE; \Recent is shown but not taken from others.
  MailboxView(store::MailStore& store, const store::MailboxInfo& info, bool read_only);

  store::MailboxId id() const { return id_; }
  std::uint32_t uid_validity() const { return uid_validity_; }
  bool read_only() const { return read_only_; }
  std::uint32_t exists() const { return static_cast<std::uint32_t>(uids_.size()); }
  std::uint32_t recent() const;
  /// Sequence number of the first message without \Seen when the mailbox was opened; 0: none.
  std::uint32_t first_unseen() const { return first_unseen_; }
  /// Keywords in use when the mailbox was opened.
  const std::vector<std::string>& keywords() const { return keywords_; }
  /// True when there are keywords among the flags that the client has not been told of; now it is.
  bool learn_keywords(const store::Flags& flags);

  store::Uid uid_at(std::uint32_t position) const { return uids_[position]; }
  std::span<const store::Uid> uids() const { return uids_; }
  /// Position of a UID, or nullopt when the client does not know such a message.
  std::optional<std::uint32_t> position_of(store::Uid uid) const;
  bool is_recent(store::Uid uid) const;

  /// Positions that a set of sequence numbers means; nullopt when a number is beyond the last
  /// message: the client is wrong about the mailbox.
  std::optional<std::vector<PositionRange>> by_number(const SequenceSet& set) const;
  /// Positions that a set of UIDs means; UIDs that do not exist are left out (RFC 3501
  /// section 6.4.8).
  std::vector<PositionRange> by_uid(const SequenceSet& set) const;
  std::vector<store::Uid> uids_of(std::span<const PositionRange> ranges) const;

  /// The client was told the flags that this message has at `modseq`: no need to tell again.
  void told(store::Uid uid, store::ModSeq modseq) { told_.push_back({uid, modseq}); }
  /// The client was told all that changed after `before`, up to `after`.
  void told_all(store::ModSeq before, store::ModSeq after);
  /// Something may have changed: the store's watch says so.
  void touch() { touched_ = true; }
  /// Brings the view up to date and says what to tell. Without `may_expunge` messages that are
  /// gone keep their numbers for now.
  ViewUpdate update(bool may_expunge);
  /// The changes up to here are in the view.
  store::ModSeq known_modseq() const { return known_; }
  /// All changes up to here have been given out to be told; less than known_modseq() while
  /// messages that are gone keep their numbers.
  store::ModSeq told_modseq() const { return gone_.empty() ? known_ : before_gone_; }
  /// There is something that update(true) would tell or look into.
  bool stale() const { return touched_ || !gone_.empty(); }
  /// The same of update(false).
  bool touched() const { return touched_; }
  /// Octets that it takes, about.
  std::size_t memory() const {
    return (uids_.capacity() + gone_.capacity()) * sizeof(store::Uid) +
           recent_.capacity() * sizeof(NumberRange) + told_.capacity() * sizeof(Told) +
           told_all_.capacity() * sizeof(Span);
  }

 private:
  struct Told {
    store::Uid uid;
    store::ModSeq modseq;
  };
  struct Span {
    store::ModSeq before;
    store::ModSeq after;
  };
  void load(const store::MailboxInfo& info);
  void take_changes(ViewUpdate& update);
  bool was_told(const store::MessageInfo& message) const;
  void take_arrivals(ViewUpdate& update, std::size_t before);
  void remove_gone(ViewUpdate& update);

  store::MailStore& store_;
  store::MailboxId id_;
  std::uint32_t uid_validity_;
  bool read_only_;
  std::vector<store::Uid> uids_;     // rising; position = sequence number - 1
  std::vector<NumberRange> recent_;  // UIDs, rising
  std::vector<store::Uid> gone_;     // expunged but not told, rising
  std::vector<Told> told_;
  std::vector<Span> told_all_;  // all of it above known_
  std::vector<std::string> keywords_;
  store::ModSeq known_ = 0;
  store::ModSeq before_gone_ = 0;  // while there are some gone_
  std::uint32_t first_unseen_ = 0;
  bool touched_ = false;
};

}  // namespace mailscope::imap
