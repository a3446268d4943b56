// A world put together from a scenario: the internet, the DNS, mail hosts and people on one clock,
// one seed and one trace.
//
//   world::World world(scenario, {});
//   world.run();
//   for (const world::Verdict& verdict : world.verdicts()) ...
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/dns/authority.hpp"
#include "server/dns/recursive.hpp"
#include "server/host/mail_host.hpp"
#include "server/net/certificates.hpp"
#include "server/net/memory_budget.hpp"
#include "server/store/mail_store.hpp"
#include "server/trace/recorder.hpp"
#include "sim/kernel/kernel.hpp"
#include "sim/network/host_network.hpp"
#include "sim/network/internet.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/world/device.hpp"
#include "sim/world/expectations.hpp"
#include "sim/world/plan.hpp"

namespace mailscope::world {

/// What the connections of a server may hold together unless somebody says otherwise: ten thousand
/// with TLS that do nothing hold half of it, and machines for a classroom have several times as
/// much.
inline constexpr std::size_t kMemoryLimit = std::size_t{1} << 30;

struct WorldOptions {
  std::optional<std::uint64_t> seed;  // instead of the scenario's
  std::optional<net::Time> start;     // instead of the scenario's
  bool capture_payloads = false;      // besides the scenario's own wish
  bool record_segments = true;        // false: packets leave no events, for load tests
  /// Mailboxes; null: in memory, as long as the world.
  store::MailStore* store = nullptr;
  /// Makes the queue store of a host; empty: in memory.
  std::function<std::unique_ptr<queue::QueueStore>(const std::string& host)> make_queue_store;
  /// Randomness that must not be guessed (keys, handshakes) comes from here when real clients are
  /// served; null: from the seed.
  const net::Entropy* secrets = nullptr;
  /// The CA to go on with; empty: a new one.
  std::optional<net::RootPem> root;
  /// Certificates of hosts that outlive the world; both empty: new ones each time.
  std::function<std::optional<net::TlsIdentity>(const std::string& host)> load_identity;
  std::function<void(const std::string& host, const net::TlsIdentity&)> save_identity;
  /// Adds the host "you", through which real clients act.
  bool visitor = false;
  /// Octets that all connections to mail hosts may hold together; 0: any number.
  std::size_t memory_limit = kMemoryLimit;
  /// TLS secrets are kept for a capture. A server that runs for weeks has no use for them.
  bool keep_key_log = true;
  /// Real clients, through "you" or from this machine, may speak for others by XCLIENT.
  bool xclient = false;
  /// Proxies that tell on whose behalf they connect (see net::ProxyDoor); "you" is one as well
  /// where there are any.
  std::vector<net::Prefix> proxy_from;
  /// Further names of every server's certificate: how real clients reach it.
  net::CertificateNames extra_names;
};

class World {
 public:
  /// Throws scenario::ScenarioError when the scenario cannot be built (a DNS record that is none).
  World(const scenario::Scenario& scenario, WorldOptions options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Runs until nothing is left to do or the scenario's duration is over, then checks what is to be
  /// checked at the end. Throws std::runtime_error when a limit ends it.
  void run();
  /// One verdict for each expectation that was due, in order of the file.
  std::vector<Verdict> verdicts() const;

  const scenario::Scenario& scenario() const { return scenario_; }
  const Plan& plan() const { return plan_; }
  std::uint64_t seed() const { return seed_; }
  net::Time start() const { return start_; }
  sim::Kernel& kernel() { return kernel_; }
  sim::Internet& internet() { return *internet_; }
  trace::Recorder& recorder() { return recorder_; }
  const trace::Log& log() const { return recorder_.log(); }
  store::MailStore& store() { return *store_; }
  net::WorldCa& ca() { return *ca_; }
  sim::SeededEntropy& entropy() { return entropy_; }
  const std::string& key_log() const { return key_log_; }
  /// nullptr when there is none of that name.
  host::MailHost* mail_host(std::string_view name);
  Device* device(std::string_view host);
  /// What a name server answers from; nullptr when `host` is none.
  const dns::Authority* authority(std::string_view host) const;
  /// nullptr when `host` is no resolver.
  dns::RecursiveResolver* resolver(std::string_view host);
  /// The lesson switches of a host; nullptr when it serves nothing.
  policy::Switches* switches(std::string_view host);
  /// How a DNS host of the world acts on a network that is not its own.
  dns::Environment dns_environment(std::string_view host, net::Network& network);
  std::string password_of(const scenario::Domain& domain, const scenario::User& user) const;
  /// A token for OAUTHBEARER and XOAUTH2 that is good from now on for `life`.
  std::string token_of(const scenario::Domain& domain, const scenario::User& user,
                       net::Duration life) const;
  /// Which host has this address, for the trace; 0: none.
  trace::HostId host_of(const net::Address& address) const;
  /// What connections hold, and may hold.
  net::MemoryBudget& memory() { return memory_; }
  /// A context of clients that trust the world's CA.
  std::shared_ptr<net::TlsContext> client_tls();
  /// Puts what the scenario wants to happen on the clock; run() asks for all of it.
  enum class Happenings : std::uint8_t { faults_only, all };
  void schedule(Happenings which = Happenings::all);
  /// Lets one more thing break, its times counted from now. Gives its number.
  std::size_t add_fault(scenario::Fault fault);
  /// Ends what began, of the scenario or added; false when there is no such fault now.
  bool end_fault(std::size_t number);
  /// The numbers of what is broken now, and in words what.
  std::vector<std::pair<std::size_t, std::string>> faults_on() const;

 private:
  struct NameServer;
  struct ResolverHost;
  struct MailNode;
  struct DeviceNode;

  std::unique_ptr<net::Entropy> secret_stream(std::string_view label) const;
  net::TlsIdentity identity_of(const std::string& host, const net::CertificateNames& names);
  void describe();  // the world's own events at the start of the trace
  void add_hosts();
  void add_links();
  void add_name_server(const HostPlan& plan, sim::HostNetwork& network);
  void add_resolver(const HostPlan& plan, sim::HostNetwork& network);
  void add_mail_host(const HostPlan& plan, sim::HostNetwork& network);
  void add_device(const HostPlan& plan, sim::HostNetwork& network);
  void watch_notes();

  // faults.cpp
  void begin(const scenario::Fault& fault, std::size_t number);
  void end(std::size_t number);
  void schedule(const scenario::Fault& fault, std::size_t number, net::Time from);
  void apply(const scenario::Fault& fault, std::size_t number, bool on);
  void apply(const scenario::HostDown& fault, bool on);
  void apply(const scenario::LinkFault& fault, bool on);
  void apply(const scenario::DnsFault& fault, bool on);
  void apply(const scenario::MailboxFull& fault, bool on);
  void apply(const scenario::SwitchFault& fault, std::size_t number, bool on);
  std::vector<sim::HostNetwork*> hosts_named(const std::string& host_or_domain);
  /// Of faults that do the same at overlapping times only the first to begin and the last to end
  /// change anything: true for these.
  bool changes(const std::string& what, bool on);
  void check_dns_faults();

  scenario::Scenario scenario_;
  WorldOptions options_;
  std::uint64_t seed_;
  net::Time start_;
  Plan plan_;
  net::MemoryBudget memory_;  // sessions have shares of it
  sim::Kernel kernel_;
  trace::Recorder recorder_;
  sim::SeededEntropy entropy_;
  std::unique_ptr<sim::Internet> internet_;
  std::unique_ptr<store::MailStore> own_store_;
  store::MailStore* store_;
  std::unique_ptr<net::WorldCa> ca_;
  std::shared_ptr<net::TlsContext> client_tls_, relay_tls_;
  std::string key_log_;
  std::map<std::string, std::unique_ptr<host::Organisation>, std::less<>> organisations_;
  std::map<std::string, std::unique_ptr<NameServer>, std::less<>> name_servers_;
  std::map<std::string, std::unique_ptr<ResolverHost>, std::less<>> resolvers_;
  std::map<std::string, std::unique_ptr<MailNode>, std::less<>> mail_;
  std::map<std::string, std::unique_ptr<DeviceNode>, std::less<>> devices_;
  std::vector<scenario::DnsFault> dns_faults_;
  std::map<std::size_t, policy::Switches::Handle> switches_;  // by the fault's number
  std::deque<scenario::Fault> added_faults_;  // numbers go on behind the scenario's; timers refer
  std::map<std::size_t, const scenario::Fault*> faults_on_;
  std::map<std::string, int> same_faults_;  // how many of a kind hold now
  std::map<std::size_t, Verdict> verdicts_;
  bool scheduled_ = false;
};

}  // namespace mailscope::world
