// A device reads, deletes, moves or flags mail by IMAP: port 143 with STARTTLS, or 993.
#pragma once

#include "server/imap/client.hpp"
#include "sim/world/device_tasks.hpp"

namespace mailscope::world {

class ImapTask final : public DeviceTask {
 public:
  ImapTask(Device& device, scenario::Act act) : DeviceTask(device), act_(std::move(act)) {}

 private:
  std::uint16_t port() const override;
  std::unique_ptr<net::Engine> make_engine() override;
  void finished(net::Engine& engine) override;
  void failed(const std::string& why) override { report("deferred", why); }

  void result(const imap::Action& action, const imap::ActionResult& result);
  void synced();
  /// Messages whose subject contains the act's text.
  std::vector<store::Uid> chosen(const std::string& subject) const;
  void change(const scenario::Delete& act);
  void change(const scenario::Move& act);
  void change(const scenario::Flag& act);
  /// What the device holds becomes what the mailbox holds.
  void keep();
  std::string mailbox() const;
  std::string id_of(store::Uid uid) const;

  scenario::Act act_;
  imap::ClientEngine* client_ = nullptr;
};

}  // namespace mailscope::world
