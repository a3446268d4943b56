// What a response says about a question: the chain of CNAMEs and where it ends.
#pragma once

#include <optional>
#include <vector>

#include "server/dns/message.hpp"
#include "server/dns/resolver.hpp"

namespace mailscope::dns {

/// CNAMEs that a resolver follows for one question before it takes them for a loop.
inline constexpr std::size_t kMaxAliases = 16;

/// The part of an answer section that belongs to a question.
struct Chain {
  std::vector<Record> records;  // CNAMEs in order, then the records of the type
  Name end;                     // where the CNAMEs lead
  bool complete = false;        // there are records of the type at the end
};

/// Follows `name` through the records that are within `bailiwick`; the others are nobody's business
/// to say (RFC 2181 section 5.4.1).
Chain follow(const std::vector<Record>& section, const Name& name, Type type,
             const Name& bailiwick = Name());

/// The SOA of the authority section for a negative answer about `name`: at or above it, and within
/// `bailiwick`.
std::optional<Record> negative_soa(const Message& message, const Name& name,
                                   const Name& bailiwick = Name());
/// Seconds that a negative answer with this SOA may be kept (RFC 2308 section 5).
std::uint32_t negative_ttl(const Record& soa);

/// What a recursive resolver's response means for whoever asked it.
Answer interpret(const Question& question, const Message& message);

/// The words of the trace for a name ("acme.example") and the records of an answer.
std::string trace_name(const Name& name);

}  // namespace mailscope::dns
