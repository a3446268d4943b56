// The base subject (RFC 5256 section 2.1): a subject without what replying, forwarding and mailing
// lists have put around it.
//
//   "Re: [ietf] Fwd: Lunch (fwd)"  ->  "Lunch", and it was a reply or forward
#pragma once

#include <string>
#include <string_view>

namespace mailscope::imap {

struct BaseSubject {
  std::string text;  // UTF-8
  /// Something was removed that says "reply" or "forward".
  bool reply_or_forward = false;
};

/// `value`: the raw value of a Subject field, folds and encoded words as they are.
BaseSubject base_subject(std::string_view value);

}  // namespace mailscope::imap
