// DNS messages (RFC 1035 section 4) and their wire form, with EDNS (RFC 6891).
//
//   query    id 4711, rd           acme.example. IN MX          (EDNS 1232)
//   response id 4711, qr aa rd     acme.example. 3600 IN MX 10 mx1.acme.example.
//                      additional  mx1.acme.example. 3600 IN A 192.0.2.25
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/dns/record.hpp"

namespace mailscope::dns {

enum class Opcode : std::uint8_t { query = 0, iquery = 1, status = 2, notify = 4, update = 5 };

/// Response codes (RFC 1035 section 4.1.1); those above 15 need EDNS (RFC 6891 section 6.1.3).
enum class Rcode : std::uint16_t {
  noerror = 0,
  formerr = 1,
  servfail = 2,
  nxdomain = 3,
  notimp = 4,
  refused = 5,
  badvers = 16,
};
/// "NOERROR"; "RCODE23" when the number has no name here.
std::string to_string(Rcode rcode);

struct Question {
  Name name;
  Type type = Type::none;
  Class klass = Class::in;
  bool operator==(const Question&) const = default;
  /// "acme.example. IN MX"
  std::string to_string() const;
};

struct EdnsOption {
  std::uint16_t code = 0;
  std::string data;
  bool operator==(const EdnsOption&) const = default;
};

/// UDP payload that everyone handles (RFC 1035 section 2.3.4).
inline constexpr std::size_t kMinUdpPayload = 512;
/// UDP payload that we offer and use: fits an unfragmented packet nearly everywhere (the size
/// agreed on "DNS flag day" 2020).
inline constexpr std::uint16_t kUdpPayload = 1232;
/// What the two length octets before a message on TCP can say (RFC 1035 section 4.2.2).
inline constexpr std::size_t kMaxMessage = 65535;
inline constexpr std::size_t kHeaderSize = 12;

/// The OPT pseudo-record (RFC 6891 section 6.1).
struct Edns {
  std::uint16_t udp_payload = kUdpPayload;
  std::uint8_t version = 0;
  bool dnssec_ok = false;
  std::vector<EdnsOption> options;  // unknown ones are kept as they are
  bool operator==(const Edns&) const = default;
};

struct Message {
  std::uint16_t id = 0;
  bool response = false;
  Opcode opcode = Opcode::query;
  bool authoritative = false;
  bool truncated = false;
  bool recursion_desired = false;
  bool recursion_available = false;
  bool authentic_data = false;
  bool checking_disabled = false;
  Rcode rcode = Rcode::noerror;
  std::vector<Question> questions;
  std::vector<Record> answers;
  std::vector<Record> authority;
  std::vector<Record> additional;  // without the OPT record
  std::optional<Edns> edns;

  bool operator==(const Message&) const = default;
  /// "qr aa rd ra": the flags that are set, as dig shows them.
  std::string flags_text() const;
  /// The whole message much as dig shows it.
  std::string to_string() const;
};

/// Records one a line, without a final newline.
std::string section_text(const std::vector<Record>& records);

/// The wire form, no larger than `limit` octets. What does not fit is left out by whole RRsets; TC
/// is set when that is an answer, authority or one of the first `required_additional` additional
/// records (RFC 2181 section 9; RFC 9471 section 3). The OPT record always stays.
std::string encode(const Message& message, std::size_t limit = kMaxMessage,
                   std::size_t required_additional = 0);

/// Takes a wire form apart. The error names what is wrong and at which octet. Octets behind the
/// last record are ignored.
Parsed<Message> decode(std::string_view wire);

/// The header alone, for the answer to a message that does not decode; counts are not looked at.
std::optional<Message> decode_header(std::string_view wire);

/// One query of our own.
Message make_query(std::uint16_t id, const Name& name, Type type, bool recursion_desired);
/// The skeleton of an answer: id, opcode, question and RD of the query (RFC 1035 section 4.1.1).
Message make_response(const Message& query);

}  // namespace mailscope::dns
