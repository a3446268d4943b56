#include "server/dns/tokens.hpp"

namespace mailscope::dns {
namespace {

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}
constexpr bool ends_token(char c) {
  return is_blank(c) || c == '\n' || c == ';' || c == '(' || c == ')' || c == '"';
}

}  // namespace

std::optional<Entry> EntryReader::next() {
  Entry entry;
  bool at_line_start = true;
  while (at_ < text_.size() && error_.empty()) {
    const char c = text_[at_];
    if (c == '\n') {
      ++at_;
      ++line_;
      if (depth_ > 0) continue;
      if (!entry.tokens.empty()) return entry;
      entry.indented = false;
      at_line_start = true;
      continue;
    }
    if (is_blank(c)) {
      if (at_line_start && entry.tokens.empty()) entry.indented = true;
      ++at_;
    } else if (c == ';') {
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    } else if (c == '(') {
      ++depth_;
      ++at_;
    } else if (c == ')') {
      if (depth_ == 0)
        error_ = "\")\" without \"(\"";
      else
        --depth_;
      ++at_;
    } else {
      if (entry.tokens.empty()) entry.line = line_;
      if (!read_token(entry)) return std::nullopt;
    }
    at_line_start = false;
  }
  if (error_.empty() && depth_ > 0) error_ = "\"(\" without \")\"";
  if (!error_.empty() || entry.tokens.empty()) return std::nullopt;
  return entry;
}

bool EntryReader::read_token(Entry& entry) {
  const bool quoted = text_[at_] == '"';
  if (quoted) ++at_;
  const std::size_t start = at_;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (quoted ? c == '"' || c == '\n' : ends_token(c)) break;
    at_ += c == '\\' && at_ + 1 < text_.size() ? 2 : 1;
  }
  entry.tokens.push_back({text_.substr(start, at_ - start), quoted});
  if (!quoted) return true;
  if (at_ >= text_.size() || text_[at_] != '"') {
    error_ = "a quoted string has no closing quote";
    return false;
  }
  ++at_;
  return true;
}

}  // namespace mailscope::dns
