// A protocol engine on a connection, with or without TLS between them. The only place where engines
// meet the network; used by servers and clients of every protocol, in both worlds.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "server/net/engine.hpp"
#include "server/net/network.hpp"
#include "server/net/tls.hpp"
#include "server/net/turn.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::net {

/// How the session may speak TLS.
struct SessionTls {
  std::shared_ptr<TlsContext> context;  // null: Wish::start_tls ends the session as a TLS failure
  TlsEngine::Role role = TlsEngine::Role::server;
  std::string server_name;              // client: name for SNI and verification
  bool implicit = false;                // TLS from the first byte (ports 465, 993, 995)
};

class Session final : public ConnectionEvents, public Flushable {
 public:
  struct Environment {
    Timers& timers;
    Turn& turn;
    Entropy& entropy;  // forked per session by connection number
    trace::Sink& sink;
    trace::Origin origin;
  };
  /// `on_over` is called once, at the end of the turn in which the connection ended; the owner
  /// drops the session there.
  Session(Environment environment, std::unique_ptr<Engine> engine, SessionTls tls,
          std::function<void(Session&)> on_over);
  ~Session() override;

  /// Accepted connection: takes it and greets.
  void accept(std::unique_ptr<Connection> connection);
  /// Opens a connection; the engine starts when it is established.
  void connect(Network& network, Endpoint to);

  Engine& engine() { return *engine_; }
  Connection* connection() { return connection_.get(); }
  /// Resets the connection now, as when the host loses power or gives up.
  void abort();

  void on_connected() override;
  void on_bytes(std::string_view bytes) override;
  void on_end() override;
  void on_drained() override;
  void on_closed(CloseReason reason) override;
  void flush() override;

 private:
  void start_tls();
  void pump();           // moves bytes between TLS and engine until nothing moves
  void want_flush();
  void set_deadline();
  void over(CloseReason reason, std::string_view detail);
  void tls_failed();

  Environment environment_;
  std::unique_ptr<Engine> engine_;
  SessionTls tls_options_;
  std::function<void(Session&)> on_over_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<TlsEngine> tls_;
  Timer timer_;
  bool tls_announced_ = false;   // the engine was told tls_started()
  bool flush_wanted_ = false;
  bool finishing_ = false;
  bool over_ = false;
};

}  // namespace mailscope::net
