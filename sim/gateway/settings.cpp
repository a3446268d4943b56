#include "sim/gateway/settings.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace mailscope::gateway {
namespace {

const char* security(const host::ServiceInfo& service, const DomainSettings& domain) {
  return service.implicit_tls ? "TLS" : domain.tls ? "STARTTLS" : "no TLS";
}

}  // namespace

std::string settings_table(const Settings& settings) {
  std::string out;
  for (const DomainSettings& domain : settings.domains) {
    out += fmt::format("\n{}\n", domain.domain);
    for (const auto& [service, endpoint] : domain.services) {
      const host::ServiceInfo& row = host::info(service);
      out += fmt::format("  {:<12} {:<16} port {:<6} {}\n", row.name, settings.host, endpoint.port,
                         security(row, domain));
    }
    out += fmt::format("  {:<12} {:<16} port {}\n", "name server", settings.host,
                       domain.authority.port);
    for (const Login& login : domain.users)
      out += fmt::format("  user {}   password {}\n", login.address, login.password);
  }
  out += fmt::format("\nDNS          {} port {}   (dig @{} -p {} MX ...)\n", settings.host,
                     settings.dns.port, settings.host, settings.dns.port);
  out += fmt::format("Web page     http://{}:{}/\n", settings.host, settings.web.port);
  out += fmt::format("CA file      {}\n", settings.ca_file);
  return out;
}

std::string settings_json(const Settings& settings) {
  using Json = nlohmann::ordered_json;
  auto endpoint = [&](std::uint16_t port) { return Json{{"host", settings.host}, {"port", port}}; };
  Json out;
  out["dns"] = endpoint(settings.dns.port);
  out["web"] = endpoint(settings.web.port);
  out["ca"] = settings.ca_file;
  for (const DomainSettings& domain : settings.domains) {
    Json entry;
    for (const auto& [service, at] : domain.services)
      entry[std::string(host::info(service).name)] = endpoint(at.port);
    entry["authority"] = endpoint(domain.authority.port);
    entry["users"] = Json::array();
    for (const Login& login : domain.users)
      entry["users"].push_back(
          {{"address", login.address}, {"password", login.password}, {"token", login.token}});
    out[domain.domain] = entry;
    out["domains"][domain.domain] = std::move(entry);
  }
  return out.dump(2) + "\n";
}

}  // namespace mailscope::gateway
