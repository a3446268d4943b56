#include "sim/world/device_tasks.hpp"

#include "sim/world/imap_task.hpp"
#include "sim/world/pop3_task.hpp"
#include "sim/world/send_task.hpp"

namespace mailscope::world {

void DeviceTask::start() {
  cause_ = device_.environment().sink.cause();
  lookup_ = device_.environment().resolver.query(
      device_.options().server, dns::Type::a, [this](const dns::Answer& answer) {
        const auto addresses = answer.addresses();
        if (answer.outcome == dns::Outcome::ok && !addresses.empty())
          return connect(addresses.front());
        const std::string why = device_.options().server +
                                " was not found: " + std::string(dns::to_string(answer.outcome));
        failed(why);
        device_.environment().turn.after([&device = device_] { device.done(); });
      });
}

void DeviceTask::connect(const net::Address& address) {
  const DeviceEnvironment& environment = device_.environment();
  net::SessionTls tls;
  tls.role = net::TlsEngine::Role::client;
  tls.server_name = device_.options().server;
  tls.implicit = security() == scenario::Security::tls;
  if (security() != scenario::Security::none) tls.context = environment.tls();
  const trace::Origin origin{environment.self, environment.host_of(address), 0, 0};
  session_ = std::make_unique<net::Session>(
      net::Session::Environment{environment.timers, environment.turn, environment.entropy,
                                environment.sink, origin},
      make_engine(), std::move(tls), [this](net::Session& session) {
        finished(session.engine());
        device_.done();  // destroys this task
      });
  session_->connect(environment.network, {address, port()});
}

void DeviceTask::report(std::string_view result, std::string_view text) {
  const DeviceEnvironment& environment = device_.environment();
  environment.sink.record(trace::Kind::smtp_outcome, {environment.self, 0, 0, 0},
                          {"", device_.options().server, result, text});
}

std::unique_ptr<DeviceTask> make_task(Device& device, const scenario::Act& act) {
  if (const auto* send = std::get_if<scenario::Send>(&act))
    return std::make_unique<SendTask>(device, *send);
  const bool pop3 = device.options().device.protocol == scenario::Protocol::pop3;
  if (pop3) {
    const auto* remove = std::get_if<scenario::Delete>(&act);
    return std::make_unique<Pop3Task>(
        device, remove != nullptr ? std::optional<std::string>(remove->subject) : std::nullopt);
  }
  return std::make_unique<ImapTask>(device, act);
}

}  // namespace mailscope::world
