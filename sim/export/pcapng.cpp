// pcapng files: blocks of a type, a length, a body in 32-bit words, and the length once more. All
// numbers little-endian; the format is draft-ietf-opsawg-pcapng.
#include "sim/export/pcapng.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "sim/export/packet_bytes.hpp"
#include "sim/export/trace_codec.hpp"

namespace mailscope::exporting {

namespace {

enum BlockType : std::uint32_t {
  kSectionHeader = 0x0A0D0D0A,
  kInterfaceDescription = 1,
  kNameResolution = 4,
  kEnhancedPacket = 6,
  kDecryptionSecrets = 10,
};
enum OptionCode : std::uint16_t {
  kEndOfOptions = 0,
  kComment = 1,
  kInterfaceName = 2,
  kUserApplication = 4,
  kTimestampResolution = 9,
};
constexpr std::uint32_t kByteOrderMagic = 0x1A2B3C4D;
constexpr std::uint32_t kTlsKeyLog = 0x544C534B;
constexpr std::uint16_t kEthernet = 1;
constexpr std::uint32_t kSnapLength = 262'144;  // more than any packet that IP can carry
constexpr std::size_t kMaxOption = 65'535;
constexpr std::size_t kPieceOctets = 256 * 1024;

void pad(std::string& out) {
  out.append((4 - out.size() % 4) % 4, '\0');
}

void put_option(std::string& body, OptionCode code, std::string_view value) {
  value = value.substr(0, kMaxOption);
  put_u16(body, code);
  put_u16(body, static_cast<std::uint16_t>(value.size()));
  body += value;
  pad(body);
}

void put_end_of_options(std::string& body) {
  put_u32(body, kEndOfOptions);
}

void put_block(std::string& out, BlockType type, std::string body) {
  pad(body);
  const auto length = static_cast<std::uint32_t>(body.size() + 12);
  put_u32(out, type);
  put_u32(out, length);
  out += body;
  put_u32(out, length);
}

/// "192.0.2.1:25" or "[2001:db8::1]:25".
std::optional<net::Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const auto address = net::Address::parse(host);
  net::Endpoint endpoint;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (!address || error != std::errc() || end != port.data() + port.size()) return std::nullopt;
  endpoint.address = *address;
  return endpoint;
}

/// "SYN ACK": names of control bits, separated by anything.
std::uint8_t parse_flags(std::string_view text) {
  static constexpr std::pair<std::string_view, std::uint8_t> kNames[] = {
      {"FIN", kFin}, {"SYN", kSyn}, {"RST", kRst}, {"PSH", kPsh}, {"ACK", kAck}};
  std::uint8_t flags = 0;
  for (const auto& [name, bit] : kNames) {
    if (text.find(name) != std::string_view::npos) flags |= bit;
  }
  return flags;
}

class Capture {
 public:
  Capture(const trace::Log& log, const PcapngOptions& options,
          const std::function<void(std::string_view)>& output)
      : log_(log), options_(options), output_(output) {}

  PcapngSummary write() {
    write_section();
    write_interfaces();
    write_names();
    write_secrets();
    for (trace::EventId id = 1; id <= log_.size(); ++id) {
      switch (log_.at(id).kind) {
        case trace::Kind::transport_open:
          open(id);
          break;
        case trace::Kind::transport_segment:
          segment(id);
          break;
        case trace::Kind::transport_datagram:
          datagram(id);
          break;
        default:
          break;
      }
      if (out_.size() >= kPieceOctets) flush();
    }
    flush();
    return summary_;
  }

 private:
  struct Connection {
    trace::HostId client = 0;
    net::Endpoint from, to;
  };

  void flush() {
    if (!out_.empty()) output_(out_);
    out_.clear();
  }

  void write_section() {
    std::string body;
    put_u32(body, kByteOrderMagic);
    put_u16(body, 1);  // version 1.0
    put_u16(body, 0);
    put_u64(body, ~std::uint64_t{0});  // length of the section: not told
    if (!options_.comment.empty()) put_option(body, kComment, options_.comment);
    put_option(body, kUserApplication, "Mailscope");
    put_end_of_options(body);
    put_block(out_, kSectionHeader, std::move(body));
  }

  void write_interface(std::string_view name) {
    std::string body;
    put_u16(body, kEthernet);
    put_u16(body, 0);
    put_u32(body, kSnapLength);
    put_option(body, kInterfaceName, name);
    put_option(body, kTimestampResolution, "\x09");  // 10^-9 s
    put_end_of_options(body);
    put_block(out_, kInterfaceDescription, std::move(body));
  }

  void write_interfaces() {
    if (!options_.interface_per_host) return write_interface("internet");
    for (unsigned host = 1; host <= log_.host_count(); ++host) {
      write_interface(log_.host_name(static_cast<trace::HostId>(host)));
    }
  }

  /// The hosts' names, so that Wireshark can show them without asking anybody.
  void write_names() {
    std::map<net::Address, std::set<std::string>> names;
    for (trace::EventId id = 1; id <= log_.size(); ++id) {
      if (log_.at(id).kind != trace::Kind::lesson_host) continue;
      const auto address = net::Address::parse(log_.text(id, "address"));
      if (address) names[*address].emplace(log_.text(id, "name"));
    }
    if (names.empty()) return;
    std::string body;
    for (const auto& [address, of_address] : names) {
      std::string record(address.bytes());
      for (const std::string& name : of_address) record += name.substr(0, name.find('\0')) + '\0';
      put_u16(body, address.is_v6() ? 2 : 1);
      put_u16(body, static_cast<std::uint16_t>(std::min(record.size(), kMaxOption)));
      body += record.substr(0, kMaxOption);
      pad(body);
    }
    put_u32(body, 0);  // end of records
    put_block(out_, kNameResolution, std::move(body));
  }

  void write_secrets() {
    if (options_.key_log.empty()) return;
    std::string body;
    put_u32(body, kTlsKeyLog);
    put_u32(body, static_cast<std::uint32_t>(options_.key_log.size()));
    body += options_.key_log;
    put_block(out_, kDecryptionSecrets, std::move(body));
  }

  void write_packet(trace::EventId id, std::string_view octets, std::size_t missing) {
    const trace::Event& event = log_.at(id);
    const auto time = static_cast<std::uint64_t>(event.time_ns);
    std::string body;
    put_u32(body, options_.interface_per_host ? event.host - 1U : 0U);
    put_u32(body, static_cast<std::uint32_t>(time >> 32));
    put_u32(body, static_cast<std::uint32_t>(time));
    put_u32(body, static_cast<std::uint32_t>(octets.size()));
    put_u32(body, static_cast<std::uint32_t>(octets.size() + missing));
    body += octets;
    pad(body);
    std::string comment = "event " + std::to_string(id);
    if (event.cause != 0) comment += ", caused by event " + std::to_string(event.cause);
    put_option(body, kComment, comment);
    put_end_of_options(body);
    put_block(out_, kEnhancedPacket, std::move(body));
    ++summary_.packets;
    if (missing > 0) ++summary_.cut_off;
  }

  void open(trace::EventId id) {
    const auto from = parse_endpoint(log_.text(id, "from"));
    const auto to = parse_endpoint(log_.text(id, "to"));
    if (!from || !to || from->address.is_v6() != to->address.is_v6()) return;
    connections_[log_.at(id).connection] = {log_.at(id).host, *from, *to};
  }

  void segment(trace::EventId id) {
    const trace::Event& event = log_.at(id);
    const auto found = connections_.find(event.connection);
    if (found == connections_.end() || event.host == event.peer || event.host == 0) {
      ++summary_.left_out;
      return;
    }
    const Connection& connection = found->second;
    const bool by_client = event.host == connection.client;
    const PacketEnds ends = {by_client ? connection.from : connection.to,
                             by_client ? connection.to : connection.from, event.host, event.peer};
    TcpFields tcp;
    tcp.seq = static_cast<std::uint32_t>(log_.number(id, "seq"));
    tcp.ack = static_cast<std::uint32_t>(log_.number(id, "ack"));
    tcp.flags = parse_flags(log_.text(id, "flags"));
    tcp.window = static_cast<std::uint32_t>(log_.number(id, "window"));
    std::string_view payload = log_.text(id, "payload");
    std::size_t missing = missing_octets(id, payload, kMaxTcpPayload);
    // A real socket hands over more at a time than a packet holds.
    const std::uint8_t last_flags = tcp.flags;
    do {
      const std::string_view piece = payload.substr(0, kMaxTcpPayload);
      payload.remove_prefix(piece.size());
      tcp.flags = payload.empty() ? last_flags : last_flags & ~(kFin | kPsh) & 0xFF;
      write_packet(id, tcp_packet(ends, tcp, piece, missing), missing);
      tcp.seq += static_cast<std::uint32_t>(piece.size());
    } while (!payload.empty());
  }

  void datagram(trace::EventId id) {
    const trace::Event& event = log_.at(id);
    const auto from = parse_endpoint(log_.text(id, "from"));
    const auto to = parse_endpoint(log_.text(id, "to"));
    const std::string_view payload = log_.text(id, "payload");
    if (!from || !to || from->address.is_v6() != to->address.is_v6() || event.host == 0 ||
        payload.size() > kMaxUdpPayload) {
      ++summary_.left_out;
      return;
    }
    const std::size_t missing = missing_octets(id, payload, kMaxUdpPayload);
    write_packet(id, udp_packet({*from, *to, event.host, event.peer}, payload, missing), missing);
  }

  /// Octets of the payload that the trace does not have. All or none are captured.
  std::size_t missing_octets(trace::EventId id, std::string_view payload, std::size_t limit) const {
    const std::int64_t octets = log_.number(id, "octets");
    if (!payload.empty() || octets <= 0) return 0;
    return std::min(static_cast<std::size_t>(octets), limit);
  }

  const trace::Log& log_;
  const PcapngOptions& options_;
  const std::function<void(std::string_view)>& output_;
  std::string out_;
  std::unordered_map<trace::ConnectionId, Connection> connections_;  // looked up only
  PcapngSummary summary_;
};

}  // namespace

PcapngSummary write_pcapng(const trace::Log& log, const PcapngOptions& options,
                           const std::function<void(std::string_view)>& output) {
  return Capture(log, options, output).write();
}

}  // namespace mailscope::exporting
