// Tells a client what happens outside its selected mailbox: NOTIFY (RFC 5465), and changed
// annotations after ENABLE METADATA (RFC 5464 section 4.4). The store only says "something has
// changed here": what it was comes out of comparing with what was known before.
//
//   C: a NOTIFY SET (subtree Lists (MessageNew MessageExpunge)) (personal (MailboxName))
//   S: a OK You will be notified
//   S: * STATUS Lists/Lemonade (UIDNEXT 10000 MESSAGES 501)
//   S: * LIST () "/" NewMailbox
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/imap/notify_program.hpp"
#include "server/store/mail_store.hpp"

namespace mailscope::imap {

class Session;

class Notifier {
 public:
  /// `wake`: called when there is something to tell while no command is in progress.
  Notifier(Session& session, std::function<void()> wake);
  ~Notifier();

  /// NOTIFY SET; false: too many mailboxes, and everything is as before.
  bool set(NotifyProgram program);
  /// NOTIFY NONE.
  void none();
  /// The user is gone, and what was asked for with it (RFC 8437).
  void forget();
  /// ENABLE METADATA, ENABLE METADATA-SERVER.
  void tell_metadata();

  /// NOTIFY was used: nothing is told that it has not asked for.
  bool used() const { return used_; }
  /// What is wanted of the selected mailbox; null: nothing.
  const NotifyGroup* selected() const;
  /// Something waits to be told.
  bool pending() const { return pending_; }
  /// Sends it. What the client has done itself is taken note of and not told.
  void flush();
  /// The client acts from here on, or does no longer.
  void acting(bool on) { acting_ = on; }
  bool is_acting() const { return acting_; }

 private:
  struct Known;  // a mailbox as the client was last told of it
  struct Dirt {
    bool own = false, others = false;  // who has changed something
    bool any() const { return own || others; }
  };
  using Names = std::map<store::MailboxId, std::string>;

  void touch(Dirt& dirt);
  NotifyEvents events_of(std::string_view name, bool own, bool subscribed) const;
  NotifyEvents all_events() const;
  void watch_accounts();
  bool watch_mailboxes();
  void look_at_account(bool tell);
  void tell_names(const Names& now, bool tell);
  void tell_subscriptions(const std::set<std::string>& now, bool tell);
  void tell_annotations(store::MailboxId mailbox, std::string_view name,
                        std::vector<store::Annotation>& known, bool tell);
  void look_at_mailbox(Known& known, bool tell);
  void tell_access(const Names& watched, bool tell);
  void send_list(std::string_view name, std::string_view old_name = {});
  void send_no_access(std::string_view name);
  struct StatusItems {
    bool validity = false, counts = false, unseen = false, modseq = false;
  };
  void send_status(const Known& known, StatusItems items);
  void overflow();

  Session& session_;
  std::function<void()> wake_;
  NotifyProgram program_;
  bool used_ = false;
  bool metadata_ = false;  // enabled
  bool acting_ = false;
  bool pending_ = false;
  Dirt account_dirt_;
  std::vector<std::unique_ptr<store::Watch>> account_watches_;
  Names names_;
  std::set<std::string> subscribed_;
  std::vector<store::Annotation> server_annotations_;
  std::map<store::MailboxId, std::unique_ptr<Known>> mailboxes_;
  struct Barred {
    std::string name;
    bool hidden;  // it may not even be listed
  };
  std::map<store::MailboxId, Barred> barred_;  // wanted, and not to be read
};

}  // namespace mailscope::imap
