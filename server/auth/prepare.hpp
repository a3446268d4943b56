// SASLprep (RFC 4013): the form in which names and passwords are compared and hashed, so that the
// same word typed on two keyboards is the same octets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailscope::auth {

/// The prepared form. Nullopt: not UTF-8, or it holds what RFC 4013 section 2.3 prohibits (control
/// characters, private use, ...) or mixes directions; or nothing is left of it. An empty text stays
/// empty. Code points that Unicode 3.2 does not know are let through unchanged: refusing them would
/// lock out whoever has such a password, and RFC 4013 section 2.5 allows them in queries.
std::optional<std::string> sasl_prepare(std::string_view text);

}  // namespace mailscope::auth
