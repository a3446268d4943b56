#include "server/mail/downgrade.hpp"

#include <array>
#include <cstring>

#include "server/mail/address.hpp"
#include "server/mail/encoding.hpp"
#include "server/mail/mime.hpp"
#include "server/mail/parameters.hpp"
#include "server/mail/text.hpp"

namespace mailscope::mail {
namespace {

/// RFC 6858 section 2.1: stands for an address that cannot be shown.
constexpr std::string_view kInvalidAddress = "invalid@internationalized-address.invalid";
constexpr std::size_t kLine = 76;  // octets, RFC 2047 section 2 for lines with encoded words

/// Most messages are ASCII, and each one is looked at: eight octets at a time.
bool has_eight_bit(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::uint64_t word = 0, all = 0;
  while (text.size() >= sizeof word) {
    std::memcpy(&word, text.data(), sizeof word);
    all |= word;
    text.remove_prefix(sizeof word);
  }
  return (all & kHighBits) != 0 || !all_ascii(text);
}

enum class Kind : std::uint8_t { addresses, parameters, text, other };

// RFC 6858 sections 2.1 to 2.3. What is not among them is left out (section 2.4).
Kind kind_of(std::string_view name) {
  struct Row {
    std::string_view name;
    Kind kind;
  };
  static constexpr Row kRows[] = {
      {"Bcc", Kind::addresses},
      {"Cc", Kind::addresses},
      {"From", Kind::addresses},
      {"Reply-To", Kind::addresses},
      {"Resent-Bcc", Kind::addresses},
      {"Resent-Cc", Kind::addresses},
      {"Resent-From", Kind::addresses},
      {"Resent-Sender", Kind::addresses},
      {"Resent-To", Kind::addresses},
      {"Return-Path", Kind::addresses},
      {"Sender", Kind::addresses},
      {"To", Kind::addresses},
      {"Content-Type", Kind::parameters},
      {"Content-Disposition", Kind::parameters},
      {"Subject", Kind::text},
  };
  for (const Row& row : kRows) {
    if (iequals(row.name, name)) return row.kind;
  }
  return Kind::other;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

/// A phrase (RFC 5322 section 3.2.5) of any text. Encoded words stand bare, the rest in quotes.
std::string phrase(std::string_view text) {
  return all_ascii(text) ? quoted(text) : encode_words(text);
}

std::string address(const HeaderAddress& mailbox) {
  const std::string spec = quote_local(mailbox.local) + '@' + mailbox.domain;
  const std::string name = decode_words(mailbox.name);
  if (all_ascii(spec)) return name.empty() ? spec : phrase(name) + " <" + spec + '>';
  const std::string shown = name.empty() ? spec : name + " <" + spec + '>';
  return phrase(shown) + " <" + std::string(kInvalidAddress) + '>';
}

std::string address_list(std::string_view value) {
  std::string out;
  bool first = true;  // no comma before the next one
  for (const HeaderAddress& each : parse_address_list(value)) {
    if (each.kind == HeaderAddress::Kind::group_end) {
      out += ';';
      first = false;
      continue;
    }
    if (!first) out += ", ";
    first = each.kind == HeaderAddress::Kind::group_start;
    out += first ? phrase(decode_words(each.name)) + ": " : address(each);
  }
  return out;
}

std::string parameters(std::string_view value) {
  const ContentValue parsed = parse_content_value(value, ParameterForm::joined);
  if (!all_ascii(parsed.value)) return {};
  std::string out = parsed.value;
  for (const auto& [name, text] : parsed.parameters) {
    // RFC 6858 section 2.2: what cannot be shown as it is goes.
    if (!is_mime_token(name) || !all_ascii(text)) continue;
    // The form of RFC 2231 section 4 has no quotes.
    out += "; " + name + '=' + (name.ends_with('*') ? text : quoted(text));
  }
  return out;
}

/// The field in lines, broken at spaces.
std::string folded(std::string_view name, std::string_view value) {
  std::string out(name);
  out += ':';
  std::size_t column = out.size();
  while (!value.empty()) {
    const std::size_t space = std::min(value.find(' '), value.size());
    const std::string_view word = value.substr(0, space);
    value.remove_prefix(std::min(space + 1, value.size()));
    if (word.empty()) continue;
    if (column + 1 + word.size() > kLine && column > 0) {
      out += "\r\n";
      column = 0;
    }
    (out += ' ') += word;
    column += 1 + word.size();
  }
  return out + "\r\n";
}

/// Empty: the field cannot be shown.
std::string downgraded(const Field& field) {
  std::string value;
  switch (kind_of(field.name)) {
    case Kind::addresses:
      value = address_list(field.value);
      break;
    case Kind::parameters:
      value = parameters(field.value);
      break;
    case Kind::text:
      value = encode_words(decode_words(trim(unfold(field.value))));
      break;
    case Kind::other:
      break;
  }
  if (value.empty() || !all_ascii(field.name)) return {};
  return folded(field.name, value);
}

bool is_utf8_header(std::string_view header) {
  return !all_ascii(header) && is_valid_utf8(header);
}

bool any_utf8_header(const Part& part, std::string_view message) {
  return is_utf8_header(part.header_text(message)) ||
         std::ranges::any_of(
             part.parts, [message](const Part& inner) { return any_utf8_header(inner, message); });
}

class Writer {
 public:
  explicit Writer(std::string_view message) : message_(message) {}

  void part(const Part& part) {
    if (is_utf8_header(part.header_text(message_))) {
      copy_to(part.header_begin);
      for (const Field& field : part.header.fields) {
        out_ += all_ascii(field.whole) ? std::string(field.whole) : downgraded(field);
      }
      // Whatever stands between the last field and the body: the empty line.
      const std::size_t fields_end =
          part.header.fields.empty()
              ? part.header_begin
              : static_cast<std::size_t>(part.header.fields.back().whole.data() +
                                         part.header.fields.back().whole.size() - message_.data());
      const std::string_view rest = message_.substr(fields_end, part.body_begin - fields_end);
      if (all_ascii(rest)) {
        out_ += rest;
      } else {
        out_ += "\r\n";  // lines that are no fields
      }
      copied_ = part.body_begin;
      changed_ = true;
    }
    for (const Part& inner : part.parts) this->part(inner);
  }

  std::optional<std::string> finish() {
    if (!changed_) return std::nullopt;
    copy_to(message_.size());
    return std::move(out_);
  }

 private:
  void copy_to(std::size_t end) {
    if (end > copied_) out_ += message_.substr(copied_, end - copied_);
    copied_ = std::max(copied_, end);
  }

  std::string_view message_;
  std::string out_;
  std::size_t copied_ = 0;
  bool changed_ = false;
};

}  // namespace

bool has_utf8_headers(std::string_view message) {
  return has_eight_bit(message) && any_utf8_header(parse_message(message), message);
}

std::optional<std::string> downgrade_message(std::string_view message) {
  if (!has_eight_bit(message)) return std::nullopt;
  Writer writer(message);
  writer.part(parse_message(message));
  return writer.finish();
}

}  // namespace mailscope::mail
