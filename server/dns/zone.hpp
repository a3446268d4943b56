// A zone: the records that one organisation is the authority for, from its apex down to the names
// that it delegates to others (RFC 1034 section 4.2).
//
//   acme.example.       SOA  ns1.acme.example. hostmaster.acme.example. 1 7200 900 1209600 300
//   acme.example.       NS   ns1.acme.example.
//   ns1.acme.example.   A    192.0.2.53
//   lab.acme.example.   NS   ns.lab.acme.example.     <- a cut: below is another zone
//   ns.lab.acme.example. A   198.51.100.53            <- glue
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/dns/record.hpp"

namespace mailscope::dns {

/// Records of one name and type (RFC 2181 section 5).
using RrSet = std::vector<Record>;

/// All that a zone holds at one name. A node without sets is an empty non-terminal: it exists only
/// because something stands below it (RFC 4592 section 2.2.2).
struct Node {
  std::vector<RrSet> sets;
  /// nullptr when the name has no records of the type.
  const RrSet* find(Type type) const;
};

class Zone {
 public:
  explicit Zone(Name apex) : apex_(std::move(apex)) { nodes_.try_emplace(key(apex_)); }
  /// From the text of a zone file ($ORIGIN, $TTL, parentheses, relative names). The error names the
  /// line. `origin` is the apex.
  static Parsed<Zone> parse(std::string_view text, const Name& origin);

  /// Takes a record in. Returns what is wrong with it in words, or an empty string: out of the
  /// zone, CNAME beside other data (RFC 1034 section 3.6.2), a second SOA or SOA below the apex, a
  /// class other than IN. The same record again is ignored (RFC 2181 section 5).
  std::string add(Record record);
  /// What is wrong with the zone as a whole, one sentence each: no SOA, no NS, a delegation or NS
  /// in the zone without address, MX, NS or SRV that points to a CNAME, records hidden below a
  /// delegation.
  std::vector<std::string> problems() const;

  const Name& apex() const { return apex_; }
  /// The SOA record; nullptr while there is none.
  const Record* soa() const;
  /// The node of a name given in wire form (any case); nullptr when the name does not exist here.
  const Node* find(std::string_view wire) const;
  const Node* find(const Name& name) const { return find(name.wire()); }
  /// The topmost delegation on the way from the apex to `name`, `name` included; nullptr: none.
  const RrSet* cut_above(const Name& name) const;
  /// Every record in canonical order of names.
  std::vector<Record> records() const;
  std::size_t record_count() const { return record_count_; }
  /// The whole zone as a zone file.
  std::string to_string() const;

 private:
  struct WireHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view wire) const { return hash_octets(wire); }
  };
  struct WireEqual {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const { return same_octets(a, b); }
  };
  static std::string key(const Name& name) { return std::string(name.wire()); }
  std::string conflict(const Record& record, const Node* node) const;

  Name apex_;
  // Looked up by any ending of a query's name without a copy; never iterated for output.
  std::unordered_map<std::string, Node, WireHash, WireEqual> nodes_;
  std::set<Name> names_;  // names with records, in order, for listing
  std::size_t record_count_ = 0;
};

}  // namespace mailscope::dns
