// Reads a server's responses (RFC 3501 sections 7 and 9) into plain values. Knows the grammar of
// responses but not their meaning, so that no server can surprise it:
//
//   * 12 FETCH (FLAGS (\Seen) UID 4392)   -> untagged, number 12, "FETCH", ((FLAGS (\Seen) UID
//   4392)) A3 NO [TRYCREATE] No such mailbox     -> tagged A3, "NO", code "TRYCREATE"
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailscope::imap {

struct Value {
  enum class Kind : std::uint8_t { nil, atom, string, list };
  Kind kind = Kind::nil;
  std::string text;          // of atom and string
  std::vector<Value> items;  // of list
  /// The number an atom is; nullopt when it is none (or beyond 64 bits).
  std::optional<std::uint64_t> number() const;
  bool is_atom(std::string_view name) const;  // no regard to case
};

struct Response {
  enum class Kind : std::uint8_t { untagged, tagged, continuation };
  Kind kind = Kind::untagged;
  std::string tag;                      // of tagged
  std::string name;                     // upper case: "OK", "EXISTS", "FETCH", "LIST"
  std::optional<std::uint32_t> number;  // in front of the name: "* 12 EXISTS"
  std::string code;                     // upper case: "TRYCREATE"; empty: none
  std::vector<Value> code_arguments;
  std::string text;           // of OK, NO, BAD, BYE, PREAUTH and of a continuation
  std::vector<Value> values;  // of everything else
  /// OK, NO, BAD, BYE or PREAUTH.
  bool is_status() const;
};

/// `line`: with its literals, without the final line end. nullopt: not a response; `problem` says
/// why.
std::optional<Response> parse_response(std::string_view line, std::string& problem);
/// A status or continuation, whose text may end in what looks like a literal.
bool is_text_response(std::string_view line);

}  // namespace mailscope::imap
