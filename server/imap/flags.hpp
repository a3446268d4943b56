// Message flags in commands and responses (RFC 3501 section 2.3.2): (\Seen \Answered $Forwarded).
#pragma once

#include <string>

#include "server/imap/cursor.hpp"
#include "server/store/mail_store.hpp"

namespace mailscope::imap {

/// A list in parentheses. `over_limit`: set where there are more or longer keywords than we keep,
/// which is no error of syntax (RFC 5530 section 3, LIMIT).
bool parse_flag_list(Cursor& cursor, store::Flags& out, bool& over_limit);
/// STORE's form: a list, or flags separated by spaces without parentheses.
bool parse_store_flags(Cursor& cursor, store::Flags& out, bool& over_limit);
/// "(\Seen junk)"; `recent` adds \Recent, which belongs to the session and not to the store.
void append_flags(std::string& out, const store::Flags& flags, bool recent = false);
/// The order of keywords: without regard to case.
bool less_ci(std::string_view a, std::string_view b);
/// Keeps the keywords sorted and without doubles.
void add_keyword(store::Flags& flags, std::string_view keyword);
bool has_keyword(const store::Flags& flags, std::string_view keyword);
/// Bit of "\Seen" and its like without regard to case; 0 when it is none of RFC 3501's.
std::uint8_t system_flag(std::string_view name);

}  // namespace mailscope::imap
