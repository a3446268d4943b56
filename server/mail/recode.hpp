// Messages with octets that the next server cannot take, in octets that it can (RFC 6152
// section 3, RFC 3030 section 3): the transfer encodings of their parts change, what they say does
// not.
//
//   Content-Transfer-Encoding: 8bit      ->  Content-Transfer-Encoding: quoted-printable
//   Grüße                                    Gr=C3=BC=C3=9Fe
//
// Text becomes quoted-printable, everything else base64, and the parts around them 7bit. Signatures
// over what is changed do not hold any more; those that must hold are 7bit by themselves
// (RFC 1847 section 2.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailscope::mail {

/// What a server takes.
enum class Carries : std::uint8_t {
  seven_bit,  // lines of ASCII
  eight_bit,  // lines of any octets (8BITMIME)
};

/// True when the text goes there as it is: lines ended by CRLF, not too long, no NUL.
bool fits(std::string_view text, Carries carries);

/// The message so that it fits; nullopt when that cannot be done: octets of a header are not ASCII,
/// or a part may not be encoded (RFC 2046 section 5.2.2, section 5.2.3).
std::optional<std::string> recode(std::string_view message, Carries carries);

}  // namespace mailscope::mail
