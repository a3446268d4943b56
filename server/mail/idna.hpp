// Domain names in Unicode (IDNA, RFC 5890): as the DNS has them, and whether two are the same.
//
//   räksmörgås.example  <->  xn--rksmrgs-5wao1o.example
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailscope::mail {

/// The domain with A-labels (RFC 5891 section 4.4), in lower case. An ASCII domain or an address
/// literal stays as it is but for its case; nullopt when the domain is not valid under IDNA 2008.
std::optional<std::string> ascii_domain(std::string_view domain);

/// The same domain, be it written with U-labels or with A-labels.
bool same_domain(std::string_view a, std::string_view b);

}  // namespace mailscope::mail
