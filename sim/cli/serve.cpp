// mailscope serve: the world in real time for real clients. Each service of each domain has a real
// port on this machine; a client's bytes go through the host "you" into the simulated internet, or
// with --direct straight to the server.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

#include "server/imap/searchable_text.hpp"
#include "server/live/descriptors.hpp"
#include "server/live/entropy.hpp"
#include "server/live/loop.hpp"
#include "server/live/tcp.hpp"
#include "server/store/sqlite_queue.hpp"
#include "server/store/sqlite_store.hpp"
#include "sim/cli/cli.hpp"
#include "sim/cli/data_folder.hpp"
#include "sim/cli/dns_doors.hpp"
#include "sim/cli/files.hpp"
#include "sim/export/trace_file.hpp"
#include "sim/gateway/gateway.hpp"
#include "sim/gateway/settings.hpp"
#include "sim/gateway/web.hpp"
#include "sim/scenario/loader.hpp"
#include "sim/world/world.hpp"

namespace mailscope::cli {
namespace {

/// Ports of one domain follow each other in blocks of this size: base + block * domain + port.
constexpr std::uint32_t kPortBlock = 1'000;
/// IANA's number for HTTP, of which the real port is made.
constexpr std::uint16_t kWebPort = 80;
/// Octets of messages that are indexed at a time when the server is idle: some 10 ms of work, which
/// is how long a command may have to wait for it.
constexpr std::size_t kIndexStep = 64 << 10;
/// Tokens are made when serving begins and printed once.
constexpr net::Duration kTokenLife = std::chrono::hours(24 * 365);
/// In a domain's block, its name server: port 53 is the resolver's.
constexpr std::uint16_t kAuthorityPort = dns::kPort + 1;

/// The header of a proxy that does not know for whom it connects.
constexpr std::string_view kProxyUnknown = "PROXY UNKNOWN\r\n";

struct ServeOptions {
  std::string file, listen = "127.0.0.1", data, settings, trace;
  std::optional<std::uint32_t> port_base;
  bool direct = false;
  bool play = false;
  bool xclient = false;
  std::vector<std::string> proxy_from;
  std::size_t memory = world::kMemoryLimit >> 20;  // MiB
};

/// Whoever read this may have gone (`mailscope serve ... | head`); that does not end a server.
void say(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

std::string machine_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

/// Lets the kernel of a world run along with the wall clock.
class DrivenKernel final : public live::Driven {
 public:
  explicit DrivenKernel(sim::Kernel& kernel) : kernel_(kernel) {}
  net::Time next_time() const override { return kernel_.next_time(); }
  void run_until(net::Time until) override {
    if (until < kernel_.now() || kernel_.pass_time(until)) return;
    if (kernel_.run_until(until) == sim::RunEnd::limit) throw std::runtime_error(kernel_.problem());
  }

 private:
  sim::Kernel& kernel_;
};

/// A folder of our own under the system's temporary one, removed when the server ends. A name that
/// somebody can guess would be a way to put a link there first.
class TemporaryFolder {
 public:
  TemporaryFolder() = default;
  ~TemporaryFolder() {
    std::error_code ignored;  // somebody else may have removed it
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& make() {
    std::string name = std::filesystem::temp_directory_path().string() + "/mailscope-XXXXXX";
    if (mkdtemp(name.data()) == nullptr)
      throw std::runtime_error(name + " cannot be made: " + std::strerror(errno));
    return path_ = name;
  }

 private:
  std::string path_;
};

class Server {
 public:
  explicit Server(ServeOptions options)
      : options_(std::move(options)), scenario_(scenario::load_scenario_file(options_.file)) {
    const auto address =
        net::Address::parse(options_.listen == "localhost" ? "127.0.0.1" : options_.listen);
    if (!address) throw std::runtime_error("--listen " + options_.listen + " is no IP address");
    address_ = *address;
    for (const std::string& text : options_.proxy_from) {
      const auto prefix = net::Prefix::parse(text);
      if (!prefix)
        throw std::runtime_error("--proxy-from " + text +
                                 " is neither an IP address nor a range such as 192.0.2.0/24");
      proxies_.push_back(*prefix);
    }
    std::signal(SIGPIPE, SIG_IGN);  // see say()
    make_world();
    listen();
  }

  int run() {
    sim::Kernel& kernel = world_->kernel();
    DrivenKernel driven(kernel);
    loop_->drive(&driven, kernel.now());
    if (!options_.settings.empty())
      write_file(options_.settings, gateway::settings_json(settings_));
    say(fmt::format("{}\n{}\nServing{}. Stop with Ctrl-C.\n", scenario_.title,
                    gateway::settings_table(settings_), options_.direct ? " directly" : ""));
    loop_->run();
    loop_->drive(nullptr, kernel.now());
    kernel.end_turn();
    world_->store().commit();
    if (!options_.trace.empty()) write_file(options_.trace, exporting::write_trace(world_->log()));
    say("Stopped.\n");
    return kOk;
  }

 private:
  void make_world() {
    // The clock is the machine's from the start; the loop needs a turn, which is the world's.
    bootstrap_ = std::make_unique<net::Turn>();
    const net::Time now = live::LiveLoop(*bootstrap_).now();
    world::WorldOptions options;
    options.start = now;
    options.secrets = &entropy_;
    options.visitor = true;
    options.xclient = options_.xclient;
    options.proxy_from = proxies_;
    options.memory_limit = options_.memory << 20;
    options.keep_key_log = false;  // captures are of simulated packets
    options.record_segments = !options_.trace.empty();
    options.extra_names.hosts = {"localhost"};
    if (const std::string name = machine_name(); !name.empty() && name != "localhost")
      options.extra_names.hosts.push_back(name);
    options.extra_names.addresses = {net::Address::v4(127, 0, 0, 1), *net::Address::parse("::1")};
    if (!address_.is_loopback() && !address_.is_unspecified())
      options.extra_names.addresses.push_back(address_);
    if (!options_.data.empty()) {
      disk_ = std::make_unique<DataFolder>(options_.data, now);
      disk_->mail->index_text(&text_);
      options.store = disk_->mail.get();
      options.make_queue_store = [this](const std::string& host) {
        return std::make_unique<store::SqliteQueue>(*disk_->database, host);
      };
      const auto certificate = disk_->values->get("ca/certificate");
      const auto key = disk_->values->get("ca/key");
      if (certificate && key) options.root = net::RootPem{*certificate, *key};
      options.load_identity = [this](const std::string& host) -> std::optional<net::TlsIdentity> {
        // A certificate that sends clients to another port for the list is of no use any more.
        const auto url = disk_->values->get("identity/" + host + "/revocation");
        if (url != world_->ca().revocation_url()) return std::nullopt;
        const auto chain = disk_->values->get("identity/" + host + "/chain");
        const auto secret = disk_->values->get("identity/" + host + "/key");
        if (!chain || !secret) return std::nullopt;
        return net::TlsIdentity{*chain, *secret};
      };
      options.save_identity = [this](const std::string& host, const net::TlsIdentity& identity) {
        disk_->values->put("identity/" + host + "/chain", identity.chain_pem);
        disk_->values->put("identity/" + host + "/key", identity.key_pem);
        disk_->values->put("identity/" + host + "/revocation", world_->ca().revocation_url());
      };
    }
    world_ = std::make_unique<world::World>(scenario_, std::move(options));
    loop_ = std::make_unique<live::LiveLoop>(world_->kernel().turn());
    loop_->attach(world_->recorder());
    if (options_.trace.empty()) {
      // A server runs for weeks: without --trace nothing of it is kept in memory.
      for (int i = 0; i < trace::kLayerCount; ++i)
        world_->recorder().keep_layer(static_cast<trace::Layer>(i), false);
    }
    if (disk_) {
      const net::RootPem root = world_->ca().export_root();
      disk_->values->put("ca/certificate", root.certificate);
      disk_->values->put("ca/key", root.key);
      world_->store().commit();
      loop_->when_idle([this] {
        const bool more = disk_->mail->catch_up(kIndexStep);
        world_->store().commit();
        return more;
      });
    }
    world_->schedule(options_.play ? world::World::Happenings::all
                                   : world::World::Happenings::faults_only);
  }

  std::uint16_t port_for(std::size_t block, std::uint16_t port) const {
    if (!options_.port_base) return 0;  // a free one
    const std::uint32_t real =
        *options_.port_base + static_cast<std::uint32_t>(block) * kPortBlock + port;
    if (real > 65'535) {
      throw std::runtime_error(
          fmt::format("--port-base {} is too high: domain number {} would need port {}",
                      *options_.port_base, block + 1, real));
    }
    return static_cast<std::uint16_t>(real);
  }

  void listen() {
    sim::HostNetwork& you = *world_->internet().find_host(world::kVisitor);
    streams_ =
        std::make_unique<gateway::StreamGateway>(you, world_->kernel().turn(), world_->memory());
    settings_.host = address_.is_unspecified()
                         ? (machine_name().empty() ? "localhost" : machine_name())
                         : address_.to_string();
    for (std::size_t block = 0; block < scenario_.domains.size(); ++block)
      listen_domain(scenario_.domains[block], block);
    listen_dns();
    listen_web();
    const std::string folder =
        options_.data.empty()
            ? temporary_.make()
            : std::filesystem::absolute(options_.data).lexically_normal().string();
    const std::string ca = folder + "/ca.pem";
    write_file(ca, world_->ca().certificate_pem());
    settings_.ca_file = ca;
  }

  void listen_domain(const scenario::Domain& domain, std::size_t block) {
    gateway::DomainSettings entry;
    entry.domain = domain.name;
    entry.tls = domain.tls != scenario::TlsUse::none;
    for (const world::HostPlan* plan : world_->plan().mail_hosts(domain.name)) {
      for (const host::Service service : plan->services) {
        if (entry.services.contains(service))
          continue;  // of several mail exchangers the first is at the door
        const std::uint16_t port = host::info(service).port;
        auto listener =
            live::listen_tcp(*loop_, world_->recorder(), {address_, port_for(block, port)},
                             acceptor(*plan, service), accept_);
        entry.services[service] = listener->local();
        listeners_.push_back(std::move(listener));
      }
    }
    for (const scenario::User& user : domain.users) {
      entry.users.push_back({user.name + "@" + domain.name, world_->password_of(domain, user),
                             world_->token_of(domain, user, kTokenLife)});
    }
    settings_.domains.push_back(std::move(entry));
  }

  net::Network::Acceptor acceptor(const world::HostPlan& plan, host::Service service) {
    if (options_.direct) {
      host::MailHost& host = *world_->mail_host(plan.name);
      return [&host, service](std::unique_ptr<net::Connection> connection) {
        if (host.is_on())
          host.serve(service, std::move(connection));  // else dropped: the host is down
      };
    }
    const net::Endpoint target{plan.address, host::info(service).port};
    return [this, target](std::unique_ptr<net::Connection> connection) {
      // Inside, all of them come from "you", who then must tell for whom.
      const bool tells = std::ranges::any_of(proxies_, [&](const net::Prefix& prefix) {
        return prefix.contains(connection->remote().address);
      });
      const std::string_view preface =
          proxies_.empty() || tells ? std::string_view() : kProxyUnknown;
      streams_->join(std::move(connection), target, preface);
    };
  }

  void listen_dns() {
    doors_ = std::make_unique<DnsDoors>(*world_, *loop_, *streams_, address_);
    settings_.dns = doors_->open(world::resolver_of(scenario_.domains.front().name),
                                 port_for(0, dns::kPort), options_.direct);
    for (std::size_t block = 0; block < scenario_.domains.size(); ++block) {
      settings_.domains[block].authority =
          doors_->open(world::name_server(scenario_.domains[block].name),
                       port_for(block, kAuthorityPort), options_.direct);
    }
  }

  void listen_web() {
    gateway::WebSite site{settings_,
                          scenario_.title,
                          world_->ca().certificate_pem(),
                          [this] { return world_->ca().revocation_list(loop_->now()); },
                          [this] { return world_->faults_on(); },
                          [this](const std::string& json) {
                            return world_->add_fault(scenario::load_fault(json, scenario_));
                          },
                          [this](std::size_t number) { return world_->end_fault(number); }};
    web_ = std::make_unique<gateway::WebServer>(
        *loop_, world_->kernel().turn(),
        [site = std::move(site)](const gateway::WebRequest& request) {
          return gateway::answer(request, site);
        });
    auto listener = live::listen_tcp(*loop_, world_->recorder(), {address_, port_for(0, kWebPort)},
                                     [this](std::unique_ptr<net::Connection> connection) {
                                       web_->accept(std::move(connection));
                                     });
    settings_.web = listener->local();
    const net::Endpoint here = settings_.web;
    const bool any = here.address.is_unspecified();
    const std::string at =
        any ? settings_.host + ":" + std::to_string(here.port) : here.to_string();
    world_->ca().set_revocation_url("http://" + at + "/ca.crl");
    listeners_.push_back(std::move(listener));
  }

  ServeOptions options_;
  scenario::Scenario scenario_;
  net::Address address_;
  std::vector<net::Prefix> proxies_;
  live::SystemEntropy entropy_;
  std::unique_ptr<net::Turn> bootstrap_;
  imap::SearchableText text_;
  std::unique_ptr<DataFolder> disk_;  // with --data
  std::unique_ptr<live::LiveLoop>
      loop_;  // goes after the world, whose sessions own sockets of it with --direct
  std::unique_ptr<world::World> world_;
  std::unique_ptr<gateway::StreamGateway> streams_;
  std::unique_ptr<gateway::WebServer> web_;
  std::unique_ptr<DnsDoors> doors_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  gateway::Settings settings_;
  TemporaryFolder temporary_;
  const live::AcceptOptions accept_{live::make_room_for_connections(),
                                    std::make_shared<std::size_t>(0)};
};

}  // namespace

void add_serve(CLI::App& app, int& status) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command =
      app.add_subcommand("serve", "Run the world in real time for real mail clients");
  command->add_option("file", options->file, "Scenario (JSON)")->required();
  command->add_option("--listen", options->listen, "IP address to listen on")
      ->capture_default_str();
  command->add_option(
      "--data", options->data,
      "Folder for mail, queues and certificates; they are there again after a restart");
  command
      ->add_option(
          "--port-base", options->port_base,
          "Ports are this + 1000 per domain + the service's number; free ones unless given")
      ->check(CLI::Range(0, 65'535));
  command->add_option("--settings", options->settings,
                      "Write what clients need to know as JSON, once all is ready");
  command->add_option("--trace", options->trace, "Record a trace and write it at the end");
  command->add_flag("--direct", options->direct,
                    "Clients reach the servers without the simulated access link");
  command->add_flag("--play", options->play,
                    "Play the scenario's script as well, not only its faults");
  command->add_flag("--xclient", options->xclient,
                    "SMTP clients of this machine may speak for others by XCLIENT, as proxies do");
  command->add_option(
      "--proxy-from", options->proxy_from,
      "Addresses (192.0.2.0/24, ::1) of proxies, whose connections to mail services begin with a "
      "PROXY header (version 1 or 2) that tells the client's address; none unless given");
  command
      ->add_option("--memory", options->memory,
                   "MiB that connections may hold together (unfinished commands, messages on their "
                   "way, answers that nobody fetches); beyond it newcomers and the greediest are "
                   "turned away for now. 0: any number")
      ->check(CLI::Range(std::size_t{0}, std::size_t{1} << 20))
      ->capture_default_str();
  command->callback([options, &status] { status = Server(*options).run(); });
}

}  // namespace mailscope::cli
