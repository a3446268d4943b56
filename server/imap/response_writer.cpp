// Writes the server's responses and hands out long literals in pieces.
#include "server/imap/response_writer.hpp"

#include <algorithm>
#include <utility>

#include "server/imap/cursor.hpp"
#include "server/imap/flags.hpp"
#include "server/imap/limits.hpp"
#include "server/imap/unicode.hpp"
#include "server/imap/utf7.hpp"
#include "server/mail/encoding.hpp"

namespace mailscope::imap {
namespace {

// A quoted string longer than this is sent as a literal: clients read lines into small buffers.
constexpr std::size_t kMaxQuoted = 1'024;

bool is_plain_atom(std::string_view value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), is_astring_char) &&
         !equal_ci(value, "NIL");
}

}  // namespace

bool fits_in_quotes(std::string_view value) {
  return value.size() <= kMaxQuoted && std::all_of(value.begin(), value.end(), [](char c) {
           const auto octet = static_cast<unsigned char>(c);
           return octet >= 0x20 && octet < 0x7f;
         });
}

bool fits_in_utf8_quotes(std::string_view value) {
  return value.size() <= kMaxQuoted &&
         std::all_of(value.begin(), value.end(),
                     [](char c) {
                       const auto octet = static_cast<unsigned char>(c);
                       return octet >= 0x20 && octet != 0x7f;
                     }) &&
         mail::is_valid_utf8(value);
}

void append_quoted(std::string& out, std::string_view value) {
  out += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

std::string atom_or_quoted(std::string_view value) {
  if (is_plain_atom(value)) return std::string(value);
  std::string out;
  if (fits_in_quotes(value)) append_quoted(out, value);
  return out;
}

ResponseWriter& ResponseWriter::begin(std::string_view tag) {
  tag_ = tag;
  octets_ = 0;
  shortened_ = false;
  put(tag);
  put(" ");
  line_begin_ = target_->size();
  return *this;
}

ResponseWriter& ResponseWriter::string(std::string_view value) {
  if (value.find('\0') != std::string_view::npos) {
    // No string may hold it (RFC 3501 section 4.3); headers of broken messages do.
    std::string shown(value);
    std::replace(shown.begin(), shown.end(), '\0', '\x80');
    return literal(shown);
  }
  if (!(utf8_ ? fits_in_utf8_quotes(value) : fits_in_quotes(value))) return literal(value);
  if (value.find_first_of("\"\\") == std::string_view::npos)
    return text("\"").text(value).text("\"");
  std::string quoted;
  append_quoted(quoted, value);
  return text(quoted);
}

ResponseWriter& ResponseWriter::astring(std::string_view value) {
  return is_plain_atom(value) ? text(value) : string(value);
}

ResponseWriter& ResponseWriter::literal(std::string_view value, const store::Body& keep) {
  if (!shortened_) {
    shown_.assign(*target_, line_begin_);
    shortened_ = true;
  }
  text("{").number(value.size()).text("}");
  target_->append("\r\n");
  octets_ += 2 + value.size();
  if (keep != nullptr && value.size() >= kStreamFrom) {
    if (splices_.empty()) {
      tail_.clear();
      tail_done_ = 0;
      target_ = &tail_;
    }
    splices_.push_back({keep, value, tail_.size()});
  } else {
    target_->append(value);
  }
  return *this;
}

ResponseWriter& ResponseWriter::literal8(std::string_view value, const store::Body& keep) {
  if (value.find('\0') != std::string_view::npos) text("~");
  return literal(value, keep);
}

ResponseWriter& ResponseWriter::mailbox(std::string_view utf8) {
  const std::string name = utf8_ ? std::string(utf8) : utf7_encode(utf8);
  return is_plain_atom(name) ? text(name) : string(name);
}

ResponseWriter& ResponseWriter::flags(const store::Flags& flags, bool recent) {
  const std::size_t before = target_->size();
  append_flags(*target_, flags, recent);
  octets_ += target_->size() - before;
  if (shortened_) shown_.append(*target_, before);
  return *this;
}

void ResponseWriter::end() {
  // Without a literal the line lies in one piece where it was written.
  const std::string_view shown =
      shortened_ ? std::string_view(shown_) : std::string_view(*target_).substr(line_begin_);
  cause_ = tracer_.record(trace::Kind::imap_response, {tag_, shown, octets_ + 2});
  target_->append("\r\n");
}

void ResponseWriter::pump(std::size_t high_water) {
  while (!splices_.empty()) {
    Splice& next = splices_.front();
    out_.append(tail_, tail_done_, next.offset - tail_done_);
    tail_done_ = next.offset;
    if (out_.size() >= high_water) return;
    const std::size_t take = std::min(high_water - out_.size(), next.rest.size());
    out_.append(next.rest.substr(0, take));
    next.rest.remove_prefix(take);
    if (!next.rest.empty()) return;
    splices_.pop_front();
  }
  if (target_ == &out_) return;
  out_.append(tail_, tail_done_);
  std::string().swap(tail_);
  target_ = &out_;
}

void ResponseWriter::drop() {
  splices_.clear();
  std::string().swap(tail_);
  target_ = &out_;
}

std::size_t ResponseWriter::memory() const {
  std::size_t octets = tail_.capacity() + shown_.capacity();
  const std::string* last = nullptr;  // parts of one message stand behind each other
  for (const Splice& splice : splices_) {
    if (splice.keep.get() != std::exchange(last, splice.keep.get()))
      octets += splice.keep->capacity();
  }
  return octets;
}

}  // namespace mailscope::imap
