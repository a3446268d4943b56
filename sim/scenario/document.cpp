#include "sim/scenario/document.hpp"

#include <fmt/format.h>

namespace mailscope::scenario {
namespace {

constexpr std::size_t kShownNumber = 40;  // digits of a number in an error

}  // namespace

ScenarioError::ScenarioError(std::string_view file, const Place& where, std::string_view message)
    : std::runtime_error(where.line > 0
                             ? fmt::format("{}:{}:{}: {}: {}", file, where.line, where.column,
                                           where.pointer.empty() ? "/" : where.pointer, message)
                             : fmt::format("{}: {}", file, message)),
      place_(where) {}

std::string pointer_step(std::string_view key) {
  std::string step = "/";
  for (const char c : key) {
    if (c == '~')
      step += "~0";
    else if (c == '/')
      step += "~1";
    else
      step += c;
  }
  return step;
}

/// Walks text that is known to be valid JSON and notes where everything begins.
class Document::Scanner {
 public:
  explicit Scanner(Document& document) : document_(document), text_(document.text_) {}

  void value(const std::string& pointer) {
    skip_space();
    document_.values_[pointer] = at_;
    switch (text_[at_]) {
      case '{':
        object(pointer);
        break;
      case '[':
        array(pointer);
        break;
      case '"':
        string();
        break;
      default:
        while (at_ < text_.size() &&
               std::string_view(",]} \t\r\n").find(text_[at_]) == std::string_view::npos)
          ++at_;
    }
    skip_space();
  }

 private:
  void skip_space() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }
  std::string_view string() {
    const std::size_t begin = at_++;
    while (text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    ++at_;
    return text_.substr(begin, at_ - begin);
  }
  void object(const std::string& pointer) {
    ++at_;
    skip_space();
    while (text_[at_] != '}') {
      const std::size_t key_at = at_;
      const auto key = Json::parse(string()).get<std::string>();
      const std::string child = pointer + pointer_step(key);
      const auto [place, is_new] = document_.keys_.emplace(child, key_at);
      if (!is_new) {
        throw ScenarioError(document_.file_, document_.at_offset(child, key_at),
                            fmt::format("\"{}\" is written twice", key));
      }
      skip_space();
      ++at_;  // colon
      value(child);
      if (text_[at_] == ',') ++at_;
      skip_space();
    }
    ++at_;
  }
  void array(const std::string& pointer) {
    ++at_;
    skip_space();
    for (std::size_t i = 0; text_[at_] != ']'; ++i) {
      value(pointer + "/" + std::to_string(i));
      if (text_[at_] == ',') ++at_;
      skip_space();
    }
    ++at_;
  }

  Document& document_;
  std::string_view text_;
  std::size_t at_ = 0;
};

Document::Document(std::string_view text, const std::string& file) : text_(text), file_(file) {
  if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);  // a BOM that an editor left
  refuse_depth();
  try {
    root_ = Json::parse(text_);
  } catch (const Json::parse_error& error) {
    std::string_view why = error.what();
    if (const auto colon = why.find("column "); colon != std::string_view::npos) {
      if (const auto rest = why.find(": ", colon); rest != std::string_view::npos)
        why.remove_prefix(rest + 2);
    }
    const std::size_t offset = error.byte > 0 ? error.byte - 1 : 0;
    throw ScenarioError(file_, at_offset("", std::min(offset, text_.size())),
                        fmt::format("not JSON: {}", why.substr(0, 300)));
  } catch (const Json::out_of_range& error) {
    // A number that no double holds; the library quotes it at the end of its message.
    const std::string_view why = error.what();
    const auto quote = why.find('\'');
    const std::string_view number =
        quote == std::string_view::npos ? "" : why.substr(quote + 1, why.rfind('\'') - quote - 1);
    const auto offset = number.empty() ? std::string_view::npos : text_.find(number);
    throw ScenarioError(file_, at_offset("", offset == std::string_view::npos ? 0 : offset),
                        fmt::format("the number {} is too large", number.substr(0, kShownNumber)));
  }
  Scanner(*this).value("");
}

/// Before parsing, so that nesting costs the parser no memory.
void Document::refuse_depth() const {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text_.size(); ++i) {
    const char c = text_[i];
    if (quoted) {
      if (c == '\\')
        ++i;
      else
        quoted = c != '"';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxScenarioDepth) {
        throw ScenarioError(file_, at_offset("", i),
                            fmt::format("nested deeper than {} levels", kMaxScenarioDepth));
      }
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
}

Place Document::at_offset(const std::string& pointer, std::size_t offset) const {
  // Places are mostly asked for in the order of the file: go on from the last one.
  if (offset < last_.offset) last_ = {};
  for (; last_.offset < offset; ++last_.offset) {
    const char c = text_[last_.offset];
    if (c == '\n') {
      ++last_.line;
      last_.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
      ++last_.column;  // columns count characters, not octets
    }
  }
  return {pointer, last_.line, last_.column};
}

Place Document::place(const std::string& pointer) const {
  const auto found = values_.find(pointer);
  return at_offset(pointer, found == values_.end() ? 0 : found->second);
}
Place Document::key_place(const std::string& pointer) const {
  const auto found = keys_.find(pointer);
  return found == keys_.end() ? place(pointer) : at_offset(pointer, found->second);
}
void Document::fail(const std::string& pointer, std::string_view message) const {
  throw ScenarioError(file_, place(pointer), message);
}
void Document::fail_at_key(const std::string& pointer, std::string_view message) const {
  throw ScenarioError(file_, key_place(pointer), message);
}

}  // namespace mailscope::scenario
