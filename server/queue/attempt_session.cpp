// The conversations of a delivery attempt, and what comes of them: the next server, or a decision.
#include <algorithm>
#include <utility>

#include "server/queue/attempt.hpp"

namespace mailscope::queue {

using smtp::ClientState;
using smtp::Fate;
using smtp::Reply;
using trace::Kind;

trace::Origin DeliveryAttempt::origin() const {
  trace::Origin origin;
  origin.host = environment_.host;
  origin.message = message_;
  if (state_ >= AttemptState::connecting && environment_.host_of) {
    origin.peer = environment_.host_of(target_.address);
  }
  return origin;
}

std::unique_ptr<smtp::ClientEngine> DeliveryAttempt::make_client(bool with_tls) {
  smtp::ClientOptions options;
  options.helo_name = options_.hostname;
  options.tls = with_tls ? tls_policy() : smtp::ClientOptions::Tls::none;
  options.pipelining = options_.pipelining;
  options.chunking = options_.chunking;
  options.messages = options_.max_messages;
  options.timeouts = options_.timeouts;
  if (!options_.smart_host.empty()) options.credentials = options_.smart_host_login;
  std::vector<smtp::Transaction> transactions;
  transactions.push_back(open_part());
  auto client = std::make_unique<smtp::ClientEngine>(std::move(options), std::move(transactions));
  client->on_finished([this] { take_results(); });
  return client;
}

/// The message for those recipients that are not decided yet.
smtp::Transaction DeliveryAttempt::open_part() {
  smtp::Transaction transaction = transaction_;
  transaction.recipients.clear();
  asked_.clear();
  for (std::size_t i = 0; i < results_.size(); ++i) {
    if (results_[i].fate != Fate::pending) continue;
    asked_.push_back(i);
    transaction.recipients.push_back(transaction_.recipients[i]);
  }
  return transaction;
}

/// How much the message wants of TLS (RFC 8689): REQUIRETLS more than the host, and the field
/// TLS-Required: No less.
smtp::ClientOptions::Tls DeliveryAttempt::tls_policy() const {
  using Tls = smtp::ClientOptions::Tls;
  if (transaction_.asked.require_tls) return Tls::required;
  if (tls_optional_ && options_.tls == Tls::required) return Tls::opportunistic;
  return options_.tls;
}

bool DeliveryAttempt::take_over(DeliveryAttempt& other) {
  if (other.client_ == nullptr || !other.conversation_) return false;
  if (tls_policy() == smtp::ClientOptions::Tls::required && !other.client_->tls()) return false;
  if (!other.client_->add(open_part())) return false;
  conversation_ = std::move(other.conversation_);
  conversation_->over = [this] { session_over(); };
  client_ = std::exchange(other.client_, nullptr);
  client_->on_finished([this] { take_results(); });
  target_ = conversation_->target;
  state_ = AttemptState::talking;
  borrowed_ = true;
  trace::Origin where = origin();
  if (conversation_->session->connection() != nullptr) {
    where.connection = conversation_->session->connection()->id();
  }
  cause_ = environment_.sink.record(Kind::smtp_attempt, where,
                                    {queue_id_, domain_, target_.name, servers_tried_});
  return true;
}

void DeliveryAttempt::connect(bool with_tls) {
  state_ = AttemptState::connecting;
  retry_without_tls_ = connect_expired_ = may_have_it_ = false;
  const trace::CauseScope scope(environment_.sink, cause_);
  const trace::EventId attempt = environment_.sink.record(
      Kind::smtp_attempt, origin(), {queue_id_, domain_, target_.name, servers_tried_});
  environment_.sink.set_cause(attempt);
  auto client = make_client(with_tls);
  client_ = client.get();
  net::SessionTls tls;
  if (with_tls) tls.context = options_.tls_context;
  tls.role = net::TlsEngine::Role::client;
  if (!target_.name.starts_with('[')) tls.server_name = target_.name;
  conversation_ = std::make_unique<Conversation>();
  conversation_->target = target_;
  conversation_->over = [this] { session_over(); };
  conversation_->session = std::make_unique<net::Session>(
      net::Session::Environment{environment_.timers, environment_.turn, environment_.entropy,
                                environment_.sink, origin(), environment_.key_log},
      std::move(client), std::move(tls), [conversation = conversation_.get()](net::Session&) {
        // A copy: the conversation ends in there.
        const std::function<void()> over = conversation->over;
        over();
      });
  connect_timer_.set(environment_.timers.now() + options_.connect_timeout,
                     [this] { connect_expired(); });
  const std::uint16_t port = options_.smart_host.empty() ? options_.port : options_.smart_host_port;
  conversation_->session->connect(environment_.network, {target_.address, port});
}

void DeliveryAttempt::connect_expired() {
  if (!client_ || client_->state() != ClientState::connecting) return;
  connect_expired_ = true;
  conversation_->session->abort();
}

/// The conversation decided about everyone who was asked. Called by the engine, in the turn in
/// which the final reply came.
void DeliveryAttempt::take_results() {
  connect_timer_.cancel();
  state_ = AttemptState::talking;
  const auto& outcome = client_->results().back();
  retry_without_tls_ =
      client_->tls_failed() && tls_policy() == smtp::ClientOptions::Tls::opportunistic;
  bool more_servers =
      servers_tried_ < options_.max_servers &&
      (!targets_.empty() || exchanger_ < exchangers_.size() || !postponed_.empty() || borrowed_);
  bool reached = false;
  for (std::size_t k = 0; k < asked_.size(); ++k) {
    smtp::RecipientResult result = outcome[k];
    if (connect_expired_) result.reply = {0, {4, 4, 1}, target_.name + " did not answer in time"};
    const std::size_t i = asked_[k];
    const bool said = result.reply.code != 0;
    note(i, result.reply, result.at, said ? target_.name : std::string());
    // A refusal of the whole session is this server's word; a refusal of the message or the
    // recipient is the domain's.
    const bool of_session = result.at < ClientState::mail;
    reached = reached || !of_session || !result.reply.transient();
    if (result.fate == Fate::delivered || (result.fate == Fate::failed && !of_session)) {
      results_[i] = std::move(result);
      deciders_[i] = said ? target_.name : std::string();
    } else if (result.at == ClientState::end_of_data && !said) {
      may_have_it_ = true;
    }
  }
  if (environment_.memory != nullptr && reached) {
    environment_.memory->worked(target_.address);
  } else if (environment_.memory != nullptr && !retry_without_tls_) {
    environment_.memory->failed(target_.address, environment_.timers.now());
  }
  // RFC 1047: perhaps the server has the message. Another server now would surely make a second
  // copy; trying later only may.
  more_servers = (more_servers || retry_without_tls_) && !may_have_it_;
  record_outcomes(more_servers);
  if (!open() || !more_servers) nobody_left();
}

/// One event for each different outcome among the recipients that were asked.
void DeliveryAttempt::record_outcomes(bool more_servers) {
  const trace::CauseScope scope(environment_.sink, environment_.sink.cause());
  trace::Origin where = origin();
  if (conversation_->session->connection() != nullptr) {
    where.connection = conversation_->session->connection()->id();
  }
  std::vector<std::pair<std::string_view, std::string>> told;
  for (const std::size_t i : asked_) {
    const smtp::RecipientResult& result = results_[i];
    std::string_view word = smtp::to_string(result.fate);
    if (result.fate == Fate::pending) {
      word = more_servers ? "next" : result.reply.permanent() ? "failed" : "deferred";
    }
    std::pair<std::string_view, std::string> outcome{word, result.reply.to_string()};
    if (std::ranges::find(told, outcome) != told.end()) continue;
    cause_ = environment_.sink.record(Kind::smtp_outcome, where,
                                      {queue_id_, target_.name, outcome.first, outcome.second});
    told.push_back(std::move(outcome));
  }
  environment_.sink.set_cause(cause_);
}

void DeliveryAttempt::session_over() {
  client_ = nullptr;
  conversation_.reset();
  if (decided_told_) return finish();
  const trace::CauseScope scope(environment_.sink, cause_);
  // A connection that served others before says little about its server: from the beginning.
  if (std::exchange(borrowed_, false)) return start();
  if (retry_without_tls_) return connect(false);
  next_server();
}

/// Remembers the best reason so far why recipient i is not served: trouble that may pass is a
/// better one than a refusal, because it forbids to give up.
void DeliveryAttempt::note(std::size_t i, const Reply& reply, ClientState at,
                           const std::string& server) {
  smtp::RecipientResult& result = results_[i];
  if (result.fate != Fate::pending) return;
  if (result.reply.transient() && !reply.transient()) return;
  result.reply = reply;
  result.at = at;
  deciders_[i] = server;
}

void DeliveryAttempt::note_all(const Reply& reply) {
  for (std::size_t i = 0; i < results_.size(); ++i) note(i, reply, ClientState::connecting, {});
}

bool DeliveryAttempt::open() const {
  return std::ranges::any_of(results_, [](const auto& r) { return r.fate == Fate::pending; });
}

/// Nothing is left to try: what is open is decided by the best reason that was met.
void DeliveryAttempt::nobody_left() {
  for (smtp::RecipientResult& result : results_) {
    if (result.fate != Fate::pending) continue;
    if (result.reply == Reply{}) {
      result.reply = {0, {4, 4, 1}, "No mail exchanger could be reached"};
    }
    result.fate = result.reply.permanent() ? Fate::failed : Fate::deferred;
  }
  tell_decided();
  if (!conversation_) finish();
}

void DeliveryAttempt::tell_decided() {
  if (std::exchange(decided_told_, true)) return;
  const trace::CauseScope scope(environment_.sink, cause_);
  if (callbacks_.decided) callbacks_.decided(*this);
}

void DeliveryAttempt::finish() {
  if (std::exchange(state_, AttemptState::done) == AttemptState::done) return;
  in_turn([this] {
    if (const auto over = std::exchange(callbacks_.over, {})) over(*this);
  });
}

void DeliveryAttempt::in_turn(std::function<void()> action) {
  environment_.turn.after([alive = std::weak_ptr<int>(alive_), call = std::move(action)] {
    if (!alive.expired()) call();
  });
}

}  // namespace mailscope::queue
