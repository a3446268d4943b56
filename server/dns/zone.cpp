#include "server/dns/zone.hpp"

#include <algorithm>

#include "server/dns/wire.hpp"

namespace mailscope::dns {
namespace {

/// The host that a record sends others to, or nullptr. RFC 2181 section 10.3: NS and MX must not
/// name an alias; RFC 2782 says the same of SRV.
const Name* host_named_by(const Record& record) {
  if (const auto* ns = std::get_if<Ns>(&record.data)) return &ns->host;
  if (const auto* mx = std::get_if<Mx>(&record.data)) return &mx->exchange;
  if (const auto* srv = std::get_if<Srv>(&record.data)) return &srv->target;
  return nullptr;
}

/// DNSSEC's types stand beside a CNAME (RFC 4034 section 4).
bool may_stand_with_cname(Type type) {
  return type == Type::rrsig || type == Type::nsec;
}

bool has_address(const Node* node) {
  return node != nullptr && (node->find(Type::a) != nullptr || node->find(Type::aaaa) != nullptr);
}

std::string about(const Record& record) {
  return record.name.zone_text() + ' ' + to_string(record.type);
}

}  // namespace

const RrSet* Node::find(Type type) const {
  for (const auto& set : sets) {
    if (set.front().type == type) return &set;
  }
  return nullptr;
}

std::string Zone::conflict(const Record& record, const Node* node) const {
  if (record.klass != Class::in) return about(record) + ": only class IN is served";
  if (!record.name.is_within(apex_)) {
    return about(record) + ": not within the zone " + apex_.zone_text();
  }
  if (record.type == Type::soa && record.name != apex_) {
    return about(record) + ": SOA belongs to the apex " + apex_.zone_text();
  }
  // RFC 4592 section 4.2: what a wildcard delegation means is undefined.
  if (record.type == Type::ns && record.name.is_wildcard()) {
    return about(record) + ": a wildcard cannot be delegated";
  }
  Writer writer;
  write_rdata(writer, record.data);
  if (writer.size() > kMaxRdata + 2) return about(record) + ": more than 65535 octets of data";
  if (node == nullptr) return {};
  for (const auto& set : node->sets) {
    const Type there = set.front().type;
    const bool cname_meets_other = (there == Type::cname) != (record.type == Type::cname);
    if (cname_meets_other && !may_stand_with_cname(there) && !may_stand_with_cname(record.type)) {
      return about(record) + ": a CNAME must stand alone, and there is " + dns::to_string(there) +
             " at the name";
    }
    if (there != record.type) continue;
    if (there == Type::soa || there == Type::cname) {
      return about(record) + ": there can be only one";
    }
    // RFC 2181 section 5.2: one TTL for the whole set.
    if (set.front().ttl != record.ttl) {
      return about(record) + ": TTL " + std::to_string(record.ttl) +
             " differs from the TTL of the record beside it, " + std::to_string(set.front().ttl);
    }
  }
  return {};
}

std::string Zone::add(Record record) {
  if (const Node* node = find(record.name); node != nullptr) {
    const RrSet* set = node->find(record.type);
    if (set != nullptr && std::find(set->begin(), set->end(), record) != set->end()) return {};
  }
  if (auto problem = conflict(record, find(record.name)); !problem.empty()) return problem;
  // Every name on the way up to the apex exists from now on (RFC 4592 section 2.2.2).
  for (Name above = record.name.parent(); above.is_within(apex_); above = above.parent()) {
    if (!nodes_.try_emplace(key(above)).second || above.is_root()) break;
  }
  Node& node = nodes_[key(record.name)];
  names_.insert(record.name);
  ++record_count_;
  for (auto& set : node.sets) {
    if (set.front().type != record.type) continue;
    set.push_back(std::move(record));
    return {};
  }
  node.sets.push_back({std::move(record)});
  return {};
}

std::vector<std::string> Zone::problems() const {
  std::vector<std::string> found;
  const Node* apex = find(apex_);
  if (soa() == nullptr) found.push_back(apex_.zone_text() + " has no SOA record");
  if (apex->find(Type::ns) == nullptr) found.push_back(apex_.zone_text() + " has no NS record");
  for (const auto& record : records()) {
    const RrSet* cut = cut_above(record.name);
    const bool address = record.type == Type::a || record.type == Type::aaaa;
    if (cut != nullptr && !address &&
        !(cut->front().name == record.name &&
          (record.type == Type::ns || record.type == Type::ds))) {
      found.push_back(about(record) + " is hidden: " + cut->front().name.zone_text() +
                      " is delegated");
    }
    const Name* host = host_named_by(record);
    if (host == nullptr || host->is_root() || !host->is_within(apex_)) continue;
    const Node* node = find(*host);
    if (node != nullptr && node->find(Type::cname) != nullptr) {
      found.push_back(about(record) + " points to " + host->zone_text() + ", which is a CNAME");
    } else if (record.type == Type::ns && !has_address(node)) {
      // A server below the cut that it serves cannot be found without glue (RFC 1034 section
      // 4.2.1); one elsewhere in this zone has its address nowhere but here.
      const RrSet* elsewhere = cut_above(*host);
      if (elsewhere == nullptr || elsewhere->front().name == record.name) {
        found.push_back(about(record) + " points to " + host->zone_text() +
                        ", which has no address");
      }
    }
  }
  return found;
}

const Record* Zone::soa() const {
  const RrSet* set = find(apex_)->find(Type::soa);
  return set != nullptr ? &set->front() : nullptr;
}

const Node* Zone::find(std::string_view wire) const {
  const auto found = nodes_.find(wire);
  return found != nodes_.end() ? &found->second : nullptr;
}

const RrSet* Zone::cut_above(const Name& name) const {
  const RrSet* topmost = nullptr;
  std::string_view rest = name.wire();
  while (rest.size() > apex_.wire().size()) {
    if (const Node* node = find(rest); node != nullptr) {
      if (const RrSet* ns = node->find(Type::ns)) topmost = ns;
    }
    rest.remove_prefix(1u + static_cast<unsigned char>(rest[0]));
  }
  return topmost;
}

std::vector<Record> Zone::records() const {
  std::vector<Record> all;
  all.reserve(record_count_);
  for (const auto& name : names_) {
    for (const auto& set : find(name)->sets) all.insert(all.end(), set.begin(), set.end());
  }
  // The SOA opens a zone file whatever was added first.
  std::stable_partition(all.begin(), all.end(),
                        [](const Record& record) { return record.type == Type::soa; });
  return all;
}

std::string Zone::to_string() const {
  std::string text;
  for (const auto& record : records()) text += record.to_string() + '\n';
  return text;
}

}  // namespace mailscope::dns
