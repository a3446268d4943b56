// How many events and segments a second one core can simulate.
#include <cstdio>
#include <string>
#include <vector>

#include "server/trace/recorder.hpp"
#include "sim/kernel/entropy.hpp"
#include "sim/kernel/kernel.hpp"
#include "sim/network/host_network.hpp"
#include "sim/network/internet.hpp"
#include "tests/bench/measure.hpp"

namespace {

using namespace mailscope;
using namespace mailscope::sim;
using namespace std::chrono_literals;

const net::Time kStart{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

void report(std::string_view what, double count, std::string_view unit, double seconds) {
  bench::Group("kernel and network").rate(what, count, unit, seconds);
}

/// `actors` that each wake themselves at random intervals.
struct Actor {
  Kernel* kernel;
  SeededEntropy* entropy;
  std::uint64_t* left;
  void operator()() const {
    if (*left == 0) return;
    --*left;
    kernel->schedule(kernel->now() + net::Duration(1 + static_cast<int>(entropy->below(1000))),
                     *this);
  }
};

void bench_events(std::size_t actors) {
  Kernel kernel(kStart);
  SeededEntropy entropy(1);
  std::uint64_t left = 5'000'000;
  const bench::CpuTime watch;
  for (std::size_t i = 0; i < actors; ++i) kernel.schedule(kStart, Actor{&kernel, &entropy, &left});
  if (kernel.run_until(net::kNever) != RunEnd::reached) std::puts(kernel.problem().c_str());
  const std::string what = "events, " + std::to_string(actors) + " waiting";
  report(what, static_cast<double>(kernel.events_run()), "events/s", watch.seconds());
}

void bench_cancel() {
  Kernel kernel(kStart);
  constexpr int count = 5'000'000;
  std::vector<net::TimerId> ids(1000);
  const bench::CpuTime watch;
  for (int i = 0; i < count; ++i) {
    auto& id = ids[static_cast<std::size_t>(i) % ids.size()];
    kernel.cancel(id);
    id = kernel.schedule(kStart + 1s + net::Duration(i), [] {});
  }
  report("timers set and cancelled, 1000 waiting", count, "timers/s", watch.seconds());
}

/// Counts what it is told; answers lines with lines when it has any left.
class Talker final : public net::ConnectionEvents {
 public:
  void on_bytes(std::string_view bytes) override {
    octets += bytes.size();
    if (lines_left > 0) {
      --lines_left;
      connection->send("250 2.1.5 OK, and some words more\r\n");
    } else if (finishes) {
      connection->finish();
    }
  }
  void on_end() override { connection->finish(); }
  void on_closed(net::CloseReason) override { closed = true; }

  std::unique_ptr<net::Connection> connection;
  std::size_t octets = 0;
  int lines_left = 0;
  bool finishes = false;
  bool closed = false;
};

struct Pair {
  explicit Pair(trace::Sink& sink, Kernel& kernel, TraceOptions options)
      : internet(kernel, sink, SeededEntropy(1), {.trace = options}),
        client(internet.add_host(
            {.name = "client", .domain = "", .v4 = net::Address::v4(192, 0, 2, 1), .v6 = {}})),
        server(internet.add_host(
            {.name = "server", .domain = "", .v4 = net::Address::v4(192, 0, 2, 2), .v6 = {}})) {}
  Internet internet;
  HostNetwork& client;
  HostNetwork& server;
};

void bench_bulk(bool recorded) {
  Kernel kernel(kStart);
  trace::Recorder recorder(kernel);
  kernel.attach(recorder);
  Pair pair(recorder, kernel, {.segments = recorded, .datagrams = recorded, .payloads = false});
  Talker client;
  Talker server;
  const auto listener = pair.server.listen(25, [&](std::unique_ptr<net::Connection> accepted) {
    server.connection = std::move(accepted);
    server.connection->set_events(server);
  });
  const std::string chunk(1'000'000, 'x');
  client.connection = pair.client.connect({pair.server.address(), 25}, client);
  const bench::CpuTime watch;
  for (int i = 0; i < 500; ++i) {
    client.connection->send(chunk);
    if (kernel.run_until(net::kNever) != RunEnd::reached) std::puts(kernel.problem().c_str());
  }
  report(recorded ? "segments of a bulk transfer, recorded" : "segments of a bulk transfer",
         static_cast<double>(pair.internet.segments_sent()), "segments/s", watch.seconds());
}

void bench_dialogues(bool recorded) {
  Kernel kernel(kStart);
  trace::Recorder recorder(kernel);
  kernel.attach(recorder);
  Pair pair(recorder, kernel, {.segments = recorded, .datagrams = recorded, .payloads = false});
  std::vector<std::unique_ptr<Talker>> servers;
  const auto listener = pair.server.listen(25, [&](std::unique_ptr<net::Connection> accepted) {
    servers.push_back(std::make_unique<Talker>());
    Talker& server = *servers.back();
    server.connection = std::move(accepted);
    server.connection->set_events(server);
    server.lines_left = 6;
    server.connection->send("220 mx.example ESMTP\r\n");
  });
  const bench::CpuTime watch;
  constexpr int rounds = 2'000;
  constexpr int at_once = 50;
  for (int round = 0; round < rounds; ++round) {
    std::vector<Talker> clients(at_once);
    for (Talker& client : clients) {
      client.lines_left = 6;
      client.finishes = true;
      client.connection = pair.client.connect({pair.server.address(), 25}, client);
    }
    if (kernel.run_until(net::kNever) != RunEnd::reached) std::puts(kernel.problem().c_str());
    servers.clear();
  }
  const double seconds = watch.seconds();
  report(recorded ? "dialogues of 6 lines each way, recorded" : "dialogues of 6 lines each way",
         rounds * at_once, "dialogues/s", seconds);
  report("  segments of these", static_cast<double>(pair.internet.segments_sent()), "segments/s",
         seconds);
}

}  // namespace

int main() {
  bench_events(10);
  bench_events(1'000);
  bench_events(100'000);
  bench_cancel();
  bench_bulk(false);
  bench_bulk(true);
  bench_dialogues(false);
  bench_dialogues(true);
  return 0;
}
