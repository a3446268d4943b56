// What a client gets in the place of a message with UTF-8 in its headers when it has not said that
// it takes that (RFC 6855 section 7, RFC 6858):
//
//   C: a UID FETCH 70 (BODY.PEEK[HEADER.FIELDS (FROM)])
//   S: * 2 FETCH (UID 70 BODY[HEADER.FIELDS (FROM)] {89}
//   S: From: =?UTF-8?Q?Jos=C3=A9_<jos=C3=A9@example=2Ecom>?=
//   S:  <invalid@internationalized-address.invalid>
//   S: ...)
//   S: a OK [DOWNGRADED 70] Fetched
#pragma once

#include "server/store/mail_store.hpp"

namespace mailscope::imap {

class Surrogates {
 public:
  /// What older clients get; `body` itself when that is it.
  store::Body of(const store::MessageInfo& info, const store::Body& body);

 private:
  // Clients ask for the parts of a message one after the other.
  store::EmailId last_ = 0;
  store::Body made_;
};

}  // namespace mailscope::imap
