// The names of a world: which hosts, users and devices it has, and what a scenario means by a name.
#pragma once

#include <map>
#include <set>
#include <string>

#include "sim/scenario/node.hpp"
#include "sim/scenario/scenario.hpp"

namespace mailscope::scenario {

class Names {
 public:
  /// `domains`: the file's key of that name; `scenario` has them loaded, and outlives this. Fails
  /// when two hosts share a name or an exchanger is no host.
  Names(const Scenario& scenario, const Node& domains) : scenario_(scenario) { gather(domains); }

  /// Full name of a host as written; fails when the world has none of that name.
  std::string host(const Node& node, bool domains_too = false) const;
  /// The address of a user of the world; fails for anybody else's.
  std::string user_address(const Node& node) const;
  /// Name of the device that acts: as given, or the user's first one.
  std::string device(const Node& act, const std::string& address, bool needs_imap = false) const;

 private:
  void gather(const Node& domains);
  void claim(const Node& at, const std::string& name, const std::string& what);
  std::string some_hosts() const;

  const Scenario& scenario_;
  std::set<std::string> hosts_;
  std::map<std::string, std::string> claimed_;  // host name -> what it is
};

}  // namespace mailscope::scenario
