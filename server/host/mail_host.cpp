#include "server/host/mail_host.hpp"

#include <algorithm>
#include <utility>

namespace mailscope::host {
namespace {

smtp::Role role_of(Service service) {
  switch (service) {
    case Service::submission:
      return smtp::Role::submission;
    case Service::submissions:
      return smtp::Role::submissions;
    case Service::lmtp:
      return smtp::Role::lmtp;
    default:
      return smtp::Role::mx;
  }
}

}  // namespace

MailHost::MailHost(HostEnvironment environment, HostOptions options)
    : environment_(std::move(environment)),
      options_(std::move(options)),
      handler_({environment_.organisation, environment_.timers, environment_.entropy,
                environment_.sink, environment_.self, options_.name}),
      guard_(options_.guard),
      door_(environment_.timers, environment_.turn) {
  const bool tls = offers_tls() && options_.starttls;
  for (const Service service : options_.services) {
    if (!speaks_smtp(info(service).protocol)) continue;
    smtp::ServerOptions& smtp = smtp_[service];
    smtp.hostname = options_.name;
    smtp.postmaster_domain = environment_.organisation.domain();
    smtp.role = role_of(service);
    smtp.starttls = tls && !info(service).implicit_tls;
    smtp.require_tls = !options_.plaintext_auth;
    const bool for_users = smtp.role != smtp::Role::mx && smtp.role != smtp::Role::lmtp;
    smtp.accounts = for_users ? &environment_.organisation.accounts() : nullptr;
    smtp.xclient_from = options_.xclient_from;
    smtp.allow_plaintext_auth = options_.plaintext_auth;
    smtp.show_secrets = options_.show_secrets;
    smtp.limits.message = options_.max_message_octets;
  }
  // IMAP and POP3 say on the wire whether TLS is up; one set of options serves both of their ports.
  pop3_.login_delay = options_.pop3_login_delay;
  pop3_.login_times = &login_times_;
  imap_.hostname = pop3_.hostname = sieve_.hostname = options_.name;
  imap_.starttls = pop3_.stls = sieve_.starttls = tls;
  imap_.allow_plaintext_auth = pop3_.allow_plaintext_auth = options_.plaintext_auth;
  sieve_.allow_plaintext_auth = options_.plaintext_auth;
  imap_.show_secrets = pop3_.show_secrets = sieve_.show_secrets = options_.show_secrets;
  imap_.append_limit = options_.max_message_octets;
  url_keys_ = environment_.entropy.fork("url keys of " + options_.name);
  imap_.entropy = url_keys_.get();
}

MailHost::~MailHost() {
  power_off();
}

void MailHost::power_on() {
  if (is_on()) return;
  make_queue();
  for (const Service service : options_.services) {
    listeners_.push_back(environment_.network.listen(
        info(service).port, [this, service](std::unique_ptr<net::Connection> connection) {
          serve(service, std::move(connection));
        }));
  }
  queue_->start();
}

void MailHost::power_off() {
  listeners_.clear();
  door_.clear();
  sessions_.clear();
  refusals_ = 0;
  handler_.set_queue(nullptr);
  queue_.reset();
}

void MailHost::make_queue() {
  queue::QueueOptions options;
  options.schedule = options_.schedule;
  options.max_attempts = options_.max_deliveries;
  options.attempt.max_messages = options_.messages_per_connection;
  options.per_destination = options_.per_destination;
  options.destinations = options_.destinations;
  options.attempt.hostname = options_.name;
  options.postmaster = "postmaster@" + environment_.organisation.domain();
  options.attempt.own_addresses = {environment_.network.address()};
  options.attempt.ipv4 = environment_.network.address().is_v4();
  options.attempt.ipv6 = environment_.network.address().is_v6();
  options.attempt.tls_context = options_.client_tls;
  options.attempt.tls = options_.client_tls == nullptr ? smtp::ClientOptions::Tls::none
                        : options_.relay_requires_tls  ? smtp::ClientOptions::Tls::required
                                                       : smtp::ClientOptions::Tls::opportunistic;
  queue::QueueEnvironment environment{
      {environment_.network, environment_.timers, environment_.turn, environment_.entropy,
       environment_.resolver, environment_.sink, environment_.self, environment_.host_of,
       options_.key_log},
      environment_.queue_store};
  queue_ = std::make_unique<queue::OutboundQueue>(
      environment, std::move(options),
      [this](smtp::Envelope envelope, std::string content) {
        handler_.submit(std::move(envelope), std::move(content));
      },
      [this] { return handler_.new_queue_id(); });
  queue_->on_release([this](smtp::Envelope envelope, std::string content) {
    handler_.release(envelope, std::move(content));
  });
  handler_.set_queue(queue_.get());
}

std::shared_ptr<net::TlsContext> MailHost::server_context() {
  if (!server_context_ && offers_tls()) server_context_ = options_.server_tls();
  return server_context_;
}

/// Why a client cannot be served now, if so.
std::optional<net::Refusal> MailHost::refusal(const policy::Guard::Seat& seat,
                                              const trace::Tracer& tracer) const {
  const auto because = [&tracer](net::Refusal why, std::string_view limit, std::size_t value) {
    tracer.record(trace::Kind::policy_limit, {limit, value});
    return why;
  };
  if (!seat) {
    return because(net::Refusal::of_address, "connections_of_an_address",
                   guard_.limits().connections);
  }
  if (sessions_.size() - refusals_ >= kMaxSessions)
    return because(net::Refusal::connections, "sessions", kMaxSessions);
  if (options_.memory && options_.memory->crowded())
    return because(net::Refusal::memory, "memory_octets", options_.memory->limit());
  return std::nullopt;
}

bool MailHost::is_proxy(const net::Address& address) const {
  return std::ranges::any_of(options_.proxy_from,
                             [&](const net::Prefix& prefix) { return prefix.contains(address); });
}

void MailHost::serve(Service service, std::unique_ptr<net::Connection> connection) {
  const net::Address proxy = connection->remote().address;
  if (!is_proxy(proxy)) return admit(service, std::move(connection));
  const auto record = [this, proxy](const net::Connection& from, std::string_view client,
                                    std::string_view problem) {
    environment_.sink.record(trace::Kind::policy_proxy, {environment_.self, 0, from.id(), 0},
                             {proxy.to_string(), client, problem});
  };
  door_.wait(
      std::move(connection),
      [this, service, record](std::unique_ptr<net::Connection> announced) {
        record(*announced, announced->remote().to_string(), {});
        admit(service, std::move(announced));
      },
      [record](const net::Connection& from, std::string_view problem) {
        record(from, {}, problem);
      });
}

void MailHost::admit(Service service, std::unique_ptr<net::Connection> connection) {
  const ServiceInfo& row = info(service);
  const net::Address client = connection->remote().address;
  const trace::HostId peer = environment_.host_of ? environment_.host_of(client) : trace::HostId{0};
  const trace::Origin origin{environment_.self, peer, connection->id(), 0};
  const trace::Tracer tracer(environment_.sink, origin);
  policy::Guard::Seat seat = guard_.take_seat(client);
  const auto refused = refusal(seat, tracer);
  if (refused && refusals_ >= kMaxRefusals) return;  // destroying the connection resets it
  net::SessionTls tls;
  tls.role = net::TlsEngine::Role::server;
  tls.implicit = row.implicit_tls;
  tls.context = server_context();
  auto session = std::make_unique<net::Session>(
      net::Session::Environment{environment_.timers, environment_.turn, environment_.entropy,
                                environment_.sink, origin, options_.key_log, options_.memory},
      make_engine(row, tracer, client), std::move(tls),
      [this](net::Session& ended) { over(ended); });
  net::Session& kept = *session;
  sessions_.emplace(&kept, Served{std::move(session), std::move(seat), refused.has_value()});
  refusals_ += refused.has_value();
  kept.accept(std::move(connection), refused);
}

void MailHost::over(const net::Session& session) {
  const auto found = sessions_.find(&session);
  refusals_ -= found->second.refused;
  sessions_.erase(found);
}

std::unique_ptr<net::Engine> MailHost::make_engine(const ServiceInfo& service,
                                                   const trace::Tracer& tracer,
                                                   const net::Address& client) {
  const auth::Accounts& accounts = environment_.organisation.accounts();
  store::MailStore& store = environment_.organisation.store();
  policy::SessionSwitches switches(switches_, service.protocol, client);
  const policy::SessionGuard guard(guard_, client);
  switch (service.protocol) {
    case Protocol::imap:
      // Whoever gets the mail for postmaster runs the domain.
      if (const auto account = environment_.organisation.account_of(
              {"postmaster", environment_.organisation.domain()})) {
        imap_.administrators = {*account};
      }
      return std::make_unique<imap::ServerEngine>(imap_, accounts, store, tracer,
                                                  std::move(switches), guard);
    case Protocol::pop3:
      return std::make_unique<pop3::ServerEngine>(pop3_, accounts, store, tracer,
                                                  std::move(switches), guard);
    case Protocol::sieve:
      return std::make_unique<managesieve::ServerEngine>(sieve_, accounts, store, tracer,
                                                         std::move(switches), guard);
    case Protocol::smtp:
    case Protocol::lmtp:
    case Protocol::dns:  // its servers are no part of a mail host
      break;
  }
  return std::make_unique<smtp::ServerEngine>(smtp_.at(service.service), handler_, tracer, client,
                                              std::move(switches), guard);
}

}  // namespace mailscope::host
