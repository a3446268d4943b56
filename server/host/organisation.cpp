#include "server/host/organisation.hpp"

#include "server/mail/text.hpp"

namespace mailscope::host {
namespace {

/// By list and member, both in lower case; no address has a space.
std::string bounce_key(std::string_view domain, const MailingList& list,
                       const mail::Mailbox& member) {
  return "bounces " + list.name + "@" + std::string(domain) + " " + mail::lower(member.to_string());
}

}  // namespace

std::uint32_t Organisation::note_bounce(const MailingList& list, const mail::Mailbox& member,
                                        net::Time now) {
  // Only about members: whoever writes reports of their own fills no store with them.
  if (!is_member(list, member)) return 0;
  return store_.count_up(bounce_key(domain_, list, member), now, now + kBouncesKept);
}

bool Organisation::suspended(const MailingList& list, const mail::Mailbox& member,
                             net::Time now) const {
  return store_.counted(bounce_key(domain_, list, member), now) >= kMaxBounces;
}

void Organisation::add_user(std::string_view local, std::string_view password,
                            std::uint64_t quota_octets) {
  const std::string name = mail::lower(local);
  const std::string account = name + "@" + domain_;
  if (!store_.has_account(account)) store_.create_account(account);
  store_.set_quota(account, quota_octets);
  accounts_.add(account, password);
  directory_.add_user(name);
}

void Organisation::add_script(std::string_view local, std::string_view script) {
  constexpr std::string_view kName = "filter";
  const std::string account = mail::lower(local) + "@" + domain_;
  if (!store_.has_account(account) || !store_.scripts(account).empty()) return;
  if (store_.put_script(account, kName, script) == store::StoreError::none)
    store_.activate_script(account, kName);
}

bool Organisation::has_room(std::string_view account, std::uint64_t octets) const {
  const std::uint64_t quota = store_.quota(account);
  return quota == 0 || store_.used(account) + octets <= quota;
}

}  // namespace mailscope::host
