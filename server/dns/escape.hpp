// Escapes of zone file text (RFC 1035 section 5.1): \X is the character X, \DDD the octet with this
// decimal number.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailscope::dns {

/// The octet that stands at `at`, unescaped; moves `at` behind it. nullopt for a bad escape.
/// Precondition: at < text.size().
std::optional<char> take_octet(std::string_view text, std::size_t& at);
/// All of `text` unescaped; nullopt for a bad escape.
std::optional<std::string> unescape(std::string_view text);
/// Appends \DDD.
void append_decimal_escape(std::string& out, char octet);

}  // namespace mailscope::dns
