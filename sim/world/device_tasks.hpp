// What a device does on the network: one task is one conversation with the mail server, from the
// look-up of its name to the end of the session.
#pragma once

#include <memory>

#include "server/dns/resolver.hpp"
#include "server/net/session.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/world/device.hpp"

namespace mailscope::world {

class DeviceTask {
 public:
  explicit DeviceTask(Device& device) : device_(device) {}
  virtual ~DeviceTask() = default;
  DeviceTask(const DeviceTask&) = delete;
  DeviceTask& operator=(const DeviceTask&) = delete;

  void start();

 protected:
  virtual std::uint16_t port() const = 0;
  virtual std::unique_ptr<net::Engine> make_engine() = 0;
  /// The conversation is over: take the results out of the engine.
  virtual void finished(net::Engine& engine) = 0;
  /// There was no conversation: the server was not found.
  virtual void failed(const std::string& why) = 0;
  /// Writes what came of it, as seen from this device.
  void report(std::string_view result, std::string_view text);

  scenario::Security security() const { return device_.options().device.security; }

  Device& device_;
  trace::EventId cause_ = 0;

 private:
  void connect(const net::Address& address);

  dns::Lookup lookup_;
  std::unique_ptr<net::Session> session_;
};

std::unique_ptr<DeviceTask> make_task(Device& device, const scenario::Act& act);

}  // namespace mailscope::world
