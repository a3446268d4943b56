#include "server/dns/intake.hpp"

#include <algorithm>

namespace mailscope::dns {
namespace {

Intake refuse(const Message& query, Rcode rcode) {
  Intake intake;
  intake.refusal = make_response(query);
  // A query of many questions would make a refusal of any size; RFC 1035 section 4.1.2 has one.
  if (query.questions.size() > 1) intake.refusal->questions.clear();
  intake.refusal->rcode = rcode;
  return intake;
}

/// Types that only a question can have and that are no question about data (RFC 6895 section 3.1).
/// ANY is served (RFC 8482); zone transfers are not.
bool is_zone_transfer(Type type) {
  return type == Type::axfr || type == Type::ixfr;
}
bool is_other_meta(Type type) {
  const auto number = static_cast<unsigned>(type);
  return type == Type::none || type == Type::opt || (number >= 128 && number < 251) ||
         number == 253 || number == 254;
}

}  // namespace

std::string_view to_string(Transport transport) {
  return transport == Transport::udp ? "udp" : "tcp";
}

Intake take_in(std::string_view wire) {
  const auto header = decode_header(wire);
  // To answer a response would let two servers talk to each other for ever.
  if (!header || header->response) return {};
  auto parsed = decode(wire);
  if (header->opcode != Opcode::query) {
    return refuse(parsed ? *parsed : *header, Rcode::notimp);
  }
  if (!parsed) return refuse(*header, Rcode::formerr);
  Message& query = *parsed;
  if (query.edns && query.edns->version > 0) return refuse(query, Rcode::badvers);
  // RFC 9619: a query has exactly one question.
  if (query.questions.size() != 1) return refuse(query, Rcode::formerr);
  const Question& question = query.questions.front();
  if (is_other_meta(question.type)) return refuse(query, Rcode::notimp);
  if (question.klass != Class::in || is_zone_transfer(question.type)) {
    return refuse(query, Rcode::refused);
  }
  Intake intake;
  intake.query = std::move(parsed.value);
  return intake;
}

std::size_t response_limit(const Message& query, Transport transport) {
  if (transport == Transport::tcp) return kMaxMessage;
  if (!query.edns) return kMinUdpPayload;
  return std::clamp<std::size_t>(query.edns->udp_payload, kMinUdpPayload, kUdpPayload);
}

}  // namespace mailscope::dns
