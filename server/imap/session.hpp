// What a command's handler works with: who is logged in, the selected mailbox, the store, and the
// writer of responses. The conversation owns it and drives it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/auth/sasl.hpp"
#include "server/imap/access.hpp"
#include "server/imap/capabilities.hpp"
#include "server/imap/collation.hpp"
#include "server/imap/command_table.hpp"
#include "server/imap/language.hpp"
#include "server/imap/mailbox_view.hpp"
#include "server/imap/notifier.hpp"
#include "server/imap/reply.hpp"
#include "server/imap/response_style.hpp"
#include "server/imap/response_writer.hpp"
#include "server/imap/search_context.hpp"
#include "server/imap/server.hpp"
#include "server/imap/surrogates.hpp"
#include "server/store/mail_store.hpp"

namespace mailscope::imap {

class Session {
 public:
  Session(const ServerOptions& options, const auth::Accounts& accounts, store::MailStore& store,
          trace::Tracer tracer, policy::SessionSwitches switches, policy::SessionGuard guard,
          net::Output& out);

  // The world around.
  const ServerOptions& options() const { return options_; }
  const auth::Accounts& accounts() const { return accounts_; }
  store::MailStore& store() const { return store_; }
  const trace::Tracer& tracer() const { return tracer_; }
  ResponseWriter& out() { return writer_; }
  /// "* OK [code] text", the text in the client's language (RFC 5255 section 3.1).
  void say(std::string_view status, std::string_view code, std::string_view text);
  net::Time now() const { return now_; }
  void set_now(net::Time now) { now_ = now; }
  /// Room left below the high-water mark.
  bool has_room() const { return out_.size() < kHighWater && !writer_.streaming(); }

  // Who speaks.
  State state() const { return state_; }
  bool secure() const { return tls_.has_value(); }
  const std::string& account() const { return account_; }
  /// The one question about extensions: whether this client may use it. "" is the base protocol.
  bool offers(std::string_view capability) const;
  /// The site does not have it (or pretends not to).
  bool hides(std::string_view capability) const;
  /// The answer to arguments that make use of something that is not offered.
  std::optional<Reply> unusable(const Uses& uses);
  EnabledSet enabled() const { return enabled_; }
  /// The answer to a search that this client may not ask for, or not so.
  std::optional<Reply> unsearchable(const SearchProgram& program) const;
  /// Turns it on, with all that follows from it.
  void enable(EnabledSet what);
  ResponseStyle style() const {
    // RFC 9051 section 6.3.1: where there is no IMAP4rev1, IMAP4rev2 needs no ENABLE.
    return ResponseStyle(hides("IMAP4rev1") && !hides("IMAP4rev2")
                             ? static_cast<EnabledSet>(enabled_ | kRev2)
                             : enabled_);
  }
  /// Makes the writer fit the style, which a switch may have changed.
  void settle_style() { writer_.set_utf8(style().utf8()); }
  policy::SessionSwitches& switches() { return switches_; }
  const policy::SessionSwitches& switches() const { return switches_; }
  /// For the mechanisms of AUTHENTICATE; holds until the next line.
  auth::SaslContext sasl_context() const;
  /// Passwords may be sent as they are.
  bool may_send_password() const { return secure() || options_.allow_plaintext_auth; }
  /// Records the check and answers; moves to the authenticated state when `account` is set.
  Reply authenticated(std::string_view user, std::string_view mechanism,
                      const std::optional<std::string>& account,
                      std::string_view reason = "unknown user or wrong password");

  /// Of the command in progress.
  const std::string& tag() const { return tag_; }

  // The selected mailbox.
  MailboxView* view() { return view_.get(); }
  const MailboxView* view() const { return view_.get(); }
  const std::string& mailbox_name() const { return mailbox_name_; }
  void select(const store::MailboxInfo& info, bool read_only);
  void unselect();
  /// The modification sequence of the selected mailbox as it is now.
  store::ModSeq highest_modseq() const;
  /// The result that SEARCH has saved, rising (RFC 5182).
  const std::vector<store::Uid>& saved_result() const { return saved_; }
  void save_result(std::vector<store::Uid> rising) { saved_ = std::move(rising); }
  /// Sends what others (and this command) did to the mailbox.
  void send_updates(bool may_expunge);
  /// Says up to where a client that resynchronises has been told everything, where it cannot know:
  /// behind all that a command sends (RFC 7162 sections 3.2 and 6).
  void tell_modseq();
  /// The command in progress has put these messages into a mailbox: what is in them is no news to
  /// the client (RFC 5465 section 5.2).
  void note_put(store::MailboxId mailbox, std::span<const store::Uid> uids);
  /// The command in progress has removed messages from the selected mailbox, which belongs into its
  /// answer, whatever NOTIFY asked for.
  void note_removed() { removed_ = true; }
  /// Some session has set a new key for URLs (RFC 4467); this one knows of it.
  void note_key();
  /// There is something of the selected mailbox that an idle client is to hear of.
  bool has_updates() const;
  /// There is something that the client wants to hear of even without a command (RFC 5465).
  bool wants_to_speak() const;
  /// "* FLAGS (...)" and "* OK [PERMANENTFLAGS (...)]" of the selected mailbox.
  void send_known_flags();
  void send_permanent_flags();
  /// Both, when there are keywords among these flags that the client has not been told of: it may
  /// take the lists of SELECT for all that there are (RFC 3501 section 7.2.6).
  void announce_keywords(const store::Flags& flags);
  /// "* 3 FETCH (FLAGS (...))", with the UID where the command speaks in UIDs, with MODSEQ where
  /// the client wants it. Not `with_flags`: MODSEQ alone.
  void send_flags(std::uint32_t number, const store::MessageInfo& message, bool with_uid,
                  bool with_flags = true);
  /// A mailbox that the user has some right on, by the name that the user has for it.
  std::optional<store::MailboxInfo> find_mailbox(std::string_view name) const {
    return access().find(name);
  }
  /// COMPRESS is in force.
  bool compressed() const { return compressed_; }
  /// Back to before the login; what was enabled is off.
  void forget_user();
  /// Whose mailboxes these are, and with which rights.
  Access access() const { return {store_, account_}; }
  /// Searches that are kept up to date.
  SearchContexts& contexts() { return contexts_; }
  Notifier& notifier() { return notifier_; }
  /// How texts are compared (RFC 5255 section 4), and in which language the server speaks.
  Collation collation() const { return collation_; }
  void set_collation(Collation collation) { collation_ = collation; }
  Language language() const { return language_; }
  void set_language(Language language) { language_ = language; }
  bool is_administrator() const;
  /// The client has not said that it takes UTF-8 in headers (RFC 6855 section 3). Where the site
  /// does not have UTF8=ACCEPT it is an old server, which passes on what it has.
  bool takes_ascii_headers_only() const { return offers("UTF8=ACCEPT") && !style().utf8(); }
  Surrogates& surrogates() { return surrogates_; }
  /// Octets of what it remembers of the mailbox, and of answers that wait.
  std::size_t memory() const {
    return (view_ ? view_->memory() : 0) + saved_.capacity() * sizeof(store::Uid) +
           writer_.memory();
  }
  void log_out() { state_ = State::logout; }

 private:
  friend class Conversation;
  void send_new_messages(std::uint32_t first);
  void watch_owner();
  void tell_owner_news();

  const ServerOptions& options_;
  const auth::Accounts& accounts_;
  store::MailStore& store_;
  trace::Tracer tracer_;
  policy::SessionSwitches switches_;
  policy::SessionGuard guard_;
  std::string& out_;
  ResponseWriter writer_;
  net::Time now_{};
  State state_ = State::not_authenticated;
  std::optional<net::TlsInfo> tls_;
  bool compressed_ = false;
  std::string account_;
  EnabledSet enabled_ = 0;
  std::string tag_;  // of the command in progress
  int auth_failures_ = 0;
  std::string mailbox_name_;
  std::vector<store::Uid> saved_;
  std::vector<store::Uid> put_;  // by the client, not told yet
  bool removed_ = false;         // by the client, not told yet
  bool untold_ = false;          // changes went by that NOTIFY did not ask for
  bool mark_is_due_ = false;     // HIGHESTMODSEQ has to be told, or told anew
  // What others may change of the selected mailbox, as the client was told last.
  std::unique_ptr<store::Watch> owner_watch_;
  std::string url_key_;
  Rights rights_;
  bool key_news_ = false, rights_news_ = false;  // it is not that any more
  std::unique_ptr<MailboxView> view_;
  std::unique_ptr<store::Watch> watch_;
  std::function<void()> on_change_;  // the selected mailbox changed (by us or by others)
  trace::EventId change_cause_ = 0;  // what changed the selected mailbox last
  bool mailbox_gone_ = false;        // somebody deleted it: the session must end
  SearchContexts contexts_;
  Surrogates surrogates_;
  Notifier notifier_;
  Collation collation_ = Collation::unicode_casemap;
  Language language_ = Language::standard;
};

/// What a lesson switch makes of a command or of the use of a capability.
Reply deviated(const policy::Deviation& deviation);
/// The answer to a store's refusal, with the fitting response code (RFC 5530).
Reply refused(store::StoreError error);
/// The answer to more keywords, or longer ones, than may be set at once.
Reply too_many_keywords();
/// The answer to a search in a charset that is not known.
Reply bad_charset();
/// "BAD FETCH: expected a sequence set at octet 10".
Reply syntax_error(const Cursor& cursor);
/// The positions that `set` means, or the answer to a set that cannot be.
std::variant<std::vector<PositionRange>, Reply> positions(Session& session, const SequenceSet& set,
                                                          Numbering numbering);

}  // namespace mailscope::imap
