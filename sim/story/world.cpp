#include "sim/story/world.hpp"

#include <algorithm>

namespace mailscope::story {
namespace {

using trace::EventId;
using trace::Kind;

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    if (space != 0) out.emplace_back(text.substr(0, space));
    if (space == std::string_view::npos) break;
    text.remove_prefix(space + 1);
  }
  return out;
}

Host read_host(const trace::Log& log, EventId id) {
  Host host;
  host.name = log.text(id, "name");
  host.id = log.find_host(host.name);
  host.label = log.text(id, "label");
  host.domain = log.text(id, "domain");
  host.address = log.text(id, "address");
  host.roles = words(log.text(id, "roles"));
  return host;
}

/// The top-level label that the DNS server for it is named after, or "".
std::string top_level(const Host& host) {
  return host.label.empty() ? std::string() : host.label;
}

}  // namespace

bool Host::has(std::string_view role) const {
  return std::ranges::find(roles, role) != roles.end();
}

bool Host::is_mail_server() const {
  return has("mx") || has("submission") || has("imap") || has("pop3") || has("relay");
}

bool Host::is_name_server() const {
  return (has("dns-root") || has("dns-tld") || has("dns-auth")) && !is_mail_server();
}

const Host* World::host(trace::HostId id) const {
  const auto it = std::ranges::find(hosts, id, &Host::id);
  return id == 0 || it == hosts.end() ? nullptr : &*it;
}

const Person* World::person_at(std::string_view host_name) const {
  const auto it = std::ranges::find(people, host_name, &Person::host);
  return it == people.end() ? nullptr : &*it;
}

std::string World::name(trace::HostId id) const {
  const Host* found = host(id);
  if (found == nullptr) return "an unknown host";
  const Host& h = *found;
  if (h.is_client()) {
    if (!h.label.empty()) return capitalised(h.label);
    if (const Person* person = person_at(h.name)) return capitalised(person->name);
  }
  if (h.is_resolver()) {
    const auto resolvers = std::ranges::count_if(hosts, &Host::is_resolver);
    return resolvers > 1 && !h.domain.empty() ? organisation_of(h.domain) + "'s resolver"
                                              : "the resolver";
  }
  if (h.is_name_server()) {
    if (h.has("dns-root")) return "the root server";
    if (h.has("dns-tld")) return top_level(h).empty() ? "the top-level server" : top_level(h);
  }
  // A host of a domain loses the top-level label: "mx1.globex".
  const std::size_t dot = h.name.rfind('.');
  if (!h.domain.empty() && dot != std::string::npos && h.domain.find('.') != std::string::npos) {
    return h.name.substr(0, dot);
  }
  return h.name;
}

std::string World::organisation(trace::HostId id) const {
  const Host* found = host(id);
  if (found == nullptr || found->domain.empty()) return name(id);
  return organisation_of(found->domain);
}

World read_world(const trace::Log& log) {
  World world;
  for (EventId id = 1; id <= log.size(); ++id) {
    switch (log.at(id).kind) {
      case Kind::lesson_scenario:
        world.title = log.text(id, "title");
        world.description = log.text(id, "description");
        break;
      case Kind::lesson_domain:
        world.domains.push_back(
            {std::string(log.text(id, "domain")), std::string(log.text(id, "label"))});
        break;
      case Kind::lesson_host:
        world.hosts.push_back(read_host(log, id));
        break;
      case Kind::lesson_person:
        world.people.push_back(
            {std::string(log.text(id, "name")), std::string(log.text(id, "address")),
             std::string(log.text(id, "host")), std::string(log.text(id, "devices"))});
        break;
      default:
        break;
    }
  }
  return world;
}

std::string organisation_of(std::string_view domain) {
  return std::string(domain.substr(0, domain.find('.')));
}

std::string capitalised(std::string_view text) {
  std::string out(text);
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z')
    out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return out;
}

}  // namespace mailscope::story
