// What may stand inside a string: encoded characters (RFC 5228 section 2.4.2.4) and references to
// variables (RFC 5229 section 3); and the modifiers of "set".
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mailscope::sieve {

/// "${hex:40}" and "${unicode:40}" decoded; nullopt when a well-formed sequence names no Unicode
/// character. What is not well-formed stays.
std::optional<std::string> decode_characters(std::string_view text);

/// A reference to a variable: "${name}", "${1}", "${namespace.name}".
struct Reference {
  std::size_t begin = 0, end = 0;  // in the text
  std::string name;                // lower case; empty for a match variable
  std::uint32_t number = 0;        // of a match variable; saturated
  bool has_namespace = false;
};
/// The first reference at or behind `from`; nullopt: there is none.
std::optional<Reference> find_reference(std::string_view text, std::size_t from);
/// `text` with each reference replaced; cut at `limit` octets, between characters.
std::string expand(std::string_view text,
                   const std::function<std::string_view(const Reference&)>& value_of,
                   std::size_t limit);

/// variable-name of RFC 5229 section 3 that "set" may write: an identifier.
bool is_identifier(std::string_view text);
/// Value of ":importance" (RFC 5435 section 3.4).
bool is_importance(std::string_view text);
/// A flag as RFC 8579 section 4 wants it: use-attr of RFC 6154 section 6.
bool is_special_use(std::string_view text);
/// At most `limit` octets of `text`, no UTF-8 character cut.
std::string_view cut_utf8(std::string_view text, std::size_t limit);
/// Modifiers of "set" (RFC 5229 section 4.1, RFC 5435 section 6), by name; nullopt: there is no
/// such modifier.
std::optional<std::string> modified(std::string_view modifier, std::string text);

}  // namespace mailscope::sieve
