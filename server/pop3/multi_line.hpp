// What follows the first line of a multi-line response, produced bit by bit (RFC 1939 section 3):
//
//   S: +OK 42 octets
//   S: Subject: dots
//   S:
//   S: ..a line that began with a dot      <- stuffed
//   S: .                                   <- the end
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/store/mail_store.hpp"

namespace mailscope::pop3 {

class MultiLine {
 public:
  virtual ~MultiLine() = default;
  /// Appends to `out` until it holds `limit` octets or a little more. True at the end, when the
  /// final "." was appended.
  virtual bool produce(std::string& out, std::size_t limit) = 0;
  /// Octets of the lines with their CRLF, without stuffed dots and the final line.
  virtual std::uint64_t octets() const = 0;
  /// Octets of memory that it keeps from being given back.
  virtual std::size_t memory() const { return 0; }
};

/// The first `octets` octets of a message, lines ended by CRLF and dots stuffed.
std::unique_ptr<MultiLine> message_lines(store::Body body, std::size_t octets);
/// Lines `line(first)` to `line(last)` without their CRLF; an empty one is left out.
std::unique_ptr<MultiLine> listing(std::uint32_t first, std::uint32_t last,
                                   std::function<std::string(std::uint32_t)> line);

/// End of the header, the empty line and `lines` lines of the body, as an offset (TOP).
std::size_t top_end(std::string_view message, std::uint32_t lines);

}  // namespace mailscope::pop3
