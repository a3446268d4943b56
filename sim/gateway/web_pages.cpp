// The pages of the web door: a table of paths and what each does.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "server/mail/text.hpp"
#include "sim/gateway/web.hpp"

namespace mailscope::gateway {
namespace {

constexpr auto kJson = "application/json";
constexpr auto kXml = "text/xml; charset=utf-8";

/// For HTML and XML, in text and in attributes.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

/// How a configuration file names a service.
struct Spelling {
  host::Service service;
  const char* element;  // "incomingServer"
  const char* type;
  const char* socket;  // "STARTTLS"
};
// The safest first: clients take the first that works.
constexpr Spelling kSpellings[] = {
    {host::Service::imaps, "incomingServer", "imap", "SSL"},
    {host::Service::imap, "incomingServer", "imap", "STARTTLS"},
    {host::Service::pop3s, "incomingServer", "pop3", "SSL"},
    {host::Service::pop3, "incomingServer", "pop3", "STARTTLS"},
    {host::Service::submissions, "outgoingServer", "smtp", "SSL"},
    {host::Service::submission, "outgoingServer", "smtp", "STARTTLS"},
};

const char* socket_type(const Spelling& row, const DomainSettings& domain) {
  return domain.tls || host::info(row.service).implicit_tls ? row.socket : "plain";
}

WebResponse page(const WebRequest&, const WebSite& site) {
  std::string rows;
  for (const DomainSettings& domain : site.settings.domains) {
    std::string services, users;
    for (const auto& [service, at] : domain.services) {
      services += fmt::format("{} {}<br>", host::info(service).name, escaped(at.to_string()));
    }
    for (const Login& login : domain.users) {
      users +=
          fmt::format("{} <code>{}</code><br>", escaped(login.address), escaped(login.password));
    }
    rows += fmt::format("<tr><th>{}</th><td>{}</td><td>{}</td></tr>\n", escaped(domain.domain),
                        services, users);
  }
  std::string faults;
  for (const auto& [number, what] : site.faults()) {
    faults += fmt::format("<li>{}: {}</li>\n", number, escaped(what));
  }
  return {200, "text/html; charset=utf-8",
          fmt::format(R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{0}</title><style>
body{{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}}
th,td{{text-align:left;vertical-align:top;padding:.4em 1.5em .4em 0;border-top:1px solid #ccc}}
</style></head><body><h1>{0}</h1>
<p>DNS: {1}. Certificate to trust: <a href="/ca.pem">ca.pem</a>.
For programs: <a href="/settings.json">settings.json</a>.</p>
<table><tr><th>Domain</th><th>Services</th><th>Users and passwords</th></tr>
{2}</table><h2>Broken now</h2><ul>{3}</ul></body></html>
)",
                      escaped(site.title), escaped(site.settings.dns.to_string()), rows,
                      faults.empty() ? "<li>nothing</li>" : faults)};
}

WebResponse settings(const WebRequest&, const WebSite& site) {
  return {200, kJson, settings_json(site.settings)};
}

WebResponse certificate(const WebRequest&, const WebSite& site) {
  return {200, "application/x-pem-file", site.ca_pem};
}

WebResponse revocation_list(const WebRequest&, const WebSite& site) {
  return {200, "application/pkix-crl", site.revocation_list()};  // RFC 5280 section 4.2.1.13
}

WebResponse autoconfig(const WebRequest& request, const WebSite& site) {
  const auto address = request.query.find("emailaddress");
  // Without an address, as from a directory of providers, the domain is the last part of the path.
  const std::string who = address != request.query.end()
                              ? address->second
                              : request.path.substr(request.path.rfind('/') + 1);
  std::string xml = autoconfig_xml(site.settings, who);
  if (xml.empty()) return {404, "text/plain", "No such domain here\n"};
  return {200, kXml, std::move(xml)};
}

WebResponse list_faults(const WebRequest&, const WebSite& site) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& [number, what] : site.faults()) {
    list.push_back({{"fault", number}, {"what", what}});
  }
  return {200, kJson, list.dump(2) + "\n"};
}

WebResponse add_fault(const WebRequest& request, const WebSite& site) {
  // A form of some other site cannot send this type unasked: that keeps its scripts out.
  if (!request.content_type.starts_with(kJson))
    return {415, "text/plain", "Content-Type must be application/json\n"};
  try {
    const nlohmann::ordered_json made = {{"fault", site.add_fault(request.body)}};
    return {201, kJson, made.dump() + "\n"};
  } catch (const std::runtime_error& error) {
    return {400, "text/plain; charset=utf-8", std::string(error.what()) + "\n"};
  }
}

WebResponse end_fault(const WebRequest& request, const WebSite& site) {
  const std::string_view digits = std::string_view(request.path).substr(sizeof "/faults/" - 1);
  std::size_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc() || stop != end || !site.end_fault(number))
    return {404, "text/plain", "There is no such fault now\n"};
  return {200, "text/plain", "Ended\n"};
}

struct Route {
  std::string_view method;
  std::string_view path;  // '/' at the end: and everything below
  WebResponse (*run)(const WebRequest& request, const WebSite& site);
};
constexpr Route kRoutes[] = {
    {"GET", "/settings.json", settings},
    {"GET", "/ca.pem", certificate},
    {"GET", "/ca.crl", revocation_list},
    {"GET", "/mail/config-v1.1.xml", autoconfig},
    {"GET", "/.well-known/autoconfig/mail/config-v1.1.xml", autoconfig},
    {"GET", "/autoconfig/", autoconfig},
    {"GET", "/faults", list_faults},
    {"POST", "/faults", add_fault},
    {"DELETE", "/faults/", end_fault},
};

bool leads_to(const Route& route, std::string_view path) {
  return route.path.ends_with('/') ? path.starts_with(route.path) && path != route.path
                                   : path == route.path;
}

/// Whether a browser sent here by a name that is really ours. A page elsewhere could have its own
/// name point at this machine (DNS rebinding) and read the passwords then.
bool is_own_name(std::string_view host, const Settings& settings) {
  std::string_view name = host.substr(0, host.rfind(':'));
  if (host.ends_with(']') || host.find(':') == std::string_view::npos) name = host;
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  if (net::Address::parse(name) || mail::iequals(name, "localhost")) return true;
  if (mail::iequals(name, settings.host)) return true;
  return std::ranges::any_of(settings.domains, [&](const DomainSettings& domain) {
    return mail::iequals(name, domain.domain) || mail::iequals(name, "autoconfig." + domain.domain);
  });
}

}  // namespace

std::string autoconfig_xml(const Settings& settings, std::string_view email_address) {
  const std::string_view domain = email_address.substr(email_address.rfind('@') + 1);
  const auto found = std::ranges::find_if(settings.domains, [&](const DomainSettings& each) {
    return mail::iequals(each.domain, domain);
  });
  if (found == settings.domains.end()) return {};
  std::string servers;
  for (const Spelling& row : kSpellings) {
    const auto at = found->services.find(row.service);
    if (at == found->services.end()) continue;
    servers += fmt::format(R"(    <{0} type="{1}">
      <hostname>{2}</hostname>
      <port>{3}</port>
      <socketType>{4}</socketType>
      <username>%EMAILADDRESS%</username>
      <authentication>password-cleartext</authentication>
    </{0}>
)",
                           row.element, row.type, escaped(settings.host), at->second.port,
                           socket_type(row, *found));
  }
  return fmt::format(R"(<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="{0}">
    <domain>{0}</domain>
    <displayName>{0}</displayName>
    <displayShortName>{0}</displayShortName>
{1}  </emailProvider>
</clientConfig>
)",
                     escaped(found->domain), servers);
}

WebResponse answer(const WebRequest& request, const WebSite& site) {
  if (!is_own_name(request.host, site.settings))
    return {421, "text/plain", "This is not the host that you asked for\n"};
  if (request.path == "/" && request.method == "GET") return page(request, site);
  bool known = false;
  for (const Route& route : kRoutes) {
    if (!leads_to(route, request.path)) continue;
    if (route.method == request.method) return route.run(request, site);
    known = true;
  }
  if (known) return {405, "text/plain", "Not this method here\n"};
  return {404, "text/plain", "There is nothing here; see /\n"};
}

}  // namespace mailscope::gateway
