// The authoritative engine: zones in, queries answered from them (RFC 1034 section 4.3.2).
//
//   acme.example. IN MX       ->  aa NOERROR   acme.example. 3600 IN MX 10 mx1.acme.example. +
//   address nobody.acme.example. IN A ->  aa NXDOMAIN  with the SOA www.lab.acme.example. A   ->
//   referral     lab.acme.example. NS ... + glue other.example. IN A       ->  REFUSED
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/dns/intake.hpp"
#include "server/dns/message.hpp"
#include "server/dns/zone.hpp"

namespace mailscope::dns {

/// An answer, taken apart and as it goes on the wire.
struct Response {
  Message message;
  std::size_t required_additional = 0;  // glue whose loss must set TC (RFC 9471 section 3)
  std::string wire;
};

class Authority {
 public:
  /// Serves `zone`; replaces the one with the same apex.
  void add(Zone zone);
  /// Stops serving the zone with this apex. False when there is none.
  bool remove(const Name& apex);
  const std::vector<std::unique_ptr<Zone>>& zones() const { return zones_; }
  /// The zone with exactly this apex, for changes while it is served; nullptr when there is none.
  Zone* zone(const Name& apex);
  const Zone* zone(const Name& apex) const;

  /// Answers a message that came by `transport`; nullopt: no answer is due (a response, or no whole
  /// header). The message may be anything.
  std::optional<Response> answer(std::string_view wire, Transport transport) const;
  /// Answers a well-formed query with one question; without the wire form.
  Response respond(const Message& query) const;

 private:
  const Zone* zone_for(const Question& question) const;
  std::vector<std::unique_ptr<Zone>> zones_;  // by the number of labels, longest first
};

}  // namespace mailscope::dns
