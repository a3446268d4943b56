// ENVELOPE and BODYSTRUCTURE (RFC 3501 section 7.4.2):
//
//   ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary" (("Terry Gray" NIL
//   ... BODYSTRUCTURE (("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1152 23 NIL NIL NIL
//   NIL) ...
#pragma once

#include "server/imap/response_writer.hpp"
#include "server/mail/mime.hpp"

namespace mailscope::imap {

void write_envelope(ResponseWriter& out, const mail::Header& header);
/// `extended`: BODYSTRUCTURE; otherwise BODY.
void write_body_structure(ResponseWriter& out, const mail::Part& part, bool extended);

}  // namespace mailscope::imap
