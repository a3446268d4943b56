// Flags, read and written.
#include "server/imap/flags.hpp"

#include <algorithm>

#include "server/imap/limits.hpp"
#include "server/imap/unicode.hpp"

namespace mailscope::imap {
namespace {

struct SystemFlag {
  std::string_view name;
  std::uint8_t bit;
};
constexpr SystemFlag kSystemFlags[] = {
    {"\\Answered", store::kAnswered}, {"\\Flagged", store::kFlagged},
    {"\\Deleted", store::kDeleted},   {"\\Seen", store::kSeen},
    {"\\Draft", store::kDraft},
};

bool parse_flag(Cursor& cursor, store::Flags& out, bool& over_limit) {
  const bool system = cursor.peek() == '\\' && cursor.character('\\');
  std::string_view name;
  if (!cursor.atom(name)) return cursor.expected("a flag");
  if (system) {
    // \Recent cannot be set by a client (RFC 3501 section 2.3.2), nor can flags that begin with a
    // backslash be made up.
    const std::uint8_t bit = system_flag("\\" + std::string(name));
    if (bit == 0)
      return cursor.expected(
          "one of \\Answered \\Flagged \\Deleted \\Seen \\Draft or a keyword before this,");
    out.system = static_cast<std::uint8_t>(out.system | bit);
    return true;
  }
  if (name.size() > kMaxKeyword || out.keywords.size() >= kMaxKeywords)
    over_limit = true;
  else
    add_keyword(out, name);
  return true;
}

}  // namespace

bool less_ci(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return ascii_lower(x) < ascii_lower(y);
  });
}

std::uint8_t system_flag(std::string_view name) {
  for (const SystemFlag& flag : kSystemFlags) {
    if (equal_ci(flag.name, name)) return flag.bit;
  }
  return 0;
}

void add_keyword(store::Flags& flags, std::string_view keyword) {
  const auto at = std::lower_bound(flags.keywords.begin(), flags.keywords.end(), keyword, less_ci);
  if (at != flags.keywords.end() && equal_ci(*at, keyword)) return;
  flags.keywords.emplace(at, keyword);
}

bool has_keyword(const store::Flags& flags, std::string_view keyword) {
  const auto at = std::lower_bound(flags.keywords.begin(), flags.keywords.end(), keyword, less_ci);
  return at != flags.keywords.end() && equal_ci(*at, keyword);
}

bool parse_flag_list(Cursor& cursor, store::Flags& out, bool& over_limit) {
  if (!cursor.character('(')) return cursor.expected("a list of flags");
  if (cursor.peek() == ')') return cursor.character(')');
  do {
    if (!parse_flag(cursor, out, over_limit)) return false;
  } while (cursor.peek() == ' ' && cursor.space());
  return cursor.character(')');
}

bool parse_store_flags(Cursor& cursor, store::Flags& out, bool& over_limit) {
  if (cursor.peek() == '(') return parse_flag_list(cursor, out, over_limit);
  do {
    if (!parse_flag(cursor, out, over_limit)) return false;
  } while (cursor.peek() == ' ' && cursor.space());
  return true;
}

void append_flags(std::string& out, const store::Flags& flags, bool recent) {
  out += '(';
  const std::size_t start = out.size();
  const auto add = [&](std::string_view name) {
    if (out.size() != start) out += ' ';
    out += name;
  };
  if (flags.system != 0) {
    for (const SystemFlag& flag : kSystemFlags) {
      if ((flags.system & flag.bit) != 0) add(flag.name);
    }
  }
  for (const std::string& keyword : flags.keywords) add(keyword);
  if (recent) add("\\Recent");
  out += ')';
}

}  // namespace mailscope::imap
