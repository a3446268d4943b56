#include "server/dns/interpret.hpp"

#include <algorithm>

namespace mailscope::dns {

Chain follow(const std::vector<Record>& section, const Name& name, Type type,
             const Name& bailiwick) {
  Chain chain;
  chain.end = name;
  for (std::size_t aliases = 0; aliases <= kMaxAliases; ++aliases) {
    if (!chain.end.is_within(bailiwick)) return chain;
    const Record* alias = nullptr;
    for (const auto& record : section) {
      if (record.klass != Class::in || record.name != chain.end) continue;
      if (record.type == type || type == Type::any) {
        chain.records.push_back(record);
        chain.complete = true;
      } else if (std::holds_alternative<Cname>(record.data)) {
        alias = &record;
      }
    }
    if (chain.complete || alias == nullptr) return chain;
    const bool seen = std::any_of(chain.records.begin(), chain.records.end(),
                                  [&](const Record& record) { return record.name == chain.end; });
    if (seen) return chain;
    chain.records.push_back(*alias);
    chain.end = std::get<Cname>(alias->data).target;
  }
  return chain;
}

std::optional<Record> negative_soa(const Message& message, const Name& name,
                                   const Name& bailiwick) {
  for (const auto& record : message.authority) {
    if (record.type == Type::soa && record.klass == Class::in && name.is_within(record.name) &&
        record.name.is_within(bailiwick)) {
      return record;
    }
  }
  return std::nullopt;
}

std::uint32_t negative_ttl(const Record& soa) {
  const auto* fields = std::get_if<Soa>(&soa.data);
  return fields != nullptr ? std::min(soa.ttl, fields->minimum) : 0;
}

Answer interpret(const Question& question, const Message& message) {
  Answer answer;
  answer.name = question.name;
  answer.type = question.type;
  Chain chain = follow(message.answers, question.name, question.type);
  answer.records = std::move(chain.records);
  if (chain.complete) {
    answer.outcome = Outcome::ok;
    answer.ttl = 0x7fffffff;
    for (const auto& record : answer.records) answer.ttl = std::min(answer.ttl, record.ttl);
    return answer;
  }
  answer.outcome = message.rcode == Rcode::nxdomain ? Outcome::nxdomain : Outcome::nodata;
  answer.soa = negative_soa(message, chain.end);
  if (answer.soa) answer.ttl = negative_ttl(*answer.soa);
  return answer;
}

std::string trace_name(const Name& name) {
  return name.lower().to_string();
}

}  // namespace mailscope::dns
