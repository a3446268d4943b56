#include "server/managesieve/wire.hpp"

#include <algorithm>

#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"
#include "server/store/mail_store.hpp"

namespace mailscope::managesieve {
namespace {
constexpr std::size_t kMaxQuoted = 1'024;  // octets, RFC 5804 section 4
}

std::string wire_string(std::string_view text) {
  const bool quotable =
      text.size() <= kMaxQuoted &&
      std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; }) &&
      mail::is_valid_utf8(text);
  if (!quotable) return "{" + std::to_string(text.size()) + "}\r\n" + std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

bool is_script_name(std::string_view name) {
  if (name.empty() || name.size() > store::kMaxScriptName || !mail::is_valid_utf8(name))
    return false;
  if (std::ranges::any_of(name, mail::is_control)) return false;
  // U+0080 to U+009F, U+2028 and U+2029.
  for (std::size_t i = 0; i + 1 < name.size(); ++i) {
    const auto octet = [&](std::size_t at) { return static_cast<unsigned char>(name[at]); };
    if (octet(i) == 0xc2 && octet(i + 1) < 0xa0) return false;
    if (octet(i) == 0xe2 && octet(i + 1) == 0x80 && i + 2 < name.size() &&
        (octet(i + 2) == 0xa8 || octet(i + 2) == 0xa9))
      return false;
  }
  return true;
}

}  // namespace mailscope::managesieve
