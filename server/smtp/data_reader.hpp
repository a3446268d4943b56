// Reads message content after DATA: undoes dot stuffing, finds the one true end, notes what must
// not be in it (RFC 5321 section 4.5.2). After BDAT (RFC 3030) there are no dots and no end in the
// content: it is text with the same rules for lines, or, with BINARYMIME, any octets.
//
//   C: ..a line that began with one dot
//   C: .                                  <- CR LF . CR LF, exactly, and nothing else
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace mailscope::smtp {

/// SMTP smuggling lives from two hosts that disagree about where a message ends. Only CR LF "." CR
/// LF ends it here; CR or LF alone never ends a line (RFC 5321 section 2.3.8), and the message that
/// holds one is refused at its true end.
class DataReader {
 public:
  enum class Problem : std::uint8_t { none, bare_cr, bare_lf, nul, line_too_long, too_big };

  enum class Form : std::uint8_t {
    dotted,  // after DATA
    text,    // in chunks
    binary,  // in chunks, with BODY=BINARYMIME
  };

  /// Forgets everything. `max_line` with CRLF, `max_octets` of content after unstuffing.
  /// `expected`: octets that the client announced, 0 when it did not; a hint, never trusted far.
  void begin(std::uint64_t max_line, std::uint64_t max_octets, std::uint64_t expected = 0,
             Form form = Form::dotted);
  /// Takes octets off the front of `input` until the end of the content; true when it was found,
  /// which can only be in dotted content.
  bool feed(std::string_view& input);
  /// Content without dots is complete.
  void end();

  /// The first problem met, and at which octet of the content.
  Problem problem() const { return problem_; }
  std::uint64_t problem_at() const { return problem_at_; }
  /// Octets seen so far, kept or not.
  std::uint64_t octets() const { return octets_; }
  /// The content; empty once there is a problem.
  std::string take() { return std::move(content_); }
  const std::string& content() const { return content_; }

 private:
  enum class At : std::uint8_t { line_start, dot, dot_cr, text, text_cr };
  void keep(std::string_view octets);
  void note(Problem problem, std::uint64_t at);
  void text(std::string_view& input);

  Form form_ = Form::dotted;
  At at_ = At::line_start;
  Problem problem_ = Problem::none;
  std::uint64_t problem_at_ = 0;
  std::uint64_t octets_ = 0;
  std::uint64_t line_ = 0;  // octets of the current line
  std::uint64_t max_line_ = 0;
  std::uint64_t max_octets_ = 0;
  std::string content_;
};

}  // namespace mailscope::smtp
