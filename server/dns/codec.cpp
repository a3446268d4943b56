// The wire form of messages (RFC 1035 section 4.1).
#include "server/dns/message.hpp"
#include "server/dns/wire.hpp"

namespace mailscope::dns {
namespace {

// Bits of the header's third and fourth octet.
constexpr std::uint16_t kQr = 0x8000;
constexpr std::uint16_t kAa = 0x0400;
constexpr std::uint16_t kTc = 0x0200;
constexpr std::uint16_t kRd = 0x0100;
constexpr std::uint16_t kRa = 0x0080;
constexpr std::uint16_t kAd = 0x0020;
constexpr std::uint16_t kCd = 0x0010;
constexpr std::uint32_t kDnssecOk = 0x8000;  // in the TTL field of OPT

std::uint16_t flag_bits(const Message& m) {
  unsigned bits = static_cast<unsigned>(m.opcode) << 11 | (static_cast<unsigned>(m.rcode) & 15u);
  if (m.response) bits |= kQr;
  if (m.authoritative) bits |= kAa;
  if (m.truncated) bits |= kTc;
  if (m.recursion_desired) bits |= kRd;
  if (m.recursion_available) bits |= kRa;
  if (m.authentic_data) bits |= kAd;
  if (m.checking_disabled) bits |= kCd;
  return static_cast<std::uint16_t>(bits);
}

void read_flags(Message& m, std::uint16_t bits) {
  m.response = (bits & kQr) != 0;
  m.opcode = static_cast<Opcode>(bits >> 11 & 15);
  m.authoritative = (bits & kAa) != 0;
  m.truncated = (bits & kTc) != 0;
  m.recursion_desired = (bits & kRd) != 0;
  m.recursion_available = (bits & kRa) != 0;
  m.authentic_data = (bits & kAd) != 0;
  m.checking_disabled = (bits & kCd) != 0;
  m.rcode = static_cast<Rcode>(bits & 15);
}

std::size_t opt_size(const Message& message) {
  if (!message.edns) return 0;
  std::size_t size = 11;  // root, type, class, TTL, RDLENGTH
  for (const auto& option : message.edns->options) size += 4 + option.data.size();
  return size;
}

void write_opt(Writer& writer, const Message& message) {
  const Edns& edns = *message.edns;
  writer.u8(0);
  writer.u16(static_cast<std::uint16_t>(Type::opt));
  writer.u16(edns.udp_payload);
  writer.u32(static_cast<std::uint32_t>(message.rcode) >> 4 << 24 |
             static_cast<std::uint32_t>(edns.version) << 16 | (edns.dnssec_ok ? kDnssecOk : 0));
  writer.u16(static_cast<std::uint16_t>(opt_size(message) - 11));
  for (const auto& option : edns.options) {
    writer.u16(option.code);
    writer.u16(static_cast<std::uint16_t>(option.data.size()));
    writer.octets(option.data);
  }
}

/// Writes whole RRsets (neighbours of one name and type) while they fit into `room` octets.
/// Returns how many records went in.
std::size_t write_section(Writer& writer, const std::vector<Record>& records, std::size_t room) {
  std::size_t done = 0;
  while (done < records.size()) {
    const std::size_t before = writer.size();
    const Record& first = records[done];
    std::size_t next = done;
    while (next < records.size() && records[next].type == first.type &&
           records[next].name == first.name && writer.size() <= room) {
      write_record(writer, records[next++]);
    }
    if (writer.size() > room) {
      writer.rewind(before);
      break;
    }
    done = next;
  }
  return done;
}

bool read_opt(Reader& reader, Message& message, std::uint16_t payload, std::uint32_t ttl,
              std::size_t length) {
  if (message.edns) return reader.fail("a second OPT record"), false;  // RFC 6891 section 6.1.1
  Edns edns;
  edns.udp_payload = payload;
  edns.version = static_cast<std::uint8_t>(ttl >> 16 & 0xff);
  edns.dnssec_ok = (ttl & kDnssecOk) != 0;
  message.rcode =
      static_cast<Rcode>((ttl >> 24 & 0xff) << 4 | static_cast<unsigned>(message.rcode));
  if (!reader.narrow(length)) return false;
  while (!reader.failed() && reader.left() > 0) {
    EdnsOption option;
    option.code = reader.u16();
    option.data = reader.octets(reader.u16());
    edns.options.push_back(std::move(option));
  }
  message.edns = std::move(edns);
  return reader.widen();
}

/// Reads one section. The count may lie: reading stops at the first octet that is not there, and
/// nothing is set aside for records that have not been seen.
void read_section(Reader& reader, Message& message, std::vector<Record>& records,
                  std::uint16_t count) {
  for (std::uint16_t i = 0; i < count && !reader.failed(); ++i) {
    Record record;
    record.name = reader.name();
    record.type = static_cast<Type>(reader.u16());
    record.klass = static_cast<Class>(reader.u16());
    record.ttl = reader.u32();
    const std::size_t length = reader.u16();
    if (reader.failed()) return;
    if (record.type == Type::opt) {
      if (&records != &message.additional || !record.name.is_root()) {
        return reader.fail("an OPT record in the wrong place");
      }
      read_opt(reader, message, static_cast<std::uint16_t>(record.klass), record.ttl, length);
      continue;
    }
    // RFC 2181 section 8: a TTL with the topmost bit set counts as zero.
    if (record.ttl > 0x7fffffff) record.ttl = 0;
    record.data = read_rdata(reader, record.type, record.klass, length);
    if (!reader.failed()) records.push_back(std::move(record));
  }
}

}  // namespace

std::string encode(const Message& message, std::size_t limit, std::size_t required_additional) {
  limit = std::min(std::max(limit, kMinUdpPayload), kMaxMessage);
  const std::size_t room = limit - std::min(limit, opt_size(message));
  Writer writer;
  writer.reserve(kMinUdpPayload);
  writer.u16(message.id);
  writer.u16(0);
  for (int i = 0; i < 4; ++i) writer.u16(0);
  for (const auto& question : message.questions) {
    writer.name_compressed(question.name);
    writer.u16(static_cast<std::uint16_t>(question.type));
    writer.u16(static_cast<std::uint16_t>(question.klass));
  }
  const std::size_t answers = write_section(writer, message.answers, room);
  bool complete = answers == message.answers.size();
  const std::size_t authority = complete ? write_section(writer, message.authority, room) : 0;
  complete = complete && authority == message.authority.size();
  std::size_t additional = complete ? write_section(writer, message.additional, room) : 0;
  complete = complete && additional >= std::min(required_additional, message.additional.size());
  if (message.edns) {
    write_opt(writer, message);
    ++additional;
  }
  writer.patch_u16(2, static_cast<std::uint16_t>(flag_bits(message) | (complete ? 0 : kTc)));
  writer.patch_u16(4, static_cast<std::uint16_t>(message.questions.size()));
  writer.patch_u16(6, static_cast<std::uint16_t>(answers));
  writer.patch_u16(8, static_cast<std::uint16_t>(authority));
  writer.patch_u16(10, static_cast<std::uint16_t>(additional));
  return writer.take();
}

std::optional<Message> decode_header(std::string_view wire) {
  if (wire.size() < kHeaderSize) return std::nullopt;
  Reader reader(wire);
  Message message;
  message.id = reader.u16();
  read_flags(message, reader.u16());
  return message;
}

Parsed<Message> decode(std::string_view wire) {
  auto message = decode_header(wire);
  if (!message) return {std::nullopt, "shorter than a header"};
  Reader reader(wire, 4);
  const std::uint16_t questions = reader.u16();
  const std::uint16_t answers = reader.u16();
  const std::uint16_t authority = reader.u16();
  const std::uint16_t additional = reader.u16();
  for (std::uint16_t i = 0; i < questions && !reader.failed(); ++i) {
    Question question;
    question.name = reader.name();
    question.type = static_cast<Type>(reader.u16());
    question.klass = static_cast<Class>(reader.u16());
    if (!reader.failed()) message->questions.push_back(std::move(question));
  }
  read_section(reader, *message, message->answers, answers);
  read_section(reader, *message, message->authority, authority);
  read_section(reader, *message, message->additional, additional);
  if (reader.failed()) return {std::nullopt, reader.error()};
  return {std::move(message), {}};
}

}  // namespace mailscope::dns
