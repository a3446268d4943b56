// Message identifiers as threading compares them (RFC 5256 section 3, THREAD=REFERENCES):
//
//   <"01KF8JCEOCBS0045PS"@xxx.yyy.com>   ->   01KF8JCEOCBS0045PS@xxx.yyy.com
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mailscope::imap {

/// The valid identifiers of a Message-ID, In-Reply-To or References field, quoting undone; of more
/// than `most` the last ones, which are the nearest ancestors.
std::vector<std::string> message_ids(std::string_view value, std::size_t most);
/// The first valid one, or empty.
std::string first_message_id(std::string_view value);

}  // namespace mailscope::imap
