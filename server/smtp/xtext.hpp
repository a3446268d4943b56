// Text inside parameters: xtext (RFC 3461 section 4), and addresses in UTF-8 (RFC 6533 section 3).
//
//   ENVID=QQ+2B314159             "QQ+314159"
//   ORCPT=utf-8;b\x{F8}b@x.example    "utf-8;bøb@x.example"
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailscope::smtp {

/// Undoes xtext; nullopt when `text` is none: "+" stands before two capital hexadecimal digits,
/// "=" never.
std::optional<std::string> decode_xtext(std::string_view text);
std::string encode_xtext(std::string_view octets);

/// Undoes utf-8-addr-xtext or, with `unicode`, utf-8-addr-unitext; nullopt when `text` is neither.
std::optional<std::string> decode_utf8_address(std::string_view text, bool unicode);
/// As utf-8-addr-unitext with `unicode`, else as utf-8-addr-xtext. `text` is valid UTF-8.
std::string encode_utf8_address(std::string_view text, bool unicode);

/// Value of ORCPT, "type;address", with the address as its type writes it; nullopt when it is none.
/// What it gives is the type as written, ";" and the address itself.
std::optional<std::string> decode_orcpt(std::string_view value, bool unicode);
std::string encode_orcpt(std::string_view orcpt, bool unicode);

/// "type; address" for a field of a report (RFC 3464 section 2.1.2, RFC 6533 section 3). What is
/// not ASCII is of the type utf-8; `utf8`: the report is in UTF-8.
std::string typed_address(std::string_view type, std::string_view address, bool utf8);
/// The same of what decode_orcpt() gave.
std::string typed_orcpt(std::string_view orcpt, bool utf8);

}  // namespace mailscope::smtp
