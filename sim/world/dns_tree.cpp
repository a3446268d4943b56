#include "sim/world/dns_tree.hpp"

#include <algorithm>
#include <stdexcept>

namespace mailscope::world {
namespace {

using dns::name;

dns::Record soa(std::string_view apex, std::string_view primary, std::uint32_t ttl) {
  dns::Soa data;
  data.primary = name(primary);
  data.mailbox = name("hostmaster." + std::string(apex == "." ? "root-servers.net" : apex));
  return dns::make_record(name(apex), ttl, data);
}

/// For records that only this program makes: a refusal is a mistake of its own.
void put(dns::Zone& zone, dns::Record record) {
  const std::string text = record.to_string();
  if (const std::string problem = zone.add(std::move(record)); !problem.empty()) {
    throw std::logic_error("the world's own record \"" + text + "\" does not fit: " + problem);
  }
}

void delegate(dns::Zone& zone, const std::string& child, const HostPlan& server) {
  put(zone, dns::make_record(name(child), kDelegationTtl, dns::Ns{name(server.name)}));
  put(zone, dns::address_record(name(server.name), kDelegationTtl, server.address));
}

bool hit_by(const dns::Record& record, const scenario::DnsFault& fault) {
  return dns::to_string(record.type) == fault.type && record.name == name(fault.name);
}

}  // namespace

std::vector<dns::Zone> root_zones(const Plan& plan) {
  const HostPlan& root = *plan.find(kRootServer);
  std::vector<dns::Zone> zones;
  zones.emplace_back(dns::Name());
  put(zones[0], soa(".", kRootServer, 86'400));
  put(zones[0], dns::make_record(dns::Name(), 518'400, dns::Ns{name(kRootServer)}));
  put(zones[0], dns::address_record(name(kRootServer), 518'400, root.address));
  zones.emplace_back(name("in-addr.arpa"));
  put(zones[1], soa("in-addr.arpa", kRootServer, 3'600));
  put(zones[1], dns::make_record(name("in-addr.arpa"), 86'400, dns::Ns{name(kRootServer)}));
  for (const HostPlan& host : plan.hosts) {
    if (host.role == HostRole::dns_tld) delegate(zones[0], host.zone, host);
    put(zones[1],
        dns::make_record(name(host.address.reverse_name()), 3'600, dns::Ptr{name(host.name)}));
  }
  return zones;
}

dns::Zone tld_zone(const scenario::Scenario& scenario, const Plan& plan, const std::string& tld) {
  dns::Zone zone(name(tld));
  const HostPlan& server = *plan.find(tld_server(tld));
  put(zone, soa(tld, server.name, 900));
  put(zone, dns::make_record(name(tld), kDelegationTtl, dns::Ns{name(server.name)}));
  put(zone, dns::address_record(name(server.name), kDelegationTtl, server.address));
  for (const scenario::Domain& domain : scenario.domains) {
    // A domain below another domain of the world is delegated by that one.
    const bool below_another =
        std::any_of(scenario.domains.begin(), scenario.domains.end(), [&](const auto& other) {
          return other.name.size() < domain.name.size() && domain.name.ends_with("." + other.name);
        });
    if (tld_of(domain.name) == tld && !below_another)
      delegate(zone, domain.name, *plan.find(name_server(domain.name)));
  }
  return zone;
}

dns::Parsed<dns::Zone> domain_zone(const scenario::Domain& domain, const Plan& plan,
                                   const std::vector<scenario::DnsFault>& faults) {
  const dns::Name apex = name(domain.name);
  std::vector<dns::Record> records;
  records.push_back(soa(domain.name, name_server(domain.name), domain.ttl_s));
  records.push_back(dns::make_record(apex, domain.ttl_s, dns::Ns{name(name_server(domain.name))}));
  if (domain.null_mx) {
    records.push_back(dns::make_record(apex, domain.ttl_s, dns::Mx{0, dns::Name()}));
  } else if (domain.publish_mx) {
    for (const auto& mx : domain.mx) {
      records.push_back(dns::make_record(
          apex, domain.ttl_s, dns::Mx{static_cast<std::uint16_t>(mx.preference), name(mx.host)}));
    }
  } else {
    records.push_back(
        dns::address_record(apex, domain.ttl_s, plan.find(domain.mail_host())->address));
  }
  for (const HostPlan& host : plan.hosts) {
    if (host.domain == domain.name)
      records.push_back(dns::address_record(name(host.name), domain.ttl_s, host.address));
    const bool child_zone = host.role == HostRole::dns_auth && host.zone != domain.name &&
                            host.zone.ends_with("." + domain.name);
    if (child_zone) {
      records.push_back(dns::make_record(name(host.zone), domain.ttl_s, dns::Ns{name(host.name)}));
      records.push_back(dns::address_record(name(host.name), domain.ttl_s, host.address));
    }
  }
  for (const scenario::RecordText& text : domain.records) {
    const auto owner = dns::Name::parse(text.name);
    if (!owner)
      return {std::nullopt,
              text.name + " is no domain name: at most 63 octets a label, 255 in all"};
    const auto type = dns::parse_type(text.type);
    auto data = dns::parse_rdata(*type, text.value, apex);
    if (!data)
      return {std::nullopt, text.name + " " + text.type + " " + text.value + ": " + data.error};
    records.push_back(dns::make_record(*owner, text.ttl_s, std::move(*data)));
  }
  for (const scenario::DnsFault& fault : faults) {
    const auto owner = dns::Name::parse(fault.name);
    if (!owner)
      return {std::nullopt,
              fault.name + " is no domain name: at most 63 octets a label, 255 in all"};
    if (!owner->is_within(apex)) continue;
    std::erase_if(records, [&](const dns::Record& record) { return hit_by(record, fault); });
    for (const std::string& value : fault.values) {
      const auto type = dns::parse_type(fault.type);
      auto data = dns::parse_rdata(*type, value, apex);
      if (!data)
        return {std::nullopt, fault.name + " " + fault.type + " " + value + ": " + data.error};
      records.push_back(dns::make_record(*owner, fault.ttl_s, std::move(*data)));
    }
  }
  dns::Zone zone(apex);
  for (dns::Record& record : records) {
    const std::string text = record.to_string();
    if (const std::string problem = zone.add(std::move(record)); !problem.empty()) {
      return {std::nullopt, text + ": " + problem};
    }
  }
  return {std::move(zone), {}};
}

}  // namespace mailscope::world
