// Seeded swarms: random transfers over bad links arrive octet for octet, or end with a reason that
// both the user and the trace are told. And the same seed gives the same run.
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/network/lab.hpp"

using namespace mailscope;
using namespace mailscope::sim;
using namespace mailscope::sim::test;
using trace::Kind;

namespace {

constexpr std::uint64_t kSeeds = 200;

/// One side: sends its text in random bits, pauses at random, finishes; notes what it is told.
struct Talker {
  Talker(Kernel& kernel, const SeededEntropy& entropy, std::string_view label)
      : kernel_(kernel), entropy_(entropy.fork_seed(label)), timer_(kernel) {
    text = sample_text(entropy_.below(120'000));
  }
  void start() {
    step();
    user.when_bytes = [this](std::string_view) {
      if (entropy_.below(20) != 0) return;
      user.connection->pause_reading(true);
      kernel_.set(kernel_.now() + 1ms * static_cast<int>(entropy_.below(300)), [this] {
        if (user.closings == 0) user.connection->pause_reading(false);
      });
    };
  }
  void step() {
    if (user.closings > 0) return;
    if (given_ == text.size()) {
      user.connection->finish();
      return;
    }
    const std::size_t size = std::min<std::size_t>(1 + entropy_.below(9000), text.size() - given_);
    user.connection->send(std::string_view(text).substr(given_, size));
    given_ += size;
    timer_.set(kernel_.now() + 1ms * static_cast<int>(entropy_.below(50)), [this] { step(); });
  }

  User user;
  std::string text;

 private:
  Kernel& kernel_;
  SeededEntropy entropy_;
  net::Timer timer_;
  std::size_t given_ = 0;
};

struct Outcome {
  bool both_well = false;
  std::vector<std::string> trace;
};

LinkOptions random_link(SeededEntropy& entropy) {
  LinkOptions link;
  link.latency = 1ms * static_cast<int>(1 + entropy.below(80));
  if (entropy.below(2) == 0) link.jitter = 1ms * static_cast<int>(entropy.below(60));
  if (entropy.below(3) != 0) link.loss_ppm = static_cast<std::uint32_t>(entropy.below(80'000));
  if (entropy.below(3) == 0) link.bandwidth_bps = 200'000 + entropy.below(5'000'000);
  return link;
}

/// Something breaks: a link for a while, or a host's power.
void plan_fault(Lab& lab, SeededEntropy& entropy) {
  const net::Time begin = kStart + 1ms * static_cast<int>(entropy.below(3000));
  const net::Time end = begin + 1ms * static_cast<int>(entropy.below(20'000));
  switch (entropy.below(4)) {
    case 0:
      lab.kernel.set(begin, [&] { lab.internet.set_link_state(lab.server_host, LinkState::down); });
      lab.kernel.set(end, [&] { lab.internet.set_link_state(lab.server_host, LinkState::up); });
      break;
    case 1:
      lab.kernel.set(begin, [&] { lab.internet.set_host_state(lab.server_host, HostState::off); });
      lab.kernel.set(end, [&] { lab.internet.set_host_state(lab.server_host, HostState::up); });
      break;
    case 2:
      lab.kernel.set(begin, [&] { lab.internet.impair(lab.client_host, {.loss_ppm = 400'000}); });
      lab.kernel.set(end, [&] { lab.internet.impair(lab.client_host, {}); });
      break;
    default:
      break;  // nothing breaks
  }
}

Outcome run_swarm(std::uint64_t seed, bool faults) {
  Lab lab(seed);
  SeededEntropy entropy(seed * 7919);
  lab.internet.set_path(lab.client_host, lab.server_host, random_link(entropy));
  Talker client(lab.kernel, entropy, "client");
  Talker server(lab.kernel, entropy, "server");
  const auto listener = lab.server_host.listen(25, [&](std::unique_ptr<net::Connection> accepted) {
    server.user.connection = std::move(accepted);
    server.user.connection->set_events(server.user);
    server.user.connected = true;
    server.start();
  });
  client.user.connection = lab.client_host.connect({lab.server_host.address(), 25}, client.user);
  client.user.when_connected = [&] { client.start(); };
  if (faults) plan_fault(lab, entropy);
  lab.run(24h);

  // What arrived is always a beginning of what was sent.
  REQUIRE(server.text.starts_with(client.user.received));
  REQUIRE(client.text.starts_with(server.user.received));
  REQUIRE(client.user.closings <= 1);
  // A side that has sent everything and hears nothing more may wait for ever; no other may.
  if (client.user.closings == 0) REQUIRE(client.user.connection->unsent() == 0);
  if (client.user.ended_well()) {
    REQUIRE(client.user.received == server.text);
    REQUIRE(server.user.received == client.text);
  }
  // More where a half-open connection ended, of which no user knew.
  REQUIRE(lab.sink.count(Kind::transport_closed) >=
          static_cast<std::size_t>(client.user.closings + server.user.closings));
  Outcome outcome;
  outcome.both_well = client.user.ended_well() && server.user.ended_well();
  outcome.trace = lab.sink.lines();
  return outcome;
}

}  // namespace

TEST_CASE("Transfers over bad links arrive whole", "[network][swarm]") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    const Outcome outcome = run_swarm(seed, false);
    REQUIRE(outcome.both_well);  // up to 8 % loss never ends a connection
  }
}

TEST_CASE("Transfers through faults arrive whole or end with a reason", "[network][swarm]") {
  std::uint64_t well = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    if (run_swarm(seed, true).both_well) ++well;
  }
  CHECK(well > kSeeds / 3);
  CHECK(well < kSeeds);  // or the faults did nothing
}

TEST_CASE("Forged segments break neither the host nor its other connections", "[network][swarm]") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    Lab lab(seed);
    SeededEntropy entropy(seed);
    std::vector<std::unique_ptr<User>> servers;
    const auto listener =
        lab.server_host.listen(25, [&](std::unique_ptr<net::Connection> accepted) {
          servers.push_back(std::make_unique<User>());
          User& user = *servers.back();
          user.connection = std::move(accepted);
          user.connection->set_events(user);
          user.when_end = [&user] { user.connection->finish(); };
        });
    // The victim gets the forgeries; the witness must not notice.
    User victim;
    User witness;
    victim.connection = lab.client_host.connect({lab.server_host.address(), 25}, victim);
    witness.connection = lab.client_host.connect({lab.server_host.address(), 25}, witness);
    const std::string text = sample_text(100'000);
    witness.connection->send(text);
    const Flow flow{lab.internet.find_address(lab.client_host.address()),
                    lab.internet.find_address(lab.server_host.address()),
                    victim.connection->local().port, 25};
    for (int i = 0; i < 300; ++i) {
      if (i % 7 == 0) victim.connection->send("x");
      if (i == 200) victim.connection->finish();
      TcpInfo target;
      for (const TcpInfo& info : lab.server_host.connections()) {
        if (info.remote.port == flow.local_port) target = info;
      }
      Segment& segment = lab.internet.new_segment();
      segment.path = &lab.internet.path(lab.client_host, lab.server_host);
      segment.flow = flow;
      segment.connection = 99;
      segment.flags = static_cast<std::uint8_t>(entropy.below(32));
      if (entropy.below(8) != 0) segment.flags &= static_cast<std::uint8_t>(~flag::kRst);
      segment.seq = target.receive_next + static_cast<std::uint32_t>(entropy.below(4000)) - 2000;
      segment.ack = target.send_next + static_cast<std::uint32_t>(entropy.below(6)) - 3;
      segment.window = static_cast<std::uint32_t>(entropy.below(65536));
      segment.size = static_cast<std::uint16_t>(entropy.below(kMssV4));
      std::fill_n(segment.payload.begin(), segment.size, '!');
      segment.wire_octets = 40u + segment.size;
      lab.internet.send(segment, {});
      lab.run(1ms * static_cast<int>(entropy.below(20)));
    }
    lab.run(10min);
    witness.connection->finish();
    lab.run(10min);
    REQUIRE(witness.ended_well());
    bool arrived = false;
    for (const auto& server : servers) arrived = arrived || server->received == text;
    REQUIRE(arrived);
  }
}

TEST_CASE("The same seed gives the same run", "[network][swarm]") {
  for (const std::uint64_t seed : {3u, 17u, 91u}) {
    CAPTURE(seed);
    CHECK(run_swarm(seed, true).trace == run_swarm(seed, true).trace);
  }
  CHECK(run_swarm(3, true).trace != run_swarm(4, true).trace);
}

TEST_CASE("A seed's run is the same with every compiler and build", "[network][swarm]") {
  // Changes only when TCP or the network itself is changed on purpose; then published scenarios
  // give other traces, too.
  std::string all;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    for (const std::string& line : run_swarm(seed, true).trace) all += line + '\n';
  }
  CHECK(stable_hash(all) == 0xE5BF0BA971510DA8u);
}
