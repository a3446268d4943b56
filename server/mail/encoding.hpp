// Encodings that mail uses: base64, quoted-printable, encoded words (RFC 2047), charsets to UTF-8.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailscope::mail {

std::string base64_encode(std::string_view octets);
/// Strict (RFC 4648 section 4): nullopt on anything that is not canonical base64. For SASL.
std::optional<std::string> base64_decode_strict(std::string_view text);
/// Lenient (RFC 2045 section 6.8): skips what is not in the alphabet. `wrapped` for bodies.
std::string base64_decode(std::string_view text);
/// Lines of 76 characters ended by CRLF.
std::string base64_encode_wrapped(std::string_view octets);
std::string quoted_printable_encode(std::string_view text);
std::string quoted_printable_decode(std::string_view text);
/// Escapes of "%" and two hexadecimal digits (RFC 2231 section 4, RFC 3986 section 2.1) undone;
/// what is no escape stays.
std::string percent_decode(std::string_view text);
/// All but letters, digits, ".", "-" and "_" as escapes.
std::string percent_encode(std::string_view text);
/// Decodes all encoded words of an unstructured header value to UTF-8; what is not valid stays.
std::string decode_words(std::string_view value);
/// `text` (UTF-8) as header text: unchanged when ASCII, else encoded words that fit in a line.
std::string encode_words(std::string_view text);
/// To UTF-8 from `charset` (iconv); invalid octets become U+FFFD; nullopt for an unknown charset.
std::optional<std::string> to_utf8(std::string_view octets, std::string_view charset);
bool is_valid_utf8(std::string_view text);
/// `text` with each octet that is no valid UTF-8 as U+FFFD.
std::string repair_utf8(std::string_view text);

}  // namespace mailscope::mail
