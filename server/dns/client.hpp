// Asking one server one question: UDP from a fresh random port with a fresh random id, and again on
// TCP when the answer is truncated. What the answer means is the caller's business.
//
//   -> 192.0.2.53:53  udp  id 4711  acme.example. IN TXT
//   <- tc                            (too large)
//   -> 192.0.2.53:53  tcp  id 90210 acme.example. IN TXT
//   <- aa NOERROR ...
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "server/dns/environment.hpp"
#include "server/dns/intake.hpp"
#include "server/dns/message.hpp"

namespace mailscope::dns {

/// One question for one server.
struct Ask {
  net::Endpoint server;
  Question question;
  bool recursion_desired = false;
  bool edns = true;  // false for servers that answer FORMERR to it (RFC 6891 section 7)
  int attempt = 1;   // for the trace: how often this was asked before, and once more
  net::Duration timeout = std::chrono::seconds(5);
};

struct Reply {
  enum class Kind : std::uint8_t {
    message,     // `message` answers the question
    timeout,     // nothing came in time
    malformed,   // something came that is no DNS message
    unreachable  // TCP was needed and could not be had
  } kind = Kind::timeout;
  Message message;
  net::Duration round_trip{};  // of the datagrams, with `message`
};

using AskId = std::uint64_t;

/// Asks questions over one host's network. Destroying it forgets every question.
class Client {
 public:
  /// `label` sets this actor's random numbers apart from those of others.
  Client(const Environment& environment, std::string_view label);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// `done` is called once, never from inside this call. The trace's cause now is the cause of the
  /// query; during `done` it is what brought the end: the answer's arrival or the timeout.
  AskId ask(Ask ask, std::function<void(const Reply&)> done);
  /// Forgets a question; unknown ids are ignored.
  void cancel(AskId id);

  net::Entropy& entropy() { return *entropy_; }
  const Environment& environment() const { return environment_; }

 private:
  class Exchange;
  friend class Exchange;
  /// Moves an exchange out of use; it is destroyed later, when no event of its own can be
  /// on the stack.
  void retire(AskId id);
  void sweep_soon();

  Environment environment_;
  std::unique_ptr<net::Entropy> entropy_;
  std::map<AskId, std::unique_ptr<Exchange>> exchanges_;
  std::vector<std::unique_ptr<Exchange>> retired_;
  net::Timer sweep_;
  AskId last_ = 0;
};

}  // namespace mailscope::dns
