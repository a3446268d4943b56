// Puts octets together to commands.
#include "server/imap/receiver.hpp"

#include <algorithm>
#include <cstdint>

#include "server/imap/cursor.hpp"
#include "server/imap/unicode.hpp"

namespace mailscope::imap {

bool find_literal_mark(std::string_view line, LiteralMark& out) {
  if (line.size() < 3 || line.back() != '}') return false;
  std::size_t at = line.size() - 1;
  const bool plus = line[at - 1] == '+';
  if (plus) --at;
  const std::size_t digits_end = at;
  while (at > 0 && line[at - 1] >= '0' && line[at - 1] <= '9') --at;
  if (at == digits_end || at == 0 || line[at - 1] != '{') return false;
  std::uint64_t size = 0;
  for (const char c : line.substr(at, digits_end - at)) {
    size =
        std::min<std::uint64_t>(size, UINT64_MAX / 20) * 10 + static_cast<std::uint64_t>(c - '0');
  }
  out = {static_cast<std::size_t>(std::min<std::uint64_t>(size, INT64_MAX)), !plus, at - 1};
  return true;
}

void Receiver::clear() {
  buffer_.clear();
  begin_ = scan_ = line_begin_ = line_octets_ = literal_octets_ = append_octets_ = literal_size_ =
      0;
  command_size_ = taken_ = skip_ = 0;
  in_literal_ = literal_agreed_ = skipping_ = refusal_told_ = refused_append_ = false;
  refused_tag_.clear();
}

std::string Receiver::take_rest() {
  drop_taken();
  std::string rest = buffer_.substr(begin_);
  clear();
  return rest;
}

std::string_view Receiver::tag() const {
  if (refusal_told_) return refused_tag_;
  Cursor cursor(std::string_view(buffer_).substr(begin_));
  std::string_view tag;
  return cursor.tag(tag) && cursor.peek() == ' ' ? tag : std::string_view{};
}

bool Receiver::is_append() const {
  if (refusal_told_) return refused_append_;
  Cursor cursor(std::string_view(buffer_).substr(begin_));
  std::string_view tag;
  if (!cursor.tag(tag) || !cursor.space()) return false;
  if (cursor.word("UID") && !cursor.space()) return false;
  return cursor.word("APPEND") || cursor.word("REPLACE");
}

void Receiver::drop_taken() {
  if (taken_ == 0) return;
  begin_ += taken_;
  taken_ = 0;
  command_size_ = 0;
  // Moving the rest down for every small command would cost more than it frees.
  constexpr std::size_t kKeep = 4'096;
  if (begin_ == buffer_.size()) {
    if (buffer_.capacity() > kMaxLine) std::string().swap(buffer_);
    buffer_.clear();
    begin_ = 0;
  } else if (begin_ > kKeep && begin_ > buffer_.size() / 2) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  scan_ = line_begin_ = begin_;
  line_octets_ = literal_octets_ = append_octets_ = 0;
}

Receiver::Status Receiver::skip_refused() {
  const std::size_t here = std::min(skip_, waiting());
  taken_ = here;
  skip_ -= here;
  drop_taken();
  return skip_ > 0 ? Status::need_more : Status::command;
}

void Receiver::refuse_literal() {
  taken_ = line_begin_ - begin_;
  in_literal_ = false;
  drop_taken();
}

void Receiver::take_as_text() {
  in_literal_ = false;
  taken_ = line_begin_ - begin_;
  command_size_ = taken_ - 1;
  if (command_size_ > 0 && buffer_[begin_ + command_size_ - 1] == '\r') --command_size_;
}

Receiver::Status Receiver::next() {
  drop_taken();
  refusal_told_ = false;
  for (;;) {
    if (skip_ > 0 && skip_refused() == Status::need_more) return Status::need_more;
    if (in_literal_) {
      if (!literal_agreed_) return Status::literal;
      if (buffer_.size() - line_begin_ < literal_size_) return Status::need_more;
      line_begin_ += literal_size_;
      scan_ = line_begin_;
      in_literal_ = false;
    }
    const std::size_t line_end = buffer_.find('\n', scan_);
    if (line_end == std::string::npos) {
      scan_ = buffer_.size();
      return line_octets_ + (buffer_.size() - line_begin_) > limits_.line ? Status::line_too_long
                                                                          : Status::need_more;
    }
    const Status status = end_of_line(line_end, line_end + 1);
    if (status != Status::need_more) return status;
  }
}

// The line [line_begin_, line_end) is here. need_more: go on reading the command.
Receiver::Status Receiver::end_of_line(std::size_t line_end, std::size_t next_begin) {
  // A bare LF ends a line too: there is nothing it could be mistaken for.
  std::size_t text_end = line_end;
  if (text_end > line_begin_ && buffer_[text_end - 1] == '\r') --text_end;
  const std::string_view line(buffer_.data() + line_begin_, text_end - line_begin_);
  line_octets_ += line.size();
  if (line_octets_ > limits_.line) return Status::line_too_long;

  LiteralMark mark;
  if (!find_literal_mark(line, mark)) {
    if (skipping_) {  // the end of a refused command
      skipping_ = false;
      refusal_told_ = true;
      taken_ = next_begin - begin_;
      drop_taken();
      return Status::literal_too_big;
    }
    command_size_ = text_end - begin_;
    taken_ = next_begin - begin_;
    return Status::command;
  }

  line_begin_ = scan_ = next_begin;
  literal_size_ = mark.size;
  const bool message = limits_.append_literal > 0 && is_append();
  const std::size_t most = message ? limits_.append_literal : limits_.literal;
  std::size_t& octets = message ? append_octets_ : literal_octets_;
  octets += std::min(mark.size, most);
  const bool fits = mark.size <= most && line_octets_ + literal_octets_ <= limits_.command &&
                    append_octets_ <= limits_.append_total;
  const bool unasked = !mark.synchronizing && mark.size > limits_.unasked;
  if (!skipping_ && fits && !unasked) {
    in_literal_ = true;
    literal_agreed_ = !mark.synchronizing;
    return Status::need_more;
  }
  // Refused. After a tagged answer a client with a synchronizing literal starts anew; one with a
  // non-synchronizing literal sends it and the rest of the command all the same (RFC 7888 section
  // 4).
  if (!skipping_) {
    refused_tag_ = tag();
    refused_append_ = message;
    refused_unasked_ = fits;
  }
  if (mark.synchronizing) {
    skipping_ = false;
    refusal_told_ = true;
    taken_ = next_begin - begin_;
    drop_taken();
    return Status::literal_too_big;
  }
  if (mark.size > kMaxDiscard) return Status::line_too_long;
  skipping_ = true;
  taken_ = next_begin - begin_;
  drop_taken();
  skip_ = mark.size;
  return Status::need_more;
}

Receiver::Status Receiver::next_line(std::size_t limit) {
  drop_taken();
  const std::size_t line_end = buffer_.find('\n', scan_);
  if (line_end == std::string::npos) {
    scan_ = buffer_.size();
    return waiting() > limit ? Status::line_too_long : Status::need_more;
  }
  std::size_t text_end = line_end;
  if (text_end > begin_ && buffer_[text_end - 1] == '\r') --text_end;
  command_size_ = text_end - begin_;
  taken_ = line_end + 1 - begin_;
  return command_size_ > limit ? Status::line_too_long : Status::command;
}

}  // namespace mailscope::imap
