// Encoded words (RFC 2047): text beyond ASCII in header fields.
//
//   Subject: =?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?_b?=     shows as     Subject: a b
#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"

namespace mailscope::mail {
namespace {

constexpr std::size_t kMaxWord = 75;        // characters of an encoded word, RFC 2047 section 2
constexpr std::size_t kMaxPlainWord = 200;  // octets of an ASCII word that is left as it is
constexpr std::string_view kWordStart = "=?UTF-8?";

struct Word {
  std::string_view charset;  // without the language of RFC 2231 section 5
  char encoding = 'q';       // lower case
  std::string_view text;
  std::size_t size = 0;  // octets of the whole word
};

bool is_token_char(char c) {
  return c > ' ' && c < 0x7f &&
         std::string_view("()<>@,;:\"/[]?.=").find(c) == std::string_view::npos;
}

/// The encoded word at the start of `text`, if there is one. The 75 characters of RFC 2047
/// section 2 are not asked for: longer ones are common. Time is linear over a whole value, because
/// neither charset nor text may hold the '?' that the next word begins with.
std::optional<Word> word_at(std::string_view text) {
  if (!text.starts_with("=?")) return std::nullopt;
  Word word;
  std::size_t at = 2;
  while (at < text.size() && (is_token_char(text[at]) || text[at] == '.')) ++at;
  word.charset = text.substr(2, at - 2);
  word.charset = word.charset.substr(0, word.charset.find('*'));
  if (word.charset.empty() || at + 3 > text.size() || text[at] != '?' || text[at + 2] != '?')
    return std::nullopt;
  word.encoding = to_lower(text[at + 1]);
  if (word.encoding != 'q' && word.encoding != 'b') return std::nullopt;
  const std::size_t begin = at + 3;
  at = begin;
  while (at < text.size() && text[at] != '?' && !is_space(text[at])) ++at;
  if (at + 1 >= text.size() || text[at] != '?' || text[at + 1] != '=') return std::nullopt;
  word.text = text.substr(begin, at - begin);
  word.size = at + 2;
  return word;
}

/// The "Q" encoding of RFC 2047 section 4.2; a broken escape is kept.
std::string decode_q(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_') {
      out += ' ';
    } else if (text[i] == '=' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
               hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// What the words said must stay one line of text: a line end that came out of an encoded word
/// would look like a header field of its own to whoever writes the value somewhere.
void append_harmless(std::string& out, std::string_view text) {
  for (const char c : text) out += is_control(c) ? ' ' : c;
}

bool is_q_safe(char c) {  // the set for phrases, RFC 2047 section 5 (3): safe everywhere
  return is_alpha(c) || is_digit(c) || std::string_view("!*+-/").find(c) != std::string_view::npos;
}

std::string q_encode(std::string_view octets) {
  std::string out;
  for (const char c : octets) {
    if (c == ' ') {
      out += '_';
    } else if (is_q_safe(c)) {
      out += c;
    } else {
      const auto octet = static_cast<unsigned char>(c);
      out += '=';
      out += kHexDigits[octet >> 4];
      out += kHexDigits[octet & 0xf];
    }
  }
  return out;
}

/// May stand in a header as it is: printable ASCII that is not taken for an encoded word, in words
/// short enough to be folded.
bool is_plain(std::string_view text) {
  std::size_t run = 0;
  for (const char c : text) {
    if (!is_ascii(c) || (is_control(c) && c != '\t')) return false;
    run = is_wsp(c) ? 0 : run + 1;
    if (run > kMaxPlainWord) return false;
  }
  return text.find("=?") == std::string_view::npos;
}

}  // namespace

std::string decode_words(std::string_view value) {
  const std::string line = unfold(value);
  const std::string_view text = line;
  std::string out, octets, charset;  // octets: of adjacent words that share a charset
  std::string_view octets_source;    // the words as written
  std::size_t plain_begin = 0;       // ordinary text that was not written out yet
  const auto put_plain = [&](std::size_t end) {
    const std::string_view plain = text.substr(plain_begin, end - plain_begin);
    out += repair_utf8(plain);
    plain_begin = end;
  };
  const auto put_words = [&] {
    if (octets_source.empty()) return;
    if (const auto converted = to_utf8(octets, charset)) {
      append_harmless(out, *converted);
    } else {
      // RFC 2047 section 6.2: a word in a charset that nobody knows is shown as it is.
      out += repair_utf8(octets_source);
    }
    octets.clear();
    octets_source = {};
  };
  for (std::size_t i = text.find("=?"); i != std::string_view::npos; i = text.find("=?", i)) {
    const auto word = word_at(text.substr(i));
    if (!word) {
      ++i;
      continue;
    }
    // RFC 2047 section 6.2: white space between adjacent encoded words is not shown.
    const std::string_view between = text.substr(plain_begin, i - plain_begin);
    const bool adjacent =
        !octets_source.empty() && between.find_first_not_of(" \t") == std::string_view::npos;
    if (!adjacent) {
      put_words();
      put_plain(i);
    } else if (!iequals(word->charset, charset)) {
      put_words();
    }
    // Octets of adjacent words are joined before they are converted: many programs cut a character
    // in two (RFC 2047 section 5 forbids it).
    octets += word->encoding == 'q' ? decode_q(word->text) : base64_decode(word->text);
    charset = std::string(word->charset);
    const std::size_t begin =
        octets_source.empty() ? i : static_cast<std::size_t>(octets_source.data() - text.data());
    i += word->size;
    octets_source = text.substr(begin, i - begin);
    plain_begin = i;
  }
  put_words();
  put_plain(text.size());
  return out;
}

std::string encode_words(std::string_view text) {
  std::string clean;
  for (const char c : repair_utf8(text)) clean += is_control(c) && c != '\t' ? ' ' : c;
  if (is_plain(clean)) return clean;

  // "Q" can be read by people, so it may be longer; where hardly a letter would stay, "B".
  const bool q = q_encode(clean).size() <= (clean.size() + 2) / 3 * 4 * 2;
  const std::size_t room =
      kMaxWord - kWordStart.size() - 4;  // "Q?" before and "?=" behind the text
  const auto encoded = [&](std::string_view piece) {
    return q ? q_encode(piece) : base64_encode(piece);
  };
  std::string out;
  const auto put_word = [&](std::string_view piece) {
    if (!out.empty()) out += ' ';
    out += kWordStart;
    out += q ? "Q?" : "B?";
    out += encoded(piece);
    out += "?=";
  };
  // RFC 2047 section 5: a word holds whole characters. The piece grows character by character, and
  // is written when the next one would not fit.
  std::size_t begin = 0;
  for (std::size_t at = 0; at < clean.size();) {
    std::size_t next = at + 1;
    while (next < clean.size() && (static_cast<unsigned char>(clean[next]) & 0xc0) == 0x80) ++next;
    if (at > begin && encoded(std::string_view(clean).substr(begin, next - begin)).size() > room) {
      put_word(std::string_view(clean).substr(begin, at - begin));
      begin = at;
    }
    at = next;
  }
  put_word(std::string_view(clean).substr(begin));
  return out;
}

}  // namespace mailscope::mail
