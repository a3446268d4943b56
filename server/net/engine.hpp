// What every protocol engine is: a state machine that takes bytes and time, and gives bytes, a wish
// for the connection, and a deadline. It does no I/O, owns no socket and reads no clock.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "server/net/network.hpp"
#include "server/net/time.hpp"
#include "server/trace/event.hpp"

namespace mailscope::net {

/// What ties a login to the TLS session that it runs in (RFC 5056), by type; empty where the
/// session has none of that type.
struct ChannelBindings {
  std::string exporter;   // "tls-exporter" (RFC 9266)
  std::string end_point;  // "tls-server-end-point" (RFC 5929 section 4)
  std::string unique;     // "tls-unique" (RFC 5929 section 3); not under TLS 1.3
  bool any() const { return !exporter.empty() || !end_point.empty() || !unique.empty(); }
  /// Null when the session has no binding of this type.
  const std::string* find(std::string_view type) const {
    const std::string* data = type == "tls-exporter"           ? &exporter
                              : type == "tls-server-end-point" ? &end_point
                              : type == "tls-unique"           ? &unique
                                                               : nullptr;
    return data && !data->empty() ? data : nullptr;
  }
};

/// What is known about the TLS session below an engine.
struct TlsInfo {
  std::string version;       // "TLSv1.3"
  std::string cipher;        // "TLS_AES_256_GCM_SHA384"
  std::string group;         // "X25519"
  std::string server_name;   // SNI that the client sent, or empty
  std::string peer_subject;  // certificate subject of the peer, or empty
  bool verified = false;     // the peer's certificate chain and name were checked and hold
  std::string verify_error;  // why not, in words
  ChannelBindings bindings = {};
};

/// What the engine wants to happen to its connection once `bytes` are on their way.
enum class Wish : std::uint8_t {
  go_on,
  start_tls,  // run the TLS handshake now, in the engine's role; then tls_started() or closed()
  finish,     // close in order
  abort,      // reset
};

/// Why a server turns a client away.
enum class Refusal : std::uint8_t {
  memory,       // all connections together hold too much
  connections,  // there are too many
  of_address,   // there are too many from this client's address
};
/// For the client, without a final dot.
constexpr std::string_view to_string(Refusal refusal) {
  return refusal == Refusal::memory ? "No memory is left for this connection, try again later"
         : refusal == Refusal::connections
             ? "Too many connections, try again later"
             : "Too many connections from your address, try again later";
}

struct Output {
  std::string bytes;  // plaintext for the peer
  Wish wish = Wish::go_on;
  trace::EventId cause = 0;  // the event that the bytes tell of last; 0: what made the engine speak
  /// Nothing in it depends on what the turn stores or read from the store: it may leave before the
  /// commit (see Turn::flush_early).
  bool early = false;
};

class Engine {
 public:
  virtual ~Engine() = default;

  /// The transport is ready (behind TLS already, where TLS is implicit: then tls_started() came
  /// first). A server sends its greeting.
  virtual void start(Time now) = 0;
  /// Bytes from the peer, in any cut.
  virtual void receive(Time now, std::string_view bytes) = 0;
  /// TLS is up: `info` holds from the next byte on. Everything learnt before it is void
  /// (RFC 3207 section 4.2).
  virtual void tls_started(Time now, const TlsInfo& info) = 0;
  /// The peer sends no more.
  virtual void peer_finished(Time now) = 0;
  /// The connection is gone (for TLS failures too; `detail` says more, may be empty). Last call.
  virtual void closed(Time now, CloseReason reason, std::string_view detail) = 0;
  /// Time has come to deadline().
  virtual void expire(Time now) = 0;
  /// When expire() wants to be called; kNever: not at all.
  virtual Time deadline() const { return kNever; }
  /// Some of the output has left; asked for more where output is produced bit by bit (long FETCH).
  virtual void drained(Time) {}
  /// A server cannot have this connection, or no longer: says so as a failure that passes, lets go
  /// of what it holds, and ends. Called in the place of start() as well.
  virtual void turn_away(Time, Refusal) { out_ = {{}, Wish::abort}; }
  /// Octets of memory that it holds for its peer, about: unfinished input, messages that arrive or
  /// leave, what it must remember of a mailbox.
  virtual std::size_t memory() const { return out_.bytes.capacity(); }

  bool has_output() const { return !out_.bytes.empty() || out_.wish != Wish::go_on; }
  /// Takes what has gathered since the last call.
  Output take_output() { return std::exchange(out_, Output{}); }
  /// Called (if set) when output or a new deadline appeared outside of the calls above, such as an
  /// untagged update to an idle IMAP session or an answer that the engine waited for.
  void set_wake(std::function<void()> wake) { wake_ = std::move(wake); }

 protected:
  void wake() const {
    if (wake_) wake_();
  }
  Output out_;

 private:
  std::function<void()> wake_;
};

}  // namespace mailscope::net
