// Any octets are a message: parts stay inside their parents, everything decodes, UTF-8 comes out
// where UTF-8 is promised, and what was parsed strictly survives being written and read again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/mail/address.hpp"
#include "server/mail/builder.hpp"
#include "server/mail/date.hpp"
#include "server/mail/encoding.hpp"
#include "server/mail/mime.hpp"
#include "server/mail/parameters.hpp"

using namespace mailscope::mail;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_field(const Field& field, std::string_view header) {
  require(field.whole.data() >= header.data() &&
          field.whole.data() + field.whole.size() <= header.data() + header.size());
  const std::string text = decode_words(field.value);
  require(is_valid_utf8(text));
  require(text.find('\n') == std::string::npos);
  for (const HeaderAddress& address : parse_address_list(field.value)) {
    require(address.kind != HeaderAddress::Kind::mailbox || !address.domain.empty());
  }
  for (const auto& [name, value] : parse_content_value(field.value).parameters) {
    require(name == "boundary" || is_valid_utf8(value));
  }
  parse_content_value(field.value, ParameterForm::joined);
  if (const auto date = parse_date(field.value)) {
    const auto again = parse_date(format_date(date->time));
    require(again && again->time == date->time);
  }
  if (const auto mailbox =
          Mailbox::parse(field.value.substr(field.value.starts_with(' ') ? 1 : 0))) {
    require(Mailbox::parse(mailbox->to_string()) == mailbox);
  }
}

std::size_t check_part(const Part& part, std::string_view message, std::size_t depth) {
  require(depth <= MimeLimits{}.depth);
  require(part.header_begin <= part.body_begin && part.body_begin <= part.body_end &&
          part.body_end <= message.size());
  require(!part.is_multipart() || !part.parts.empty());
  require(!part.is_message() || part.parts.size() == 1);
  for (const Field& field : part.header.fields) check_field(field, part.header_text(message));
  const std::string body = decode_body(part, message);
  require(body.size() <= part.body(message).size());
  if (const auto text = to_utf8(body, parameter(part.parameters, "charset")))
    require(is_valid_utf8(*text));
  std::size_t parts = 1;
  std::size_t at = part.body_begin;
  for (const Part& child : part.parts) {
    require(child.header_begin >= at && child.body_end <= part.body_end);
    at = child.body_end;
    parts += check_part(child, message, depth + 1);
  }
  return parts;
}

void check_builder(std::string_view text) {
  Draft draft;
  draft.from = draft.subject = draft.message_id = draft.text = text;
  draft.to = {std::string(text)};
  draft.extra = {{std::string(text), std::string(text)}};
  draft.attachments = {{std::string(text), std::string(text), std::string(text)}};
  const std::string message = build_message(draft, text);
  for (std::size_t at = 0; at < message.size();) {
    const std::size_t end = message.find("\r\n", at);
    require(end != std::string::npos && end - at <= 998);
    for (std::size_t i = at; i < end; ++i) {
      require(static_cast<unsigned char>(message[i]) < 0x80 && message[i] != '\r' &&
              message[i] != '\n' && message[i] != '\0');
    }
    at = end + 2;
  }
  const Part root = parse_message(message);
  require(root.parts.size() == 2);
  if (!root.parts[1].is_message()) require(decode_body(root.parts[1], message) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  require(check_part(parse_message(input), input, 0) <= MimeLimits{}.parts);
  check_builder(input);
  require(base64_decode_strict(base64_encode(input)) == std::string(input));
  if (const auto octets = base64_decode_strict(input)) require(base64_encode(*octets) == input);
  require(decode_words(encode_words(input)).find('\n') == std::string::npos);
  quoted_printable_decode(input);
  return 0;
}
