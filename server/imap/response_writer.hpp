// Writes the server's response lines: strings as quoted or literal as their octets need it, long
// literals in pieces, and each line once into the trace with its literals shortened.
//
//   S: * 12 FETCH (FLAGS (\Seen) BODY[] {342}
//   S: ...)                                      trace: 12 FETCH (FLAGS (\Seen) BODY[] {342})
#pragma once

#include <charconv>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "server/net/engine.hpp"
#include "server/store/mail_store.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::imap {

class ResponseWriter {
 public:
  /// `out`: where plain octets go; must outlive the writer.
  ResponseWriter(net::Output& out, trace::Tracer tracer)
      : out_(out.bytes), cause_(out.cause), target_(&out.bytes), tracer_(tracer) {}

  /// Begins a line with "*", "+" or a tag, and a space.
  ResponseWriter& begin(std::string_view tag);
  ResponseWriter& text(std::string_view raw) {
    put(raw);
    return *this;
  }
  ResponseWriter& number(std::uint64_t value) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    put({digits, static_cast<std::size_t>(end - digits)});
    return *this;
  }
  /// Quoted when it may be (RFC 3501 section 4.3), else a literal. Never an atom.
  ResponseWriter& string(std::string_view value);
  /// An atom when it may be, else as string().
  ResponseWriter& astring(std::string_view value);
  /// A literal; `keep` holds the octets alive while a long one leaves in pieces (null: copied).
  ResponseWriter& literal(std::string_view value, const store::Body& keep = nullptr);
  /// Mailbox name in modified UTF-7: an atom when it may be, else quoted.
  ResponseWriter& mailbox(std::string_view utf8);
  /// Quoted strings and mailbox names are in UTF-8 from here on (RFC 6855, RFC 9051).
  void set_utf8(bool on) { utf8_ = on; }
  /// A literal, marked where it holds NUL (RFC 3516 section 4.3).
  ResponseWriter& literal8(std::string_view value, const store::Body& keep = nullptr);
  ResponseWriter& flags(const store::Flags& flags, bool recent);
  void end();
  /// A whole line.
  void line(std::string_view tag, std::string_view raw) { begin(tag).text(raw).end(); }

  /// Literals wait to be handed out.
  bool streaming() const { return !splices_.empty(); }
  /// Moves waiting octets into `out` until it holds `high_water` octets.
  void pump(std::size_t high_water);
  /// What waits will never leave.
  void drop();
  /// Octets of what waits, and of the messages that it keeps.
  std::size_t memory() const;

 private:
  struct Splice {
    store::Body keep;
    std::string_view rest;
    std::size_t offset;  // in tail_: the literal goes before this
  };
  void put(std::string_view raw) {
    target_->append(raw);
    octets_ += raw.size();
    if (shortened_) shown_.append(raw);
  }

  std::string& out_;
  trace::EventId& cause_;
  std::string* target_;  // out_, or tail_ while literals wait
  trace::Tracer tracer_;
  std::string tag_;
  std::string shown_;  // the line as the trace shows it, once a literal made it differ
  bool utf8_ = false;
  bool shortened_ = false;
  std::size_t line_begin_ = 0;  // in *target_, behind the tag
  std::size_t octets_ = 0;
  std::string tail_;
  std::size_t tail_done_ = 0;
  std::deque<Splice> splices_;
};

/// Whether it may stand in quotes for a client that takes UTF-8.
bool fits_in_utf8_quotes(std::string_view value);
/// Whether `value` may stand in quotes: 7-bit, no CR, LF or NUL, and not longer than fits a line.
bool fits_in_quotes(std::string_view value);
void append_quoted(std::string& out, std::string_view value);
/// A string of a client's command: an atom, quoted, or empty when it needs a literal.
std::string atom_or_quoted(std::string_view value);

}  // namespace mailscope::imap
