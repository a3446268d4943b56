#include "server/dns/authority.hpp"

#include <algorithm>
#include <utility>

namespace mailscope::dns {
namespace {

/// CNAMEs followed inside one zone for one answer. Chains are short in practice; a longer one is a
/// loop or a mistake, and the resolver that gets the part may ask on.
constexpr int kMaxAliases = 8;

/// Works one answer out of one zone.
class Answering {
 public:
  Answering(const Zone& zone, const Question& question, Response& response)
      : zone_(zone), question_(question), response_(response), out_(response.message) {}

  void run() {
    Name name = question_.name;
    out_.authoritative = true;
    for (int aliases = 0; aliases <= kMaxAliases; ++aliases) {
      const auto next = step(name);
      if (!next) return;
      // A target outside of the zone, or one met before: what is known so far is the answer.
      if (!next->is_within(zone_.apex()) || seen(*next)) return;
      name = *next;
    }
  }

 private:
  /// Answers for `name`; the next name when it is an alias.
  std::optional<Name> step(const Name& name) {
    const RrSet* cut = zone_.cut_above(name);
    // The DS record of a delegation belongs to the parent's side (RFC 4035 section 3.1.4.1).
    if (cut != nullptr && !(question_.type == Type::ds && cut->front().name == name)) {
      referral(*cut);
      return std::nullopt;
    }
    const Node* node = zone_.find(name);
    if (node == nullptr) node = wildcard(name);
    if (node == nullptr) {
      negative(Rcode::nxdomain);
      return std::nullopt;
    }
    if (question_.type == Type::any) {
      any(name, *node);
      return std::nullopt;
    }
    if (const RrSet* set = node->find(question_.type)) {
      append(name, *set);
      additional_of(*set);
      return std::nullopt;
    }
    if (const RrSet* alias = node->find(Type::cname)) {
      append(name, *alias);
      if (const auto* cname = std::get_if<Cname>(&alias->front().data)) return cname->target;
      return std::nullopt;
    }
    negative(Rcode::noerror);
    return std::nullopt;
  }

  /// The source of synthesis: "*" right below the closest encloser, the longest existing ancestor
  /// of the name (RFC 4592 section 3.3.1). nullptr when there is none.
  const Node* wildcard(const Name& name) const {
    std::string_view encloser = name.wire();
    do {
      encloser.remove_prefix(1u + static_cast<unsigned char>(encloser[0]));
    } while (zone_.find(encloser) == nullptr);
    if (encloser.size() + 2 > kMaxName) return nullptr;
    std::string source("\1*", 2);
    source += encloser;
    return zone_.find(source);
  }

  /// RFC 8482 section 4.1: one set of the name's stands for all of them.
  void any(const Name& name, const Node& node) {
    if (node.sets.empty()) return negative(Rcode::noerror);
    append(name, node.sets.front());
  }

  /// The records with `owner` in the place of their own name, which may be a wildcard.
  void append(const Name& owner, const RrSet& set) {
    for (const auto& record : set) {
      out_.answers.push_back(record);
      out_.answers.back().name = owner;
    }
  }

  void negative(Rcode rcode) {
    out_.rcode = rcode;
    const Record* soa = zone_.soa();
    if (soa == nullptr) return;
    // RFC 2308 section 3: how long "no" may be kept is the lesser of both numbers.
    Record copy = *soa;
    if (const auto* fields = std::get_if<Soa>(&copy.data)) {
      copy.ttl = std::min(copy.ttl, fields->minimum);
    }
    out_.authority.push_back(std::move(copy));
  }

  void referral(const RrSet& cut) {
    // After an alias the answer section is ours, whatever the target is (RFC 1034 section 6.2.7).
    out_.authoritative = !out_.answers.empty();
    out_.authority.insert(out_.authority.end(), cut.begin(), cut.end());
    // Glue of servers below the cut comes first: nothing else gives their addresses.
    for (const bool below : {true, false}) {
      for (const auto& record : cut) {
        const auto* ns = std::get_if<Ns>(&record.data);
        if (ns != nullptr && ns->host.is_within(cut.front().name) == below) addresses(ns->host);
      }
      if (below) response_.required_additional = out_.additional.size();
    }
  }

  /// Addresses that whoever asks will want next (RFC 1035 sections 3.3.9 and 3.3.11).
  void additional_of(const RrSet& set) {
    for (const auto& record : set) {
      if (const auto* mx = std::get_if<Mx>(&record.data)) own_addresses(mx->exchange);
      if (const auto* ns = std::get_if<Ns>(&record.data)) own_addresses(ns->host);
      if (const auto* srv = std::get_if<Srv>(&record.data)) own_addresses(srv->target);
    }
  }

  void own_addresses(const Name& host) {
    if (host.is_within(zone_.apex()) && zone_.cut_above(host) == nullptr) addresses(host);
  }

  void addresses(const Name& host) {
    if (!host.is_within(zone_.apex())) return;
    const Node* node = zone_.find(host);
    if (node == nullptr) return;
    for (const auto& record : out_.additional) {
      if (record.name == host) return;  // two records named the same host
    }
    for (const Type type : {Type::a, Type::aaaa}) {
      if (const RrSet* set = node->find(type)) {
        out_.additional.insert(out_.additional.end(), set->begin(), set->end());
      }
    }
  }

  bool seen(const Name& name) const {
    return std::any_of(out_.answers.begin(), out_.answers.end(),
                       [&](const Record& record) { return record.name == name; });
  }

  const Zone& zone_;
  const Question& question_;
  Response& response_;
  Message& out_;
};

}  // namespace

void Authority::add(Zone zone) {
  remove(zone.apex());
  const std::size_t labels = zone.apex().label_count();
  const auto place = std::find_if(zones_.begin(), zones_.end(), [&](const auto& other) {
    return other->apex().label_count() < labels;
  });
  zones_.insert(place, std::make_unique<Zone>(std::move(zone)));
}

bool Authority::remove(const Name& apex) {
  return std::erase_if(zones_, [&](const auto& served) { return served->apex() == apex; }) > 0;
}

const Zone* Authority::zone(const Name& apex) const {
  for (const auto& candidate : zones_) {
    if (candidate->apex() == apex) return candidate.get();
  }
  return nullptr;
}

Zone* Authority::zone(const Name& apex) {
  return const_cast<Zone*>(std::as_const(*this).zone(apex));
}

const Zone* Authority::zone_for(const Question& question) const {
  for (const auto& served : zones_) {
    if (!question.name.is_within(served->apex())) continue;
    // The DS set of a zone that we serve too is in the parent, if we serve that (RFC 4035 section
    // 3.1.4.1).
    if (question.type != Type::ds || question.name != served->apex()) return served.get();
  }
  return question.type == Type::ds ? zone(question.name) : nullptr;
}

Response Authority::respond(const Message& query) const {
  Response response;
  response.message = make_response(query);
  const Question& question = query.questions.front();
  const Zone* zone = zone_for(question);
  if (zone == nullptr) {
    response.message.rcode = Rcode::refused;
    return response;
  }
  Answering(*zone, question, response).run();
  return response;
}

std::optional<Response> Authority::answer(std::string_view wire, Transport transport) const {
  Intake intake = take_in(wire);
  if (!intake.query && !intake.refusal) return std::nullopt;
  Response response;
  if (intake.refusal) {
    response.message = *std::move(intake.refusal);
    response.wire = encode(response.message, kMinUdpPayload);
    return response;
  }
  response = respond(*intake.query);
  response.wire = encode(response.message, response_limit(*intake.query, transport),
                         response.required_additional);
  response.message.truncated = decode_header(response.wire)->truncated;
  return response;
}

}  // namespace mailscope::dns
