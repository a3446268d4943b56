// A structured MIME field: a value and its parameters (RFC 2045 section 5.1, RFC 2231).
//
//   Content-Disposition: attachment; filename*0*=utf-8''%E2%82%AC%20; filename*1="rates.txt"
#pragma once

#include <string>
#include <string_view>

#include "server/mail/mime.hpp"

namespace mailscope::mail {

inline constexpr std::size_t kMaxParameters =
    256;  // of one field, continuations counted one by one

struct ContentValue {
  std::string value;      // before the first ';', lower case, comments removed
  Parameters parameters;  // names in lower case, in order of first appearance
};

enum class ParameterForm : std::uint8_t {
  decoded,  // continuations joined, charsets converted to UTF-8, control characters made spaces
  joined,   // continuations joined, otherwise as written: for IMAP's BODYSTRUCTURE
};

/// Parses what it can of a field's raw value.
ContentValue parse_content_value(std::string_view raw, ParameterForm form = ParameterForm::decoded);
/// Value of a parameter; empty when there is none.
std::string_view parameter(const Parameters& parameters, std::string_view name);
/// token of RFC 2045 section 5.1.
bool is_mime_token(std::string_view text);

}  // namespace mailscope::mail
