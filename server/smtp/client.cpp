// The session of an SMTP client: greeting, EHLO, STARTTLS, AUTH, QUIT, timeouts and the ways in
// which a connection ends. The messages themselves are in client_transaction.cpp.
#include "server/smtp/client.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "server/mail/encoding.hpp"
#include "server/smtp/grammar.hpp"

namespace mailscope::smtp {

std::string_view to_string(ClientState state) {
  constexpr std::array<std::string_view, 15> names = {
      "connecting", "greeting", "ehlo",    "helo",        "starttls", "handshake", "auth",  "mail",
      "rcpt",       "data",     "content", "end_of_data", "rset",     "quit",      "closed"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view to_string(Fate fate) {
  constexpr std::array<std::string_view, 4> names = {"pending", "delivered", "deferred", "failed"};
  return names[static_cast<std::size_t>(fate)];
}

bool has_utf8_header(std::string_view content) {
  const std::size_t end = content.find("\r\n\r\n");
  return has_eight_bit(content.substr(0, end));
}

bool has_binary(std::string_view content) {
  constexpr std::size_t kMaxLine = 998;  // octets without CRLF (RFC 5322 section 2.1.1)
  std::size_t line = 0;
  for (std::size_t i = 0; i < content.size(); ++i) {
    const char c = content[i];
    if (c == '\r' && i + 1 < content.size() && content[i + 1] == '\n') {
      ++i;
      line = 0;
    } else if (c == '\r' || c == '\n' || c == '\0' || ++line > kMaxLine) {
      return true;
    }
  }
  return false;
}

bool has_eight_bit(std::string_view content) {
  constexpr std::uint64_t kTopBits = 0x8080808080808080;
  std::uint64_t all = 0;
  while (content.size() >= sizeof all) {
    std::uint64_t octets;
    std::memcpy(&octets, content.data(), sizeof octets);
    all |= octets;
    content.remove_prefix(sizeof octets);
  }
  for (const char c : content) all |= static_cast<unsigned char>(c);
  return (all & kTopBits) != 0;
}

ClientEngine::ClientEngine(ClientOptions options, std::vector<Transaction> transactions)
    : options_(std::move(options)), transactions_(std::move(transactions)) {
  results_.reserve(transactions_.size());
  for (const Transaction& transaction : transactions_) {
    auto& results = results_.emplace_back(transaction.recipients.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
      results[i].recipient = transaction.recipients[i].mailbox;
    }
  }
}

net::Duration ClientEngine::patience() const {
  const ClientTimeouts& t = options_.timeouts;
  switch (state_) {
    case ClientState::connecting:
    case ClientState::closed:
      return net::Duration::max();
    case ClientState::greeting:
      return t.greeting;
    case ClientState::handshake:
      return t.handshake;
    case ClientState::data:
      return t.data;
    case ClientState::content:
      return t.block;
    case ClientState::end_of_data:
      return t.end_of_data;
    case ClientState::quit:
      return t.quit;
    default:
      return t.command;
  }
}

void ClientEngine::wait_for(ClientState step) {
  state_ = step;
  const net::Duration wait = patience();
  deadline_ = wait == net::Duration::max() ? net::kNever : now_ + wait;
}

void ClientEngine::say(std::string_view line, ClientState step, std::size_t recipient) {
  out_.bytes.append(line).append("\r\n");
  awaiting_.push_back({step, recipient});
  if (awaiting_.size() == 1) wait_for(step);
}

void ClientEngine::start(net::Time now) {
  now_ = now;
  awaiting_.push_back({ClientState::greeting, 0});
  wait_for(ClientState::greeting);
}

void ClientEngine::receive(net::Time now, std::string_view bytes) {
  now_ = now;
  take_replies(bytes);
}

void ClientEngine::take_replies(std::string_view& bytes) {
  while (!bytes.empty() && state_ != ClientState::closed && state_ != ClientState::handshake) {
    const ReplyReader::Result result = reader_.feed(bytes);
    if (result == ReplyReader::Result::need_more) return;
    if (result == ReplyReader::Result::malformed) {
      return local_trouble({4, 5, 0}, "Not an SMTP reply: " + std::string(reader_.problem()),
                           net::Wish::abort);
    }
    Reply reply = reader_.take();
    if (reply.code == 421 || awaiting_.empty() || state_ == ClientState::content) {
      // RFC 5321 section 3.8: 421 may come at any time and means that the server closes. Any other
      // reply that nobody asked for shows that the two have lost step.
      if (state_ == ClientState::quit) return give_up(Fate::deferred, reply, net::Wish::finish);
      if (state_ == ClientState::content && reply.permanent()) {
        // The server refuses this message before its end; the others may still be fine elsewhere.
        decide_all(accepted_, reply, ClientState::content);
      }
      if (reply.transient() || reply.permanent()) {
        return give_up(Fate::deferred, reply, net::Wish::finish);
      }
      return local_trouble({4, 5, 0},
                           "A reply came that belongs to no command: " + reply.to_string(),
                           net::Wish::abort);
    }
    const Await await = awaiting_.front();
    awaiting_.pop_front();
    replied(await, std::move(reply));
    if (!awaiting_.empty() && state_ != ClientState::closed && state_ != ClientState::content) {
      wait_for(awaiting_.front().step);
    }
  }
  if (state_ == ClientState::handshake && !bytes.empty()) {
    // RFC 3207 section 4.2: whoever speaks in plaintext now is not the server we will verify.
    local_trouble({4, 7, 0}, "Plaintext was sent behind the reply to STARTTLS", net::Wish::abort);
  }
}

void ClientEngine::replied(const Await& await, Reply reply) {
  switch (await.step) {
    case ClientState::greeting:
      return greeting(reply);
    case ClientState::ehlo:
      return hello(reply, true);
    case ClientState::helo:
      return hello(reply, false);
    case ClientState::starttls:
      return starttls_reply(reply);
    case ClientState::auth:
      return auth_reply(reply);
    case ClientState::mail:
      return mail_reply(reply);
    case ClientState::rcpt:
      return rcpt_reply(await.recipient, reply);
    case ClientState::data:
      return data_reply(reply);
    case ClientState::end_of_data:
      return content_reply(reply);
    case ClientState::rset:
      return next_transaction();
    case ClientState::quit:
      out_.wish = net::Wish::finish;
      return wait_for(ClientState::closed);
    case ClientState::connecting:
    case ClientState::handshake:
    case ClientState::content:
    case ClientState::closed:
      break;
  }
}

void ClientEngine::greeting(const Reply& reply) {
  if (reply.code == 220) return say("EHLO " + options_.helo_name, ClientState::ehlo);
  give_up(reply.permanent() ? Fate::failed : Fate::deferred, reply, net::Wish::finish);
}

void ClientEngine::hello(const Reply& reply, bool extended) {
  extensions_ = {};
  if (reply.code == 250) {
    if (extended) read_extensions(reply);
    return after_hello();
  }
  // RFC 5321 section 3.2: a server that does not know EHLO is greeted with HELO.
  if (extended && reply.permanent()) {
    return say("HELO " + options_.helo_name, ClientState::helo);
  }
  give_up(reply.permanent() ? Fate::failed : Fate::deferred, reply, net::Wish::finish);
}

void ClientEngine::read_extensions(const Reply& reply) {
  std::string_view rest = reply.text;
  rest.remove_prefix(std::min(rest.find('\n'), rest.size()));
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const CommandLine line = split_command(rest.substr(0, end));
    rest.remove_prefix(end);
    read_extension(line.verb, line.argument);
  }
}

void ClientEngine::read_extension(std::string_view keyword, std::string_view argument) {
  struct Row {
    std::string_view keyword;
    bool Extensions::*offered;
  };
  constexpr auto rows = std::to_array<Row>({{"PIPELINING", &Extensions::pipelining},
                                            {"8BITMIME", &Extensions::eight_bit},
                                            {"STARTTLS", &Extensions::starttls},
                                            {"SIZE", &Extensions::size},
                                            {"CHUNKING", &Extensions::chunking},
                                            {"BINARYMIME", &Extensions::binary},
                                            {"DSN", &Extensions::dsn},
                                            {"SMTPUTF8", &Extensions::smtputf8},
                                            {"DELIVERBY", &Extensions::deliver_by},
                                            {"MT-PRIORITY", &Extensions::mt_priority},
                                            {"REQUIRETLS", &Extensions::require_tls}});
  for (const Row& row : rows) {
    if (equal_nocase(keyword, row.keyword)) extensions_.*row.offered = true;
  }
  // RFC 1870 section 4: 0 or nothing means that no limit is told.
  if (equal_nocase(keyword, "SIZE")) extensions_.max_size = parse_size(argument).value_or(0);
  // RFC 2852 section 2: deliverby-param = min-by-time *( ',' extension-token ).
  if (equal_nocase(keyword, "DELIVERBY")) {
    extensions_.min_by = parse_size(argument.substr(0, argument.find(','))).value_or(0);
  }
  const bool auth = equal_nocase(keyword, "AUTH");
  const bool limits = equal_nocase(keyword, "LIMITS");
  while ((auth || limits) && !argument.empty()) {
    const CommandLine word = split_command(argument);
    argument = word.argument;
    if (auth) extensions_.mechanisms.emplace_back(word.verb);
    // RFC 9422 section 3: names and values; those that are not known are passed over.
    const std::size_t equals = std::min(word.verb.find('='), word.verb.size());
    const std::string_view name = word.verb.substr(0, equals);
    const std::string_view value = word.verb.substr(std::min(equals + 1, word.verb.size()));
    const std::uint64_t most = parse_size(value).value_or(0);
    if (limits && equal_nocase(name, "MAILMAX")) extensions_.mail_max = most;
    if (limits && equal_nocase(name, "RCPTMAX")) extensions_.rcpt_max = most;
    if (limits && equal_nocase(name, "RCPTDOMAINMAX")) extensions_.rcpt_domain_max = most;
  }
}

void ClientEngine::after_hello() {
  if (options_.tls != ClientOptions::Tls::none && !tls_ && !starttls_refused_) {
    if (extensions_.starttls) return say("STARTTLS", ClientState::starttls);
    if (options_.tls == ClientOptions::Tls::required) {
      return local_trouble({4, 7, 4}, "TLS is required and the server does not offer it",
                           net::Wish::finish);
    }
  }
  if (options_.credentials && !authenticated_) return begin_auth();
  next_transaction();
}

void ClientEngine::starttls_reply(const Reply& reply) {
  if (reply.code == 220) {
    awaiting_.clear();
    wait_for(ClientState::handshake);
    out_.wish = net::Wish::start_tls;
    return;
  }
  if (options_.tls == ClientOptions::Tls::required) {
    return give_up(Fate::deferred, reply, net::Wish::finish);
  }
  // RFC 7435 section 3: unprotected is better than not at all when nothing else was promised.
  starttls_refused_ = true;
  after_hello();
}

void ClientEngine::tls_started(net::Time now, const net::TlsInfo& info) {
  now_ = now;
  tls_ = info;
  if (state_ != ClientState::handshake) return;  // implicit TLS: start() follows
  // RFC 3207 section 4.2: what the server said before is forgotten; EHLO again.
  extensions_ = {};
  reader_ = {};
  say("EHLO " + options_.helo_name, ClientState::ehlo);
}

void ClientEngine::begin_auth() {
  const auto& [user, password, wish] = *options_.credentials;
  const auto offered = [this](std::string_view name) {
    return std::ranges::any_of(extensions_.mechanisms,
                               [&](const auto& each) { return equal_nocase(each, name); });
  };
  const std::string mechanism = !wish.mechanism.empty() ? wish.mechanism
                                : offered("PLAIN")      ? "PLAIN"
                                                        : "LOGIN";
  sasl_ = auth::make_sasl_client(mechanism, {.user = user,
                                             .password = password,
                                             .token = wish.token,
                                             .nonce = wish.nonce,
                                             .tls = tls_ ? &*tls_ : nullptr});
  if (sasl_ && sasl_->plaintext() && !tls_ && !options_.allow_plaintext_auth) {
    return local_trouble({4, 7, 0}, "The password is not sent without TLS", net::Wish::finish);
  }
  if (!sasl_ || !offered(mechanism)) {
    return local_trouble({4, 7, 4},
                         wish.mechanism.empty() ? "The server offers no way to log in"
                                                : "The server does not offer " + mechanism,
                         net::Wish::finish);
  }
  say_auth();
}

void ClientEngine::say_auth() {
  constexpr std::size_t kMaxCommand = 510;  // octets without CRLF (RFC 5321 section 4.5.3.1.4)
  std::string line = "AUTH " + std::string(sasl_->mechanism());
  const auto initial = sasl_->initial();
  first_response_.reset();
  if (initial) {
    std::string encoded = mail::base64_encode(*initial);
    if (line.size() + 1 + encoded.size() > kMaxCommand) {
      // RFC 4954 section 4: then it waits for an empty challenge.
      first_response_ = std::move(encoded);
    } else {
      // RFC 4954 section 4: "=" for an initial response of no octets.
      line.append(" ").append(encoded.empty() ? "=" : encoded);
    }
  }
  say(line, ClientState::auth);
}

void ClientEngine::auth_reply(const Reply& reply) {
  if (reply.code == 235 && sasl_->trusts_success()) {
    authenticated_ = true;
    return next_transaction();
  }
  if (reply.code == 235) {
    return local_trouble({4, 7, 0}, "The server did not prove that it knows the password",
                         net::Wish::finish);
  }
  if (reply.code == 334 && first_response_) {
    return say(*std::exchange(first_response_, std::nullopt), ClientState::auth);
  }
  if (reply.code == 334) {
    const auto challenge = mail::base64_decode_strict(reply.text);
    const auto answer = challenge ? sasl_->respond(*challenge) : std::nullopt;
    // RFC 4954 section 4: "*" cancels.
    return say(answer ? mail::base64_encode(*answer) : "*", ClientState::auth);
  }
  give_up(reply.permanent() ? Fate::failed : Fate::deferred, reply, net::Wish::finish);
}

void ClientEngine::local_trouble(EnhancedStatus status, std::string text, net::Wish wish) {
  give_up(status.klass == 5 ? Fate::failed : Fate::deferred, {0, status, std::move(text)}, wish);
}

/// Decides everything that is open and ends the connection; with Wish::finish politely, by QUIT,
/// where the server still listens.
void ClientEngine::give_up(Fate fate, const Reply& reply, net::Wish wish) {
  const ClientState at = state_;
  for (transaction_ = 0; transaction_ < transactions_.size(); ++transaction_) {
    for (std::size_t i = 0; i < results_[transaction_].size(); ++i) {
      if (results_[transaction_][i].fate == Fate::pending) decide(i, fate, reply, at);
    }
  }
  const bool listens = wish == net::Wish::finish && reply.code != 421 && awaiting_.empty() &&
                       at != ClientState::content && at != ClientState::quit;
  if (listens) return finish_if_decided();
  awaiting_.clear();
  wait_for(ClientState::closed);
  out_.wish = wish;
  finish_if_decided();
}

bool ClientEngine::add(Transaction transaction) {
  const std::size_t most = extensions_.mail_max == 0
                               ? options_.messages
                               : std::min<std::size_t>(options_.messages, extensions_.mail_max);
  if (!may_add_ || transactions_.size() >= most) return false;
  auto& results = results_.emplace_back(transaction.recipients.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    results[i].recipient = transaction.recipients[i].mailbox;
  }
  transactions_.push_back(std::move(transaction));
  finished_ = false;
  return true;
}

void ClientEngine::finish_if_decided() {
  if (!finished_) {
    finished_ = true;
    may_add_ = state_ != ClientState::closed && awaiting_.empty() && !results_.empty() &&
               std::ranges::any_of(results_.back(), [](const RecipientResult& r) {
                 return r.at >= ClientState::mail;
               });
    // A copy: whoever gives another message sets another call.
    const std::function<void()> call = on_finished_;
    if (call) call();
    may_add_ = false;
    if (!finished_) {
      if (dangling_) return say("RSET", ClientState::rset);
      return next_transaction();
    }
  }
  // RFC 5321 section 4.1.1.10: a client should not leave without QUIT.
  if (state_ != ClientState::closed && state_ != ClientState::quit) say("QUIT", ClientState::quit);
}

void ClientEngine::peer_finished(net::Time now) {
  now_ = now;
  if (state_ == ClientState::closed) return;
  if (finished_) {
    wait_for(ClientState::closed);
    out_.wish = net::Wish::finish;
    return;
  }
  // RFC 5321 section 4.2.4.2: a connection that closes without a reply is a transient failure.
  local_trouble(
      {4, 4, 2},
      "The server closed the connection (waiting for: " + std::string(to_string(state_)) + ")",
      net::Wish::abort);
}

void ClientEngine::closed(net::Time now, net::CloseReason reason, std::string_view detail) {
  now_ = now;
  out_ = {};
  if (finished_) return wait_for(ClientState::closed);
  const std::string why(detail.empty() ? net::to_string(reason) : detail);
  tls_failed_ = state_ == ClientState::handshake || detail.starts_with("TLS");
  // RFC 3463 section 3.5 and 3.8: no answer from the host, cryptographic failure, bad connection.
  if (tls_failed_) {
    local_trouble({4, 7, 5}, "TLS failed: " + why, net::Wish::abort);
  } else if (state_ == ClientState::connecting) {
    local_trouble({4, 4, 1}, "No connection: " + why, net::Wish::abort);
  } else {
    local_trouble(
        {4, 4, 2},
        "Connection lost: " + why + " (waiting for: " + std::string(to_string(state_)) + ")",
        net::Wish::abort);
  }
  out_ = {};
}

void ClientEngine::expire(net::Time now) {
  now_ = now;
  if (now < deadline_) return;
  if (state_ == ClientState::quit) {
    out_.wish = net::Wish::finish;
    return wait_for(ClientState::closed);
  }
  // RFC 5321 section 4.5.3.2. Without a final dot nothing was handed over, so nothing is lost.
  local_trouble({4, 4, 2}, "No reply in time (waiting for: " + std::string(to_string(state_)) + ")",
                net::Wish::abort);
}

}  // namespace mailscope::smtp
