// Replies as text: RFC 5321 section 4.2, enhanced status codes RFC 2034 and RFC 3463.
#include "server/smtp/reply.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace mailscope::smtp {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// One to three digits at `at`; moves `at` behind them.
std::optional<std::uint16_t> read_number(std::string_view text, std::size_t& at) {
  std::uint16_t value = 0;
  const std::size_t begin = at;
  while (at < text.size() && at - begin < 3 && is_digit(text[at])) {
    value = static_cast<std::uint16_t>(value * 10 + (text[at++] - '0'));
  }
  if (at == begin) return std::nullopt;
  return value;
}

void append_number(std::string& out, unsigned value) {
  if (value < 10) {
    out += static_cast<char>('0' + value);
    return;
  }
  std::array<char, 8> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void append_status(std::string& out, const EnhancedStatus& status) {
  append_number(out, status.klass);
  out += '.';
  append_number(out, status.subject);
  out += '.';
  append_number(out, status.detail);
}

}  // namespace

std::string EnhancedStatus::to_string() const {
  std::string out;
  if (present()) append_status(out, *this);
  return out;
}

std::optional<EnhancedStatus> EnhancedStatus::parse(std::string_view text) {
  // RFC 3463 section 2: the class is 2, 4 or 5.
  if (text.size() < 5 || (text[0] != '2' && text[0] != '4' && text[0] != '5') || text[1] != '.') {
    return std::nullopt;
  }
  std::size_t at = 2;
  const auto subject = read_number(text, at);
  if (!subject || at >= text.size() || text[at] != '.') return std::nullopt;
  const auto detail = read_number(text, ++at);
  if (!detail || (at < text.size() && text[at] != ' ')) return std::nullopt;
  return EnhancedStatus{static_cast<std::uint16_t>(text[0] - '0'), *subject, *detail};
}

Reply parse_reply_line(std::string_view line) {
  Reply out;
  std::size_t at = 0;
  out.code = read_number(line, at).value_or(0);
  std::string_view rest = line.substr(std::min(at + 1, line.size()));
  if (const auto status = EnhancedStatus::parse(rest)) {
    out.status = *status;
    rest.remove_prefix(std::min(rest.size(), status->to_string().size() + 1));
  }
  out.text = rest;
  return out;
}

void Reply::append_wire(std::string& out) const {
  std::string_view rest = text;
  while (true) {
    const std::size_t end = rest.find('\n');
    append_number(out, static_cast<unsigned>(code));
    out += end == std::string_view::npos ? ' ' : '-';
    if (status.present()) {
      append_status(out, status);
      out += ' ';
    }
    out += rest.substr(0, end);
    out += "\r\n";
    if (end == std::string_view::npos) return;
    rest.remove_prefix(end + 1);
  }
}

std::string Reply::to_string() const {
  std::string out;
  if (code != 0) append_number(out, static_cast<unsigned>(code));
  if (status.present()) {
    if (!out.empty()) out += ' ';
    append_status(out, status);
  }
  if (!text.empty()) {
    if (!out.empty()) out += ' ';
    for (const char c : text) out += c == '\n' ? ' ' : c;
  }
  return out;
}

ReplyReader::Result ReplyReader::fail(std::string_view problem) {
  problem_ = problem;
  return Result::malformed;
}

ReplyReader::Result ReplyReader::line(std::string_view text) {
  // RFC 5321 section 4.2: Reply-code is %x32-35 %x30-35 %x30-39; the text may be left out with its
  // space (section 4.2.1 asks clients to live with that).
  if (text.size() < 3 || text[0] < '2' || text[0] > '5' || !is_digit(text[1]) ||
      !is_digit(text[2])) {
    return fail("the reply does not begin with a code");
  }
  if (text.size() > 3 && text[3] != ' ' && text[3] != '-') {
    return fail("neither a space nor a hyphen follows the code");
  }
  const int code = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
  if (lines_ > 0 && code != reply_.code) return fail("the lines of one reply have different codes");
  const bool more = text.size() > 3 && text[3] == '-';
  text.remove_prefix(text.size() > 3 ? 4 : 3);
  const auto status = EnhancedStatus::parse(text);
  // A status of another class than the code says nothing (RFC 2034 section 4).
  if (status && status->klass == code / 100) {
    if (lines_ == 0) reply_.status = *status;
    if (*status == reply_.status) {
      text.remove_prefix(std::min(text.size(), text.find_first_of(' ')));
      if (!text.empty()) text.remove_prefix(1);
    }
  }
  reply_.code = code;
  if (lines_ > 0) reply_.text += '\n';
  reply_.text += text;
  if (++lines_ > kMaxReplyLines) return fail("the reply has too many lines");
  return more ? Result::need_more : Result::ready;
}

ReplyReader::Result ReplyReader::feed(std::string_view& input) {
  if (!problem_.empty()) return Result::malformed;
  while (!input.empty()) {
    const std::size_t end = input.find('\n');
    const std::size_t size = end == std::string_view::npos ? input.size() : end + 1;
    if (line_.size() + size > kMaxReplyLine) return fail("a line of the reply is too long");
    std::string_view text = input.substr(0, size);
    input.remove_prefix(size);
    if (end == std::string_view::npos || !line_.empty()) {
      line_ += text;
      if (end == std::string_view::npos) return Result::need_more;
      text = line_;
    }
    // A bare LF is forgiven here: a reply's end decides nothing that could be smuggled.
    text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    const Result result = line(text);
    line_.clear();
    if (result != Result::need_more) return result;
  }
  return Result::need_more;
}

Reply ReplyReader::take() {
  lines_ = 0;
  return std::exchange(reply_, {});
}

}  // namespace mailscope::smtp
