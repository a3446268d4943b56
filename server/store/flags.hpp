// Arithmetic of message flags: keywords compare without regard to case (RFC 3501 section 2.3.2).
#pragma once

#include <vector>

#include "server/store/mail_store.hpp"

namespace mailscope::store {

/// Sorts the keywords, removes doubles (of two spellings the first given stays) and what is no
/// atom.
Flags normalised(Flags flags);

/// `current` after the change; a keyword that is set already keeps its spelling. Both normalised.
Flags changed_flags(const Flags& current, FlagChange change, const Flags& given);

/// The same flags, without regard to the case of keywords. Both normalised.
bool same_flags(const Flags& a, const Flags& b);

/// `uids` rising, each once.
std::vector<Uid> sorted_unique(std::vector<Uid> uids);

}  // namespace mailscope::store
