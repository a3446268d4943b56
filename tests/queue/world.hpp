// A small world for the queue: hosts with SMTP servers behind addresses, a resolver that answers
// from a table, a clock. The sending host is out.acme.example, 192.0.2.1.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/dns/resolver.hpp"
#include "server/net/session.hpp"
#include "server/queue/queue.hpp"
#include "tests/net/fake_network.hpp"
#include "tests/smtp/fixture.hpp"

namespace mailscope::queue::test {

using namespace std::chrono_literals;

class TestEntropy final : public net::Entropy {
 public:
  explicit TestEntropy(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    return z ^ (z >> 31);
  }
  std::unique_ptr<net::Entropy> fork(std::string_view label) const override {
    std::uint64_t hash = state_;
    for (const char c : label) hash = hash * 31 + static_cast<unsigned char>(c);
    return std::make_unique<TestEntropy>(hash);
  }

 private:
  std::uint64_t state_;
};

/// Answers after ten milliseconds what the table says; "nxdomain" for every other name.
class TableResolver final : public dns::Resolver {
 public:
  TableResolver(net::Timers& timers, trace::Sink& sink) : timers_(timers), sink_(sink) {}
  using dns::Resolver::query;
  dns::Lookup query(const dns::Name& name, dns::Type type, dns::Callback done) override {
    dns::Answer answer;
    answer.name = name;
    answer.type = type;
    const std::string text = name.lower().to_string();
    asked.push_back(text);
    if (const auto failed = failing.find(text); failed != failing.end()) {
      answer.outcome = failed->second;
    } else if (const auto found = records.find({text, type}); found != records.end()) {
      answer.outcome = dns::Outcome::ok;
      answer.records = found->second;
    } else {
      answer.outcome = names.contains(text) ? dns::Outcome::nodata : dns::Outcome::nxdomain;
    }
    return answer_later(std::move(answer), std::move(done));
  }
  void mx(const std::string& domain, std::uint16_t preference, const std::string& host) {
    add(domain, dns::Type::mx, dns::Mx{preference, dns::name(host)});
  }
  void a(const std::string& name, net::Address address) {
    if (address.is_v6()) {
      add(name, dns::Type::aaaa, dns::Aaaa{address});
    } else {
      add(name, dns::Type::a, dns::A{address});
    }
  }
  template <typename Data>
  void add(const std::string& name, dns::Type type, Data data) {
    dns::Record record;
    record.name = dns::name(name);
    record.type = type;
    record.data = std::move(data);
    records[{name, type}].push_back(std::move(record));
    names.insert(name);
  }

  std::map<std::pair<std::string, dns::Type>, std::vector<dns::Record>> records;
  std::set<std::string> names;                  // that exist
  std::map<std::string, dns::Outcome> failing;  // whatever is asked about them
  std::vector<std::string> asked;

 protected:
  dns::Lookup answer_later(dns::Answer answer, dns::Callback done) override {
    auto state = std::make_shared<dns::Lookup::State>();
    state->callback = std::move(done);
    timers_.set(timers_.now() + 10ms, [this, cause = sink_.cause(), state, answer] {
      const trace::CauseScope scope(sink_, cause);
      state->finish(answer);
    });
    return dns::Lookup(state);
  }

 private:
  net::Timers& timers_;
  trace::Sink& sink_;
};

/// A host that takes mail at port 25: TestHost's rules, for every domain, with replies to set.
class Mx final : public smtp::ServerHandler {
 public:
  Mx(tests::FakeWorld& world, TestEntropy& entropy, trace::Sink& sink, std::string name)
      : world_(world), entropy_(entropy), sink_(sink), network_(world) {
    options.hostname = std::move(name);
    listener_ = network_.listen(25, [this](auto connection) { accept(std::move(connection)); });
  }
  smtp::Answer on_rcpt(smtp::ServerEngine&, const mail::Mailbox& recipient) override {
    if (recipient.local == "nobody") {
      return smtp::Answer::reply({550, {5, 1, 1}, "No such mailbox here"});
    }
    return smtp::Answer::accept();
  }
  smtp::Answer on_message(smtp::ServerEngine&, const smtp::Envelope& envelope,
                          std::string content) override {
    messages.push_back({envelope, std::move(content)});
    if (after_message) after_message();
    return smtp::Answer::accept();
  }
  std::string new_queue_id() override { return "R" + std::to_string(++ids_); }
  void fail(std::string command, const std::string& reply) {
    add(std::move(command), policy::Switch::Act::reply, reply);
  }
  void hide(std::string capability) {
    policy::Switch hidden;
    hidden.capability = std::move(capability);
    switches.add(std::move(hidden));
  }
  void add(std::string command, policy::Switch::Act act, std::string text = {}) {
    policy::Switch added;
    added.command = std::move(command);
    added.act = act;
    added.text = std::move(text);
    switches.add(std::move(added));
  }
  tests::FakeNetwork& network() { return network_; }
  void stop_listening() { listener_.reset(); }

  smtp::ServerOptions options;
  policy::Switches switches;
  int connections = 0;
  std::vector<smtp::test::TestHost::Received> messages;
  std::function<void()> after_message;

 private:
  void accept(std::unique_ptr<net::Connection> connection) {
    ++connections;
    const auto client = net::Address::v4(192, 0, 2, 1);
    auto engine = std::make_unique<smtp::ServerEngine>(
        options, *this, trace::Tracer(sink_, {}), client,
        policy::SessionSwitches(switches, policy::Protocol::smtp, client));
    auto session = std::make_unique<net::Session>(
        net::Session::Environment{world_, world_.turn, entropy_, sink_, {}}, std::move(engine),
        net::SessionTls{}, [this](net::Session& over) {
          std::erase_if(sessions_, [&](const auto& each) { return each.get() == &over; });
        });
    session->accept(std::move(connection));
    sessions_.push_back(std::move(session));
  }

  tests::FakeWorld& world_;
  TestEntropy& entropy_;
  trace::Sink& sink_;
  tests::FakeNetwork network_;
  std::unique_ptr<net::Listener> listener_;
  std::vector<std::unique_ptr<net::Session>> sessions_;
  int ids_ = 0;
};

/// What the sending host sees: one network for each address.
class Routes final : public net::Network {
 public:
  explicit Routes(tests::FakeWorld& world) : nobody_(world) {}
  net::Address address() const override { return net::Address::v4(192, 0, 2, 1); }
  std::unique_ptr<net::Listener> listen(std::uint16_t, Acceptor) override {
    throw net::NetworkError("not here");
  }
  std::unique_ptr<net::Connection> connect(net::Endpoint to,
                                           net::ConnectionEvents& events) override {
    tried.push_back(to.to_string());
    if (silent.contains(to.address)) return std::make_unique<Silence>();
    const auto found = hosts.find(to.address);
    tests::FakeNetwork& network = found == hosts.end() ? nobody_ : *found->second;
    return network.connect(to, events);
  }
  std::unique_ptr<net::DatagramSocket> bind(std::uint16_t, DatagramHandler) override {
    throw net::NetworkError("not here");
  }

  std::map<net::Address, tests::FakeNetwork*> hosts;
  std::set<net::Address> silent;  // never answer
  std::vector<std::string> tried;

 private:
  class Silence final : public net::Connection {
   public:
    void set_events(net::ConnectionEvents&) override {}
    void send(std::string_view) override {}
    std::size_t unsent() const override { return 0; }
    void pause_reading(bool) override {}
    void finish() override {}
    void abort() override {}
    net::Endpoint local() const override { return {}; }
    net::Endpoint remote() const override { return {}; }
    net::ConnectionId id() const override { return 99; }
  };
  tests::FakeNetwork nobody_;  // refuses every connection
};

struct World {
  explicit World(std::uint64_t seed = 1) : entropy(seed) {
    options.attempt.hostname = "out.acme.example";
  }
  /// A mail host at 198.51.100.`number`, with its address in the DNS.
  Mx& host(const std::string& name, std::uint8_t number) {
    const net::Address address = net::Address::v4(198, 51, 100, number);
    resolver.a(name, address);
    servers.push_back(std::make_unique<Mx>(clock, entropy, server_sink, name));
    routes.hosts[address] = &servers.back()->network();
    return *servers.back();
  }
  QueueEnvironment environment() {
    return {{routes, clock, clock.turn, entropy, resolver, sink, 1}, store};
  }
  /// The host starts (again).
  void power_on() {
    queue.reset();
    queue = std::make_unique<OutboundQueue>(
        environment(), options,
        [this](smtp::Envelope envelope, std::string content) {
          notes.push_back({std::move(envelope), std::move(content)});
        },
        [this] { return "N" + std::to_string(++ids); });
    queue->start();
  }
  void send(const std::string& from, const std::vector<std::string>& to,
            const std::string& content = "Message-ID: <1@acme.example>\r\n\r\nhello\r\n") {
    if (!queue) power_on();
    smtp::Envelope envelope;
    envelope.queue_id = "M" + std::to_string(++ids);
    if (!from.empty()) envelope.reverse_path = *mail::Mailbox::parse(from);
    for (const auto& each : to) envelope.recipients.push_back(*mail::Mailbox::parse(each));
    envelope.message_id = "<1@acme.example>";
    queue->add(envelope, std::make_shared<const std::string>(content));
  }
  void run(net::Duration span) { clock.run(span); }
  /// Lines of the trace that begin so.
  std::vector<std::string> told(std::string_view begin) const {
    std::vector<std::string> out;
    for (const std::string& line : sink.lines()) {
      if (line.starts_with(begin)) out.push_back(line);
    }
    return out;
  }

  tests::FakeWorld clock{smtp::test::kStart};
  TestEntropy entropy;
  smtp::test::LineSink sink, server_sink;
  TableResolver resolver{clock, sink};
  Routes routes{clock};
  MemoryQueueStore store;
  QueueOptions options;
  std::vector<std::unique_ptr<Mx>> servers;
  std::vector<smtp::test::TestHost::Received> notes;  // notifications handed to the host
  int ids = 0;
  std::unique_ptr<OutboundQueue> queue;
};

}  // namespace mailscope::queue::test
