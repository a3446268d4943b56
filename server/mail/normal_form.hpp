// One spelling of each text (Unicode normalization form C, RFC 5198 section 2): "e" with a
// combining accent, as some systems write file names, is the same as "é" in one character.
#pragma once

#include <string>
#include <string_view>

namespace mailscope::mail {

/// `text` in normalization form C; as it is when it is no good UTF-8.
std::string normal_form(std::string_view text);

}  // namespace mailscope::mail
