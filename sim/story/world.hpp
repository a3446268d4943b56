// The world as the trace describes it: hosts with their roles, domains, people; and the short names
// by which a story calls them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/trace/log.hpp"

namespace mailscope::story {

struct Host {
  trace::HostId id = 0;
  std::string name;    // "mx1.globex.example"
  std::string label;   // as the scenario calls it; may be empty
  std::string domain;  // empty for the DNS infrastructure
  std::string address;
  std::vector<std::string> roles;

  bool has(std::string_view role) const;
  bool is_client() const { return has("client"); }
  bool is_mail_server() const;
  /// Root, top-level or authoritative name server and nothing that carries mail.
  bool is_name_server() const;
  bool is_resolver() const { return has("resolver") && !is_mail_server() && !is_client(); }
};

struct Domain {
  std::string name;  // "acme.example"
  std::string label;
};

struct Person {
  std::string name;     // "Alice"
  std::string address;  // "alice@acme.example"
  std::string host;     // the host that the person sits at
  std::string devices;
};

struct World {
  std::string title;
  std::string description;
  std::vector<Host> hosts;  // in order of the trace
  std::vector<Domain> domains;
  std::vector<Person> people;

  const Host* host(trace::HostId id) const;
  const Person* person_at(std::string_view host_name) const;
  /// "mx1.globex", "Alice", "the resolver", "the root server": how a sentence calls a host.
  std::string name(trace::HostId id) const;
  /// "globex" for a host of globex.example; the host's name when it belongs to no domain.
  std::string organisation(trace::HostId id) const;
};

World read_world(const trace::Log& log);

/// "globex" of "globex.example".
std::string organisation_of(std::string_view domain);
/// "Alice" of "alice": people and mailboxes are shown with a capital.
std::string capitalised(std::string_view text);

}  // namespace mailscope::story
