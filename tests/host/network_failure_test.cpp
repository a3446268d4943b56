// Every call of the network fails once: the n-th one, for n = 1, 2, ... until none does. A person's
// program hands a message to one host, which relays it to another; there it is read by IMAP and
// POP3. Whatever fails: no session stays, nothing that was answered with 250 is lost, and what a
// client was told to be done is done.
#include <algorithm>

#include "server/host/mail_host.hpp"
#include "server/imap/client.hpp"
#include "server/pop3/client.hpp"
#include "server/smtp/client.hpp"
#include "server/store/memory_store.hpp"
#include "tests/catch.hpp"
#include "tests/net/failing_network.hpp"
#include "tests/queue/world.hpp"

using namespace mailscope;
using namespace mailscope::host;
using namespace std::chrono_literals;

namespace {

const net::Address kAcme = net::Address::v4(198, 51, 100, 1);
const net::Address kGlobex = net::Address::v4(198, 51, 100, 2);

/// The network of one host: its own ports, and the way to the others.
class HostNet final : public net::Network {
 public:
  HostNet(tests::FakeWorld& world, net::Address address, std::map<net::Address, HostNet*>& all)
      : own_(world), address_(address), all_(all) {
    all_[address] = this;
  }
  net::Address address() const override { return address_; }
  std::unique_ptr<net::Listener> listen(std::uint16_t port, Acceptor acceptor) override {
    return own_.listen(port, std::move(acceptor));
  }
  std::unique_ptr<net::Connection> connect(net::Endpoint to,
                                           net::ConnectionEvents& events) override {
    const auto found = all_.find(to.address);
    return (found == all_.end() ? own_ : found->second->own_).connect(to, events);
  }
  std::unique_ptr<net::DatagramSocket> bind(std::uint16_t port, DatagramHandler handler) override {
    return own_.bind(port, std::move(handler));
  }

 private:
  tests::FakeNetwork own_;
  net::Address address_;
  std::map<net::Address, HostNet*>& all_;
};

/// One mail host, whose power comes on again when that fails.
struct Site {
  Site(tests::Failures& failures, tests::FakeWorld& world, net::Timers& timers, HostNet& real,
       dns::Resolver& resolver, trace::Sink& sink, const std::string& domain,
       const std::string& user)
      : network(failures, timers, real), organisation(domain, mail) {
    organisation.add_user(user, "secret", 0);
    HostOptions options;
    options.name = "mx." + domain;
    options.services = {Service::mx, Service::submission, Service::imap, Service::pop3};
    options.plaintext_auth = true;
    options.schedule.waits = {1min, 10min};
    options.memory = &memory;
    host = std::make_unique<MailHost>(
        HostEnvironment{
            network, timers, world.turn, entropy, sink, 1, {}, resolver, queue_store, organisation},
        std::move(options));
    while (!host->is_on()) {
      try {
        host->power_on();
      } catch (const net::NetworkError&) {
        host->power_off();
        ++refused_power;
      }
    }
  }
  std::vector<std::string> inbox(const std::string& account) const {
    std::vector<std::string> all;
    const auto box = mail.mailbox(account, "INBOX");
    mail.scan(box->id, {}, [&](const store::MessageInfo& info) {
      all.push_back(*mail.body(box->id, info.uid));
      return true;
    });
    return all;
  }

  net::MemoryBudget memory{64u << 20};
  tests::FailingNetwork network;
  queue::test::TestEntropy entropy{7};
  store::MemoryStore mail;
  queue::MemoryQueueStore queue_store;
  Organisation organisation;
  std::unique_ptr<MailHost> host;
  int refused_power = 0;
};

/// Two sites and a person's programs; all their networks and clocks fail together, once.
struct World {
  explicit World(std::size_t fail_at) : failures{fail_at, 0, {}} {
    resolver.mx("globex.example", 10, "mx.globex.example");
    resolver.a("mx.globex.example", kGlobex);
    resolver.a("mx.acme.example", kAcme);
  }
  /// Runs a client against a host until its session is over, an hour at most.
  template <typename Engine>
  void talk(std::unique_ptr<Engine> engine, net::Address to, std::uint16_t port,
            const std::function<void(Engine&)>& before_it_goes) {
    bool over = false;
    Engine& kept = *engine;
    net::Session session(net::Session::Environment{timers, world.turn, entropy, sink, {}},
                         std::move(engine),
                         net::SessionTls{.context = nullptr, .role = net::TlsEngine::Role::client},
                         [&](net::Session&) { over = true; });
    session.connect(person, {to, port});
    for (int minutes = 0; !over && minutes < 240; ++minutes) world.run(1min);
    CHECK(over);
    before_it_goes(kept);
  }

  tests::Failures failures;
  tests::FakeWorld world{smtp::test::kStart};
  tests::LateTimers timers{failures, world};
  queue::test::TestEntropy entropy{3};
  smtp::test::LineSink sink;
  queue::test::TableResolver resolver{world, sink};
  std::map<net::Address, HostNet*> hosts;
  HostNet acme_net{world, kAcme, hosts}, globex_net{world, kGlobex, hosts},
      person_net{world, net::Address::v4(192, 0, 2, 9), hosts};
  tests::FailingNetwork person{failures, timers, person_net};
  Site acme{failures, world, timers, acme_net, resolver, sink, "acme.example", "alice"};
  Site globex{failures, world, timers, globex_net, resolver, sink, "globex.example", "bob"};
};

std::string letter(int number) {
  std::string text = "Subject: letter " + std::to_string(number) + "\r\n\r\n.dot\r\n";
  for (int i = 0; i < 40; ++i) text += std::string(78, 'x') + "\r\n";
  return text;
}

std::size_t count_of(const std::vector<std::string>& messages, const std::string& subject) {
  return static_cast<std::size_t>(std::ranges::count_if(messages, [&](const std::string& text) {
    return text.find("Subject: " + subject + "\r\n") != std::string::npos;
  }));
}

/// Alice sends two letters; says which of them her server answered with 250.
std::vector<bool> send(World& w) {
  std::vector<smtp::Transaction> letters;
  for (int number : {1, 2}) {
    smtp::Transaction t;
    t.reverse_path = {"alice", "acme.example"};
    t.recipients.emplace_back(mail::Mailbox{"bob", "globex.example"});
    t.content = std::make_shared<const std::string>(letter(number));
    letters.push_back(std::move(t));
  }
  smtp::ClientOptions options;
  options.helo_name = "laptop.acme.example";
  options.credentials = {"alice@acme.example", "secret"};
  options.allow_plaintext_auth = true;
  std::vector<bool> taken;
  w.talk<smtp::ClientEngine>(std::make_unique<smtp::ClientEngine>(options, std::move(letters)),
                             kAcme, 587, [&](smtp::ClientEngine& client) {
                               CHECK(client.finished());
                               for (const auto& results : client.results()) {
                                 INFO(results.at(0).reply.to_string());
                                 CHECK(results.at(0).fate != smtp::Fate::pending);
                                 CHECK(results.at(0).fate != smtp::Fate::failed);
                                 taken.push_back(results.at(0).fate == smtp::Fate::delivered);
                               }
                             });
  return taken;
}

}  // namespace

TEST_CASE("no failure of the network loses what was accepted", "[host][failure]") {
  std::size_t n = 1;
  for (bool failed = true; failed; ++n) {
    World w(n);
    const std::vector<bool> taken = send(w);
    w.world.run(24h);
    INFO("call " << n << " fails: " << w.failures.failed);
    failed = w.failures.happened();
    const auto messages = w.globex.inbox("bob@globex.example");
    for (int number : {1, 2}) {
      const std::size_t arrived = count_of(messages, "letter " + std::to_string(number));
      // At least once where it was accepted; a second copy only where an answer got lost.
      if (taken.at(static_cast<std::size_t>(number - 1))) CHECK(arrived >= 1);
      CHECK(arrived <= (failed ? 2 : 1));
      if (!failed) CHECK(arrived == 1);
    }
    for (const std::string& message : messages)
      CHECK(message.ends_with(letter(0).substr(letter(0).find("\r\n\r\n"))));
    CHECK(w.acme.inbox("alice@acme.example").empty());  // nothing bounced
    CHECK(w.acme.host->queue()->empty());
    for (const Site* site : {&w.acme, &w.globex}) {
      CHECK(site->host->session_count() == 0);
      CHECK(site->memory.used() == 0);
    }
    REQUIRE(n < 2'000);
  }
  CHECK(n > 100);  // there is much that can fail
}

TEST_CASE("no failure of the network confuses an IMAP session", "[host][failure]") {
  std::size_t n = 1;
  for (bool failed = true; failed; ++n) {
    World w(n);
    const auto inbox = w.globex.mail.mailbox("bob@globex.example", "INBOX")->id;
    for (int number : {1, 2, 3})
      REQUIRE(w.globex.mail.append(inbox, letter(number), {}, smtp::test::kStart));
    imap::ClientOptions options;
    options.user = "bob@globex.example";
    options.password = "secret";
    options.allow_plaintext_auth = true;
    std::vector<imap::Action::Kind> done;
    auto client = std::make_unique<imap::ClientEngine>(options);
    std::size_t fetched = 0;
    client->on_result([&](const imap::Action& action, const imap::ActionResult& result) {
      if (!result.ok) return;
      done.push_back(action.kind);
      if (action.kind == imap::Action::Kind::sync) fetched = result.uids.size();
    });
    const auto draft = std::make_shared<const std::string>(letter(9));
    for (auto action : {imap::Action::select("INBOX"), imap::Action::sync(),
                        imap::Action::set_flags({1}, store::FlagChange::add, {"\\Seen"}),
                        imap::Action::remove({2}), imap::Action::append("Drafts", {}, draft),
                        imap::Action::logout()}) {
      client->add(std::move(action));
    }
    w.talk<imap::ClientEngine>(std::move(client), kGlobex, 143, [&](imap::ClientEngine& ended) {
      CHECK(ended.state() == imap::ClientState::closed);
    });
    w.world.run(1h);
    INFO("call " << n << " fails: " << w.failures.failed);
    failed = w.failures.happened();
    const auto was_done = [&](imap::Action::Kind kind) {
      return std::ranges::find(done, kind) != done.end();
    };
    using Kind = imap::Action::Kind;
    const auto& mail = w.globex.mail;
    if (was_done(Kind::sync)) CHECK(fetched == 3);
    if (was_done(Kind::set_flags)) CHECK(mail.message(inbox, 1)->flags.system == store::kSeen);
    CHECK(mail.message(inbox, 1));
    CHECK(mail.message(inbox, 3));
    if (was_done(Kind::remove)) CHECK_FALSE(mail.message(inbox, 2));
    const auto drafts = mail.mailbox("bob@globex.example", "Drafts");
    if (was_done(Kind::append)) CHECK(drafts->messages == 1);
    if (drafts->messages > 0) CHECK(*mail.body(drafts->id, 1) == *draft);
    CHECK(drafts->messages <= 1);
    if (!failed) CHECK(was_done(Kind::append));
    CHECK(w.globex.host->session_count() == 0);
    CHECK(w.globex.memory.used() == 0);
    REQUIRE(n < 2'000);
  }
  CHECK(n > 50);
}

TEST_CASE("no failure of the network deletes what POP3 has not given", "[host][failure]") {
  std::size_t n = 1;
  for (bool failed = true; failed; ++n) {
    World w(n);
    const auto inbox = w.globex.mail.mailbox("bob@globex.example", "INBOX")->id;
    for (int number : {1, 2, 3})
      REQUIRE(w.globex.mail.append(inbox, letter(number), {}, smtp::test::kStart));
    pop3::ClientOptions options;
    options.user = "bob@globex.example";
    options.password = "secret";
    options.allow_plaintext_auth = true;
    options.leave_on_server = false;
    std::size_t fetched = 0, deleted = 0;
    w.talk<pop3::ClientEngine>(std::make_unique<pop3::ClientEngine>(options), kGlobex, 110,
                               [&](pop3::ClientEngine& client) {
                                 CHECK(client.finished());
                                 for (const pop3::Fetched& each : client.result().fetched)
                                   CHECK(each.content == letter(static_cast<int>(each.number)));
                                 fetched = client.result().fetched.size();
                                 deleted = client.result().deleted.size();
                               });
    w.world.run(1h);
    INFO("call " << n << " fails: " << w.failures.failed);
    failed = w.failures.happened();
    const std::size_t left = w.globex.mail.mailbox("bob@globex.example", "INBOX")->messages;
    CHECK((left == 3 || (left == 0 && fetched == 3)));
    if (deleted > 0) CHECK(left == 0);
    if (!failed) CHECK(deleted == 3);
    CHECK(w.globex.host->session_count() == 0);
    CHECK(w.globex.mail.lock_maildrop("bob@globex.example"));
    REQUIRE(n < 2'000);
  }
  CHECK(n > 50);
}
