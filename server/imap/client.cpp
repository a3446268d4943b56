// The client engine: its connection, the order of its commands, and what ends it.
#include "server/imap/client.hpp"

#include <algorithm>
#include <utility>

namespace mailscope::imap {
namespace {

std::string seconds_text(net::Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
}

struct StateName {
  ClientState state;
  std::string_view name;
};
constexpr StateName kStateNames[] = {
    {ClientState::connecting, "connecting"},
    {ClientState::greeting, "greeting"},
    {ClientState::starting_tls, "starting TLS"},
    {ClientState::logging_in, "logging in"},
    {ClientState::ready, "ready"},
    {ClientState::working, "working"},
    {ClientState::idling, "idling"},
    {ClientState::leaving, "leaving"},
    {ClientState::closed, "closed"},
};

// Outside of an event nobody looks for output unless told.
class CallScope {
 public:
  explicit CallScope(bool& flag) : flag_(flag), before_(std::exchange(flag, true)) {}
  ~CallScope() { flag_ = before_; }
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

 private:
  bool& flag_;
  bool before_;
};

}  // namespace

std::string_view to_string(ClientState state) {
  for (const StateName& known : kStateNames) {
    if (known.state == state) return known.name;
  }
  return {};
}

ClientEngine::ClientEngine(ClientOptions options) : options_(std::move(options)) {
  ReceiverLimits limits;
  limits.line = kMaxResponseLine;
  limits.literal = kMaxResponseLiteral;
  limits.command = kMaxResponseLiteral;
  receiver_.set_limits(limits);
}

ClientEngine::~ClientEngine() = default;

// ---- The connection ----

void ClientEngine::start(net::Time now) {
  now_ = now;
  state_ = ClientState::greeting;
  arm(options_.greeting_timeout);
}

void ClientEngine::receive(net::Time now, std::string_view bytes) {
  if (state_ == ClientState::closed) return;
  const CallScope scope(in_call_);
  now_ = now;
  if (state_ != ClientState::idling && deadline_ != net::kNever) arm(options_.command_timeout);
  receiver_.feed(bytes);
  process();
}

void ClientEngine::process() {
  while (state_ != ClientState::closed && state_ != ClientState::starting_tls) {
    switch (receiver_.next()) {
      case Receiver::Status::need_more:
        if (std::exchange(news_, false) && on_news_ && state_ != ClientState::closed) on_news_();
        return;
      case Receiver::Status::literal:
        if (!is_text_response(receiver_.partial())) {
          receiver_.accept_literal();
          continue;
        }
        receiver_.take_as_text();
        break;
      case Receiver::Status::line_too_long:
      case Receiver::Status::literal_too_big:
        return fail("the server sent a response that is too long");
      case Receiver::Status::command:
        break;
    }
    std::string problem;
    auto response = parse_response(receiver_.command(), problem);
    if (!response && state_ == ClientState::greeting) return fail("the greeting is not IMAP");
    if (!response) return fail("the server sent what is not IMAP: " + problem);
    handle(std::move(*response));
  }
}

void ClientEngine::tls_started(net::Time now, const net::TlsInfo& info) {
  const CallScope scope(in_call_);
  now_ = now;
  tls_ = info;
  secure_ = true;
  // RFC 3501 section 6.2.1: what was learnt before TLS is void.
  capabilities_.clear();
  capabilities_known_ = false;
  receiver_.clear();
  if (state_ == ClientState::starting_tls) {
    state_ = ClientState::logging_in;
    begin_session();
  }
}

void ClientEngine::peer_finished(net::Time now) {
  const CallScope scope(in_call_);
  now_ = now;
  if (state_ == ClientState::closed) return;
  if (state_ == ClientState::leaving)
    leave();
  else
    fail("the server closed the connection");
}

void ClientEngine::closed(net::Time now, net::CloseReason reason, std::string_view detail) {
  const CallScope scope(in_call_);
  now_ = now;
  if (state_ == ClientState::closed) return;
  if (state_ == ClientState::leaving) return leave();
  std::string why = "the connection was lost: ";
  why += detail.empty() ? net::to_string(reason) : detail;
  fail(std::move(why));
}

void ClientEngine::expire(net::Time now) {
  const CallScope scope(in_call_);
  now_ = now;
  if (now < deadline_ || state_ == ClientState::closed) return;
  if (state_ == ClientState::idling && !done_sent_) {
    renewing_ = true;
    send_done();
    return;
  }
  if (state_ == ClientState::greeting)
    return fail("no greeting within " + seconds_text(options_.greeting_timeout));
  fail("no answer to " + (command_ ? command_->verb() : std::string("the last command")) +
       " within " + seconds_text(options_.command_timeout));
}

void ClientEngine::arm(net::Duration timeout) {
  deadline_ = now_ + timeout;
}

// ---- Responses ----

void ClientEngine::handle(Response response) {
  if (state_ == ClientState::greeting) return greeting(response);
  switch (response.kind) {
    case Response::Kind::untagged:
      return untagged(response);
    case Response::Kind::continuation:
      return continuation(response);
    case Response::Kind::tagged:
      return tagged(response);
  }
}

void ClientEngine::greeting(const Response& response) {
  if (response.kind != Response::Kind::untagged || !response.is_status())
    return fail("the greeting is not IMAP");
  if (response.name == "BYE") return fail("the server does not want us: " + response.text);
  authenticated_ = response.name == "PREAUTH";
  state_ = ClientState::logging_in;
  status_code(response);
  begin_session();
}

void ClientEngine::continuation(const Response& response) {
  if (!command_) return;  // nobody asked
  if (next_part_ < command_->parts().size()) return send_part();
  if (state_ == ClientState::logging_in && sasl_) return answer_challenge(response.text);
  if (state_ != ClientState::working || actions_.empty() ||
      actions_.front().kind != Action::Kind::idle)
    return;
  state_ = ClientState::idling;
  arm(options_.idle_renewal);
  if (stop_wanted_) send_done();
}

void ClientEngine::tagged(const Response& response) {
  if (!command_ || response.tag != tag_)
    return fail("the server answers a command that was not given");
  if (response.name == "PREAUTH" || response.name == "BYE")
    return fail("the server's answer is none of OK, NO and BAD");
  const std::string verb = command_->verb();
  command_.reset();
  deadline_ = net::kNever;
  status_code(response);
  if (state_ == ClientState::closed) return;
  if (state_ == ClientState::logging_in) return session_step(response);
  if (state_ == ClientState::leaving) return leave();
  if (actions_.empty()) return;
  if (state_ == ClientState::idling)
    state_ = ClientState::working;  // the server ended IDLE by itself
  const Action& action = actions_.front();
  if (response.name != "OK") {
    if (action.kind == Action::Kind::select) mailbox_.reset();
    result_.error = "the server refused " + verb + ": " + response.text;
    result_.code = response.code;
    finish_action(false);
  } else if (!continue_action(action)) {
    finish_action(true);
  }
  next();
}

// ---- Actions ----

void ClientEngine::add(Action action) {
  actions_.push_back(std::move(action));
  if (state_ == ClientState::closed) {
    const CallScope scope(in_call_);
    result_ = {};
    result_.error = failure_.empty() ? "the connection is closed" : failure_;
    finish_action(false);
    return;
  }
  stop_idle();
  if (state_ == ClientState::ready && !in_call_) {
    {
      const CallScope scope(in_call_);
      next();
    }
    wake();
  }
}

void ClientEngine::stop_idle() {
  if (actions_.empty() || actions_.front().kind != Action::Kind::idle) return;
  stop_wanted_ = true;
  if (state_ != ClientState::idling) return;  // not there yet, or not begun
  send_done();
  if (!in_call_) wake();
}

void ClientEngine::send_done() {
  if (std::exchange(done_sent_, true)) return;
  out_.bytes += "DONE\r\n";
  state_ = ClientState::working;
  arm(options_.command_timeout);
}

void ClientEngine::session_ready() {
  state_ = ClientState::ready;
  Action login;
  login.kind = Action::Kind::login;
  ActionResult result;
  result.ok = true;
  if (on_result_) on_result_(login, result);
  next();
}

void ClientEngine::next() {
  while (state_ == ClientState::ready && !actions_.empty()) {
    state_ = ClientState::working;
    result_ = {};
    if (!begin_action(actions_.front())) finish_action(result_.error.empty());
  }
}

bool ClientEngine::refuse_action(std::string error) {
  result_.error = std::move(error);
  return false;
}

void ClientEngine::finish_action(bool ok) {
  const Action action = std::move(actions_.front());
  actions_.pop_front();
  ActionResult result = std::exchange(result_, {});
  result.ok = ok;
  if (state_ == ClientState::working) state_ = ClientState::ready;
  if (on_result_) on_result_(action, result);
}

// The server said good bye as it was asked to.
void ClientEngine::leave() {
  state_ = ClientState::closed;
  deadline_ = net::kNever;
  mailbox_.reset();
  out_.wish = net::Wish::finish;
  finish_action(true);
  result_ = {};
  while (!actions_.empty()) {
    result_.error = "the session has ended";
    finish_action(false);
  }
}

void ClientEngine::fail(std::string why) {
  if (state_ == ClientState::closed) return;
  const bool logged_in = state_ != ClientState::logging_in && state_ != ClientState::greeting &&
                         state_ != ClientState::starting_tls && state_ != ClientState::connecting;
  state_ = ClientState::closed;
  deadline_ = net::kNever;
  failure_ = why;
  command_.reset();
  mailbox_.reset();
  out_.wish = net::Wish::finish;
  if (!logged_in) {
    Action login;
    login.kind = Action::Kind::login;
    ActionResult result = std::exchange(result_, {});
    result.error = failure_;
    if (on_result_) on_result_(login, result);
  }
  while (!actions_.empty()) {
    result_ = {};
    result_.error = failure_;
    finish_action(false);
  }
}

// ---- Commands ----

void ClientEngine::send(CommandText command) {
  command_ = std::move(command);
  tag_ = "A" + std::to_string(++tags_);
  next_part_ = 0;
  out_.bytes += tag_;
  out_.bytes += ' ';
  send_part();
}

// The next part, and those behind it that need not wait for the server.
void ClientEngine::send_part() {
  arm(options_.command_timeout);
  const auto& parts = command_->parts();
  for (bool go_on = true; go_on && next_part_ < parts.size();) {
    const CommandText::Part& part = parts[next_part_++];
    if (part.body) out_.bytes += *part.body;
    out_.bytes += part.text;
    go_on = part.literal > 0 && part.unasked && offers("LITERAL+");
    if (part.literal > 0) out_.bytes += '{' + std::to_string(part.literal) + (go_on ? "+}" : "}");
    out_.bytes += "\r\n";
  }
}

}  // namespace mailscope::imap
