// A device submits a message to its mail server (RFC 6409): port 587 with STARTTLS, or 465.
#pragma once

#include "server/smtp/client.hpp"
#include "sim/world/device_tasks.hpp"

namespace mailscope::world {

class SendTask final : public DeviceTask {
 public:
  SendTask(Device& device, scenario::Send send) : DeviceTask(device), send_(std::move(send)) {}

 private:
  std::uint16_t port() const override;
  std::unique_ptr<net::Engine> make_engine() override;
  void finished(net::Engine& engine) override;
  void failed(const std::string& why) override;
  std::string compose();

  scenario::Send send_;
};

}  // namespace mailscope::world
