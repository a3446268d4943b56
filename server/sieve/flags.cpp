#include "server/sieve/flags.hpp"

#include <algorithm>
#include <array>

#include "server/mail/text.hpp"

namespace mailscope::sieve {
namespace {

constexpr std::size_t kMaxKeyword = 250;  // octets; longer ones no client shows
constexpr std::array<std::string_view, 5> kSystemFlags = {"\\Seen", "\\Answered", "\\Flagged",
                                                          "\\Deleted", "\\Draft"};

/// flag-keyword of RFC 3501 section 9: an atom.
bool is_keyword(std::string_view text) {
  return !text.empty() && text.size() <= kMaxKeyword && std::ranges::all_of(text, [](char c) {
    return mail::is_ascii(c) && !mail::is_control(c) &&
           std::string_view("(){ %*\"\\]").find(c) == std::string_view::npos;
  });
}

/// The flag as it is stored; empty when it cannot be set.
std::string sound_flag(std::string_view text) {
  for (const std::string_view flag : kSystemFlags) {
    if (mail::iequals(flag, text)) return std::string(flag);
  }
  return is_keyword(text) ? std::string(text) : std::string();
}

}  // namespace

std::vector<std::string> parse_flags(const std::vector<std::string>& lists, std::size_t limit) {
  std::vector<std::string> out;
  for (const std::string_view list : lists) {
    for (std::size_t at = 0; at < list.size() && out.size() < limit;) {
      const std::size_t end = std::min(list.find(' ', at), list.size());
      const std::string flag = sound_flag(list.substr(at, end - at));
      at = end + 1;
      const auto same = [&](const std::string& other) { return mail::iequals(flag, other); };
      if (!flag.empty() && std::ranges::none_of(out, same)) out.push_back(flag);
    }
  }
  return out;
}

std::string join_flags(const std::vector<std::string>& flags) {
  std::string out;
  for (const std::string& flag : flags) out += (out.empty() ? "" : " ") + flag;
  return out;
}

}  // namespace mailscope::sieve
