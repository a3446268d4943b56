// A person's device: a mail program that sends by SMTP and reads by IMAP or POP3, like a real MUA
// (RFC 5598 section 4.2.1), and holds what it has fetched. Does one thing after the other.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "server/auth/sasl_client.hpp"
#include "server/dns/resolver.hpp"
#include "server/net/session.hpp"
#include "sim/scenario/scenario.hpp"

namespace mailscope::world {

/// What a device stands on. Everything outlives it.
struct DeviceEnvironment {
  net::Network& network;
  net::Timers& timers;
  net::Turn& turn;
  net::Entropy& entropy;
  trace::Sink& sink;
  trace::HostId self = 0;
  dns::Resolver& resolver;
  std::function<std::shared_ptr<net::TlsContext>()>
      tls;  // trusts the world's CA; made at first use
  std::function<trace::HostId(const net::Address&)> host_of;
};

struct DeviceOptions {
  std::string host;     // the device's host name
  std::string server;   // name of the mail server
  std::string person;   // "Alice"
  std::string address;  // "alice@acme.example"
  std::string password;
  scenario::Device device;
  std::function<std::string()> token;  // a fresh one for OAUTHBEARER and XOAUTH2; may be empty
};

/// A message as the device has it.
struct HeldMessage {
  std::string id;  // UIDL, or "mailbox/uidvalidity/uid"
  std::string octets;
  std::vector<std::string> flags;
};

class DeviceTask;

class Device {
 public:
  Device(DeviceEnvironment environment, DeviceOptions options);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  /// Does it as soon as everything before it is done. Records lesson.act: the root of a chain of
  /// causes.
  void act(const scenario::Act& act);

  const DeviceOptions& options() const { return options_; }
  const std::vector<HeldMessage>& held() const { return held_; }
  bool busy() const { return running_ != nullptr || !waiting_.empty(); }

  // For the tasks.

  const DeviceEnvironment& environment() const { return environment_; }
  net::Entropy& ids() { return *ids_; }
  /// How the person's program logs in.
  auth::SaslWish login();
  /// Takes a message in, or the new flags of one that is there.
  void hold(HeldMessage message);
  void forget(std::string_view id);
  /// IMAP: the highest UID whose message was fetched; 0 when the mailbox is new or not the same any
  /// more (RFC 3501 section 2.3.1.1).
  std::uint32_t synced_up_to(const std::string& mailbox, std::uint32_t uid_validity) const;
  void set_synced(const std::string& mailbox, std::uint32_t uid_validity, std::uint32_t uid);
  /// POP3: unique ids of everything that was ever fetched.
  std::set<std::string>& fetched() { return fetched_; }
  /// The running task is over: it is destroyed, and the next one begins.
  void done();

 private:
  void next();

  DeviceEnvironment environment_;
  DeviceOptions options_;
  std::unique_ptr<net::Entropy> ids_, nonces_;
  std::vector<HeldMessage> held_;
  std::set<std::string> fetched_;
  struct Synced {
    std::uint32_t uid_validity = 0, uid = 0;
  };
  std::map<std::string, Synced> synced_;  // by mailbox
  struct Wanted {
    scenario::Act act;
    trace::EventId cause;
  };
  std::deque<Wanted> waiting_;
  std::unique_ptr<DeviceTask> running_;
};

}  // namespace mailscope::world
