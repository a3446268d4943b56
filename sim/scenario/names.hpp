// The names of a world: which hosts, users and devices it has, and what a scenario means by a name.
#pragma once

#include <map>
#include <set>
#include <string>

#include "sim/scenario/node.hpp"
#include "sim/scenario/scenario.hpp"

namespace mailscope::scenario {

/// What a host serves.
enum class HostKind : std::uint8_t { mail, exchanger, dns, device };

class Names {
 public:
  /// `scenario` outlives this.
  explicit Names(const Scenario& scenario);

  /// Full name of a host as written; fails when the world has none of that name.
  std::string host(const Node& node, bool domains_too = false) const;
  /// Fails when the host has no server of the protocol.
  void check_serves(const Node& node, const std::string& host, policy::Protocol protocol) const;
  /// The address of a user of the world; fails for anybody else's.
  std::string user_address(const Node& node) const;
  /// Name of the device that acts: as given, or the user's first one.
  std::string device(const Node& act, const std::string& address, bool needs_imap = false) const;

 private:
  std::string some_hosts() const;

  const Scenario& scenario_;
  std::set<std::string> hosts_;
  std::map<std::string, HostKind> kinds_;
};

/// Fails when two hosts share a name, an exchanger is no host, or there are too many top-level
/// domains. `domains`: the file's key of that name.
void check_names(const Scenario& scenario, const Node& domains);

}  // namespace mailscope::scenario
