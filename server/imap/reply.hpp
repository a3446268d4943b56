// The tagged answer to a command (RFC 3501 section 7.1), and what a command may do instead of
// answering at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "server/net/time.hpp"

namespace mailscope::imap {

class Session;

struct Reply {
  enum class Status : std::uint8_t { ok, no, bad } status = Status::ok;
  std::string text;
  std::string code;  // "TRYCREATE": a response code without its brackets, or empty
  /// What the session does once the answer is on its way.
  enum class Then : std::uint8_t {
    go_on,
    start_tls,
    compress,
    uncompress,
    log_out,
    reset
  } then = Then::go_on;
  net::Duration delay{};  // the answer is held back this long
  /// The client has spoken in message numbers: none may change before the answer.
  bool keeps_numbers = false;
  /// A lesson switch: this stands behind the tag in the place of all of the above; "BYE ..." ends
  /// the session.
  std::string switched = {};
};

inline Reply ok(std::string text, std::string code = {}) {
  return {Reply::Status::ok, std::move(text), std::move(code)};
}
inline Reply no(std::string text, std::string code = {}) {
  return {Reply::Status::no, std::move(text), std::move(code)};
}
inline Reply bad(std::string text, std::string code = {}) {
  return {Reply::Status::bad, std::move(text), std::move(code)};
}

/// A command that lives on after its line: a long FETCH, IDLE, AUTHENTICATE.
class Ongoing {
 public:
  virtual ~Ongoing() = default;
  /// The most octets of the client line that it waits for; 0: it waits for none.
  virtual std::size_t line_limit() const { return 0; }
  /// A line came, without its line end. nullopt: not done yet.
  virtual std::optional<Reply> on_line(Session&, std::string_view) { return std::nullopt; }
  /// There is room for output. nullopt: not done yet.
  virtual std::optional<Reply> on_room(Session&) { return std::nullopt; }
  /// There is more to compute, whether or not there is room: on_room() again in the next turn, so
  /// that a long search holds nobody else up.
  virtual bool busy() const { return false; }
  /// The selected mailbox may have changed.
  virtual void on_change(Session&) {}
  /// How a client line is shown in the trace; "verb" and the line without its secret.
  virtual std::string_view verb() const { return {}; }
  virtual std::string shown_line(std::string_view line) const { return std::string(line); }
};

/// What a command's handler returns.
using Outcome = std::variant<Reply, std::unique_ptr<Ongoing>>;

}  // namespace mailscope::imap
