#include "server/sieve/outbound.hpp"

#include "server/mail/text.hpp"

namespace mailscope::sieve {
namespace {

bool is_atext(char c) {
  return mail::is_alpha(c) || mail::is_digit(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  /// mailbox = name-addr / addr-spec, with what may stand around it.
  std::optional<mail::Mailbox> mailbox() {
    const std::size_t begin = at_;
    if (auto plain = addr_spec(); plain && at_boundary()) return plain;
    at_ = begin;
    if (!phrase() || !take('<')) return std::nullopt;
    auto out = addr_spec();
    if (!take('>') || !skip_blanks() || !at_boundary()) return std::nullopt;
    return out;
  }
  bool at_end() const { return at_ >= text_.size(); }
  bool at_boundary() const { return at_end() || text_[at_] == ','; }
  std::size_t at() const { return at_; }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

 private:
  std::optional<mail::Mailbox> addr_spec() {
    std::string local, domain;
    if (!skip_blanks() || !(quoted(local) || dot_atom(local)) || !skip_blanks() || !take('@') ||
        !skip_blanks() || !(literal(domain) || dot_atom(domain)) || !skip_blanks())
      return std::nullopt;
    return mail::Mailbox::parse(mail::quote_local(local) + '@' + mail::lower(domain));
  }
  /// Words before '<'; none is allowed too: many write "<a@b.example>". A '.' belongs to names as
  /// people write them (obs-phrase).
  bool phrase() {
    std::string word;
    for (;;) {
      if (!skip_blanks()) return false;
      if (at_end()) return false;
      if (text_[at_] == '<') return true;
      if (quoted(word) || take('.')) continue;
      const std::size_t begin = at_;
      while (!at_end() && (is_atext(text_[at_]) || !mail::is_ascii(text_[at_]))) ++at_;
      if (at_ == begin) return false;
    }
  }
  bool dot_atom(std::string& out) {
    const std::size_t begin = at_;
    do {
      const std::size_t atom = at_;
      while (!at_end() && is_atext(text_[at_])) ++at_;
      if (at_ == atom) return false;
    } while (take('.'));
    out = text_.substr(begin, at_ - begin);
    return true;
  }
  bool quoted(std::string& out) { return delimited('"', '"', out); }
  bool literal(std::string& out) {
    if (!delimited('[', ']', out)) return false;
    out = '[' + out + ']';
    return true;
  }
  bool delimited(char open, char close, std::string& out) {
    if (at_end() || text_[at_] != open) return false;
    std::string inner;
    for (std::size_t at = at_ + 1; at < text_.size(); ++at) {
      if (text_[at] == close) {
        out = std::move(inner);
        at_ = at + 1;
        return true;
      }
      if (text_[at] == '\\' && ++at == text_.size()) break;
      if (mail::is_control(text_[at]) && text_[at] != '\t') break;
      inner += text_[at];
    }
    return false;
  }
  /// White space and comments; false for a comment that does not end and for other line ends.
  bool skip_blanks() {
    std::size_t comments = 0;
    for (; !at_end(); ++at_) {
      const char c = text_[at_];
      if (c == '(') {
        ++comments;
      } else if (c == ')' && comments > 0) {
        --comments;
      } else if (c == '\\' && comments > 0) {
        ++at_;
      } else if (c == '\r' || c == '\n') {
        return false;
      } else if (comments == 0 && c != ' ' && c != '\t') {
        return true;
      }
    }
    return comments == 0;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<mail::Mailbox> parse_outbound(std::string_view text) {
  Reader reader(text);
  auto out = reader.mailbox();
  return reader.at_end() ? out : std::nullopt;
}

std::vector<std::string> parse_mailbox_list(std::string_view text) {
  std::vector<std::string> out;
  Reader reader(text);
  do {
    const std::size_t begin = reader.at();
    if (!reader.mailbox()) return {};
    out.emplace_back(mail::trim(text.substr(begin, reader.at() - begin)));
  } while (reader.take(','));
  return out;
}

}  // namespace mailscope::sieve
