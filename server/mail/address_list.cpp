// Address lists of header fields (RFC 5322 section 3.4, obsolete forms of 4.4), read with patience:
//
//   To: "Doe, Jane" <jane@a.example>, A Group: bob@b.example, <@relay.example:eve@c.example>;
#include <utility>

#include "server/mail/address.hpp"
#include "server/mail/text.hpp"

namespace mailscope::mail {
namespace {

struct Token {
  enum class Kind : std::uint8_t { atom, quoted, literal, special, comment } kind;
  std::string text;  // quoted: without quotes; literal: with brackets; special: one character
  bool space_before = false;  // white space or a comment stands before it
  bool is(char c) const { return kind == Kind::special && text.front() == c; }
  bool is_word() const { return kind == Kind::atom || kind == Kind::quoted; }
};

constexpr std::string_view kSpecials = "()<>[]:;@\\,.\"";

/// Cuts a value into tokens. Each octet is looked at once; nesting of comments is a counter, so
/// that neither time nor stack depend on what the value says.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> run() {
    bool space = false;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (is_space(c) || c == '\0') {
        ++at_;
        space = true;
        continue;
      }
      Token token = next(c);
      token.space_before = std::exchange(space, token.kind == Token::Kind::comment);
      tokens_.push_back(std::move(token));
    }
    return std::move(tokens_);
  }

 private:
  Token next(char c) {
    if (c == '"') return {Token::Kind::quoted, delimited('"')};
    if (c == '(') return {Token::Kind::comment, comment()};
    if (c == '[') return {Token::Kind::literal, '[' + delimited(']') + ']'};
    if (kSpecials.find(c) != std::string_view::npos) {
      ++at_;
      return {Token::Kind::special, std::string(1, c)};
    }
    const std::size_t begin = at_;
    while (at_ < text_.size() && !is_space(text_[at_]) &&
           kSpecials.find(text_[at_]) == std::string_view::npos)
      ++at_;
    return {Token::Kind::atom, std::string(text_.substr(begin, at_ - begin))};
  }
  /// Reads to `end` (or to the end of the value), quoted pairs undone, line ends left out.
  std::string delimited(char end) {
    std::string out;
    for (++at_; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == end) {
        ++at_;
        break;
      }
      if (c == '\\' && at_ + 1 < text_.size()) c = text_[++at_];
      if (c != '\r' && c != '\n' && c != '\0') out += c;
    }
    return out;
  }
  std::string comment() {
    std::string out;
    std::size_t depth = 0;
    for (; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == ')' && --depth == 0) {
        ++at_;
        break;
      }
      const bool outermost = c == '(' && ++depth == 1;
      if (c == '\\' && at_ + 1 < text_.size()) c = text_[++at_];
      if (!outermost && c != '\r' && c != '\n' && c != '\0') out += c;
    }
    return std::string(trim(out));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

class Parser {
 public:
  Parser(std::string_view value, Incomplete incomplete)
      : tokens_(Lexer(value).run()), incomplete_(incomplete) {}

  std::vector<HeaderAddress> run() {
    while (at_ < tokens_.size() && out_.size() < kMaxHeaderAddresses) {
      if (here(',')) {
        ++at_;
      } else if (here(';')) {
        ++at_;
        end_group();
      } else {
        element();
      }
    }
    end_group();
    return std::move(out_);
  }

 private:
  bool here(char c) const { return at_ < tokens_.size() && tokens_[at_].is(c); }
  bool at_end_of_element() const { return at_ >= tokens_.size() || here(',') || here(';'); }

  void end_group() {
    if (std::exchange(in_group_, false)) out_.push_back({.kind = HeaderAddress::Kind::group_end});
  }

  /// From here to the next ',' or ';': a mailbox, or the name of a group.
  void element() {
    const std::size_t begin = at_;
    while (!at_end_of_element() && !here('<') && !here(':')) ++at_;
    if (here(':')) {
      end_group();
      out_.push_back({.kind = HeaderAddress::Kind::group_start, .name = phrase(begin, at_)});
      in_group_ = true;
      ++at_;
      return;
    }
    HeaderAddress address;
    if (here('<')) {
      address.name = phrase(begin, at_);
      const std::size_t inside = ++at_;
      if (!angle_address(address)) without_domain(inside, address);
    } else if (!bare_address(begin, at_, address)) {
      without_domain(begin, address);
    }
    while (!at_end_of_element()) ++at_;
    const bool empty = address.local.empty() && address.name.empty();
    if (address.domain.empty() && (incomplete_ == Incomplete::drop || empty)) return;
    for (std::size_t i = begin; i < at_ && address.name.empty(); ++i) {
      if (tokens_[i].kind == Token::Kind::comment) address.name = tokens_[i].text;
    }
    out_.push_back(std::move(address));
  }

  /// What stands from `begin` on is no local@domain: a local part alone, or else a name.
  void without_domain(std::size_t begin, HeaderAddress& address) {
    address.local.clear();
    address.domain.clear();
    std::size_t end = begin;
    bool spaces = false;
    while (end < at_ && !tokens_[end].is('>') && !tokens_[end].is('@')) {
      const Token& token = tokens_[end++];
      if (token.kind == Token::Kind::comment) continue;
      spaces = spaces || (!address.local.empty() && token.space_before);
      address.local += token.text;
    }
    if (!spaces) return;
    if (address.name.empty()) address.name = phrase(begin, end);
    address.local.clear();
  }

  /// Words of a display name; "J. Smith" is the obsolete form that everyone writes.
  std::string phrase(std::size_t begin, std::size_t end) const {
    std::string out;
    for (std::size_t i = begin; i < end; ++i) {
      if (tokens_[i].kind == Token::Kind::comment) continue;
      if (!out.empty() && tokens_[i].space_before) out += ' ';
      out += tokens_[i].text;
    }
    return out;
  }

  /// Behind '<': an optional obsolete route, then local@domain, then '>' if it is there at all.
  bool angle_address(HeaderAddress& address) {
    const std::size_t begin = at_;
    while (at_ < tokens_.size() && !here('>') && !here('<') && !here(';')) ++at_;
    std::size_t end = at_;
    if (here('>')) ++at_;
    std::size_t from = begin;
    if (begin < end && tokens_[begin].is('@')) {
      std::size_t colon = begin;
      while (colon < end && !tokens_[colon].is(':')) ++colon;
      if (colon == end) return false;
      for (std::size_t i = begin; i < colon; ++i) {
        if (tokens_[i].kind != Token::Kind::comment) address.route += tokens_[i].text;
      }
      from = colon + 1;
    }
    return address_spec(from, end, address) != kNone;
  }

  /// Without brackets: what stands before the local part is taken for a name.
  bool bare_address(std::size_t begin, std::size_t end, HeaderAddress& address) {
    const std::size_t local_begin = address_spec(begin, end, address);
    if (local_begin != kNone) address.name = phrase(begin, local_begin);
    return local_begin != kNone;
  }

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  /// The first local@domain between two tokens; returns where the local part begins.
  std::size_t address_spec(std::size_t begin, std::size_t end, HeaderAddress& address) const {
    std::size_t sign = begin;
    while (sign < end && !tokens_[sign].is('@')) ++sign;
    if (sign == end) return kNone;
    // Back over word ("." word)*, comments between them skipped (RFC 5322 section 4.4).
    std::size_t first = sign;
    bool want_word = true;
    for (std::size_t i = sign; i > begin; --i) {
      const Token& token = tokens_[i - 1];
      if (token.kind == Token::Kind::comment) continue;
      if (token.is('.')) {
        want_word = true;
      } else if (token.is_word() && want_word) {
        want_word = false;
      } else {
        break;
      }
      first = i - 1;
    }
    bool some_word = false;
    for (std::size_t i = first; i < sign; ++i) {
      if (tokens_[i].kind == Token::Kind::comment) continue;
      address.local += tokens_[i].text;
      some_word = some_word || tokens_[i].is_word();
    }
    if (!some_word) return kNone;
    read_domain(sign + 1, end, address);
    return address.domain.empty() ? kNone : first;
  }

  void read_domain(std::size_t begin, std::size_t end, HeaderAddress& address) const {
    bool want_atom = true;
    for (std::size_t i = begin; i < end; ++i) {
      const Token& token = tokens_[i];
      if (token.kind == Token::Kind::comment) continue;
      if (token.kind == Token::Kind::literal && address.domain.empty()) {
        address.domain = token.text;
        return;
      }
      if (token.kind == Token::Kind::atom && want_atom) {
        want_atom = false;
      } else if (token.is('.') && !want_atom) {
        want_atom = true;
      } else {
        break;
      }
      address.domain += token.text;
    }
    if (address.domain.ends_with('.')) address.domain.pop_back();
  }

  std::vector<Token> tokens_;
  Incomplete incomplete_;
  std::size_t at_ = 0;
  bool in_group_ = false;
  std::vector<HeaderAddress> out_;
};

}  // namespace

std::vector<HeaderAddress> parse_address_list(std::string_view value, Incomplete incomplete) {
  return Parser(value, incomplete).run();
}

}  // namespace mailscope::mail
