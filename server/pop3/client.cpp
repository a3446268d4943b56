// Lines in, commands out, and the ways in which a session ends. What the replies mean is in
// client_steps.cpp.
#include "server/pop3/client.hpp"

#include <algorithm>
#include <utility>

namespace mailscope::pop3 {

std::string_view to_string(ClientState state) {
  constexpr std::string_view kNames[] = {"connecting", "greeting", "capa", "stls", "handshake",
                                         "user",       "pass",     "auth", "stat", "list",
                                         "uidl",       "retr",     "dele", "quit", "closed"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string_view to_string(ClientError error) {
  constexpr std::string_view kNames[] = {"none",   "connection", "timeout",  "protocol",
                                         "limit",  "tls",        "insecure", "login",
                                         "in_use", "temporary",  "refused"};
  return kNames[static_cast<std::size_t>(error)];
}

ClientEngine::ClientEngine(ClientOptions options) : options_(std::move(options)) {}

void ClientEngine::start(net::Time now) {
  active_ = now;
  state_ = ClientState::greeting;
}

void ClientEngine::receive(net::Time now, std::string_view bytes) {
  if (state_ == ClientState::closed || state_ == ClientState::connecting) return;
  active_ = now;
  input_ += bytes;
  std::string_view input = input_;
  while (state_ != ClientState::closed) {
    const std::size_t end = input.find('\n', scanned_);
    const bool content = in_lines_ && state_ == ClientState::retr;
    const std::size_t size = std::min(end, input.size());
    if (size > (content ? options_.limits.message : options_.limits.line)) {
      fail(ClientError::limit, "The server sent a line that is too long", net::Wish::abort);
      break;
    }
    if (end == std::string_view::npos) break;
    scanned_ = 0;
    std::string_view line = input.substr(0, end);
    input.remove_prefix(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    take_line(line);
    // One command, one response: what comes behind it was not asked for. Behind the answer to STLS
    // somebody else may have sent it (RFC 2595 section 4).
    if (!in_lines_ && !input.empty() && state_ != ClientState::closed) {
      fail(ClientError::protocol, "The server sent more than it was asked for", net::Wish::abort);
    }
  }
  if (state_ == ClientState::closed) input = {};
  input_.erase(0, input_.size() - input.size());
  scanned_ = input_.size();
}

void ClientEngine::take_line(std::string_view line) {
  if (in_lines_) {
    if (line == ".") {
      in_lines_ = false;
      return lines_ended();
    }
    if (line.starts_with('.')) line.remove_prefix(1);
    if (state_ == ClientState::retr) return message_line(line);
    if (state_ == ClientState::capa) return capability(line);
    return list_line(line);
  }
  if (state_ == ClientState::auth && (line.starts_with("+ ") || line == "+"))
    return auth_continue(line);
  const auto is = [&](std::string_view status) {
    return line.starts_with(status) && (line.size() == status.size() || line[status.size()] == ' ');
  };
  if (is("+OK")) return replied(true, line);
  if (is("-ERR")) return replied(false, line);
  fail(ClientError::protocol, "The server's reply is neither +OK nor -ERR", net::Wish::abort);
}

void ClientEngine::say(ClientState step, const std::string& line) {
  state_ = step;
  out_.bytes += line + "\r\n";
}

/// Nothing more can be said on this connection.
void ClientEngine::fail(ClientError error, std::string_view detail, net::Wish wish) {
  if (result_.error == ClientError::none) {
    result_.error = error;
    result_.detail = std::string(detail.substr(0, options_.limits.line));
    result_.at = state_;
  }
  if (wish == net::Wish::abort) out_.bytes.clear();
  out_.wish = wish;
  finish();
}

/// The session is of no use, but the server can be told so.
void ClientEngine::refuse(ClientError error, std::string_view detail) {
  result_.error = error;
  result_.detail = std::string(detail.substr(0, options_.limits.line));
  result_.at = state_;
  say(ClientState::quit, "QUIT");
}

/// No more will come. Behind QUIT that is as good as its reply, unless something was to be deleted.
void ClientEngine::lost(ClientError error, std::string_view detail) {
  if (state_ != ClientState::quit || !marked_.empty())
    return fail(error, detail, net::Wish::finish);
  out_.wish = net::Wish::finish;
  finish();
}

void ClientEngine::finish() {
  state_ = ClientState::closed;
  content_.clear();
  if (std::exchange(finished_, true)) return;
  if (on_finished_) on_finished_();
}

void ClientEngine::tls_started(net::Time now, const net::TlsInfo& info) {
  active_ = now;
  tls_ = info;
  if (state_ != ClientState::handshake) return;
  // RFC 2595 section 4: what was offered before TLS may have been forged.
  capabilities_ = {};
  say(ClientState::capa, "CAPA");
}

void ClientEngine::peer_finished(net::Time) {
  if (state_ == ClientState::closed) return;
  lost(ClientError::connection, "The server closed the connection");
}

void ClientEngine::closed(net::Time, net::CloseReason reason, std::string_view detail) {
  if (state_ == ClientState::closed) return;
  const bool tls = state_ == ClientState::handshake;
  lost(tls ? ClientError::tls : ClientError::connection,
       detail.empty() ? net::to_string(reason) : detail);
  out_ = {};
}

net::Time ClientEngine::deadline() const {
  switch (state_) {
    case ClientState::connecting:
    case ClientState::closed:
      return net::kNever;
    case ClientState::greeting:
      return active_ + options_.timeouts.greeting;
    case ClientState::handshake:
      return active_ + options_.timeouts.handshake;
    case ClientState::quit:
      return active_ + options_.timeouts.quit;
    default:
      return active_ + options_.timeouts.command;
  }
}

void ClientEngine::expire(net::Time now) {
  if (now < deadline()) return;
  lost(ClientError::timeout, "The server was silent for too long");
}

}  // namespace mailscope::pop3
