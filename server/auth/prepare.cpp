#include "server/auth/prepare.hpp"

#include <stringprep.h>

#include <algorithm>

#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"

namespace mailscope::auth {
namespace {

/// NFKC makes some characters longer: U+FDFA, the worst, becomes 33 octets from 3.
constexpr std::size_t kGrowth = 12;
/// Octets; longer than any name or password that a mechanism takes.
constexpr std::size_t kMaxText = 4'096;

}  // namespace

std::optional<std::string> sasl_prepare(std::string_view text) {
  const bool plain =
      std::ranges::all_of(text, [](char c) { return mail::is_ascii(c) && !mail::is_control(c); });
  if (plain) return std::string(text);
  if (text.size() > kMaxText || text.find('\0') != std::string_view::npos ||
      !mail::is_valid_utf8(text)) {
    return std::nullopt;
  }
  std::string buffer(text);
  buffer.resize(text.size() * kGrowth + 1);
  if (stringprep(buffer.data(), buffer.size(), static_cast<Stringprep_profile_flags>(0),
                 stringprep_saslprep) != STRINGPREP_OK) {
    return std::nullopt;
  }
  buffer.resize(buffer.find('\0'));
  if (buffer.empty()) return std::nullopt;
  return buffer;
}

}  // namespace mailscope::auth
