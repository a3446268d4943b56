// What the commands' handlers share.
#include "server/imap/session.hpp"

#include <algorithm>

#include "server/imap/fetch_writer.hpp"
#include "server/imap/flags.hpp"
#include "server/imap/unicode.hpp"
#include "server/imap/url_authority.hpp"

namespace mailscope::imap {

Session::Session(const ServerOptions& options, const auth::Accounts& accounts,
                 store::MailStore& store, trace::Tracer tracer, policy::SessionSwitches switches,
                 policy::SessionGuard guard, net::Output& out)
    : options_(options),
      accounts_(accounts),
      store_(store),
      tracer_(tracer),
      switches_(std::move(switches)),
      guard_(guard),
      out_(out.bytes),
      writer_(out, tracer),
      notifier_(*this, [this] {
        if (on_change_) on_change_();
      }) {}

void Session::say(std::string_view status, std::string_view code, std::string_view text) {
  writer_.begin("*").text(status).text(" [").text(code).text("] ");
  writer_.text(translated(language_, text)).end();
}

bool Session::is_administrator() const {
  const auto& all = options_.administrators;
  return std::find(all.begin(), all.end(), account_) != all.end();
}

bool Session::hides(std::string_view capability) const {
  return !switches_.offers(capability);
}

bool Session::offers(std::string_view capability) const {
  if (capability.empty()) return true;
  const bool mechanism = capability.starts_with("AUTH=");
  const Capability* row = find_capability(mechanism ? "AUTH=" : capability);
  if (row == nullptr) return false;
  if (!hides(capability)) return true;
  return row->part_of_rev2 && !mechanism && style().rev2();
}

auth::SaslContext Session::sasl_context() const {
  return {.accounts = accounts_,
          .tls = tls_ ? &*tls_ : nullptr,
          .now = now_,
          .host = options_.hostname,
          .allow_plaintext = options_.allow_plaintext_auth,
          .hidden = [this](std::string_view name) { return !offers("AUTH=" + std::string(name)); }};
}

std::optional<Reply> Session::unusable(const Uses& uses) {
  for (const std::string_view capability : uses.names()) {
    if (!offers(capability))
      return bad("Syntax error: " + std::string(capability) + " is not offered");
    if (const auto deviation = switches_.at_use(capability, "BAD Not possible now"))
      return deviated(*deviation);
  }
  return std::nullopt;
}

std::optional<Reply> Session::unsearchable(const SearchProgram& program) const {
  // RFC 9586 section 3.2: numbers mean nothing to this client.
  if (style().uid_only() && program.by_number)
    return bad("Message numbers are not in use", "UIDREQUIRED");
  // RFC 6855 section 3: all strings are UTF-8 then.
  if (program.charset_given && (enabled_ & kUtf8) != 0)
    return bad("No CHARSET once UTF8=ACCEPT is enabled");
  return std::nullopt;
}

Reply deviated(const policy::Deviation& deviation) {
  Reply reply;
  if (deviation.act != policy::Switch::Act::reply) {
    reply.then = Reply::Then::reset;
  } else {
    reply.switched = deviation.reply;
  }
  return reply;
}

void Session::enable(EnabledSet what) {
  const bool knew_modseq = style().modseq();
  enabled_ = static_cast<EnabledSet>(enabled_ | what);
  settle_style();
  if ((what & kMetadata) != 0) notifier_.tell_metadata();
  // RFC 7162 section 3.1.2.1: a client that turns it on behind SELECT is told where it stands.
  if (view_ && !knew_modseq && style().modseq()) {
    say("OK", "HIGHESTMODSEQ " + std::to_string(highest_modseq()), "Highest");
  }
}

store::ModSeq Session::highest_modseq() const {
  const auto info = store_.mailbox(view_->id());
  return info ? info->highest_modseq : 1;
}

Reply Session::authenticated(std::string_view user, std::string_view mechanism,
                             const std::optional<std::string>& account, std::string_view reason) {
  const net::Duration wait = guard_.login(account.has_value(), now_);
  if (!account) {
    tracer_.record(trace::Kind::policy_auth, {user, mechanism, 0, reason});
    ++auth_failures_;
    // RFC 3501 section 11.2: no word about which of the two was wrong.
    Reply reply = no("Wrong user name or password", "AUTHENTICATIONFAILED");
    reply.delay = std::max(options_.auth_failure_delay, wait);
    return reply;
  }
  tracer_.record(trace::Kind::policy_auth, {user, mechanism, 1, ""});
  account_ = *account;
  switches_.set_user(account_);
  state_ = State::authenticated;
  Reply reply = ok("Logged in", "CAPABILITY " + capability_list(*this));
  reply.delay = wait;
  return reply;
}

void Session::select(const store::MailboxInfo& info, bool read_only) {
  unselect();
  view_ = std::make_unique<MailboxView>(store_, info, read_only);
  mailbox_gone_ = false;
  watch_ = store_.watch(info.id, [this] {
    change_cause_ = tracer_.sink().cause();
    view_->touch();
    if (on_change_) on_change_();
  });
  mailbox_name_ = info.name;
  state_ = State::selected;
  watch_owner();
}

// Keys for URLs and rights are kept with the account that the mailbox belongs to.
void Session::watch_owner() {
  note_key();
  rights_ = access().rights(view_->id());
  owner_watch_ = store_.watch_account(store_.owner(view_->id()), [this] {
    const store::MailboxId id = view_->id();
    if (!store_.mailbox(id)) return;
    key_news_ = key_news_ ||
                (offers("URLAUTH") && is_new_url_key(url_key_, find_url_key(store_, account_, id)));
    rights_news_ = access().rights(id) != rights_;
    if ((key_news_ || rights_news_) && on_change_) on_change_();
  });
}

void Session::note_key() {
  if (view_) url_key_ = find_url_key(store_, account_, view_->id());
  key_news_ = false;
}

void Session::tell_owner_news() {
  // RFC 4467 section 7, RESETKEY.
  if (key_news_) say("OK", "URLMECH INTERNAL", "URLs of before no longer hold");
  if (key_news_) note_key();
  // RFC 4314 section 5.1.1.
  if (!std::exchange(rights_news_, false)) return;
  rights_ = access().rights(view_->id());
  if (view_->read_only()) return;
  send_known_flags();
  send_permanent_flags();
}

void Session::forget_user() {
  unselect();
  enabled_ = 0;
  settle_style();
  notifier_.forget();
  collation_ = Collation::unicode_casemap;
  language_ = Language::standard;
  account_.clear();
  switches_.set_user({});
  state_ = State::not_authenticated;
}

void Session::unselect() {
  watch_.reset();
  owner_watch_.reset();
  key_news_ = rights_news_ = removed_ = untold_ = mark_is_due_ = false;
  put_.clear();
  view_.reset();
  mailbox_name_.clear();
  saved_.clear();
  contexts_.clear();
  if (state_ == State::selected) state_ = State::authenticated;
}

void Session::send_known_flags() {
  std::string list = "\\Answered \\Flagged \\Deleted \\Seen \\Draft";
  for (const std::string& keyword : view_->keywords()) list += ' ' + keyword;
  writer_.line("*", "FLAGS (" + list + ")");
}

// What may be changed with the rights on the mailbox (RFC 4314 section 5.1.1).
void Session::send_permanent_flags() {
  if (view_->read_only()) return say("OK", "PERMANENTFLAGS ()", "No flags can be changed");
  store::Flags flags;
  flags.system = 0xff;
  flags.keywords = view_->keywords();
  std::string list;
  append_flags(list, access().permitted(view_->id(), flags));
  if (access().rights(view_->id()).has(Right::write))
    list.insert(list.size() - 1, list.size() > 2 ? " \\*" : "\\*");
  say("OK", "PERMANENTFLAGS " + list, "Flags are kept");
}

void Session::announce_keywords(const store::Flags& flags) {
  if (flags.keywords.empty() || !view_->learn_keywords(flags)) return;
  send_known_flags();
  send_permanent_flags();
}

void Session::send_flags(std::uint32_t number, const store::MessageInfo& message, bool with_uid,
                         bool with_flags) {
  const ResponseStyle how = style();
  if (with_flags) announce_keywords(message.flags);
  begin_fetch(writer_, how, number, message.uid);
  // UIDFETCH begins with the UID already.
  if (with_uid && !how.uid_only()) writer_.text("UID ").number(message.uid).text(" ");
  if (how.modseq()) {
    writer_.text("MODSEQ (").number(message.modseq).text(with_flags ? ") " : ")");
  }
  if (with_flags) {
    writer_.text("FLAGS ").flags(message.flags, how.recent() && view_->is_recent(message.uid));
  }
  writer_.text(")").end();
}

// After NOTIFY nothing is told that it has not asked for (RFC 5465 section 3.1): what is not
// wanted stays in the store and does not reach the client's picture of the mailbox.
bool Session::has_updates() const {
  if (!view_) return false;
  return key_news_ || rights_news_ ||
         (view_->stale() && (!notifier_.used() || notifier_.selected() != nullptr));
}

bool Session::wants_to_speak() const {
  if (notifier_.pending() || ((key_news_ || rights_news_) && notifier_.used())) return true;
  const NotifyGroup* group = notifier_.selected();
  if (!view_ || group == nullptr) return false;
  return group->filter.kind == MailboxFilter::Kind::selected ? view_->stale() : view_->touched();
}

void Session::note_put(store::MailboxId mailbox, std::span<const store::Uid> uids) {
  if (view_ && view_->id() == mailbox) put_.insert(put_.end(), uids.begin(), uids.end());
}

void Session::send_updates(bool may_expunge) {
  if (view_) tell_owner_news();
  if (!view_ || !view_->stale()) return;
  const bool removed = std::exchange(removed_, false);
  const NotifyGroup* wanted = notifier_.selected();
  if (notifier_.used() && wanted == nullptr && !removed) {
    mailbox_gone_ = !store_.mailbox(view_->id());
    return;
  }
  const ResponseStyle how = style();
  const std::uint32_t before = view_->exists();
  const ViewUpdate update = view_->update(may_expunge);
  mailbox_gone_ = update.mailbox_gone;
  if (mailbox_gone_) return;
  if (!contexts_.empty() && !update.expunged.empty()) {
    // Each number was counted without those sent before it.
    std::vector<std::uint32_t> numbers = update.expunged;
    for (std::uint32_t i = 0; i < numbers.size(); ++i) numbers[i] += i;
    contexts_.expunging(*this, update.expunged_uids, numbers);
  }
  if (how.vanished() && !update.expunged_uids.empty()) {
    writer_.begin("*").text("VANISHED ").text(format_set(update.expunged_uids)).end();
  } else {
    for (const std::uint32_t number : update.expunged) {
      writer_.begin("*").number(number).text(" EXPUNGE").end();
    }
  }
  if (update.exists) writer_.begin("*").number(*update.exists).text(" EXISTS").end();
  if (update.recent && how.recent())
    writer_.begin("*").number(*update.recent).text(" RECENT").end();
  if (wanted == nullptr || wanted->events.has(NotifyEvent::flag_change)) {
    for (const ViewUpdate::FlagsOf& item : update.flags) send_flags(item.number, item.info, true);
  }
  contexts_.look(*this);
  if (update.exists)
    send_new_messages(before - static_cast<std::uint32_t>(update.expunged_uids.size()));
  contexts_.tell(*this);
  // The tagged answer tells of what the command itself has removed.
  mark_is_due_ = !removed && (mark_is_due_ || update.exists || !update.expunged_uids.empty());
  // What NOTIFY did not ask for has gone by untold, and no later mark may say otherwise.
  if (wanted != nullptr && !wanted->events.all_messages()) untold_ = true;
}

// Expunges that wait would be lost with the connection if the client took a later MODSEQ for its
// mark; VANISHED and EXISTS have none.
void Session::tell_modseq() {
  if (!view_ || !style().qresync() || untold_) return;
  const store::ModSeq told = view_->told_modseq();
  const bool held = told < view_->known_modseq();
  if (held || mark_is_due_) say("OK", "HIGHESTMODSEQ " + std::to_string(told), "Highest");
  mark_is_due_ = held;
}

// What NOTIFY wants to have of messages that others have put there, and a search with UPDATE of
// those that it finds: in one response (RFC 5465 sections 5.2 and 7).
void Session::send_new_messages(std::uint32_t first) {
  std::vector<store::Uid> put = std::exchange(put_, {});
  std::sort(put.begin(), put.end());
  const NotifyGroup* group = notifier_.selected();
  for (std::uint32_t position = first; position < view_->exists(); ++position) {
    const store::Uid uid = view_->uid_at(position);
    if (std::binary_search(put.begin(), put.end(), uid)) continue;
    FetchRequest request;
    if (group != nullptr && group->fetch) request = *group->fetch;
    contexts_.add_attributes(uid, request);
    if (request.items.empty()) continue;
    const auto info = store_.message(view_->id(), uid);
    if (!info) continue;
    FetchedMessage fetched;
    std::optional<MessageView> message, stored;
    if (request.needs_octets) {
      const store::Body body = store_.body(view_->id(), uid);
      if (!body) continue;
      const store::Body shown = takes_ascii_headers_only() ? surrogates_.of(*info, body) : body;
      fetched.message = &message.emplace(shown);
      if (shown != body) fetched.stored = &stored.emplace(body);
    }
    fetched.session = this;
    fetched.number = position + 1;
    fetched.info = &*info;
    fetched.recent = style().recent() && view_->is_recent(uid);
    if (request.has("FLAGS")) announce_keywords(info->flags);
    write_fetch(writer_, style(), request, fetched);
  }
}

Reply refused(store::StoreError error) {
  using store::StoreError;
  struct Code {
    StoreError error;
    std::string_view code;
  };
  // RFC 5530 section 3.
  static constexpr Code kCodes[] = {
      {StoreError::no_such_account, "NONEXISTENT"},
      {StoreError::no_such_mailbox, "NONEXISTENT"},
      {StoreError::already_exists, "ALREADYEXISTS"},
      {StoreError::bad_name, "CANNOT"},
      {StoreError::over_quota, "OVERQUOTA"},
      {StoreError::has_children, "HASCHILDREN"},
      {StoreError::too_many, "LIMIT"},
      {StoreError::too_large, "LIMIT"},
      {StoreError::not_permitted, "CANNOT"},
      {StoreError::no_such_message, "NONEXISTENT"},
  };
  for (const Code& known : kCodes) {
    if (known.error == error) return no(std::string(to_string(error)), std::string(known.code));
  }
  return no(std::string(to_string(error)));
}

Reply too_many_keywords() {
  return no("Too many keywords, or one that is too long", "LIMIT");
}

Reply bad_charset() {
  return no("Search strings may be in UTF-8 or US-ASCII", "BADCHARSET (UTF-8 US-ASCII)");
}

Reply syntax_error(const Cursor& cursor) {
  return bad("Syntax error: " + cursor.problem());
}

std::variant<std::vector<PositionRange>, Reply> positions(Session& session, const SequenceSet& set,
                                                          Numbering numbering) {
  if (set.saved) {
    // RFC 5182: what the search has found and the client still knows.
    if (!session.offers("SEARCHRES")) return bad("Syntax error: SEARCHRES is not offered");
    SequenceSet saved;
    saved.ranges = ranges_of(session.saved_result());
    return session.view()->by_uid(saved);
  }
  if (numbering == Numbering::uid) return session.view()->by_uid(set);
  auto found = session.view()->by_number(set);
  if (found) return std::move(*found);
  return bad("There are only " + std::to_string(session.view()->exists()) + " messages");
}

}  // namespace mailscope::imap
