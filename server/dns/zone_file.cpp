// Zone files (RFC 1035 section 5): $ORIGIN, $TTL (RFC 2308 section 4), and one record an entry.
//
//   $TTL 1h
//   @     SOA  ns1 hostmaster 2026010100 2h 15m 2w 5m
//         NS   ns1
//         MX   10 mx1
//   ns1   A    192.0.2.53
#include "server/dns/tokens.hpp"
#include "server/dns/zone.hpp"

namespace mailscope::dns {
namespace {

constexpr std::uint32_t kDefaultTtl = 3600;  // seconds, where the file gives none

struct FileState {
  Name origin;
  std::uint32_t ttl = kDefaultTtl;
  std::optional<Name> last_owner;
};

/// Takes a $ directive in; what is wrong with it, or an empty string.
std::string directive(FileState& state, const Entry& entry) {
  const auto name = entry.tokens[0].text;
  const auto value = entry.tokens.size() == 2 ? entry.tokens[1].text : std::string_view();
  if (same_octets(name, "$ORIGIN")) {
    auto origin = Name::parse(value, state.origin);
    if (!origin) return "$ORIGIN needs a domain name";
    state.origin = *std::move(origin);
    return {};
  }
  if (same_octets(name, "$TTL")) {
    const auto ttl = parse_ttl(value);
    if (!ttl) return "$TTL needs a number of seconds";
    state.ttl = *ttl;
    return {};
  }
  return "unknown directive " + std::string(name);
}

std::string take_entry(Zone& zone, FileState& state, const Entry& entry) {
  if (!entry.tokens[0].quoted && entry.tokens[0].text.starts_with('$')) {
    return directive(state, entry);
  }
  auto record =
      parse_entry(entry, state.origin, state.ttl, state.last_owner ? &*state.last_owner : nullptr);
  if (!record) return record.error;
  state.last_owner = record->name;
  return zone.add(*std::move(record.value));
}

}  // namespace

Parsed<Zone> Zone::parse(std::string_view text, const Name& origin) {
  Zone zone(origin);
  FileState state{origin, kDefaultTtl, std::nullopt};
  EntryReader reader(text);
  while (const auto entry = reader.next()) {
    const std::string error = take_entry(zone, state, *entry);
    if (!error.empty()) return {std::nullopt, "line " + std::to_string(entry->line) + ": " + error};
  }
  if (!reader.error().empty()) {
    return {std::nullopt, "line " + std::to_string(reader.line()) + ": " + reader.error()};
  }
  return {std::move(zone), {}};
}

}  // namespace mailscope::dns
