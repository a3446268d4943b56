// A reply of an SMTP server: code, enhanced status (RFC 3463), text; how it is written and read.
//
//   S: 250-mx1.globex.example greets client.example
//   S: 250 SIZE 26214400
//   S: 550 5.1.1 No such mailbox here
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailscope::smtp {

/// Enhanced status code (RFC 3463 section 2): class.subject.detail. Class 0: none.
struct EnhancedStatus {
  std::uint16_t klass = 0;    // 2 success, 4 persistent transient failure, 5 permanent failure
  std::uint16_t subject = 0;  // at most three digits
  std::uint16_t detail = 0;   // at most three digits
  constexpr bool present() const { return klass != 0; }
  /// "5.1.1"; empty when absent.
  std::string to_string() const;
  /// The status at the start of `text`, followed by a space or the end; nullopt when there is none.
  static std::optional<EnhancedStatus> parse(std::string_view text);
  constexpr bool operator==(const EnhancedStatus&) const = default;
};

/// A reply. Code 0: no server said it; the client side describes a failure of its own (no
/// connection, a timeout) with the enhanced status that a DSN will show.
struct Reply {
  int code = 0;
  EnhancedStatus status;
  std::string text;  // lines separated by '\n', without code and status

  bool positive() const { return code >= 200 && code < 400; }
  bool transient() const { return code == 0 ? status.klass == 4 : code >= 400 && code < 500; }
  bool permanent() const { return code == 0 ? status.klass == 5 : code >= 500 && code < 600; }
  /// Appends the lines as they go over the wire, each ended by CRLF (RFC 5321 section 4.2); the
  /// status is repeated on each line (RFC 2034 section 4).
  void append_wire(std::string& out) const;
  /// One line for people: "550 5.1.1 No such mailbox here"; line ends become spaces.
  std::string to_string() const;
  bool operator==(const Reply&) const = default;
};

/// A reply of one line as a person writes it: "451 4.3.0 Try again later". A code that is missing
/// is 0.
Reply parse_reply_line(std::string_view line);

/// Longest reply line taken, octets with CRLF. RFC 5321 section 4.5.3.1.5 says 512; servers exceed
/// it.
inline constexpr std::size_t kMaxReplyLine = 2'048;
/// Most lines of one reply: an EHLO reply has some thirty at most.
inline constexpr std::size_t kMaxReplyLines = 128;

/// Gathers one reply from bytes in any cut.
class ReplyReader {
 public:
  enum class Result : std::uint8_t { need_more, ready, malformed };
  /// Takes octets off the front of `input` up to the end of one reply. After `ready` the reply
  /// waits in take(); after `malformed` the stream cannot be trusted any more (see problem()).
  Result feed(std::string_view& input);
  Reply take();
  /// What was wrong, in words.
  std::string_view problem() const { return problem_; }

 private:
  Result line(std::string_view text);
  Result fail(std::string_view problem);

  std::string line_;  // an unfinished line
  Reply reply_;       // the lines so far
  std::size_t lines_ = 0;
  std::string_view problem_;
};

}  // namespace mailscope::smtp
