#include "server/host/verp.hpp"

namespace mailscope::host {
namespace {

constexpr std::string_view kBounces = "-bounces";

}  // namespace

std::string verp_local(std::string_view list, const mail::Mailbox& member) {
  std::string plain = std::string(list).append(kBounces);
  std::string named = plain + "+" + member.local + "=" + member.domain;
  return named.size() <= mail::kMaxLocalPart ? named : plain;
}

std::optional<mail::Mailbox> verp_member(std::string_view behind_list_name) {
  if (!behind_list_name.starts_with(kBounces)) return std::nullopt;
  std::string_view rest = behind_list_name.substr(kBounces.size());
  if (!rest.starts_with('+')) return std::nullopt;
  rest.remove_prefix(1);
  const std::size_t equals = rest.rfind('=');  // a domain has none, a local part may
  if (equals == std::string_view::npos || equals == 0) return std::nullopt;
  mail::Mailbox member{std::string(rest.substr(0, equals)), std::string(rest.substr(equals + 1))};
  if (!mail::is_domain(member.domain, mail::Utf8::yes)) return std::nullopt;
  return member;
}

}  // namespace mailscope::host
