// How many deliveries a second one core simulates. Two domains, one message of about 1 KB each,
// everything on the way is real: MX and address look-up (cached after the first), TCP, SMTP, the
// mailbox, and the trace with every event.
//
//     $ bench_delivery                  all of the below
//     $ bench_delivery relay 2000       one of them with 2,000 messages, for a profiler
//
//   relay             put into the sending server's queue, delivered to the other domain's server
//   relay-bare        the same without events of segments and datagrams
//   relay-tls         the same as relay with STARTTLS between the servers
//   submission        sent to port 587 in sessions of 50 messages (one login each), then relayed
//   device            sent by people's devices: look-up, connection, login, then relayed
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/host/mail_host.hpp"
#include "server/mail/builder.hpp"
#include "server/net/session.hpp"
#include "server/smtp/client.hpp"
#include "sim/scenario/loader.hpp"
#include "sim/world/world.hpp"
#include "tests/bench/measure.hpp"

namespace {

using namespace mailscope;
using namespace std::chrono_literals;

constexpr std::string_view kSender = "alice@acme.example";
constexpr std::string_view kRecipient = "bob@globex.example";
constexpr std::string_view kSenderHost = "mail.acme.example";
constexpr std::size_t kMessageOctets = 1'000;
/// Virtual time between two messages: slow enough that the queue sends what comes, as a server in
/// its normal state does. Two deliveries to one domain run at a time, each takes about 0.4 s.
constexpr net::Duration kPace = 250ms;

scenario::Scenario two_domains(bool tls) {
  const std::string use = tls ? "offered" : "none";
  return scenario::load_scenario(
      R"({ "title": "Benchmark", "domains": {
             "acme.example":   { "users": ["alice"], "tls": ")" +
          use + R"(" },
             "globex.example": { "users": ["bob"],   "tls": ")" +
          use + R"(" } } })",
      "benchmark");
}

std::string letter(std::size_t number, net::Time date) {
  mail::Draft draft;
  draft.from = "Alice <" + std::string(kSender) + ">";
  draft.to = {std::string(kRecipient)};
  draft.subject = "Number " + std::to_string(number);
  draft.message_id = "<" + std::to_string(number) + "@acme.example>";
  draft.date = date;
  while (draft.text.size() < kMessageOctets)
    draft.text += "The quick brown fox jumps over the lazy dog.\n";
  return mail::build_message(draft, "seed");
}

using Letters = std::vector<std::shared_ptr<const std::string>>;

/// Composed before the clock starts: a mail program's work, not the servers'.
Letters letters(std::size_t count, net::Time date) {
  Letters all;
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(std::make_shared<const std::string>(letter(i, date)));
  }
  return all;
}

void inject(world::World& world, const Letters& all) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    world.kernel().set(world.start() + kPace * i, [&world, i, content = all[i]] {
      smtp::Envelope envelope;
      envelope.queue_id = "Q" + std::to_string(i);
      envelope.message_id = "<" + std::to_string(i) + "@acme.example>";
      envelope.reverse_path = *mail::Mailbox::parse(kSender);
      envelope.recipients = {*mail::Mailbox::parse(kRecipient)};
      world.mail_host(kSenderHost)->queue()->add(envelope, content);
    });
  }
}

/// A mail program that submits `count` messages in sessions, one after the other.
class Submitter {
 public:
  Submitter(world::World& world, Letters all) : world_(world), left_(std::move(all)) {
    world_.kernel().set(world_.start(), [this] { next(); });
  }

 private:
  static constexpr std::size_t kPerSession = 50;

  void next() {
    session_.reset();
    if (left_.empty()) return;
    const scenario::Scenario& scenario = world_.scenario();
    smtp::ClientOptions options;
    options.helo_name = "client.acme.example";
    options.allow_plaintext_auth = true;
    options.credentials = {std::string(kSender),
                           world_.password_of(scenario.domains[0], scenario.domains[0].users[0])};
    std::vector<smtp::Transaction> transactions;
    while (!left_.empty() && transactions.size() < kPerSession) {
      smtp::Transaction& transaction = transactions.emplace_back();
      transaction.reverse_path = *mail::Mailbox::parse(kSender);
      transaction.recipients = {*mail::Mailbox::parse(kRecipient)};
      transaction.content = std::move(left_.back());
      left_.pop_back();
    }
    sim::HostNetwork& host = *world_.internet().find_host("alice-laptop.acme.example");
    session_ = std::make_unique<net::Session>(
        net::Session::Environment{world_.kernel(),
                                  world_.kernel().turn(),
                                  world_.entropy(),
                                  world_.recorder(),
                                  {host.trace_id(), 0, 0, 0}},
        std::make_unique<smtp::ClientEngine>(options, std::move(transactions)), net::SessionTls{},
        [this](net::Session&) {
          // The next session when the queue has had the time to send these.
          world_.kernel().set(world_.kernel().now() + kPace * kPerSession, [this] { next(); });
        });
    session_->connect(host, {world_.plan().find(kSenderHost)->address, 587});
  }

  world::World& world_;
  Letters left_;
  std::unique_ptr<net::Session> session_;
};

void script(scenario::Scenario& scenario, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    scenario::Send send;
    send.from = kSender;
    send.to = {std::string(kRecipient)};
    send.subject = "Number " + std::to_string(i);
    while (send.text.size() < kMessageOctets)
      send.text += "The quick brown fox jumps over the lazy dog.\n";
    send.device = "laptop";
    scenario.script.push_back({kPace * i, std::move(send), {}});
  }
}

struct Mode {
  std::string what;
  std::size_t count;
  bool tls = false, segments = true;
  enum class Way { relay, submission, device } way = Way::relay;
};

void run(const Mode& mode) {
  const bench::Group group("deliveries");
  scenario::Scenario scenario = two_domains(mode.tls);
  if (mode.way == Mode::Way::device) script(scenario, mode.count);
  world::WorldOptions options;
  options.record_segments = mode.segments;
  world::World world(scenario, options);
  std::unique_ptr<Submitter> submitter;
  if (mode.way == Mode::Way::relay) inject(world, letters(mode.count, world.start()));
  if (mode.way == Mode::Way::submission) {
    submitter = std::make_unique<Submitter>(world, letters(mode.count, world.start()));
  }
  const double before = bench::resident_mib();
  const bench::CpuTime time;
  world.run();
  const double seconds = time.seconds();
  std::size_t arrived = 0;
  const auto inbox = world.store().mailbox(kRecipient, "INBOX");
  world.store().scan(inbox->id, {}, [&](const store::MessageInfo&) { return ++arrived, true; });
  if (arrived != mode.count) group.fail(std::to_string(arrived) + " messages arrived");
  const auto count = static_cast<double>(mode.count);
  group.rate(mode.what, count, "deliveries/s", seconds);
  group.figure("  " + mode.what + ": trace", world.log().size() / count, "events/delivery",
               std::to_string(static_cast<int>((bench::resident_mib() - before) * 1024 / count)) +
                   " KiB memory each");
  group.rate("  " + mode.what + ": events of the kernel",
             static_cast<double>(world.kernel().events_run()), "events/s", seconds);
}

}  // namespace

int main(int argc, char** argv) {
  using Way = Mode::Way;
  const std::map<std::string, Mode> modes = {
      {"relay", {"relayed, plaintext", 10'000}},
      {"relay-bare", {"relayed, plaintext, no packet events", 10'000, false, false}},
      {"relay-tls", {"relayed, STARTTLS", 500, true}},
      {"submission", {"submitted (50 a session), relayed", 5'000, false, true, Way::submission}},
      {"device", {"sent by a device with login, relayed", 5'000, false, true, Way::device}},
  };
  if (argc > 1) {
    const auto found = modes.find(argv[1]);
    if (found == modes.end()) return std::fprintf(stderr, "%s: no such mode\n", argv[1]), 2;
    Mode mode = found->second;
    if (argc > 2) mode.count = std::strtoul(argv[2], nullptr, 10);
    run(mode);
    return 0;
  }
  for (const char* name : {"relay", "relay-bare", "submission", "device", "relay-tls"})
    run(modes.at(name));
  return 0;
}
