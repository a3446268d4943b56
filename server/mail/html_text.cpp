#include "server/mail/html_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>

#include "server/mail/text.hpp"

namespace mailscope::mail {
namespace {

constexpr std::size_t kLongestEntity = 10;  // octets between '&' and ';'
constexpr std::uint32_t kLastCharacter = 0x10ffff;

/// Entities of U+00A0 to U+00FF, in order.
constexpr auto kLatin = std::to_array<std::string_view>(
    {"nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",
     "copy",   "ordf",   "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn",
     "sup2",   "sup3",   "acute",  "micro",  "para",   "middot", "cedil",  "sup1",   "ordm",
     "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",  "Atilde",
     "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",   "Igrave",
     "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde",
     "Ouml",   "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",
     "szlig",  "agrave", "aacute", "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil",
     "egrave", "eacute", "ecirc",  "euml",   "igrave", "iacute", "icirc",  "iuml",   "eth",
     "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide", "oslash", "ugrave",
     "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"});
static_assert(kLatin.size() == 96);

struct Entity {
  std::string_view name;
  std::uint32_t character;
};
constexpr auto kEntities = std::to_array<Entity>(
    {{"amp", '&'},       {"lt", '<'},        {"gt", '>'},        {"quot", '"'},
     {"apos", '\''},     {"ndash", 0x2013},  {"mdash", 0x2014},  {"lsquo", 0x2018},
     {"rsquo", 0x2019},  {"sbquo", 0x201a},  {"ldquo", 0x201c},  {"rdquo", 0x201d},
     {"bdquo", 0x201e},  {"bull", 0x2022},   {"hellip", 0x2026}, {"euro", 0x20ac},
     {"trade", 0x2122},  {"ensp", ' '},      {"emsp", ' '},      {"thinsp", ' '},
     {"lsaquo", 0x2039}, {"rsaquo", 0x203a}, {"OElig", 0x152},   {"oelig", 0x153},
     {"Scaron", 0x160},  {"scaron", 0x161},  {"zwnj", 0x200c},   {"zwj", 0x200d}});

/// Elements whose text nobody sees.
constexpr auto kHidden = std::to_array<std::string_view>({"script", "style", "title"});
/// Elements within a line: what stands before and behind them may be one word.
constexpr auto kInline = std::to_array<std::string_view>(
    {"a",     "abbr", "acronym", "b",      "bdi", "bdo", "big",  "cite", "code", "del",
     "dfn",   "em",   "font",    "i",      "ins", "kbd", "mark", "q",    "s",    "samp",
     "small", "span", "strike",  "strong", "sub", "sup", "tt",   "u",    "var",  "wbr"});

bool among(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::any_of(names, [name](auto each) { return iequals(each, name); });
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto put = [&out](std::uint32_t octet) { out += static_cast<char>(octet); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xc0 | c >> 6);
  } else {
    if (c < 0x10000) {
      put(0xe0 | c >> 12);
    } else {
      put(0xf0 | c >> 18);
      put(0x80 | (c >> 12 & 0x3f));
    }
    put(0x80 | (c >> 6 & 0x3f));
  }
  put(0x80 | (c & 0x3f));
}

/// The character of "#229", "#xe5", "aring".
std::optional<std::uint32_t> entity(std::string_view name) {
  if (name.starts_with('#')) {
    name.remove_prefix(1);
    const bool hex = name.starts_with('x') || name.starts_with('X');
    if (hex) name.remove_prefix(1);
    std::uint32_t value = 0;
    const char* end = name.data() + name.size();
    const auto read = std::from_chars(name.data(), end, value, hex ? 16 : 10);
    const bool character = read.ec == std::errc() && read.ptr == end && value > 0 &&
                           value <= kLastCharacter && (value < 0xd800 || value > 0xdfff);
    return character ? std::optional(value) : std::nullopt;
  }
  const auto latin = std::ranges::find(kLatin, name);
  if (latin != kLatin.end()) return 0xa0 + static_cast<std::uint32_t>(latin - kLatin.begin());
  const auto other = std::ranges::find(kEntities, name, &Entity::name);
  return other != kEntities.end() ? std::optional(other->character) : std::nullopt;
}

class Reader {
 public:
  explicit Reader(std::string_view html) : html_(html) {}

  std::string run() {
    while (at_ < html_.size()) {
      const char c = html_[at_];
      if (c == '<' && markup()) continue;
      if (c == '&' && reference()) continue;
      ++at_;
      if (is_space(c) || c == '\r' || c == '\n' || c == '\f')
        gap_ = std::max(gap_, Gap::space);
      else
        word(std::string_view(&c, 1));
    }
    return std::move(out_);
  }

 private:
  enum class Gap : std::uint8_t { none, space, line };

  /// Text that is seen, behind the white space that was met before it.
  void word(std::string_view text) {
    if (gap_ != Gap::none && !out_.empty()) out_ += gap_ == Gap::line ? '\n' : ' ';
    gap_ = Gap::none;
    out_ += text;
  }
  void skip_behind(std::string_view end) {
    const std::size_t found = html_.find(end, at_);
    at_ = found == std::string_view::npos ? html_.size() : found + end.size();
  }
  /// A tag, a comment, a declaration; false: it is a sign like any other.
  bool markup() {
    const std::string_view rest = html_.substr(at_);
    if (rest.starts_with("<!--")) {
      at_ += 4;
      skip_behind("-->");
      return true;
    }
    if (rest.starts_with("<!") || rest.starts_with("<?")) {
      skip_behind(">");
      return true;
    }
    const std::size_t begin = rest.starts_with("</") ? 2 : 1;
    std::size_t end = begin;
    while (end < rest.size() && (is_alpha(rest[end]) || (end > begin && is_digit(rest[end]))))
      ++end;
    if (end == begin) return false;
    const std::string_view name = rest.substr(begin, end - begin);
    at_ += end;
    skip_attributes();
    if (begin == 1 && among(kHidden, name)) skip_element(name);
    if (!among(kInline, name)) gap_ = Gap::line;
    return true;
  }
  /// Up to the '>' that does not stand in a quoted value.
  void skip_attributes() {
    char quote = '\0';
    for (; at_ < html_.size(); ++at_) {
      const char c = html_[at_];
      if (quote != '\0') {
        if (c == quote) quote = '\0';
      } else if ((c == '"' || c == '\'') && html_[at_ - 1] == '=') {
        quote = c;
      } else if (c == '>') {
        ++at_;
        return;
      }
    }
  }
  /// Up to the end tag, which is left.
  void skip_element(std::string_view name) {
    while (at_ < html_.size()) {
      at_ = std::min(html_.find("</", at_), html_.size());
      if (iequals(html_.substr(std::min(at_ + 2, html_.size()), name.size()), name)) return;
      at_ = std::min(at_ + 2, html_.size());
    }
  }
  /// "&amp;"; false: just an ampersand.
  bool reference() {
    const std::string_view rest = html_.substr(at_ + 1, kLongestEntity + 1);
    const std::size_t end = rest.find(';');
    if (end == std::string_view::npos) return false;
    const auto character = entity(rest.substr(0, end));
    if (!character) return false;
    at_ += end + 2;
    constexpr std::uint32_t kNoBreak = 0xa0, kSoftHyphen = 0xad;
    if (*character == kSoftHyphen) return true;
    if (*character <= ' ' || *character == kNoBreak) {
      gap_ = std::max(gap_, Gap::space);
      return true;
    }
    std::string text;
    append_utf8(text, *character);
    word(text);
    return true;
  }

  std::string_view html_;
  std::size_t at_ = 0;
  std::string out_;
  Gap gap_ = Gap::none;
};

}  // namespace

std::string html_text(std::string_view html) {
  return Reader(html).run();
}

}  // namespace mailscope::mail
