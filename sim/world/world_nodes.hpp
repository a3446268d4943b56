// What a world has for each of its hosts, and how links of a scenario become those of the network.
#pragma once

#include <memory>

#include "server/dns/authority.hpp"
#include "server/dns/recursive.hpp"
#include "server/dns/server.hpp"
#include "server/dns/stub.hpp"
#include "server/host/mail_host.hpp"
#include "server/policy/switches.hpp"
#include "server/queue/queue_store.hpp"
#include "sim/network/internet.hpp"
#include "sim/world/device.hpp"
#include "sim/world/world.hpp"

namespace mailscope::world {

struct World::NameServer {
  std::unique_ptr<net::Entropy> entropy;
  policy::Switches switches;
  dns::Authority authority;
  std::unique_ptr<dns::AuthorityServer> server;
};

struct World::ResolverHost {
  std::unique_ptr<net::Entropy> entropy;
  policy::Switches switches;
  std::unique_ptr<dns::RecursiveResolver> resolver;
  std::unique_ptr<dns::ResolverServer> server;
};

struct World::MailNode {
  std::unique_ptr<net::Entropy> entropy;
  std::unique_ptr<dns::StubResolver> resolver;
  std::unique_ptr<queue::QueueStore> queue_store;
  std::unique_ptr<host::MailHost> host;
};

struct World::DeviceNode {
  std::unique_ptr<net::Entropy> entropy;
  std::unique_ptr<dns::StubResolver> resolver;
  std::unique_ptr<Device> device;
};

sim::LinkOptions link_options(const scenario::LinkQuality& quality);

}  // namespace mailscope::world
