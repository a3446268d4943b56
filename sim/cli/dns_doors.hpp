// The world's DNS on real ports: `mailscope serve` answers dig and programs with the world's own
// name servers and resolvers, through the simulated access link or directly.
//
//   $ dig @127.0.0.1 -p 10053 globex.example MX     -> resolver of the first domain
//   $ dig @127.0.0.1 -p 10054 globex.example MX     -> ns1.globex.example, the authority
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/dns/server.hpp"
#include "server/live/loop.hpp"
#include "sim/gateway/gateway.hpp"
#include "sim/world/world.hpp"

namespace mailscope::cli {

class DnsDoors {
 public:
  /// `streams` carries TCP through the access link; all must outlive this.
  DnsDoors(world::World& world, live::LiveLoop& loop, gateway::StreamGateway& streams,
           net::Address address);
  ~DnsDoors();
  DnsDoors(const DnsDoors&) = delete;
  DnsDoors& operator=(const DnsDoors&) = delete;

  /// Opens `port` (0: a free one) for the world's name server or resolver `host`, UDP and TCP.
  net::Endpoint open(const std::string& host, std::uint16_t port, bool direct);

 private:
  class DirectNetwork;
  struct Datagrams;
  net::Endpoint open_through(const std::string& host, std::uint16_t port);
  net::Endpoint open_direct(const std::string& host, std::uint16_t port);

  world::World& world_;
  live::LiveLoop& loop_;
  gateway::StreamGateway& streams_;
  net::Address address_;
  std::vector<std::unique_ptr<DirectNetwork>> networks_;
  std::vector<std::unique_ptr<dns::AuthorityServer>> authorities_;
  std::vector<std::unique_ptr<dns::ResolverServer>> resolvers_;
  std::vector<std::unique_ptr<Datagrams>> datagrams_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
};

}  // namespace mailscope::cli
