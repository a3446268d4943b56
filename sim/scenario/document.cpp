#include "sim/scenario/document.hpp"

#include <fmt/format.h>

namespace mailscope::scenario {

ScenarioError::ScenarioError(std::string_view file, const Place& where, std::string_view message)
    : std::runtime_error(where.line > 0
                             ? fmt::format("{}:{}:{}: {}: {}", file, where.line, where.column,
                                           where.pointer.empty() ? "/" : where.pointer, message)
                             : fmt::format("{}: {}", file, message)),
      place_(where) {}

std::string pointer_step(std::string_view key) {
  std::string step = "/";
  for (const char c : key) {
    if (c == '~') step += "~0";
    else if (c == '/') step += "~1";
    else step += c;
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
      case '{': object(pointer); break;
      case '[': array(pointer); break;
      case '"': string(); break;
      default:
        while (at_ < text_.size() && std::string_view(",]} \t\r\n").find(text_[at_]) == std::string_view::npos) ++at_;
    }
    skip_space();
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
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
  try {
    root_ = Json::parse(text_, [](int depth, Json::parse_event_t, Json&) {
      if (depth > static_cast<int>(kMaxScenarioDepth)) {
        throw std::length_error(fmt::format("nested deeper than {} levels", kMaxScenarioDepth));
      }
      return true;
    });
  } catch (const Json::parse_error& error) {
    std::string_view why = error.what();
    if (const auto colon = why.find("column "); colon != std::string_view::npos) {
      if (const auto rest = why.find(": ", colon); rest != std::string_view::npos) why.remove_prefix(rest + 2);
    }
    const std::size_t offset = error.byte > 0 ? error.byte - 1 : 0;
    throw ScenarioError(file_, at_offset("", std::min(offset, text_.size())),
                        fmt::format("not JSON: {}", why.substr(0, 300)));
  } catch (const std::length_error& error) {
    throw ScenarioError(file_, {}, error.what());
  }
  Scanner(*this).value("");
}

Place Document::at_offset(const std::string& pointer, std::size_t offset) const {
  Place place{pointer, 1, 1};
  for (std::size_t i = 0; i < offset; ++i) {
    if (text_[i] == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(text_[i]) & 0xc0) != 0x80) {
      ++place.column;  // columns count characters, not octets
    }
  }
  return place;
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
