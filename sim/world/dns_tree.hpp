// The world's DNS: the root zone, a zone for each top-level domain and one for each mail domain,
// made from the scenario and the plan, with the changes that faults make.
#pragma once

#include <string>
#include <vector>

#include "server/dns/zone.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/world/plan.hpp"

namespace mailscope::world {

/// The records of a domain's zone with the DNS faults that hold now, or in words what is wrong.
dns::Parsed<dns::Zone> domain_zone(const scenario::Domain& domain, const Plan& plan,
                                   const std::vector<scenario::DnsFault>& faults);
/// The zones that the root server answers for: the root itself and the reverse tree.
std::vector<dns::Zone> root_zones(const Plan& plan);
dns::Zone tld_zone(const scenario::Scenario& scenario, const Plan& plan, const std::string& tld);

/// Time to live of delegations, seconds: two days, as the real root and most TLDs have it.
inline constexpr std::uint32_t kDelegationTtl = 172'800;

}  // namespace mailscope::world
