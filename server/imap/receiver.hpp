// Puts the octets of a connection together to whole commands with their literals (RFC 3501 section
// 2.2.1, RFC 7888), without looking at what they mean:
//
//   C: A1 LOGIN {5}            -> literal of 5 octets announced: the server may send "+ "
//   C: alice {3+}              -> non-synchronizing literal: nothing to send
//   C: pwd                     -> one command, "A1 LOGIN {5}\r\nalice {3+}\r\npwd"
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/imap/limits.hpp"

namespace mailscope::imap {

struct ReceiverLimits {
  std::size_t line = kMaxLineBeforeLogin;        // octets outside literals, all lines of a command
  std::size_t literal = kMaxLiteralBeforeLogin;  // octets of one literal
  std::size_t command = kMaxLineBeforeLogin;     // octets of a command with its literals
  std::size_t append_literal = 0;                // octets of APPEND's message; 0: as any literal
  std::size_t append_total = 0;                  // octets of all messages of one APPEND
  std::size_t unasked = SIZE_MAX;                // octets of a non-synchronizing literal
};

class Receiver {
 public:
  enum class Status {
    need_more,        // nothing whole is here
    literal,          // the client waits for leave to send literal_size() octets: go on with
                      // accept_literal() or refuse_literal()
    command,          // command() is whole
    line_too_long,    // no end of line within the limit: the session cannot go on
    literal_too_big,  // tag(), is_append(): refuse with a tagged answer; what belongs to the
                      // command is skipped
  };

  void set_limits(const ReceiverLimits& limits) { limits_ = limits; }
  void feed(std::string_view bytes) { buffer_.append(bytes); }
  /// What comes next. Views returned before are void.
  Status next();
  /// The same, but takes one plain line (SASL response, DONE) of at most `limit` octets.
  Status next_line(std::size_t limit);

  /// Without the final line end; valid until the next call.
  std::string_view command() const { return {buffer_.data() + begin_, command_size_}; }
  /// What has come of a command up to the literal that the client wants to send.
  std::string_view partial() const { return {buffer_.data() + begin_, line_begin_ - begin_}; }
  std::size_t literal_size() const { return literal_size_; }
  /// The literal that was too big could have come, had the client asked for leave (RFC 7888
  /// section 5).
  bool sent_unasked() const { return refused_unasked_; }
  void accept_literal() { literal_agreed_ = true; }
  /// The mark was part of a text and no literal follows: the command ends here.
  void take_as_text();
  /// The client will not send it: the command ends here.
  void refuse_literal();
  /// First word of the command in hand: for answers to what cannot be parsed.
  std::string_view tag() const;
  /// Octets of the messages of an APPEND that have come or are announced.
  std::size_t append_octets() const { return append_octets_; }
  /// The command in hand is APPEND or REPLACE, whose literals are messages and may be long.
  bool is_append() const;

  std::size_t waiting() const { return buffer_.size() - begin_; }
  std::size_t memory() const { return buffer_.capacity(); }
  /// What has come behind the last command; taken.
  std::string take_rest();
  /// Throws everything away (STARTTLS).
  void clear();

 private:
  Status end_of_line(std::size_t line_end, std::size_t next_begin);
  Status skip_refused();
  void drop_taken();

  ReceiverLimits limits_;
  std::string buffer_;
  std::size_t begin_ = 0;        // of the command in hand
  std::size_t scan_ = 0;         // up to here there is no line end that was not looked at
  std::size_t line_begin_ = 0;   // of the line in hand, behind the last literal
  std::size_t line_octets_ = 0;  // of the command, outside literals, before the line in hand
  std::size_t literal_octets_ = 0;
  std::size_t append_octets_ = 0;
  std::size_t literal_size_ = 0;  // octets of the literal that is being read
  bool in_literal_ = false;
  bool literal_agreed_ = false;  // the client may send it (or sends it anyway)
  std::size_t command_size_ = 0;
  std::size_t taken_ = 0;      // octets of the last command with its line end, dropped at next()
  std::size_t skip_ = 0;       // octets of a refused literal that still come
  bool skipping_ = false;      // until the end of a refused command
  bool refusal_told_ = false;  // literal_too_big was the last answer
  bool refused_append_ = false;
  bool refused_unasked_ = false;
  std::string refused_tag_;
};

/// "{12}" or "{12+}" at the end of a line.
struct LiteralMark {
  std::size_t size = 0;
  bool synchronizing = true;
  std::size_t at = 0;  // offset of "{"
};
/// False when the line does not end in a literal mark. Sizes are cut at 2^63.
bool find_literal_mark(std::string_view line, LiteralMark& out);

}  // namespace mailscope::imap
