#include "sim/cli/dns_doors.hpp"

#include <utility>

#include "server/live/tcp.hpp"
#include "server/live/udp.hpp"

namespace mailscope::cli {

/// Real sockets in the place of a host's own network. A host that a fault has switched off hears
/// nothing.
class DnsDoors::DirectNetwork final : public net::Network {
 public:
  DirectNetwork(world::World& world, live::LiveLoop& loop, net::Address address,
                sim::HostNetwork& host)
      : world_(world), loop_(loop), address_(address), host_(host) {}

  net::Address address() const override { return address_; }
  std::unique_ptr<net::Listener> listen(std::uint16_t port, Acceptor acceptor) override {
    return live::listen_tcp(loop_, world_.recorder(), {address_, port},
                            [this, accept = std::move(acceptor)](auto connection) {
                              if (is_up()) accept(std::move(connection));
                            });
  }
  std::unique_ptr<net::Connection> connect(net::Endpoint to,
                                           net::ConnectionEvents& events) override {
    return live::connect_tcp(loop_, world_.recorder(), to, events);
  }
  std::unique_ptr<net::DatagramSocket> bind(std::uint16_t port, DatagramHandler handler) override {
    return live::bind_udp(
        loop_, {address_, port},
        [this, handle = std::move(handler)](net::Endpoint from, std::string_view payload) {
          if (is_up()) handle(from, payload);
        });
  }

 private:
  bool is_up() const { return host_.state() == sim::HostState::up; }

  world::World& world_;
  live::LiveLoop& loop_;
  net::Address address_;
  sim::HostNetwork& host_;
};

/// How often a number is drawn that TCP and UDP can both have; a second time is rare.
constexpr int kPortTries = 8;

/// The way of datagrams through the access link.
struct DnsDoors::Datagrams {
  std::unique_ptr<net::DatagramSocket> socket;
  std::unique_ptr<gateway::DatagramGateway> gateway;
};

DnsDoors::DnsDoors(world::World& world, live::LiveLoop& loop, gateway::StreamGateway& streams,
                   net::Address address)
    : world_(world), loop_(loop), streams_(streams), address_(address) {}

DnsDoors::~DnsDoors() = default;

net::Endpoint DnsDoors::open(const std::string& host, std::uint16_t port, bool direct) {
  // DNS has one number for both protocols, and the system chooses one that is free for the first
  // of them alone.
  for (int left = kPortTries;; --left) {
    try {
      return direct ? open_direct(host, port) : open_through(host, port);
    } catch (const net::NetworkError&) {
      if (port != 0 || left == 1) throw;
    }
  }
}

net::Endpoint DnsDoors::open_through(const std::string& host, std::uint16_t port) {
  const net::Endpoint target{world_.plan().find(host)->address, dns::kPort};
  auto way = std::make_unique<Datagrams>();
  Datagrams& kept = *way;
  kept.socket = live::bind_udp(
      loop_, {address_, port},
      [&kept](net::Endpoint from, std::string_view payload) { kept.gateway->pass(from, payload); });
  kept.gateway = std::make_unique<gateway::DatagramGateway>(
      *world_.internet().find_host(world::kVisitor), target,
      [&kept](net::Endpoint to, std::string_view payload) { kept.socket->send_to(to, payload); });
  listeners_.push_back(live::listen_tcp(
      loop_, world_.recorder(), kept.socket->local(),
      [this, target](auto connection) { streams_.join(std::move(connection), target); }));
  datagrams_.push_back(std::move(way));
  return kept.socket->local();
}

net::Endpoint DnsDoors::open_direct(const std::string& host, std::uint16_t port) {
  networks_.push_back(
      std::make_unique<DirectNetwork>(world_, loop_, address_, *world_.internet().find_host(host)));
  const dns::Environment environment = world_.dns_environment(host, *networks_.back());
  dns::ServerOptions options;
  options.port = port;
  options.switches = world_.switches(host);
  if (const dns::Authority* authority = world_.authority(host)) {
    authorities_.push_back(
        std::make_unique<dns::AuthorityServer>(environment, *authority, options));
    return authorities_.back()->local();
  }
  resolvers_.push_back(std::make_unique<dns::ResolverServer>(
      environment, *world_.resolver(host), dns::ResolverServerOptions{options, {}}));
  return resolvers_.back()->local();
}

}  // namespace mailscope::cli
