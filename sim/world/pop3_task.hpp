// A device fetches mail by POP3: port 110 with STLS, or 995.
#pragma once

#include <optional>

#include "server/pop3/client.hpp"
#include "sim/world/device_tasks.hpp"

namespace mailscope::world {

class Pop3Task final : public DeviceTask {
 public:
  /// `remove`: delete on the server everything that was fetched, and on the device the messages
  /// whose subject contains this. POP3 has no other way to choose across sessions.
  Pop3Task(Device& device, std::optional<std::string> remove)
      : DeviceTask(device), remove_(std::move(remove)) {}

 private:
  std::uint16_t port() const override;
  std::unique_ptr<net::Engine> make_engine() override;
  void finished(net::Engine& engine) override;
  void failed(const std::string& why) override { report("deferred", why); }

  std::optional<std::string> remove_;
};

}  // namespace mailscope::world
