#include "server/sieve/strings.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "server/imap/unicode.hpp"
#include "server/mail/text.hpp"

namespace mailscope::sieve {
namespace {

constexpr char32_t kLastCharacter = 0x10FFFF;

bool is_blank(char c) {
  return mail::is_space(c);
}

/// The hexadecimal numbers up to "}", which ends up behind; nullopt when that is not what follows.
/// Digits beyond the range of Unicode saturate.
std::optional<std::vector<std::uint32_t>> hex_sequence(std::string_view text, std::size_t& at,
                                                       std::size_t max_digits) {
  std::vector<std::uint32_t> numbers;
  for (;;) {
    const std::size_t blanks = at;
    while (at < text.size() && is_blank(text[at])) ++at;
    if (at < text.size() && text[at] == '}' && !numbers.empty()) {
      ++at;
      return numbers;
    }
    if (!numbers.empty() && blanks == at) return std::nullopt;
    std::uint32_t number = 0;
    std::size_t digits = 0;
    for (; at < text.size() && mail::hex_value(text[at]) >= 0; ++at, ++digits) {
      number = number > kLastCharacter
                   ? number
                   : number * 16 + static_cast<std::uint32_t>(mail::hex_value(text[at]));
    }
    if (digits == 0 || digits > max_digits) return std::nullopt;
    numbers.push_back(number);
  }
}

bool starts_with_no_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && mail::iequals(text.substr(0, prefix.size()), prefix);
}

bool is_name_start(char c) {
  return mail::is_alpha(c) || c == '_';
}
bool is_name_char(char c) {
  return is_name_start(c) || mail::is_digit(c);
}

/// variable-ref behind "${" at `at`; nullopt when it is none.
std::optional<Reference> reference_at(std::string_view text, std::size_t at) {
  Reference out;
  for (;;) {
    const std::size_t begin = at;
    if (at < text.size() && mail::is_digit(text[at])) {
      std::uint64_t number = 0;
      for (; at < text.size() && mail::is_digit(text[at]); ++at) {
        number = std::min<std::uint64_t>(number * 10 + static_cast<std::uint64_t>(text[at] - '0'),
                                         std::numeric_limits<std::uint32_t>::max());
      }
      // A namespace begins with an identifier, and behind it "1" is a name as any other.
      out.number = static_cast<std::uint32_t>(number);
      if (out.has_namespace) out.name += text.substr(begin, at - begin);
      if (at >= text.size() || text[at] != '}') {
        if (!out.has_namespace || at >= text.size() || text[at] != '.') return std::nullopt;
      }
    } else {
      if (at >= text.size() || !is_name_start(text[at])) return std::nullopt;
      while (at < text.size() && is_name_char(text[at])) ++at;
      out.name += mail::lower(text.substr(begin, at - begin));
    }
    if (at >= text.size()) return std::nullopt;
    if (text[at] == '}') {
      out.end = at + 1;
      return out;
    }
    if (text[at] != '.') return std::nullopt;
    out.has_namespace = true;
    out.name += '.';
    ++at;
  }
}

bool is_utf8_tail(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

}  // namespace

std::optional<std::string> decode_characters(std::string_view text) {
  constexpr std::string_view kHex = "${hex:", kUnicode = "${unicode:";
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = text.substr(i);
    const bool hex = starts_with_no_case(rest, kHex);
    if (!hex && !starts_with_no_case(rest, kUnicode)) {
      out += text[i++];
      continue;
    }
    std::size_t at = i + (hex ? kHex.size() : kUnicode.size());
    const auto numbers = hex_sequence(text, at, hex ? 2 : std::numeric_limits<std::size_t>::max());
    if (!numbers) {
      out += text[i++];
      continue;
    }
    for (const std::uint32_t number : *numbers) {
      if (hex) {
        out += static_cast<char>(number);
      } else {
        if (number > kLastCharacter || (number >= 0xD800 && number <= 0xDFFF)) return std::nullopt;
        imap::append_utf8(out, number);
      }
    }
    i = at;
  }
  return out;
}

std::optional<Reference> find_reference(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find("${", from); at != std::string_view::npos;
       at = text.find("${", at + 1)) {
    if (auto found = reference_at(text, at + 2)) {
      found->begin = at;
      return found;
    }
  }
  return std::nullopt;
}

std::string expand(std::string_view text,
                   const std::function<std::string_view(const Reference&)>& value_of,
                   std::size_t limit) {
  std::string out;
  std::size_t at = 0;
  while (out.size() <= limit) {
    const auto reference = find_reference(text, at);
    out += text.substr(at, reference ? reference->begin - at : std::string_view::npos);
    if (!reference) break;
    out += value_of(*reference);
    at = reference->end;
  }
  out.resize(cut_utf8(out, limit).size());
  return out;
}

bool is_identifier(std::string_view text) {
  return !text.empty() && is_name_start(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_name_char(c); });
}

bool is_importance(std::string_view text) {
  return text == "1" || text == "2" || text == "3";
}

bool is_special_use(std::string_view text) {
  return text.size() > 1 && text[0] == '\\' && std::ranges::all_of(text.substr(1), [](char c) {
           return mail::is_alpha(c) || mail::is_digit(c) || c == '-' || c == '_';
         });
}

std::string_view cut_utf8(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  std::size_t end = limit;
  while (end > 0 && limit - end < 3 && is_utf8_tail(text[end])) --end;
  return text.substr(0, end);
}

std::optional<std::string> modified(std::string_view modifier, std::string text) {
  const auto upper = [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
  };
  if (modifier == "lower" || modifier == "lowerfirst") {
    const std::size_t end =
        modifier == "lower" ? text.size() : std::min<std::size_t>(1, text.size());
    for (std::size_t i = 0; i < end; ++i) text[i] = mail::to_lower(text[i]);
    return text;
  }
  if (modifier == "upper" || modifier == "upperfirst") {
    const std::size_t end =
        modifier == "upper" ? text.size() : std::min<std::size_t>(1, text.size());
    for (std::size_t i = 0; i < end; ++i) text[i] = upper(text[i]);
    return text;
  }
  if (modifier == "quotewildcard") {
    std::string out;
    for (const char c : text) {
      if (c == '*' || c == '?' || c == '\\') out += '\\';
      out += c;
    }
    return out;
  }
  if (modifier == "encodeurl") {
    // RFC 5435 section 6: all but the "unreserved" characters of RFC 3986 section 2.3.
    std::string out;
    for (const char c : text) {
      if (mail::is_alpha(c) || mail::is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
        out += c;
      } else {
        const auto octet = static_cast<unsigned char>(c);
        ((out += '%') += mail::kHexDigits[octet >> 4]) += mail::kHexDigits[octet & 15];
      }
    }
    return out;
  }
  if (modifier == "length") {
    return std::to_string(std::ranges::count_if(text, [](char c) { return !is_utf8_tail(c); }));
  }
  return std::nullopt;
}

}  // namespace mailscope::sieve
