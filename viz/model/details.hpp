// What the inspector tells about a step beyond the transcript: header fields, the walk of a DNS
// question, the meaning of a reply's digits.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "viz/model/lesson.hpp"

namespace mailscope::viz {

/// A message's header, in order; only what a picture needs, so folded lines are joined and encoded
/// words are left as they are.
struct Header {
  std::vector<std::pair<std::string, std::string>> fields;
  std::vector<std::string> body;  // first lines
  /// The first field with this name in any case; "" when there is none.
  std::string find(std::string_view name) const;
};
Header read_header(std::string_view content);
Header header_of(const Lesson& lesson, trace::MessageNumber message);

/// One question and its answer on the way down the DNS tree.
struct DnsHop {
  trace::EventId query = 0;
  trace::EventId response = 0;  // 0: not yet
  std::string server;
  std::string question;
  std::string answer;
  bool failure = false;
};
struct DnsWalk {
  trace::EventId lookup = 0;
  std::string asker;
  std::string question;
  std::vector<DnsHop> hops;
  std::string result;  // "" until it is over
  std::vector<std::string> records;
  bool cached = false;
};
/// The lookup that is under way at this event, or the last one before it.
DnsWalk dns_walk(const Lesson& lesson, trace::EventId until);

/// "5" "permanent failure" with an alternative to compare: "4 = try later".
struct DigitNote {
  char digit;
  std::string meaning;
  std::string other;
};
/// The first two digits of the reply code, and the enhanced status if there is one (RFC 3463).
std::vector<DigitNote> explain_reply(std::int64_t code, std::string_view enhanced);

}  // namespace mailscope::viz
