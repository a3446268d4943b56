#include "server/dns/deviation.hpp"

#include <algorithm>

#include "server/mail/text.hpp"

namespace mailscope::dns {
namespace {

constexpr Rcode kRcodes[] = {Rcode::noerror, Rcode::formerr, Rcode::servfail, Rcode::nxdomain,
                             Rcode::notimp,  Rcode::refused, Rcode::badvers};

Message answer_with(const Message& query, std::string_view word) {
  Message answer = make_response(query);
  answer.truncated = word == policy::kTruncated;
  answer.rcode = parse_rcode(word).value_or(Rcode::noerror);
  // RFC 6891 section 6.1.3: a code above 15 needs the OPT record.
  if (answer.rcode == Rcode::badvers && !answer.edns) answer.edns.emplace();
  return answer;
}

Instead instead(const Message& query, const policy::Deviation& deviation) {
  if (deviation.act == policy::Switch::Act::drop) return {};
  Message answer = answer_with(query, deviation.reply);
  // Whoever does not understand the OPT record does not send one (RFC 6891 section 7).
  if (answer.rcode == Rcode::formerr || answer.rcode == Rcode::notimp) answer.edns.reset();
  return {std::move(answer)};
}

}  // namespace

std::optional<Rcode> parse_rcode(std::string_view word) {
  for (const Rcode code : kRcodes) {
    if (mail::iequals(word, to_string(code))) return code;
  }
  return std::nullopt;
}

std::optional<Instead> deviate(policy::Switches& switches, std::string& wire, Transport transport,
                               const net::Address& client) {
  if (switches.all().empty()) return std::nullopt;
  Intake intake = take_in(wire);
  if (!intake.query) return std::nullopt;
  Message& query = *intake.query;
  policy::SessionSwitches session(switches, policy::Protocol::dns, client);
  const bool datagram = transport == Transport::udp;
  const std::string_view carrier = datagram ? "UDP" : "TCP";
  if (!session.offers(carrier)) return Instead{};
  if (const auto use = session.at_use(carrier, "REFUSED")) return instead(query, *use);
  if (query.edns && !session.offers("EDNS")) {
    query.edns.reset();
    wire = encode(query);
  }
  if (query.edns) {
    if (const auto use = session.at_use("EDNS", "FORMERR")) return instead(query, *use);
  }
  if (query.recursion_desired) {
    if (!session.offers("RECURSION")) return Instead{answer_with(query, "REFUSED")};
    if (const auto use = session.at_use("RECURSION", "SERVFAIL")) return instead(query, *use);
  }
  const Question& question = query.questions.front();
  std::string name = question.name.lower().to_string();
  if (name.size() > 1 && name.ends_with('.')) name.pop_back();
  const auto chosen = session.at_query(to_string(question.type), name, datagram);
  return chosen ? std::optional(instead(query, *chosen)) : std::nullopt;
}

}  // namespace mailscope::dns
