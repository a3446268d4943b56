// A protocol engine on a connection, with or without TLS between them. The only place where engines
// meet the network; used by servers and clients of every protocol, in both worlds.
//
// Input goes to the engine as it comes. Output is held until the turn's flush, so that nothing
// leaves before what it promises is on disk. STARTTLS in one picture (server side):
//
//   C: STARTTLS            -> engine: output "220 ..." with Wish::start_tls
//                             (anything that comes from here to the flush is an injection: refused)
//   S: 220 Ready           -> flush: plaintext leaves, the TLS engine takes over the connection
//   C: ClientHello ...     -> TLS handshake; then Engine::tls_started()
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "server/net/engine.hpp"
#include "server/net/memory_budget.hpp"
#include "server/net/network.hpp"
#include "server/net/tls.hpp"
#include "server/net/turn.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::net {

/// Octets given to the connection and not yet handed over, above which we read no more from a peer
/// that does not take our answers. Four times a usual socket buffer.
inline constexpr std::size_t kSessionHighWater = 256 * 1024;
/// The longest a TLS handshake may take: the time that slow mobile clients need, with a margin.
inline constexpr Duration kTlsHandshakeLimit = std::chrono::seconds(60);
/// How long we wait for the peer's FIN after our own before we reset the connection.
inline constexpr Duration kLingerLimit = std::chrono::seconds(60);

/// What a session costs besides what its engine and its connection tell of: the objects themselves
/// with their small allocations, and with TLS OpenSSL's state of a connection (measured).
inline constexpr std::size_t kSessionOctets = 4 * 1024;
inline constexpr std::size_t kTlsOctets = 40 * 1024;
/// Of output that a peer has not fetched when its session is evicted for want of memory: with more,
/// a farewell would wait behind it, and the memory with it.
inline constexpr std::size_t kFarewellBehind = 16 * 1024;

/// How the session may speak TLS.
struct SessionTls {
  std::shared_ptr<TlsContext> context;  // null: Wish::start_tls ends the session as a TLS failure
  TlsEngine::Role role = TlsEngine::Role::server;
  std::string server_name;  // client: name for SNI and verification
  bool implicit = false;    // TLS from the first byte (ports 465, 993, 995)
};

/// What it records: the server side tls.hello when the ClientHello arrives; each side
/// tls.established when its handshake is done (`verified` and `problem` are what the client found
/// about the server's certificate: on the server's event they are 0 and empty); each side
/// tls.failed with its own view of the failure.
class Session final : public ConnectionEvents, public Flushable {
 public:
  struct Environment {
    Timers& timers;
    Turn& turn;
    Entropy& entropy;  // forked per session by connection number
    trace::Sink& sink;
    trace::Origin origin;  // its connection is filled in when it is 0
    /// Takes lines of NSS's key log format, for decrypting a capture.
    std::function<void(std::string_view)> key_log = {};
    /// Counts what the session holds, and may end it; null: nobody does.
    MemoryBudget* memory = nullptr;
  };
  /// `on_over` is called once, at the end of the turn in which the connection ended; the owner
  /// drops the session there. A session may be destroyed at any other time too, except from inside
  /// a call by its connection, its timer or its engine; on_over is not called then.
  Session(Environment environment, std::unique_ptr<Engine> engine, SessionTls tls,
          std::function<void(Session&)> on_over);
  ~Session() override;

  /// Accepted connection: takes it and greets, or turns it away.
  void accept(std::unique_ptr<Connection> connection, std::optional<Refusal> refusal = {});
  /// Opens a connection; the engine starts when it is established.
  void connect(Network& network, Endpoint to);

  Engine& engine() { return *engine_; }
  Connection* connection() { return connection_.get(); }
  /// Resets the connection now, as when the host loses power or gives up. The engine hears of it at
  /// the end of the turn.
  void abort();

  void on_connected() override;
  void on_bytes(std::string_view bytes) override;
  void on_end() override;
  void on_drained() override;
  void on_closed(CloseReason reason) override;
  void flush() override;
  bool early() const override { return held_.early; }

 private:
  bool engine_listens() const { return !engine_over_ && !finishing_; }
  void begin();
  void start_engine(Time now);
  void weigh();
  void evict();
  void begin_tls();
  void receive_plaintext(std::string_view bytes);
  void pump();  // moves what came out of TLS to the engine
  void announce_tls();
  void take_output();  // after every call of the engine
  void tell_finished();
  void want_flush();
  void send_pending();
  void set_deadline();
  Time deadline() const;
  void on_timer();
  void tls_failed(std::string_view reason);
  void reset(CloseReason reason, std::string_view detail);
  void close_engine(CloseReason reason, std::string_view detail);
  void announce_over();
  void at_end_of_turn(std::function<void()> action);

  Environment environment_;
  std::unique_ptr<Engine> engine_;
  SessionTls tls_options_;
  std::function<void(Session&)> on_over_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<TlsEngine> tls_;
  Timer timer_;
  std::unique_ptr<MemoryBudget::Share> share_;
  std::optional<Refusal> refusal_;                         // to say in the place of a greeting
  Output held_;                                            // what the engine said in this turn
  trace::EventId cause_ = 0;                               // what leaves next is its effect
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // expires with the session
  Time session_deadline_ = kNever;  // end of the handshake's or the farewell's patience
  bool open_ = false;               // the transport is established
  bool tls_announced_ = false;      // the engine was told tls_started()
  bool flush_wanted_ = false;
  bool paused_ = false;
  bool finishing_ = false;    // our FIN is on its way
  bool end_told_ = false;     // the engine was told peer_finished()
  bool engine_over_ = false;  // the engine was told closed()
  bool over_ = false;         // the connection is gone
};

}  // namespace mailscope::net
