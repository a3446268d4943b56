// Messages with UTF-8 in their headers (RFC 6532) for clients that do not know that (RFC 6858):
//
//   From: José <josé@exämple.com>
//   From: =?UTF-8?Q?Jos=C3=A9_<jos=C3=A9@ex=C3=A4mple=2Ecom>?=
//   <invalid@internationalized-address.invalid>
//
// Subjects are encoded, parameters and fields that cannot be shown as they are left out; bodies
// stay.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailscope::mail {

/// Whether some header of the message, or of a part of it, is in UTF-8, so that older clients get
/// another message in its place: exactly when downgrade_message() makes one.
bool has_utf8_headers(std::string_view message);
/// The message as an older client can read it; nullopt when it is that already. Headers whose
/// octets are no UTF-8 are not touched: they are not internationalized but old.
std::optional<std::string> downgrade_message(std::string_view message);

}  // namespace mailscope::mail
