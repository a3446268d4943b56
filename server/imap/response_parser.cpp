// Reads a server's responses.
#include "server/imap/response_parser.hpp"

#include <algorithm>

#include "server/imap/limits.hpp"
#include "server/imap/unicode.hpp"

namespace mailscope::imap {
namespace {

constexpr std::string_view kStatusNames[] = {"OK", "NO", "BAD", "BYE", "PREAUTH"};

bool is_status_name(std::string_view name) {
  return std::any_of(std::begin(kStatusNames), std::end(kStatusNames),
                     [name](std::string_view known) { return equal_ci(known, name); });
}

// Takes more than the grammar allows where servers are known to be loose, and never more than the
// limits.
class Reader {
 public:
  Reader(std::string_view text, std::string& problem) : text_(text), problem_(problem) {}

  bool at_end() const { return at_ == text_.size(); }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  std::string_view rest() const { return text_.substr(at_); }
  std::size_t offset() const { return at_; }
  void skip(std::size_t octets) { at_ = std::min(at_ + octets, text_.size()); }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string_view word() {
    const std::size_t begin = at_;
    while (!at_end() && text_[at_] != ' ') ++at_;
    return text_.substr(begin, at_ - begin);
  }

  /// Values separated by spaces up to `end` ('\0': the end of the line).
  bool values(std::vector<Value>& out, char end, std::size_t depth) {
    for (;;) {
      while (take(' ')) {
      }
      if (end == '\0' ? at_end() : peek() == end) return true;
      if (at_end()) return fail("the response ends inside a list");
      if (++count_ > kMaxResponseValues) return fail("the response has too many values");
      if (!value(out.emplace_back(), end, depth)) return false;
    }
  }

 private:
  bool fail(std::string_view why) {
    problem_ = std::string(why) + " at octet " + std::to_string(at_ + 1);
    return false;
  }

  bool value(Value& out, char end, std::size_t depth) {
    switch (peek()) {
      case '(':
        if (depth >= kMaxResponseDepth) return fail("lists are nested too deep");
        out.kind = Value::Kind::list;
        skip(1);
        if (!values(out.items, ')', depth + 1)) return false;
        skip(1);
        return true;
      case '"':
        return quoted(out);
      case '{':
        return literal(out);
      default:
        return atom(out, end);
    }
  }

  bool quoted(Value& out) {
    out.kind = Value::Kind::string;
    for (skip(1); !at_end(); skip(1)) {
      char c = text_[at_];
      if (c == '"') {
        skip(1);
        return true;
      }
      if (c == '\\') {
        skip(1);
        if (at_end()) break;
        c = text_[at_];
      }
      out.text += c;
    }
    return fail("a quoted string has no end");
  }

  bool literal(Value& out) {
    skip(1);
    std::uint64_t size = 0;
    bool digits = false;
    for (; peek() >= '0' && peek() <= '9' && size < kMaxResponseLine * 100; skip(1)) {
      size = size * 10 + static_cast<std::uint64_t>(peek() - '0');
      digits = true;
    }
    take('+');
    if (!digits || !take('}')) return fail("a literal has no size");
    take('\r');
    if (!take('\n') || text_.size() - at_ < size) return fail("a literal is cut short");
    out.kind = Value::Kind::string;
    out.text = text_.substr(at_, size);
    skip(size);
    return true;
  }

  // "BODY[HEADER.FIELDS (FROM)]<0>" is one atom here.
  bool atom(Value& out, char end) {
    const std::size_t begin = at_;
    bool in_brackets = false;
    for (; !at_end(); skip(1)) {
      const char c = text_[at_];
      if (c == '\r' || c == '\n') break;
      if (in_brackets) {
        if (c == ']') in_brackets = false;
        continue;
      }
      if (c == '[')
        in_brackets = true;
      else if (c == ' ' || c == '(' || c == ')' || c == '"' || c == '{' || (c == ']' && end == ']'))
        break;
    }
    const std::string_view text = text_.substr(begin, at_ - begin);
    if (text.empty()) return fail("a value is missing");
    if (equal_ci(text, "NIL")) return true;
    out.kind = Value::Kind::atom;
    out.text = text;
    return true;
  }

  std::string_view text_;
  std::string& problem_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
};

// "[CODE arguments] text"; a code that cannot be read is text.
void read_status_text(std::string_view rest, Response& out) {
  std::string ignored;
  Reader reader(rest, ignored);
  if (reader.take('[')) {
    std::vector<Value> values;
    if (reader.values(values, ']', 0) && !values.empty() &&
        values.front().kind == Value::Kind::atom) {
      out.code = ascii_upper_copy(values.front().text);
      out.code_arguments.assign(std::make_move_iterator(values.begin() + 1),
                                std::make_move_iterator(values.end()));
      reader.skip(1);
      reader.take(' ');
      out.text = reader.rest();
      return;
    }
  }
  out.text = rest;
}

}  // namespace

std::optional<std::uint64_t> Value::number() const {
  if (kind != Kind::atom || text.empty() || text.size() > 19) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

bool Value::is_atom(std::string_view name) const {
  return kind == Kind::atom && equal_ci(text, name);
}

bool Response::is_status() const {
  return is_status_name(name);
}

std::optional<Response> parse_response(std::string_view line, std::string& problem) {
  Response out;
  Reader reader(line, problem);
  if (reader.take('+')) {
    out.kind = Response::Kind::continuation;
    reader.take(' ');
    read_status_text(reader.rest(), out);
    return out;
  }
  const std::string_view tag = reader.word();
  if (tag.empty() || !reader.take(' ')) {
    problem = "not a response line";
    return std::nullopt;
  }
  if (tag != "*") {
    out.kind = Response::Kind::tagged;
    out.tag = tag;
  }
  std::string_view name = reader.word();
  Value first;
  first.kind = Value::Kind::atom;
  first.text = name;
  if (const auto number = first.number(); number && out.kind == Response::Kind::untagged) {
    if (*number > 0xffffffff) {
      problem = "a number is too large";
      return std::nullopt;
    }
    out.number = static_cast<std::uint32_t>(*number);
    reader.take(' ');
    name = reader.word();
  }
  out.name = ascii_upper_copy(name);
  if (out.name.empty()) {
    problem = "a response without a name";
    return std::nullopt;
  }
  reader.take(' ');
  if (out.is_status()) {
    read_status_text(reader.rest(), out);
    return out;
  }
  if (out.kind == Response::Kind::tagged) {
    problem = "a tagged response that is none of OK, NO and BAD";
    return std::nullopt;
  }
  if (!reader.values(out.values, '\0', 0)) return std::nullopt;
  return out;
}

bool is_text_response(std::string_view line) {
  if (line.starts_with('+')) return true;
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return false;
  if (line.substr(0, space) != "*") return true;  // tagged
  const std::string_view rest = line.substr(space + 1);
  return is_status_name(rest.substr(0, rest.find(' ')));
}

}  // namespace mailscope::imap
