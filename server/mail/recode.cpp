#include "server/mail/recode.hpp"

#include <algorithm>

#include "server/mail/encoding.hpp"
#include "server/mail/mime.hpp"
#include "server/mail/text.hpp"

namespace mailscope::mail {
namespace {

constexpr std::size_t kMaxLine = 998;  // octets without CRLF (RFC 5322 section 2.1.1)
constexpr std::string_view kEncodingField = "Content-Transfer-Encoding";

/// CR and LF only as pairs.
bool is_lines(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') return false;
    if (text[i] != '\r') continue;
    if (i + 1 == text.size() || text[i + 1] != '\n') return false;
    ++i;
  }
  return true;
}

/// The header section with this transfer encoding in the place of its own, and with `more` fields.
std::string with_encoding(const Part& part, std::string_view message, std::string_view encoding,
                          std::string_view more) {
  std::string out;
  std::size_t at = part.header_begin, end = part.header_begin;
  for (const Field& field : part.header.fields) {
    const auto begin = static_cast<std::size_t>(field.whole.data() - message.data());
    end = begin + field.whole.size();
    if (!iequals(field.name, kEncodingField)) continue;
    out += message.substr(at, begin - at);
    at = end;
  }
  out += message.substr(at, end - at);
  out += more;
  out.append(kEncodingField).append(": ").append(encoding).append("\r\n");
  return out += message.substr(end, part.body_begin - end);
}

class Recoding {
 public:
  Recoding(std::string_view message, Carries carries) : message_(message), carries_(carries) {}

  std::optional<std::string> run(const Part& top) {
    whole(top);
    // What stands behind the last part that MIME knows of is there in `top` too.
    if (failed_ || !fits(out_, carries_)) return std::nullopt;
    return std::move(out_);
  }

 private:
  /// A message, at the top or inside another: it may be older than MIME.
  void whole(const Part& part) {
    std::string more;
    if (part.header.find("MIME-Version") == nullptr) {
      more = "MIME-Version: 1.0\r\n";
      // RFC 1428 section 3: nobody knows which characters these are.
      if (part.header.find("Content-Type") == nullptr)
        more += "Content-Type: text/plain; charset=unknown-8bit\r\n";
    }
    this->part(part, more);
  }

  void part(const Part& part, std::string_view more = {}) {
    const std::string_view header = part.header_text(message_);
    const std::string_view body = part.body(message_);
    if (!fits(header, carries_)) return fail();
    if (fits(body, carries_)) {
      out_.append(header).append(body);
    } else if (!part.parts.empty() && part.subtype != "global") {
      composite(part, more);
    } else {
      leaf(part, more);
    }
  }

  /// RFC 2045 section 6.4: a composite part is never encoded itself.
  void composite(const Part& part, std::string_view more) {
    const std::string_view encoding = carries_ == Carries::seven_bit ? "7bit" : "8bit";
    out_ += with_encoding(part, message_, encoding, more);
    std::size_t at = part.body_begin;
    for (const Part& inner : part.parts) {
      between(message_.substr(at, inner.header_begin - at));
      part.is_message() ? whole(inner) : this->part(inner);
      at = inner.body_end;
    }
    between(message_.substr(at, part.body_end - at));
  }

  /// Boundaries, and text before and behind the parts, which nobody is shown.
  void between(std::string_view text) {
    if (fits(text, carries_)) {
      out_ += text;
      return;
    }
    for (const char c : text) out_ += carries_ == Carries::eight_bit || is_ascii(c) ? c : '?';
  }

  void leaf(const Part& part, std::string_view more) {
    const std::string type = lower(part.header.text("Content-Type"));
    // message/partial and message/external-body must be 7bit, reports too; a multipart that has no
    // parts is broken. message/global may be encoded (RFC 6532 section 3.5).
    if (type.starts_with("multipart/") ||
        (type.starts_with("message/") && !type.starts_with("message/global")))
      return fail();
    const std::string_view encoding = part.encoding;
    const bool plain = encoding == "7bit" || encoding == "8bit" || encoding == "binary";
    if (!plain && encoding != "quoted-printable") return fail();
    const std::string octets = decode_body(part, message_);
    // Lines of text stay lines; a CR or LF of its own would be lost in quoted-printable.
    const bool text = part.type == "text" && is_lines(octets);
    out_ += with_encoding(part, message_, text ? "quoted-printable" : "base64", more);
    out_ += text ? quoted_printable_encode(octets) : base64_encode_wrapped(octets);
    // A soft line break, where the text ends and its last line does not.
    if (text && part.body_end == message_.size() && !octets.ends_with("\r\n")) out_ += "=\r\n";
  }

  void fail() { failed_ = true; }

  std::string_view message_;
  Carries carries_;
  std::string out_;
  bool failed_ = false;
};

}  // namespace

bool fits(std::string_view text, Carries carries) {
  std::size_t line = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
      ++i;
      line = 0;
    } else if (c == '\r' || c == '\n' || c == '\0' || ++line > kMaxLine ||
               (carries == Carries::seven_bit && !is_ascii(c))) {
      return false;
    }
  }
  return true;
}

std::optional<std::string> recode(std::string_view message, Carries carries) {
  return Recoding(message, carries).run(parse_message(message));
}

}  // namespace mailscope::mail
