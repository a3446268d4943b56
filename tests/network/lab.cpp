// The small world of the network's tests.
#include "tests/network/lab.hpp"

#include <cstdio>
#include <stdexcept>

namespace mailscope::sim::test {

trace::EventId NotingSink::record(trace::Kind kind, const trace::Origin& origin,
                                  std::initializer_list<trace::Value> values) {
  const auto elapsed = std::chrono::duration<double, std::milli>(clock_.now() - kStart);
  char time[32];
  std::snprintf(time, sizeof time, "+%g ", elapsed.count());
  std::string line = time;
  line += origin.host == 0 ? "-" : hosts_.at(origin.host - 1u);
  line += ' ';
  line += trace::info(kind).name;
  for (const trace::Value& value : values) {
    if (value.is_number) {
      line += ' ' + std::to_string(value.number);
    } else if (!value.text.empty()) {
      line += ' ' + std::string(value.text);
    }
  }
  events.push_back({kind, cause(), origin, line});
  return static_cast<trace::EventId>(events.size());
}

std::vector<std::string> NotingSink::lines() const {
  std::vector<std::string> all;
  for (const Event& event : events) all.push_back(event.line);
  return all;
}

std::vector<std::string> NotingSink::lines(trace::Kind kind) const {
  std::vector<std::string> some;
  for (const Event& event : events) {
    if (event.kind == kind) some.push_back(event.line);
  }
  return some;
}

Lab::Lab(std::uint64_t seed, InternetOptions options)
    : internet(kernel, sink, SeededEntropy(seed), options),
      client_host(internet.add_host({.name = "client",
                                     .domain = "acme.example",
                                     .v4 = net::Address::v4(192, 0, 2, 1),
                                     .v6 = {}})),
      server_host(internet.add_host({.name = "server",
                                     .domain = "globex.example",
                                     .v4 = net::Address::v4(198, 51, 100, 25),
                                     .v6 = {}})) {
  kernel.attach(sink);
  client.clock = server.clock = &kernel;
}

void Lab::listen() {
  listener = server_host.listen(25, [this](std::unique_ptr<net::Connection> accepted) {
    server.connection = std::move(accepted);
    server.connection->set_events(server);
    server.on_connected();
  });
}

void Lab::connect() {
  client.connection = client_host.connect({server_host.address(), 25}, client);
}

void Lab::establish() {
  listen();
  connect();
  run(100ms);
  if (!client.connected || !server.connected) throw std::logic_error("no connection");
}

void Lab::run(net::Duration duration) {
  if (kernel.run_until(kernel.now() + duration) != RunEnd::reached) {
    throw std::logic_error(kernel.problem());
  }
}

void Lab::run_out() {
  if (kernel.run_until(net::kNever) != RunEnd::reached) throw std::logic_error(kernel.problem());
}

std::string sample_text(std::size_t octets) {
  std::string text;
  text.reserve(octets + 16);
  for (std::size_t line = 1; text.size() < octets; ++line) {
    text += std::to_string(line * 7919) + (line % 11 == 0 ? "\r\n" : " ");
  }
  text.resize(octets);
  return text;
}

}  // namespace mailscope::sim::test
