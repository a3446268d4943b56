// Makes them, and keeps the last one.
#include "server/imap/surrogates.hpp"

#include "server/mail/downgrade.hpp"

namespace mailscope::imap {

store::Body Surrogates::of(const store::MessageInfo& info, const store::Body& body) {
  if (!info.utf8_headers) return body;
  if (last_ == info.email && made_ != nullptr) return made_;
  auto made = mail::downgrade_message(*body);
  if (!made) return body;
  last_ = info.email;
  made_ = std::make_shared<const std::string>(std::move(*made));
  return made_;
}

}  // namespace mailscope::imap
