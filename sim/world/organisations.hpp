// What a domain of the scenario is made of: its users, how they may log in, and who else gets mail.
#pragma once

#include <functional>
#include <string>

#include "server/host/organisation.hpp"
#include "sim/scenario/scenario.hpp"

namespace mailscope::world {

/// Users with their passwords and filters, ways to log in, aliases and lists.
void fill_organisation(const scenario::Domain& domain, host::Organisation& organisation,
                       const std::function<std::string(const scenario::User&)>& password_of);

}  // namespace mailscope::world
