// What a real client must be told to use the world: a table for people, JSON for programs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "server/host/services.hpp"
#include "server/net/address.hpp"

namespace mailscope::gateway {

struct Login {
  std::string address, password;
  std::string token;  // for OAUTHBEARER and XOAUTH2
};

struct DomainSettings {
  std::string domain;
  bool tls = true;  // STARTTLS is offered on the ports that begin in the clear
  std::map<host::Service, net::Endpoint> services;  // real endpoints
  net::Endpoint authority;                          // the domain's name server
  std::vector<Login> users;
};

struct Settings {
  net::Endpoint web;    // the page with all of this, autoconfig, and faults (web.hpp)
  std::string host;     // how clients name this machine: an address, or localhost
  net::Endpoint dns;    // the resolver of the first domain
  std::string ca_file;  // PEM
  std::vector<DomainSettings> domains;
};

std::string settings_table(const Settings& settings);
/// {"dns": {"host", "port"}, "web": {"host", "port"}, "ca": path, "domains": {"acme.example":
/// {"smtp": {"host", "port"}, ..., "authority": {"host", "port"}, "users": [{"address", "password",
/// "token"}]}}}; each domain also stands at the top level under its name.
std::string settings_json(const Settings& settings);

}  // namespace mailscope::gateway
