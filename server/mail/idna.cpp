#include "server/mail/idna.hpp"

#include <idn2.h>

#include <algorithm>

#include "server/mail/text.hpp"

namespace mailscope::mail {

std::optional<std::string> ascii_domain(std::string_view domain) {
  if (std::ranges::all_of(domain, is_ascii)) return lower(domain);
  char* converted = nullptr;
  // NFC first and non-transitional (RFC 5895 section 2 is what users expect of what they typed).
  const int result = idn2_to_ascii_8z(std::string(domain).c_str(), &converted,
                                      IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  if (result != IDN2_OK) return std::nullopt;
  std::string ascii(converted);
  idn2_free(converted);
  return ascii;
}

bool same_domain(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const auto left = ascii_domain(a);
  return left && left == ascii_domain(b);
}

}  // namespace mailscope::mail
