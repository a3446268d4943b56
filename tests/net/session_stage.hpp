// A client's and a server's session of the toy protocol on a network in memory, and what they
// logged.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/net/session.hpp"
#include "tests/net/fake_network.hpp"
#include "tests/net/line_engine.hpp"
#include "tests/tls/support.hpp"

namespace mailscope::tests {

using Log = std::vector<std::string>;

/// Keeps "tls.hello mx.acme.example TLSv1.2 TLSv1.3" and the like.
class LogSink final : public trace::Sink {
 public:
  Log events;
  trace::EventId record(trace::Kind kind, const trace::Origin& origin,
                        std::initializer_list<trace::Value> values) override {
    std::string text(trace::info(kind).name);
    text += " @" + std::to_string(origin.host) + "/" + std::to_string(origin.connection);
    for (const trace::Value& value : values) {
      text += value.is_number ? " " + std::to_string(value.number)
                              : " [" + std::string(value.text) + "]";
    }
    events.push_back(text);
    return static_cast<trace::EventId>(events.size());
  }
  trace::HostId host(std::string_view) override { return 1; }
  trace::MessageNumber message(std::string_view) override { return 1; }
  trace::ConnectionId new_connection() override { return 1; }
};

/// Certificates and contexts, made once for many stages.
struct SharedTls {
  net::WorldCa ca = make_ca(1);
  std::shared_ptr<net::TlsContext> server;
  std::shared_ptr<net::TlsContext> client;
  SharedTls() {
    net::TlsServerOptions server_options;
    server_options.identity = ca.issue({{"mx.acme.example"}, {}}, net::Validity::at(kNow));
    server = net::make_tls_server_context(server_options);
    net::TlsClientOptions client_options;
    client_options.ca_pem = ca.certificate_pem();
    client = net::make_tls_client_context(client_options);
  }
};

struct Stage {
  FakeWorld world{kNow};
  FakeNetwork network{world};
  LogSink sink;
  TestEntropy entropy{42};
  Log server_log;
  Log client_log;
  int over = 0;
  int accepted = 0;
  std::string key_log;
  net::MemoryBudget* memory = nullptr;  // of the server
  net::SessionTls server_tls;
  net::SessionTls client_tls;
  std::unique_ptr<net::Session> server;
  std::unique_ptr<net::Session> client;
  LineServer* server_engine = nullptr;
  std::unique_ptr<net::Listener> listener;

  explicit Stage(const SharedTls& shared = SharedTls()) {
    server_tls.context = shared.server;
    client_tls.context = shared.client;
    client_tls.role = net::TlsEngine::Role::client;
    client_tls.server_name = "mx.acme.example";
    listener = network.listen(25, [this](std::unique_ptr<net::Connection> connection) {
      ++accepted;
      auto engine = std::make_unique<LineServer>(server_log);
      server_engine = engine.get();
      server = std::make_unique<net::Session>(environment(1), std::move(engine), server_tls,
                                              [this](net::Session&) {
                                                ++over;
                                                server.reset();
                                              });
      server->accept(std::move(connection));
    });
  }
  ~Stage() {
    client.reset();
    server.reset();
  }
  net::Session::Environment environment(trace::HostId host) {
    return {world,
            world.turn,
            entropy,
            sink,
            {.host = host},
            [this](std::string_view lines) { key_log += lines; },
            host == 1 ? memory : nullptr};
  }
  void connect(std::deque<std::string> script, std::uint16_t port = 25) {
    client = std::make_unique<net::Session>(
        environment(2), std::make_unique<LineClient>(client_log, std::move(script)), client_tls,
        [this](net::Session&) {
          ++over;
          client.reset();
        });
    client->connect(network, {net::Address::v4(192, 0, 2, 1), port});
  }
};

}  // namespace mailscope::tests
