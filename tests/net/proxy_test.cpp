// The header of a proxy: the whole grammar of both versions, in every cut; and the door where
// connections wait for it.
#include <map>

#include "server/net/proxy_door.hpp"
#include "server/net/proxy_header.hpp"
#include "tests/catch.hpp"
#include "tests/net/session_stage.hpp"

using namespace mailscope;
using namespace mailscope::tests;
using namespace std::chrono_literals;
using Status = net::ProxyHeader::Status;

namespace {

const std::string kSignature{"\r\n\r\n\0\r\nQUIT\n", 12};

std::string number16(std::size_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 255)};
}

/// A version 2 header: its 13th and 14th octet, and what its length counts.
std::string block(int command, int family, const std::string& rest) {
  return kSignature + static_cast<char>(command) + static_cast<char>(family) +
         number16(rest.size()) + rest;
}

std::string vector(int type, const std::string& value) {
  return static_cast<char>(type) + number16(value.size()) + value;
}

/// With the checksum of the whole behind everything.
std::string with_checksum(int command, int family, const std::string& rest) {
  std::string text = block(command, family, rest + vector(3, std::string(4, '\0')));
  const std::uint32_t sum = net::crc32c(text);
  for (int i = 0; i < 4; ++i)
    text[text.size() - 4 + static_cast<std::size_t>(i)] = static_cast<char>(sum >> (24 - 8 * i));
  return text;
}

/// "need more", "broken: why", or "12 octets: 192.0.2.7:1 to 192.0.2.8:2".
std::string told(std::string_view input) {
  const net::ProxyHeader header = net::parse_proxy_header(input);
  if (header.status == Status::need_more) return "need more";
  if (header.status == Status::broken) return "broken: " + std::string(header.problem);
  std::string text = std::to_string(header.size) + " octets";
  if (header.ends)
    text += ": " + header.ends->client.to_string() + " to " + header.ends->server.to_string();
  return text;
}

const std::string kV4{"\xc0\x00\x02\x07\xc6\x33\x64\x19\xdc\x04\x00\x19", 12};
const std::string kV6 = std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + "\x07" +
                        std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + "\x19" +
                        std::string("\xdc\x04\x00\x19", 4);
const std::string kMapped = std::string(10, '\0') + "\xff\xff\xc0\x01\x02\x07" +
                            std::string(10, '\0') + "\xff\xff\xc6\x33\x64\x19" +
                            std::string("\xdc\x04\x00\x19", 4);

}  // namespace

TEST_CASE("version 1 of the PROXY protocol", "[proxy]") {
  const std::string full(39, 'f');
  const std::pair<std::string, std::string> table[] = {
      {"PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n",
       "47 octets: 192.168.0.1:56324 to 192.168.0.11:443"},
      {"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
       "56 octets: 255.255.255.255:65535 to 255.255.255.255:65535"},
      {"PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n", "32 octets: 0.0.0.0:0 to 0.0.0.0:0"},
      {"PROXY TCP6 2001:db8::7 2001:DB8:0:0:0:0:0:19 56324 25\r\n",
       "55 octets: [2001:db8::7]:56324 to [2001:db8::19]:25"},
      {"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
       "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
       "104 octets: [ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535 to "
       "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"},
      {"PROXY UNKNOWN\r\n", "15 octets"},
      {"PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
       "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
       "107 octets"},
      {"PROXY UNKNOWN whatever  stands here\r\nEHLO x\r\n", "37 octets"},
      {"PROXY TCP4 1.2.3.4 1.2.3.5 1 2\r\nEHLO x\r\n", "32 octets: 1.2.3.4:1 to 1.2.3.5:2"},
      // What is not exactly so ends the connection.
      {"EHLO x\r\n", "broken: this is not the header of a proxy"},
      {"PROXZ", "broken: this is not the header of a proxy"},
      {"proxy TCP4 1.2.3.4 1.2.3.5 1 2\r\n", "broken: this is not the header of a proxy"},
      {"PROXY  TCP4 1.2.3.4 1.2.3.5 1 2\r\n", "broken: behind PROXY stands TCP4, TCP6 or UNKNOWN"},
      {"PROXY UDP4 1.2.3.4 1.2.3.5 1 2\r\n", "broken: behind PROXY stands TCP4, TCP6 or UNKNOWN"},
      {"PROXY unknown\r\n", "broken: behind PROXY stands TCP4, TCP6 or UNKNOWN"},
      {"PROXY UNKNOWNX\r\n", "broken: behind PROXY stands TCP4, TCP6 or UNKNOWN"},
      {"PROXY \r\n", "broken: behind PROXY stands TCP4, TCP6 or UNKNOWN"},
      {"PROXY TCP4\r\n", "broken: two addresses of the family had to follow"},
      {"PROXY TCP4 1.2.3.4\r\n", "broken: two addresses of the family had to follow"},
      {"PROXY TCP4  1.2.3.4 1.2.3.5 1 2\r\n", "broken: two addresses of the family had to follow"},
      {"PROXY TCP4 1.2.3.4 1.2.3.05 1 2\r\n", "broken: two addresses of the family had to follow"},
      {"PROXY TCP4 1.2.3 1.2.3.5 1 2\r\n", "broken: two addresses of the family had to follow"},
      {"PROXY TCP4 ::1 ::2 1 2\r\n", "broken: two addresses of the family had to follow"},
      {"PROXY TCP6 1.2.3.4 1.2.3.5 1 2\r\n", "broken: two addresses of the family had to follow"},
      {"PROXY TCP6 ::1.2.3.4 ::2 1 2\r\n", "broken: two addresses of the family had to follow"},
      {"PROXY TCP6 1::2::3 ::2 1 2\r\n", "broken: two addresses of the family had to follow"},
      {"PROXY TCP4 1.2.3.4 1.2.3.5\r\n", "broken: two ports had to end the line"},
      {"PROXY TCP4 1.2.3.4 1.2.3.5 1\r\n", "broken: two ports had to end the line"},
      {"PROXY TCP4 1.2.3.4 1.2.3.5 1 65536\r\n", "broken: two ports had to end the line"},
      {"PROXY TCP4 1.2.3.4 1.2.3.5 01 2\r\n", "broken: two ports had to end the line"},
      {"PROXY TCP4 1.2.3.4 1.2.3.5 -1 2\r\n", "broken: two ports had to end the line"},
      {"PROXY TCP4 1.2.3.4 1.2.3.5 1 2 \r\n", "broken: two ports had to end the line"},
      {"PROXY TCP4 1.2.3.4 1.2.3.5 1 2 3\r\n", "broken: two ports had to end the line"},
      {"PROXY TCP4 1.2.3.4 1.2.3.5 1 2\n", "broken: LF without CR ends no line"},
      {"PROXY UNKNOWN a\nb\r\n", "broken: LF without CR ends no line"},
      {"PROXY UNKNOWN " + full + full + "012345678901234",
       "broken: the line is longer than 107 octets"},
      {"PROXY UNKNOWN " + full + full + "0123456789012\r\n", "107 octets"},
  };
  for (const auto& [line, expected] : table) {
    INFO(line);
    CHECK(told(line) == expected);
  }
}

TEST_CASE("version 2 of the PROXY protocol", "[proxy]") {
  const std::string sum = with_checksum(0x21, 0x11, kV4 + vector(4, "pad"));
  std::string wrong_sum = sum;
  wrong_sum.back() ^= 1;
  std::string other_port = sum;
  other_port[24] ^= 1;
  const std::pair<std::string, std::string> table[] = {
      {block(0x21, 0x11, kV4), "28 octets: 192.0.2.7:56324 to 198.51.100.25:25"},
      {block(0x21, 0x21, kV6), "52 octets: [2001:db8::7]:56324 to [2001:db8::19]:25"},
      {block(0x21, 0x21, kMapped), "52 octets: 192.1.2.7:56324 to 198.51.100.25:25"},
      {block(0x21, 0x11, kV4) + "EHLO x\r\n", "28 octets: 192.0.2.7:56324 to 198.51.100.25:25"},
      {block(0x21, 0x11, kV4 + vector(1, "h2") + vector(0x20, "x") + vector(0xee, "")),
       "40 octets: 192.0.2.7:56324 to 198.51.100.25:25"},
      {sum, "41 octets: 192.0.2.7:56324 to 198.51.100.25:25"},
      {with_checksum(0x21, 0x00, ""), "23 octets"},
      // Whose ends mean nothing to a mail server: the real ones count.
      {block(0x20, 0x00, ""), "16 octets"},
      {block(0x20, 0x11, "anything"), "24 octets"},
      {block(0x20, 0xff, wrong_sum), "57 octets"},
      {block(0x21, 0x00, ""), "16 octets"},
      {block(0x21, 0x12, kV4), "28 octets"},
      {block(0x21, 0x22, kV6), "52 octets"},
      {block(0x21, 0x10, kV4), "28 octets"},
      {block(0x21, 0x31, std::string(216, 'u')), "232 octets"},
      {block(0x21, 0x32, std::string(216, 'u')), "232 octets"},
      {block(0x20, 0x00, std::string(65'535, 'x')), "65551 octets"},
      // What must be refused.
      {block(0x11, 0x11, kV4), "broken: the version is not 2"},
      {block(0x31, 0x11, kV4), "broken: the version is not 2"},
      {block(0x22, 0x11, kV4), "broken: the command is neither LOCAL nor PROXY"},
      {block(0x2f, 0x11, kV4), "broken: the command is neither LOCAL nor PROXY"},
      {block(0x21, 0x13, kV4), "broken: the address family or the protocol is none of version 2"},
      {block(0x21, 0x41, kV4), "broken: the address family or the protocol is none of version 2"},
      {block(0x21, 0x11, kV4.substr(1)), "broken: the header is too short for its addresses"},
      {block(0x21, 0x21, kV4), "broken: the header is too short for its addresses"},
      {block(0x21, 0x31, kV6), "broken: the header is too short for its addresses"},
      {block(0x21, 0x11, kV4 + "\x04"), "broken: a vector is longer than the header"},
      {block(0x21, 0x11, kV4 + vector(4, "abc").substr(0, 5)),
       "broken: a vector is longer than the header"},
      {block(0x21, 0x11, kV4 + vector(3, "abc")), "broken: the checksum has four octets"},
      {wrong_sum, "broken: the checksum does not fit"},
      {other_port, "broken: the checksum does not fit"},
      {kSignature.substr(0, 5) + "x", "broken: this is not the header of a proxy"},
  };
  for (const auto& [header, expected] : table) CHECK(told(header) == expected);
}

TEST_CASE("a header in any cut needs more until it is whole", "[proxy]") {
  for (const std::string& header :
       {std::string("PROXY TCP6 2001:db8::7 ::1 56324 25\r\n"), block(0x21, 0x21, kV6),
        with_checksum(0x21, 0x11, kV4 + vector(1, "h2"))}) {
    for (std::size_t size = 0; size < header.size(); ++size) {
      INFO(size);
      CHECK(told(std::string_view(header).substr(0, size)) == "need more");
    }
    CHECK(net::parse_proxy_header(header + "rest").size == header.size());
  }
}

TEST_CASE("the checksum is CRC-32C", "[proxy]") {
  CHECK(net::crc32c("123456789") == 0xe3069283);
  CHECK(net::crc32c(std::string(32, '\0')) == 0x8a9136aa);
  CHECK(net::crc32c("456789", net::crc32c("123")) == 0xe3069283);
}

namespace {

/// A server behind a door; the client is a connection without manners.
struct DoorStage {
  FakeWorld world{kNow};
  FakeNetwork network{world};
  net::ProxyDoor door{world, world.turn};
  struct Peer final : net::ConnectionEvents {
    std::string received;
    std::string state = "open";
    void on_bytes(std::string_view bytes) override { received += bytes; }
    void on_end() override { state = "ended"; }
    void on_closed(net::CloseReason reason) override { state = to_string(reason); }
  };
  Peer client_side, server_side;
  std::unique_ptr<net::Connection> server, client;
  std::string problem;
  std::unique_ptr<net::Listener> listener =
      network.listen(25, [this](std::unique_ptr<net::Connection> connection) {
        door.wait(
            std::move(connection),
            [this](std::unique_ptr<net::Connection> admitted) {
              server = std::move(admitted);
              server->set_events(server_side);
            },
            [this](const net::Connection&, std::string_view why) { problem = why; });
      });
  DoorStage() {
    client = network.connect({net::Address::v4(192, 0, 2, 1), 25}, client_side);
    world.run();
  }
  void send(std::string_view bytes) {
    client->send(bytes);
    world.run();
  }
};

}  // namespace

TEST_CASE("a connection is admitted with the ends that its proxy tells", "[proxy]") {
  DoorStage stage;
  stage.world.cut = GENERATE(as<std::size_t>(), 1, 7, 1'000);
  CHECK(stage.door.waiting() == 1);
  stage.send("PROXY TCP4 192.0.2.7 198.51.100.25 56324 25\r\nEHLO x\r\n");
  REQUIRE(stage.server);
  CHECK(stage.server->remote().to_string() == "192.0.2.7:56324");
  CHECK(stage.server->local().to_string() == "198.51.100.25:25");
  CHECK(stage.server_side.received == "EHLO x\r\n");
  CHECK(stage.door.waiting() == 0);
  stage.server->send("250 x\r\n");
  stage.send("QUIT\r\n");
  CHECK(stage.server_side.received == "EHLO x\r\nQUIT\r\n");
  CHECK(stage.client_side.received == "250 x\r\n");
  stage.server->finish();
  stage.client->finish();
  stage.world.run();
  CHECK(stage.server_side.state == "finished");
}

TEST_CASE("no header, no connection", "[proxy]") {
  DoorStage stage;
  SECTION("something else") {
    stage.send("EHLO x\r\n");
    CHECK(stage.problem == "this is not the header of a proxy");
  }
  SECTION("too late") {
    stage.send("PROXY TC");
    stage.world.run(net::kProxyPatience - 3s);
    CHECK(stage.door.waiting() == 1);
    stage.world.run(2s);
    CHECK(stage.problem == "it came too late");
  }
  SECTION("the end") {
    stage.client->send("PROXY TC");
    stage.client->finish();
    stage.world.run();
    CHECK(stage.problem == "the connection ended before it was whole");
  }
  SECTION("a reset") {
    stage.client->abort();
    stage.world.run();
    CHECK(stage.problem == "the connection ended before it was whole");
  }
  CHECK_FALSE(stage.server);
  CHECK(stage.door.waiting() == 0);
  CHECK((stage.client_side.state == "reset" || stage.client_side.state == "open"));
}

TEST_CASE("whoever is admitted may refuse at once", "[proxy]") {
  DoorStage stage;
  stage.listener = stage.network.listen(25, [&](std::unique_ptr<net::Connection> connection) {
    stage.door.wait(
        std::move(connection), [](std::unique_ptr<net::Connection>) {},
        [](const net::Connection&, std::string_view) {});
  });
  DoorStage::Peer peer;
  const auto client = stage.network.connect({net::Address::v4(192, 0, 2, 1), 25}, peer);
  stage.world.run();
  client->send("PROXY UNKNOWN\r\nEHLO x\r\n");
  stage.world.run();
  CHECK(peer.state == "reset");
}
