// What the live tests share: a loop that gives up, and sessions of the toy protocol on real
// sockets.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/live/entropy.hpp"
#include "server/live/loop.hpp"
#include "server/live/network.hpp"
#include "server/net/certificates.hpp"
#include "server/net/session.hpp"
#include "tests/catch.hpp"
#include "tests/net/line_engine.hpp"

namespace mailscope::tests {

using Log = std::vector<std::string>;
inline const net::Address kLoopback = net::Address::v4(127, 0, 0, 1);

struct LiveStage {
  trace::NullSink sink;
  net::Turn turn;
  live::LiveLoop loop{turn};
  live::SystemEntropy entropy;
  std::vector<std::unique_ptr<net::Session>> sessions;
  std::unique_ptr<live::TcpListener> listener;
  Log server_log;
  Log client_log;
  int over = 0;

  ~LiveStage() {
    sessions.clear();
    listener.reset();
  }
  /// Runs until `done`, at most `limit`; false when time was up.
  bool run(const std::function<bool()>& done, net::Duration limit = std::chrono::seconds(10)) {
    bool late = false;
    const net::TimerId id = loop.set(loop.now() + limit, [&late] { late = true; });
    loop.run([&] { return late || done(); });
    loop.cancel(id);
    return !late;
  }
  net::Session& session(std::unique_ptr<net::Engine> engine, const net::SessionTls& tls) {
    sessions.push_back(std::make_unique<net::Session>(
        net::Session::Environment{loop, turn, entropy, sink, {}}, std::move(engine), tls,
        [this](net::Session& ended) {
          ++over;
          std::erase_if(sessions, [&ended](const auto& s) { return s.get() == &ended; });
        }));
    return *sessions.back();
  }
  net::Endpoint serve(const net::SessionTls& tls, const live::AcceptOptions& options = {}) {
    listener = live::listen_tcp(
        loop, sink, {kLoopback, 0},
        [this, tls](std::unique_ptr<net::Connection> connection) {
          session(std::make_unique<LineServer>(server_log), tls).accept(std::move(connection));
        },
        options);
    return listener->local();
  }
};

}  // namespace mailscope::tests
