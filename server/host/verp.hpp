// Variable envelope return paths: each member of a list gets its message under a return path that
// names the member, so that a report tells who it is about, whatever is in it.
//
//   eve@b.example  <->  team-bounces+eve=b.example@a.example
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/mail/address.hpp"

namespace mailscope::host {

/// Local part of the return path for a message of `list` to `member`; a local part that grows too
/// long (RFC 5321 section 4.5.3.1.1) leaves "<list>-bounces" alone.
std::string verp_local(std::string_view list, const mail::Mailbox& member);
/// The member that "-bounces+eve=b.example" names; nullopt when it names none.
std::optional<mail::Mailbox> verp_member(std::string_view behind_list_name);

}  // namespace mailscope::host
