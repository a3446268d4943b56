#include "server/host/organisation.hpp"

#include <algorithm>
#include <cctype>

namespace mailscope::host {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace

void Organisation::add_user(std::string_view local, std::string_view password,
                            std::uint64_t quota_octets) {
  const std::string name = lower(local);
  const std::string account = name + "@" + domain_;
  if (!store_.has_account(account)) store_.create_account(account);
  store_.set_quota(account, quota_octets);
  accounts_.add(account, password);
  by_local_[name] = account;
  by_local_.try_emplace("postmaster", account);
}

void Organisation::add_script(std::string_view local, std::string_view script) {
  constexpr std::string_view kName = "filter";
  const auto account = by_local_.find(lower(local));
  if (account == by_local_.end() || !store_.scripts(account->second).empty()) return;
  if (store_.put_script(account->second, kName, script) == store::StoreError::none)
    store_.activate_script(account->second, kName);
}

std::optional<std::string> Organisation::account_of(const mail::Mailbox& mailbox) const {
  if (!is_local(mailbox)) return std::nullopt;
  const auto found = by_local_.find(lower(mailbox.local));
  if (found == by_local_.end()) return std::nullopt;
  return found->second;
}

bool Organisation::has_room(std::string_view account, std::uint64_t octets) const {
  const std::uint64_t quota = store_.quota(account);
  return quota == 0 || store_.used(account) + octets <= quota;
}

}  // namespace mailscope::host
