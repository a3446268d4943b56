// DNS messages from anywhere: decoding never crashes, what decodes encodes to the same, the
// authority answers whatever it is asked, and records survive their own text.
#include <cstdlib>

#include "server/dns/authority.hpp"

using namespace mailscope::dns;

namespace {

const Authority& authority() {
  static const Authority served = [] {
    Authority made;
    made.add(
        *Zone::parse("@ SOA ns host 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n* MX 10 a.b\n"
                     "a.b A 192.0.2.2\nc CNAME d\nd CNAME c\nsub NS ns.sub\nns.sub A 192.0.2.3\n",
                     name("acme.example"))
             .value);
    made.add(
        *Zone::parse("@ SOA a.root. host. 1 2 3 4 5\nexample NS ns.nic.example.\n", Name()).value);
    return made;
  }();
  return served;
}

void check(bool holds) {
  if (!holds) std::abort();
}

void check_text(const std::vector<Record>& records) {
  for (const auto& record : records) {
    const auto again = parse_record(record.to_string());
    // Pseudo-types have no place in a zone file; everything else must come back the same.
    if (!again.value) continue;
    check(again.value->to_string() == record.to_string());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view wire(reinterpret_cast<const char*>(data), size);
  const auto message = decode(wire);
  if (message.value) {
    const std::string encoded = encode(*message.value);
    const auto again = decode(encoded);
    check(again.value.has_value());
    // Names compressed where none may be grow; what then does not fit is left out.
    const bool whole = again.value->answers.size() == message.value->answers.size() &&
                       again.value->authority.size() == message.value->authority.size() &&
                       again.value->additional.size() == message.value->additional.size();
    check(whole ? *again.value == *message.value : encoded.size() > 32768);
    check_text(message.value->answers);
    check_text(message.value->additional);
    (void)message.value->to_string();
  }
  for (const Transport transport : {Transport::udp, Transport::tcp}) {
    const auto response = authority().answer(wire, transport);
    if (!response) continue;
    check(response->wire.size() <= (transport == Transport::udp ? 1232u : 65535u));
    check(decode(response->wire).value.has_value());
  }
  return 0;
}
