// The capture: its blocks octet by octet, and what tshark says about it where it is installed.
#include "sim/export/pcapng.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "sim/export/packet_bytes.hpp"
#include "sim/export/trace_codec.hpp"
#include "tests/catch.hpp"
#include "tests/export/sample_log.hpp"

namespace mailscope::exporting {

namespace {

struct Block {
  std::uint32_t type;
  std::string_view body;
};

std::uint32_t u32(std::string_view octets, std::size_t at) {
  return static_cast<std::uint32_t>(get_little_endian(octets, at, 4));
}

std::vector<Block> blocks_of(std::string_view file) {
  std::vector<Block> blocks;
  while (!file.empty()) {
    REQUIRE(file.size() >= 12);
    const std::uint32_t length = u32(file, 4);
    REQUIRE(length % 4 == 0);
    REQUIRE(length >= 12);
    REQUIRE(length <= file.size());
    REQUIRE(u32(file, length - 4) == length);
    blocks.push_back({u32(file, 0), file.substr(8, length - 12)});
    file.remove_prefix(length);
  }
  return blocks;
}

/// A log of packets between two hosts, written by hand.
struct Dialogue {
  trace::Log log;
  net::Time time = kNine;
  trace::HostId client = log.host("client.acme.example");
  trace::HostId server = log.host("mx.globex.example");

  void add(trace::Kind kind, trace::Origin origin, std::vector<trace::Value> values) {
    time += std::chrono::microseconds(1500);
    log.append(time, kind, origin, log.size(), values.data(), values.size());
  }
  void host(trace::HostId id, const char* address) {
    add(trace::Kind::lesson_host, {id, 0, 0, 0}, {log.host_name(id), "", "", "mx", address});
  }
  void open(trace::ConnectionId id, const char* from, const char* to) {
    add(trace::Kind::transport_open, {client, server, id, 0}, {from, to});
  }
  void segment(trace::ConnectionId id, bool by_client, const char* flags, int seq, int ack,
               std::string_view payload, int octets = -1) {
    add(trace::Kind::transport_segment,
        {by_client ? client : server, by_client ? server : client, id, 0},
        {flags, seq, ack, 64240, octets < 0 ? static_cast<int>(payload.size()) : octets, payload});
  }
};

/// SMTP over IPv4, the same over IPv6, and a DNS query and answer.
trace::Log smtp_and_dns() {
  Dialogue d;
  d.host(d.client, "192.0.2.10");
  d.host(d.server, "198.51.100.25");
  for (const trace::ConnectionId id : {1U, 2U}) {
    if (id == 1) d.open(id, "192.0.2.10:40001", "198.51.100.25:25");
    if (id == 2) d.open(id, "[2001:db8::10]:40002", "[2001:db8:1::25]:25");
    d.segment(id, true, "SYN", 0, 0, "");
    d.segment(id, false, "SYN ACK", 0, 1, "");
    d.segment(id, true, "ACK", 1, 1, "");
    d.segment(id, false, "PSH ACK", 1, 1, "220 mx.globex.example ESMTP\r\n");
    d.segment(id, true, "PSH ACK", 1, 30, "EHLO client.acme.example\r\n");
    d.segment(id, false, "PSH ACK", 30, 27, "250 mx.globex.example\r\n");
    d.segment(id, true, "PSH ACK", 27, 53, "QUIT\r\n");
    d.segment(id, false, "FIN PSH ACK", 53, 33, "221 bye\r\n");
    d.segment(id, true, "FIN ACK", 33, 63, "");
    d.segment(id, false, "ACK", 63, 34, "");
  }
  const std::string query("\x12\x34\x01\0\0\1\0\0\0\0\0\0\6globex\7example\0\0\xF\0\1", 32);
  const std::string answer("\x12\x34\x81\x83\0\1\0\0\0\0\0\0\6globex\7example\0\0\xF\0\1", 32);
  d.add(trace::Kind::transport_datagram, {d.client, d.server, 0, 0},
        {"192.0.2.10:53000", "198.51.100.25:53", 32, query});
  d.add(trace::Kind::transport_datagram, {d.server, d.client, 0, 0},
        {"198.51.100.25:53", "192.0.2.10:53000", 32, answer});
  return std::move(d.log);
}

std::string capture(const trace::Log& log, const PcapngOptions& options, PcapngSummary& summary) {
  std::string out;
  summary = write_pcapng(log, options, [&](std::string_view piece) { out += piece; });
  return out;
}

std::string run(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe);
  std::array<char, 4096> buffer;
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    out.append(buffer.data(), n);
  }
  ::pclose(pipe);
  return out;
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("packets have right headers and checksums") {
  const PacketEnds ends = {
      {net::Address::v4(192, 0, 2, 1), 1000}, {net::Address::v4(192, 0, 2, 2), 25}, 1, 258};
  const std::string packet = tcp_packet(ends, {7, 9, kPsh | kAck, 65'536}, "abc");
  REQUIRE(packet.size() == 14 + 20 + 20 + 3);
  CHECK(packet.substr(0, 14) == std::string("\2\0\0\0\1\2\2\0\0\0\0\1\x08\0", 14));
  CHECK(packet.substr(14, 4) == std::string("\x45\0\0\x2B", 4));
  const auto sum = [](std::string_view octets, std::uint32_t start) {
    std::uint32_t total = start;
    for (std::size_t i = 0; i < octets.size(); ++i) {
      total += std::uint32_t{static_cast<std::uint8_t>(octets[i])} << (i % 2 ? 0 : 8);
    }
    while (total >> 16) total = (total & 0xFFFF) + (total >> 16);
    return total;
  };
  CHECK(sum(packet.substr(14, 20), 0) == 0xFFFF);
  CHECK(sum(packet.substr(34), sum(packet.substr(26, 8), 6 + 23)) == 0xFFFF);
  CHECK(packet.substr(48, 2) == std::string("\x02\0", 2));  // window 65536 >> 7
  const std::string udp = udp_packet(ends, "abc");
  CHECK(sum(udp.substr(34), sum(udp.substr(26, 8), 17 + 11)) == 0xFFFF);
}

TEST_CASE("a capture has its blocks in order and its lengths right") {
  const trace::Log log = smtp_and_dns();
  PcapngSummary summary;
  const std::string key_log = "CLIENT_RANDOM 00 11\n";
  const std::string file = capture(log, {true, key_log, "a comment"}, summary);
  const auto blocks = blocks_of(file);
  REQUIRE(blocks.size() == 1 + 2 + 1 + 1 + 22);
  CHECK(blocks[0].type == 0x0A0D0D0A);
  CHECK(blocks[1].type == 1);
  CHECK(blocks[2].type == 1);
  CHECK(blocks[3].type == 4);
  CHECK(blocks[4].type == 10);
  CHECK(blocks[4].body.substr(8, key_log.size()) == key_log);
  for (std::size_t i = 5; i < blocks.size(); ++i) CHECK(blocks[i].type == 6);
  CHECK(summary.packets == 22);
  CHECK(summary.cut_off == 0);
  CHECK(summary.left_out == 0);
  CHECK(u32(blocks[5].body, 0) == 0);  // the client's interface
  CHECK(u32(blocks[6].body, 0) == 1);
  const std::uint64_t time = std::uint64_t{u32(blocks[5].body, 4)} << 32 | u32(blocks[5].body, 8);
  CHECK(time == static_cast<std::uint64_t>(log.at(4).time_ns));
}

TEST_CASE("what was not captured is cut off, what has no ends is left out") {
  Dialogue d;
  d.segment(9, true, "SYN", 0, 0, "");  // never opened in this trace
  d.open(1, "192.0.2.10:1", "192.0.2.20:25");
  d.segment(1, true, "PSH ACK", 1, 1, "", 1000);
  d.open(2, "nonsense", "192.0.2.20:25");
  d.segment(2, true, "PSH ACK", 1, 1, "x");
  d.open(3, "192.0.2.10:1", "[::1]:25");
  d.segment(3, true, "PSH ACK", 1, 1, "x");
  d.add(trace::Kind::transport_datagram, {d.client, d.server, 0, 0}, {"192.0.2.1", "?", 1, "x"});
  d.add(trace::Kind::transport_datagram, {d.client, d.server, 0, 0},
        {"192.0.2.1:99999", "192.0.2.2:53", 1, "x"});
  // More than a packet holds: a real socket's bytes.
  d.segment(1, true, "FIN PSH ACK", 1001, 1, std::string(150'000, 'x'));
  PcapngSummary summary;
  const std::string file = capture(d.log, {}, summary);
  const auto blocks = blocks_of(file);
  CHECK(summary.packets == 4);
  CHECK(summary.cut_off == 1);
  CHECK(summary.left_out == 5);
  REQUIRE(blocks.size() == 2 + 4);
  CHECK(u32(blocks[2].body, 12) == 54);
  CHECK(u32(blocks[2].body, 16) == 1054);
}

TEST_CASE("any log gives a well-formed capture") {
  const trace::Log log = sample_log(20);
  PcapngSummary summary;
  blocks_of(capture(log, {}, summary));
  CHECK(summary.left_out > 0);
}

TEST_CASE("tshark opens the capture and follows its streams", "[tshark]") {
  if (run("command -v tshark 2>/dev/null").empty()) {
    WARN("tshark is not installed; the capture was not opened with it");
    return;
  }
  PcapngSummary summary;
  const std::string file = capture(smtp_and_dns(), {true, "", "for tshark"}, summary);
  const std::string path = (std::filesystem::temp_directory_path() /
                            ("mailscope-" + std::to_string(::getpid()) + ".pcapng"))
                               .string();
  std::ofstream(path, std::ios::binary) << file;
  const std::string tshark = "tshark -n -r " + path +
                             " -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE"
                             " -o ip.check_checksum:TRUE ";
  const std::string wrong =
      run(tshark +
          "-Y '_ws.malformed || tcp.checksum.status == \"Bad\" ||"
          " udp.checksum.status == \"Bad\" || ip.checksum.status == \"Bad\" ||"
          " tcp.analysis.flags' 2>&1 | grep -v 'Running as user'");
  CHECK(wrong == "");
  CHECK(count(run(tshark + "2>/dev/null"), "\n") == 22);
  for (const char* stream : {"0", "1"}) {
    const std::string followed = run(tshark + "-q -z follow,tcp,ascii," + stream + " 2>/dev/null");
    CHECK(count(followed, "220 mx.globex.example ESMTP") == 1);
    CHECK(count(followed, "EHLO client.acme.example") == 1);
    CHECK(count(followed, "221 bye") == 1);
  }
  CHECK(count(run(tshark + "-Y 'dns.flags.rcode == 3' 2>/dev/null"), "MX globex.example") == 1);
  CHECK(count(run("tshark -N d -r " + path +
                  " -Y 'frame.number == 1' -T fields -e ip.src_host"
                  " -o nameres.network_name:TRUE 2>/dev/null"),
              "client.acme.example") == 1);
  std::filesystem::remove(path);
}

}  // namespace mailscope::exporting
