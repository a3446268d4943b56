#include "viz/model/details.hpp"

#include <algorithm>

#include "sim/story/wire.hpp"

namespace mailscope::viz {
namespace {

using trace::EventId;
using trace::Kind;

constexpr std::size_t kBodyLines = 12;  // shown of a message's text

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

struct Meaning {
  std::string_view code;
  std::string_view meaning;
};

// RFC 5321 section 4.2.1.
constexpr Meaning kFirst[] = {
    {"2", "success"}, {"3", "go on"}, {"4", "not now, try later"}, {"5", "permanent failure"}};
constexpr Meaning kSecond[] = {{"0", "about the syntax"},
                               {"1", "information"},
                               {"2", "about the connection"},
                               {"3", "about the login"},
                               {"5", "about the mail system"}};
// RFC 3463 section 3.
constexpr Meaning kSubject[] = {{"0", "nothing particular"}, {"1", "about the address"},
                                {"2", "about the mailbox"},  {"3", "about the mail system"},
                                {"4", "about the network"},  {"5", "about the protocol"},
                                {"6", "about the content"},  {"7", "about policy or security"}};
constexpr Meaning kDetail[] = {{"1.0", "other address status"},  {"1.1", "no such mailbox"},
                               {"1.2", "no such domain"},        {"1.3", "bad address syntax"},
                               {"1.5", "address is valid"},      {"1.8", "bad sender's system"},
                               {"1.10", "domain takes no mail"}, {"2.0", "other mailbox status"},
                               {"2.1", "mailbox disabled"},      {"2.2", "mailbox is full"},
                               {"2.3", "message too long"},      {"3.0", "other system status"},
                               {"3.2", "not accepting now"},     {"3.4", "message too big"},
                               {"4.1", "no answer from host"},   {"4.2", "bad connection"},
                               {"4.4", "unable to route"},       {"4.7", "delivery time expired"},
                               {"5.0", "other protocol status"}, {"5.1", "invalid command"},
                               {"5.2", "syntax error"},          {"5.3", "too many recipients"},
                               {"5.4", "bad arguments"},         {"6.0", "other content status"},
                               {"7.0", "other security status"}, {"7.1", "not authorised"},
                               {"7.8", "wrong credentials"},     {"7.4", "not supported"},
                               {"0.0", "other status"},          {"6.7", "needs SMTPUTF8"},
                               {"7.11", "encryption needed"},    {"7.23", "SPF failed"},
                               {"7.26", "authentication failed"}};

template <std::size_t N>
std::string_view look_up(const Meaning (&table)[N], std::string_view code) {
  const auto* it = std::ranges::find(table, code, &Meaning::code);
  return it == std::end(table) ? std::string_view() : it->meaning;
}

std::string name_of_server(const Lesson& lesson, trace::HostId host) {
  return lesson.world().name(host);
}

}  // namespace

std::string Header::find(std::string_view name) const {
  for (const auto& [field, value] : fields) {
    if (same_name(field, name)) return value;
  }
  return {};
}

Header read_header(std::string_view content) {
  Header header;
  bool in_body = false;
  for (const std::string_view line : story::split_lines(content)) {
    if (in_body) {
      if (header.body.size() == kBodyLines) break;
      header.body.emplace_back(line);
    } else if (line.empty()) {
      in_body = true;
    } else if ((line[0] == ' ' || line[0] == '\t') && !header.fields.empty()) {
      const std::size_t start = line.find_first_not_of(" \t");
      if (start != std::string_view::npos)
        header.fields.back().second += " " + std::string(line.substr(start));
    } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
      const std::size_t start = line.find_first_not_of(" \t", colon + 1);
      header.fields.emplace_back(line.substr(0, colon),
                                 start == std::string_view::npos ? "" : line.substr(start));
    }
  }
  return header;
}

Header header_of(const Lesson& lesson, trace::MessageNumber message) {
  const trace::Log& log = lesson.log();
  // The first host to accept it has it as it was written.
  if (message == 0) return {};
  for (EventId id = 1; id <= log.size(); ++id) {
    if (log.at(id).kind == Kind::mail_accepted && log.at(id).message == message) {
      return read_header(log.text(id, "content"));
    }
  }
  return {};
}

DnsWalk dns_walk(const Lesson& lesson, EventId until) {
  const trace::Log& log = lesson.log();
  DnsWalk walk;
  for (EventId id = until; id > 0; --id) {
    if (log.at(id).kind == Kind::dns_lookup) {
      walk.lookup = id;
      break;
    }
  }
  if (walk.lookup == 0) return walk;
  const trace::HostId asker = log.at(walk.lookup).host;
  const std::string_view name = log.text(walk.lookup, "name");
  const std::string_view type = log.text(walk.lookup, "type");
  walk.asker = lesson.world().name(asker);
  walk.question = std::string(type) + " " + std::string(name);
  for (EventId id = walk.lookup + 1; id <= until; ++id) {
    const trace::Event& event = log.at(id);
    if (event.kind == Kind::dns_query) {
      walk.hops.push_back(
          {id, 0, name_of_server(lesson, event.peer),
           std::string(log.text(id, "type")) + " " + std::string(log.text(id, "name")), "", false});
    } else if (event.kind == Kind::dns_response) {
      for (auto hop = walk.hops.rbegin(); hop != walk.hops.rend(); ++hop) {
        if (hop->response == 0 && log.at(hop->query).peer == event.host) {
          hop->response = id;
          hop->answer = story::label(lesson.world(), log, id);
          hop->failure = log.text(id, "rcode") != "NOERROR";
          break;
        }
      }
    } else if (event.kind == Kind::dns_cache_hit) {
      walk.cached = true;
    } else if (event.kind == Kind::dns_result && event.host == asker &&
               log.text(id, "name") == name && log.text(id, "type") == type) {
      walk.result = log.text(id, "outcome");
      for (const auto line : story::split_lines(log.text(id, "answer")))
        walk.records.emplace_back(line);
      break;
    }
  }
  return walk;
}

std::vector<DigitNote> explain_reply(std::int64_t code, std::string_view enhanced) {
  std::vector<DigitNote> out;
  const std::string digits = std::to_string(code);
  if (digits.size() == 3) {
    const char first = digits[0];
    out.push_back({first, std::string(look_up(kFirst, digits.substr(0, 1))),
                   first == '5'   ? "4 = try later"
                   : first == '4' ? "5 = never"
                                  : "4 or 5 = refused"});
    out.push_back({digits[1], std::string(look_up(kSecond, digits.substr(1, 1))),
                   digits[1] == '2' ? "5 = the mail system" : "2 = the connection"});
  }
  const std::size_t dot = enhanced.find('.');
  const std::size_t dot2 = dot == std::string_view::npos ? dot : enhanced.find('.', dot + 1);
  if (dot2 == std::string_view::npos) return out;
  const std::string_view subject = enhanced.substr(dot + 1, dot2 - dot - 1);
  const std::string_view detail = enhanced.substr(dot2 + 1);
  out.push_back({subject.empty() ? '?' : subject[0], std::string(look_up(kSubject, subject)),
                 subject == "1" ? "7 = about policy" : "1 = about the address"});
  const std::string_view meaning = look_up(kDetail, enhanced.substr(dot + 1));
  out.push_back({detail.empty() ? '?' : detail[0],
                 meaning.empty() ? "no further detail" : std::string(meaning),
                 subject == "1" && detail != "2" ? "2 = no such domain" : ""});
  return out;
}

}  // namespace mailscope::viz
