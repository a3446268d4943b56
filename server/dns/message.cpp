#include "server/dns/message.hpp"

namespace mailscope::dns {
namespace {

struct RcodeName {
  Rcode rcode;
  std::string_view name;
};
constexpr RcodeName kRcodes[] = {
    {Rcode::noerror, "NOERROR"},   {Rcode::formerr, "FORMERR"}, {Rcode::servfail, "SERVFAIL"},
    {Rcode::nxdomain, "NXDOMAIN"}, {Rcode::notimp, "NOTIMP"},   {Rcode::refused, "REFUSED"},
    {Rcode::badvers, "BADVERS"},
};

void append_section(std::string& text, std::string_view title, const std::vector<Record>& records) {
  if (records.empty()) return;
  text += ";; ";
  text += title;
  text += '\n';
  text += section_text(records);
  text += '\n';
}

}  // namespace

std::string to_string(Rcode rcode) {
  for (const auto& row : kRcodes) {
    if (row.rcode == rcode) return std::string(row.name);
  }
  return "RCODE" + std::to_string(static_cast<unsigned>(rcode));
}

std::string Question::to_string() const {
  return name.zone_text() + ' ' + dns::to_string(klass) + ' ' + dns::to_string(type);
}

std::string Message::flags_text() const {
  std::string text;
  const auto add = [&text](bool set, std::string_view flag) {
    if (!set) return;
    if (!text.empty()) text += ' ';
    text += flag;
  };
  add(response, "qr");
  add(authoritative, "aa");
  add(truncated, "tc");
  add(recursion_desired, "rd");
  add(recursion_available, "ra");
  add(authentic_data, "ad");
  add(checking_disabled, "cd");
  return text;
}

std::string Message::to_string() const {
  std::string text = ";; id " + std::to_string(id) + ", " + dns::to_string(rcode) +
                     ", flags: " + flags_text() + '\n';
  if (opcode != Opcode::query) {
    text += ";; opcode " + std::to_string(static_cast<unsigned>(opcode)) + '\n';
  }
  if (edns) {
    text += ";; EDNS: version " + std::to_string(edns->version) + (edns->dnssec_ok ? ", do" : "") +
            ", udp " + std::to_string(edns->udp_payload) + '\n';
  }
  for (const auto& question : questions) text += ';' + question.to_string() + '\n';
  append_section(text, "ANSWER", answers);
  append_section(text, "AUTHORITY", authority);
  append_section(text, "ADDITIONAL", additional);
  return text;
}

std::string section_text(const std::vector<Record>& records) {
  std::string text;
  for (const auto& record : records) {
    if (!text.empty()) text += '\n';
    text += record.to_string();
  }
  return text;
}

Message make_query(std::uint16_t id, const Name& name, Type type, bool recursion_desired) {
  Message query;
  query.id = id;
  query.recursion_desired = recursion_desired;
  query.questions.push_back({name, type, Class::in});
  query.edns.emplace();
  return query;
}

Message make_response(const Message& query) {
  Message response;
  response.id = query.id;
  response.response = true;
  response.opcode = query.opcode;
  response.recursion_desired = query.recursion_desired;
  response.checking_disabled = query.checking_disabled;
  response.questions = query.questions;
  // RFC 6891 section 6.1.1: OPT in the response if and only if it was in the query. RFC 3225
  // section 3: the DO bit is copied.
  if (query.edns) {
    response.edns.emplace();
    response.edns->dnssec_ok = query.edns->dnssec_ok;
  }
  return response;
}

}  // namespace mailscope::dns
