#include "sim/world/organisations.hpp"

#include <algorithm>

namespace mailscope::world {
namespace {

/// Further mechanisms need material that is not kept otherwise; users are added after this.
void keep_for_more_logins(const scenario::Domain& domain, host::Organisation& organisation) {
  struct Row {
    std::string_view name;
    auth::Material material;
  };
  constexpr Row kRows[] = {{"SCRAM-SHA-1", auth::Material::scram_sha1},
                           {"CRAM-MD5", auth::Material::cram_md5},
                           {"APOP", auth::Material::apop}};
  for (const Row& row : kRows) {
    if (std::ranges::find(domain.more_logins, row.name) != domain.more_logins.end())
      organisation.keep(row.material);
  }
  // Mail programs with GNU SASL (mutt, NeoMutt) choose -PLUS wherever it is offered and then have
  // no channel binding of TLS 1.3 to give: they could not log in at all.
  if (std::ranges::find(domain.more_logins, "SCRAM-PLUS") == domain.more_logins.end())
    organisation.leave_out(auth::Material::binding);
}

/// Who gets mail besides the users themselves. The loader has checked the
/// addresses.
void fill_directory(const scenario::Domain& domain, host::Directory& directory) {
  const auto mailboxes = [](const std::vector<std::string>& addresses) {
    std::vector<mail::Mailbox> list;
    for (const std::string& address : addresses) {
      list.push_back(mail::Mailbox::parse(address).value());
    }
    return list;
  };
  for (const scenario::Alias& alias : domain.aliases)
    directory.add_alias(alias.name, mailboxes(alias.targets));
  for (const scenario::List& list : domain.lists)
    directory.add_list({list.name, list.title, mailboxes(list.members), list.members_only});
  directory.set_catch_all(domain.catch_all);
}

}  // namespace

void fill_organisation(const scenario::Domain& domain, host::Organisation& organisation,
                       const std::function<std::string(const scenario::User&)>& password_of) {
  keep_for_more_logins(domain, organisation);
  for (const scenario::User& user : domain.users) {
    organisation.add_user(user.name, password_of(user), user.quota_octets);
    if (!user.sieve.empty()) organisation.add_script(user.name, user.sieve);
  }
  fill_directory(domain, organisation.directory());
}

}  // namespace mailscope::world
