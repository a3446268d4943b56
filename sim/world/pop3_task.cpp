#include "sim/world/pop3_task.hpp"

#include "server/host/services.hpp"
#include "server/mail/encoding.hpp"
#include "server/mail/mime.hpp"

namespace mailscope::world {

std::uint16_t Pop3Task::port() const {
  const bool implicit = security() == scenario::Security::tls;
  return host::info(implicit ? host::Service::pop3s : host::Service::pop3).port;
}

std::unique_ptr<net::Engine> Pop3Task::make_engine() {
  pop3::ClientOptions options;
  options.user = device_.options().address;
  options.password = device_.options().password;
  options.sasl = device_.login();
  options.tls = security() == scenario::Security::starttls ? pop3::ClientOptions::Tls::required
                                                           : pop3::ClientOptions::Tls::none;
  options.allow_plaintext_auth = security() == scenario::Security::none;
  options.seen = device_.fetched();
  options.leave_on_server = device_.options().device.leave_on_server && !remove_;
  return std::make_unique<pop3::ClientEngine>(std::move(options));
}

void Pop3Task::finished(net::Engine& engine) {
  const pop3::ClientResult& result = static_cast<pop3::ClientEngine&>(engine).result();
  if (result.error != pop3::ClientError::none) {
    report("failed", std::string(pop3::to_string(result.error)) + ": " + result.detail);
  }
  for (const pop3::Fetched& message : result.fetched) {
    const std::string id = message.unique_id.empty() ? device_.ids().hex(8) : message.unique_id;
    device_.fetched().insert(id);
    device_.hold({id, message.content, {}});
  }
  if (!remove_) return;
  std::vector<std::string> gone;
  for (const HeldMessage& held : device_.held()) {
    const mail::Header header = mail::parse_header(held.octets);
    if (mail::decode_words(header.text("Subject")).find(*remove_) != std::string::npos)
      gone.push_back(held.id);
  }
  for (const std::string& id : gone) device_.forget(id);
}

}  // namespace mailscope::world
