// What each action of the client sends, step by step.
#include <algorithm>

#include "server/imap/client.hpp"
#include "server/imap/client_command.hpp"
#include "server/imap/sequence_set.hpp"
#include "server/mail/encoding.hpp"

namespace mailscope::imap {
namespace {

using Kind = Action::Kind;

/// UIDs of one command: the line stays below 8192 octets (RFC 7162 section 4) however scattered.
constexpr std::size_t kUidsPerCommand = 500;
/// A longer message is announced first, so that the server can refuse it unsent (RFC 7888 section
/// 4).
constexpr std::size_t kMaxUnasked = 4'096;

constexpr std::string_view kFacts = "UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE";

struct KindName {
  Kind kind;
  std::string_view name;
};
constexpr KindName kKindNames[] = {
    {Kind::login, "login"},   {Kind::list, "list"},           {Kind::select, "select"},
    {Kind::sync, "sync"},     {Kind::fetch_new, "fetch new"}, {Kind::set_flags, "set flags"},
    {Kind::copy, "copy"},     {Kind::move, "move"},           {Kind::remove, "remove"},
    {Kind::append, "append"}, {Kind::create, "create"},       {Kind::idle, "idle"},
    {Kind::check, "check"},   {Kind::logout, "logout"},
};

bool needs_mailbox(Kind kind) {
  return kind == Kind::sync || kind == Kind::fetch_new || kind == Kind::set_flags ||
         kind == Kind::copy || kind == Kind::move || kind == Kind::remove;
}

std::string flag_list(const std::vector<std::string>& flags) {
  std::string out = "(";
  for (const std::string& flag : flags) {
    if (out.size() > 1) out += ' ';
    out += flag;
  }
  return out + ')';
}

std::string_view change_word(store::FlagChange change) {
  switch (change) {
    case store::FlagChange::set:
      return "FLAGS";
    case store::FlagChange::add:
      return "+FLAGS";
    case store::FlagChange::remove:
      return "-FLAGS";
  }
  return {};
}

}  // namespace

std::string_view to_string(Kind kind) {
  for (const KindName& known : kKindNames) {
    if (known.kind == kind) return known.name;
  }
  return {};
}

Action Action::list() {
  return {.kind = Kind::list};
}
Action Action::select(std::string mailbox, bool read_only) {
  return {.kind = Kind::select, .mailbox = std::move(mailbox), .read_only = read_only};
}
Action Action::sync(store::Uid after) {
  return {.kind = Kind::sync, .after = after};
}
Action Action::fetch_new(store::Uid after) {
  return {.kind = Kind::fetch_new, .after = after};
}
Action Action::set_flags(std::vector<store::Uid> uids, store::FlagChange change,
                         std::vector<std::string> flags) {
  return {.kind = Kind::set_flags,
          .uids = std::move(uids),
          .flags = std::move(flags),
          .change = change};
}
Action Action::copy(std::vector<store::Uid> uids, std::string mailbox) {
  return {.kind = Kind::copy, .mailbox = std::move(mailbox), .uids = std::move(uids)};
}
Action Action::move(std::vector<store::Uid> uids, std::string mailbox) {
  return {.kind = Kind::move, .mailbox = std::move(mailbox), .uids = std::move(uids)};
}
Action Action::remove(std::vector<store::Uid> uids) {
  return {.kind = Kind::remove, .uids = std::move(uids)};
}
Action Action::append(std::string mailbox, std::vector<std::string> flags, store::Body octets) {
  return {.kind = Kind::append,
          .mailbox = std::move(mailbox),
          .flags = std::move(flags),
          .octets = std::move(octets)};
}
Action Action::create(std::string mailbox) {
  return {.kind = Kind::create, .mailbox = std::move(mailbox)};
}
Action Action::idle() {
  return {.kind = Kind::idle};
}
Action Action::check() {
  return {.kind = Kind::check};
}
Action Action::logout() {
  return {.kind = Kind::logout};
}

// ---- Getting in ----

void ClientEngine::begin_session() {
  if (!capabilities_known_) {
    session_step_ = SessionStep::capability;
    send(CommandText("CAPABILITY"));
    return;
  }
  const bool wants_tls = options_.tls != ClientOptions::Tls::none && !secure_ && !starttls_refused_;
  if (wants_tls && authenticated_) {
    // RFC 3501 section 6.2.1: STARTTLS is not legal behind PREAUTH, which anybody on the way may
    // send.
    if (options_.tls == ClientOptions::Tls::required)
      return fail("the server skips the login, so that TLS cannot be started");
  } else if (wants_tls) {
    if (offers("STARTTLS")) {
      session_step_ = SessionStep::starttls;
      send(CommandText("STARTTLS"));
      return;
    }
    if (options_.tls == ClientOptions::Tls::required)
      return fail("the server does not offer STARTTLS");
  }
  if (authenticated_) {
    session_ready();
  } else {
    log_in();
  }
}

void ClientEngine::session_step(const Response& response) {
  const bool ok = response.name == "OK";
  switch (session_step_) {
    case SessionStep::capability:
      if (!ok) return fail("the server refused CAPABILITY: " + response.text);
      capabilities_known_ = true;
      return begin_session();
    case SessionStep::starttls:
      if (ok) {
        state_ = ClientState::starting_tls;
        out_.wish = net::Wish::start_tls;
        receiver_.clear();
        return;
      }
      if (options_.tls == ClientOptions::Tls::required)
        return fail("the server refused STARTTLS: " + response.text);
      starttls_refused_ = true;
      return begin_session();
    case SessionStep::login:
      if (!ok) {
        result_.code = response.code;
        return fail("the server refused the login: " + response.text);
      }
      if (sasl_ && !sasl_->trusts_success())
        return fail("the server did not prove that it knows the password");
      authenticated_ = true;
      // Capabilities change with the login; a good server tells them with its answer.
      capabilities_known_ = response.code == "CAPABILITY";
      return begin_session();
  }
}

void ClientEngine::log_in() {
  session_step_ = SessionStep::login;
  state_ = ClientState::logging_in;
  if (!options_.sasl.mechanism.empty()) return log_in_with(options_.sasl.mechanism);
  if (!secure_ && !options_.allow_plaintext_auth)
    return fail("the password would be sent in the clear");
  const bool plain = options_.login == ClientOptions::Login::plain ||
                     (options_.login == ClientOptions::Login::automatic && offers("AUTH=PLAIN"));
  if (plain) return log_in_with("PLAIN");
  if (offers("LOGINDISABLED")) return fail("the server does not allow LOGIN here");
  CommandText login("LOGIN");
  send(std::move(login.astring(options_.user).astring(options_.password)));
}

void ClientEngine::log_in_with(std::string_view mechanism) {
  sasl_ = auth::make_sasl_client(mechanism, {.user = options_.user,
                                             .password = options_.password,
                                             .token = options_.sasl.token,
                                             .nonce = options_.sasl.nonce,
                                             .tls = tls_ ? &*tls_ : nullptr});
  if (!sasl_) return fail(std::string(mechanism) + " cannot be used");
  if (sasl_->plaintext() && !secure_ && !options_.allow_plaintext_auth)
    return fail("the password would be sent in the clear");
  if (!options_.sasl.mechanism.empty() && !offers("AUTH=" + std::string(mechanism)))
    return fail("the server does not offer " + std::string(mechanism));
  CommandText authenticate("AUTHENTICATE");
  authenticate.text(sasl_->mechanism());
  if (const auto initial = sasl_->initial()) {
    const std::string encoded = mail::base64_encode(*initial);
    if (!offers("SASL-IR"))
      authenticate.on_request(encoded);
    else
      authenticate.text(encoded.empty() ? "=" : encoded);  // RFC 4959 section 3
  }
  send(std::move(authenticate));
}

void ClientEngine::answer_challenge(std::string_view encoded) {
  const auto challenge = mail::base64_decode_strict(encoded);
  const auto answer = challenge ? sasl_->respond(*challenge) : std::nullopt;
  arm(options_.command_timeout);
  // RFC 3501 section 6.2.2: "*" cancels.
  out_.bytes += (answer ? mail::base64_encode(*answer) : "*") + "\r\n";
}

// ---- Actions ----

bool ClientEngine::begin_action(const Action& action) {
  step_ = 0;
  pending_.clear();
  if (needs_mailbox(action.kind) && !mailbox_) return refuse_action("no mailbox is selected");
  const bool takes_uids = action.kind == Kind::set_flags || action.kind == Kind::copy ||
                          action.kind == Kind::move || action.kind == Kind::remove;
  if (takes_uids && action.uids.empty()) return false;  // nothing to do, and that is done
  switch (action.kind) {
    case Kind::list:
      mailboxes_.clear();
      send(std::move(CommandText("LIST").text("\"\" *")));
      return true;
    case Kind::select:
      mailbox_.emplace().name = action.mailbox;
      send(std::move(CommandText(action.read_only ? "EXAMINE" : "SELECT").mailbox(action.mailbox)));
      return true;
    case Kind::sync:
      if (mailbox_->exists == 0) return false;
      send(std::move(CommandText("FETCH").text("1:* (" + std::string(kFacts) + ")")));
      return true;
    case Kind::fetch_new: {
      if (action.after == 0xffffffff) return false;
      const std::string range = std::to_string(action.after + 1) + ":*";
      send(std::move(CommandText("UID FETCH").text(range + " (" + std::string(kFacts) + ")")));
      return true;
    }
    case Kind::set_flags:
      send(std::move(CommandText("UID STORE")
                         .text(format_set(action.uids))
                         .text(change_word(action.change))
                         .text(flag_list(action.flags))));
      return true;
    case Kind::copy:
      send(
          std::move(CommandText("UID COPY").text(format_set(action.uids)).mailbox(action.mailbox)));
      return true;
    case Kind::move:
      send(std::move(CommandText(offers("MOVE") ? "UID MOVE" : "UID COPY")
                         .text(format_set(action.uids))
                         .mailbox(action.mailbox)));
      return true;
    case Kind::remove:
      send_deleted(action);
      return true;
    case Kind::append:
      return send_append(action);
    case Kind::create:
      send(std::move(CommandText("CREATE").mailbox(action.mailbox)));
      return true;
    case Kind::idle:
      if (!offers("IDLE")) return refuse_action("the server does not offer IDLE");
      stop_wanted_ = actions_.size() > 1;
      done_sent_ = renewing_ = false;
      send(CommandText("IDLE"));
      return true;
    case Kind::check:
      send(CommandText("NOOP"));
      return true;
    case Kind::logout:
      state_ = ClientState::leaving;
      send(CommandText("LOGOUT"));
      return true;
    case Kind::login:
      return refuse_action("the login comes by itself");
  }
  return false;
}

bool ClientEngine::send_append(const Action& action) {
  if (!action.octets || action.octets->empty()) return refuse_action("a message cannot be empty");
  CommandText append("APPEND");
  append.mailbox(action.mailbox);
  if (!action.flags.empty()) append.text(flag_list(action.flags));
  send(std::move(append.message(action.octets, action.octets->size() <= kMaxUnasked)));
  return true;
}

void ClientEngine::send_deleted(const Action& action) {
  send(std::move(
      CommandText("UID STORE").text(format_set(action.uids)).text("+FLAGS.SILENT (\\Deleted)")));
}

void ClientEngine::send_expunge(const Action& action) {
  // Without UIDPLUS everything that is \Deleted goes, ours and that of others.
  if (offers("UIDPLUS"))
    send(std::move(CommandText("UID EXPUNGE").text(format_set(action.uids))));
  else
    send(CommandText("EXPUNGE"));
}

// Octets of the next messages; false when all are here.
bool ClientEngine::send_fetch_octets() {
  if (pending_.empty()) return false;
  const std::size_t count = std::min(kUidsPerCommand, pending_.size());
  const std::vector<store::Uid> now(pending_.begin(),
                                    pending_.begin() + static_cast<std::ptrdiff_t>(count));
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
  send(std::move(CommandText("UID FETCH").text(format_set(now)).text("(UID BODY.PEEK[])")));
  return true;
}

// Called with the OK of the step before. True: another command was sent.
bool ClientEngine::continue_action(const Action& action) {
  ++step_;
  switch (action.kind) {
    case Kind::sync:
    case Kind::fetch_new: {
      const auto first = mailbox_->messages.upper_bound(action.after);
      if (step_ == 1) {
        for (auto at = first; at != mailbox_->messages.end(); ++at) {
          if (!at->second.octets) pending_.push_back(at->first);
        }
        asked_ = pending_;
      }
      if (send_fetch_octets()) return true;
      for (const store::Uid uid : asked_) {
        const auto found = mailbox_->messages.find(uid);
        if (found != mailbox_->messages.end() && found->second.octets) result_.uids.push_back(uid);
      }
      return false;
    }
    case Kind::move:
      if (offers("MOVE")) return false;
      if (step_ == 1) send_deleted(action);
      if (step_ == 2) send_expunge(action);
      return step_ < 3;
    case Kind::remove:
      if (step_ == 1) send_expunge(action);
      return step_ < 2;
    case Kind::create:
      if (step_ == 1) send(std::move(CommandText("SUBSCRIBE").mailbox(action.mailbox)));
      return step_ < 2;
    case Kind::idle:
      if (!renewing_ || stop_wanted_) return false;
      done_sent_ = renewing_ = false;
      state_ = ClientState::working;
      send(CommandText("IDLE"));
      return true;
    default:
      return false;
  }
}

}  // namespace mailscope::imap
