// The wire form of messages: golden octets, compression, truncation, hostile input.
#include <random>

#include "server/dns/framing.hpp"
#include "server/dns/message.hpp"
#include "tests/catch.hpp"

using namespace mailscope::dns;
using namespace std::string_literals;

namespace {

Record rr(const char* line) {
  auto parsed = parse_record(line);
  REQUIRE(parsed.error == "");
  return *parsed;
}

std::string header(std::uint16_t flags, int questions, int answers, int authority, int additional) {
  std::string out("\x12\x34", 2);
  for (const int word : {int{flags}, questions, answers, authority, additional}) {
    out += static_cast<char>(word >> 8);
    out += static_cast<char>(word & 255);
  }
  return out;
}

}  // namespace

TEST_CASE("a query has these octets", "[dns][codec]") {
  Message query = make_query(0x1234, name("acme.example"), Type::mx, true);
  const std::string question = "\4acme\7example\0\0\x0f\0\1"s;
  CHECK(encode(query) == header(0x0100, 1, 0, 0, 1) + question + "\0\0\x29\x04\xd0\0\0\0\0\0\0"s);
  query.edns.reset();
  CHECK(encode(query) == header(0x0100, 1, 0, 0, 0) + question);
}

TEST_CASE("a response has these octets: names point back", "[dns][codec]") {
  Message response = make_response(make_query(0x1234, name("acme.example"), Type::mx, false));
  response.edns.reset();
  response.authoritative = true;
  response.answers = {rr("acme.example. 3600 MX 10 mx1.acme.example."),
                      rr("acme.example. 3600 MX 20 mx2.acme.example.")};
  response.additional = {rr("mx1.acme.example. 300 A 192.0.2.25")};
  const std::string wire = encode(response);
  CHECK(wire == header(0x8400, 1, 2, 0, 1) + "\4acme\7example\0\0\x0f\0\1"s +
                    "\xc0\x0c\0\x0f\0\1\0\0\x0e\x10\0\x08\0\x0a\3mx1\xc0\x0c"s +
                    "\xc0\x0c\0\x0f\0\1\0\0\x0e\x10\0\x08\0\x14\3mx2\xc0\x0c"s +
                    "\xc0\x2c\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2\x19"s);
  const auto back = decode(wire);
  REQUIRE(back.value);
  CHECK(*back.value == response);
  CHECK(response.flags_text() == "qr aa");
}

TEST_CASE("every type survives the way there and back", "[dns][codec]") {
  Message message = make_response(make_query(7, name("acme.example"), Type::any, true));
  message.rcode = Rcode::badvers;
  message.recursion_available = message.authentic_data = message.checking_disabled = true;
  message.edns->dnssec_ok = true;
  message.edns->options = {{10, "cookie12"}, {65001, ""}};
  message.answers = {
      rr("acme.example. 1 A 192.0.2.1"),
      rr("acme.example. 1 AAAA 2001:db8::1"),
      rr("acme.example. 1 NS ns1.acme.example."),
      rr("www.acme.example. 1 CNAME acme.example."),
      rr("acme.example. 1 SOA ns1.acme.example. host.acme.example. 1 2 3 4 5"),
      rr("1.2.0.192.in-addr.arpa. 1 PTR mail.acme.example."),
      rr("acme.example. 1 MX 0 ."),
      rr("acme.example. 1 TXT \"a\" \"\" \"c\""),
      rr("_imap._tcp.acme.example. 1 SRV 1 2 143 imap.acme.example."),
      rr("acme.example. 1 CAA 128 issue \"ca.example; x=y\""),
      rr("_25._tcp.acme.example. 1 TLSA 3 1 1 00FF"),
      rr("acme.example. 1 TYPE65280 \\# 3 010203"),
      rr("version.bind. 0 CH TXT \"x\""),
  };
  Record chaos_a = rr("x. 0 A 192.0.2.1");  // in class CH an A is something else
  chaos_a.klass = Class::ch;
  chaos_a.data = Raw{"\4abcd\0\0\1"s};
  message.additional.push_back(chaos_a);
  const auto wire = encode(message);
  const auto back = decode(wire);
  REQUIRE(back.error == "");
  CHECK(*back.value == message);
  CHECK(encode(*back.value) == wire);
  CHECK(back.value->flags_text() == "qr rd ra ad cd");
  CHECK(back.value->to_string().find(";; EDNS: version 0, do, udp 1232") != std::string::npos);
}

TEST_CASE("names in newer types are not compressed, but read when they are", "[dns][codec]") {
  Message message;
  message.questions = {{name("example"), Type::srv, Class::in}};
  message.answers = {rr("example. 1 SRV 1 2 3 example.")};
  CHECK(encode(message).ends_with("\0\x0f\0\1\0\2\0\3\7example\0"s));
  const std::string compressed = header(0x8000, 1, 1, 0, 0) + "\7example\0\0\x21\0\1"s +
                                 "\xc0\x0c\0\x21\0\1\0\0\0\1\0\x08\0\1\0\2\0\3\xc0\x0c"s;
  const auto back = decode(compressed);
  REQUIRE(back.value);
  CHECK(back.value->answers == message.answers);
}

TEST_CASE("what does not fit is cut by whole sets", "[dns][codec]") {
  Message message = make_response(make_query(1, name("acme.example"), Type::txt, false));
  for (int i = 0; i < 3; ++i) {
    Record record = rr("acme.example. 1 TXT x");
    record.data = make_txt(std::string(200, static_cast<char>('a' + i)));
    message.answers.push_back(record);
  }
  SECTION("an answer that does not fit sets TC and is left out whole") {
    const auto wire = encode(message, 512);
    CHECK(wire.size() <= 512);
    const auto back = decode(wire);
    REQUIRE(back.value);
    CHECK(back.value->truncated);
    CHECK(back.value->answers.empty());
    CHECK(back.value->edns);  // RFC 6891: OPT stays
    CHECK(back.value->questions == message.questions);
  }
  SECTION("with room it is whole") {
    const auto back = decode(encode(message, 1232));
    CHECK(back.value->answers.size() == 3);
    CHECK_FALSE(back.value->truncated);
  }
  SECTION("additional records go without TC, unless they are needed") {
    message.answers.resize(1);
    for (int i = 0; i < 20; ++i) {
      message.additional.push_back(
          rr(("mx" + std::to_string(i) + ".acme.example. 1 A 192.0.2.1").c_str()));
    }
    auto back = decode(encode(message, 512));
    CHECK_FALSE(back.value->truncated);
    CHECK(back.value->answers.size() == 1);
    CHECK_FALSE(back.value->additional.empty());
    CHECK(back.value->additional.size() < 20);
    CHECK_FALSE(decode(encode(message, 512, 2)).value->truncated);
    CHECK(decode(encode(message, 512, 20)).value->truncated);
  }
  SECTION("a limit below 512 octets counts as 512, one above 65535 as that") {
    message.answers.resize(1);
    CHECK_FALSE(decode(encode(message, 0)).value->truncated);
    for (int i = 0; i < 400; ++i) {
      message.authority.push_back(message.answers[0]);
      message.authority.back().name = name("n" + std::to_string(i));
    }
    const auto wire = encode(message, 1 << 20);
    CHECK(wire.size() <= 65535);
    CHECK(decode(wire).value->truncated);
  }
}

TEST_CASE("after a cut nothing points to what was taken back", "[dns][codec]") {
  Message message = make_response(make_query(1, name("a"), Type::txt, false));
  message.edns.reset();
  Record big = rr("deep.name.example. 1 TXT x");
  big.data = make_txt(std::string(600, 'x'));
  message.additional = {big};
  const auto wire = encode(message, 512);
  CHECK(decode(wire).value->additional.empty());
}

TEST_CASE("compression reaches only as far as a pointer can", "[dns][codec]") {
  Message message;
  message.response = true;
  for (int i = 0; i < 200; ++i) {
    Record record = rr("x. 1 TXT y");
    record.name = name("host" + std::to_string(i) + ".some.long.domain.example");
    record.data = make_txt(std::string(200, 'z'));
    message.answers.push_back(record);
  }
  const auto back = decode(encode(message));
  REQUIRE(back.value);
  CHECK(back.value->answers == message.answers);
}

TEST_CASE("hostile messages are refused", "[dns][codec]") {
  const std::string q = "\7example\0\0\1\0\1"s;
  const std::string opt = "\0\0\x29\x04\xd0\0\0\0\0\0\0"s;
  struct Row {
    const char* what;
    std::string wire;
    std::string error;
  };
  const Row rows[] = {
      {"empty", "", "shorter than a header"},
      {"half a header", header(0, 0, 0, 0, 0).substr(0, 11), "shorter than a header"},
      {"a question that is not there", header(0, 1, 0, 0, 0),
       "a name runs over the end at octet 12"},
      {"counts that lie", header(0, 65535, 65535, 65535, 65535) + q,
       "a name runs over the end at octet 25"},
      {"a pointer to itself", header(0, 1, 0, 0, 0) + "\xc0\x0c\0\1\0\1"s,
       "a compression pointer does not lead back at octet 12"},
      {"a pointer forward", header(0, 1, 0, 0, 0) + "\xc0\x0e\1a\0\0\1\0\1"s,
       "a compression pointer does not lead back at octet 12"},
      {"a label and a pointer back to it", header(0, 1, 0, 0, 0) + "\1a\xc0\x0c\0\1\0\1"s,
       "a compression pointer does not lead back at octet 12"},
      {"two pointers in a circle", header(0, 2, 0, 0, 0) + "\1a\0\0\1\0\1\xc0\x15\xc0\x13"s,
       "a compression pointer does not lead back at octet 19"},
      {"a pointer into the header", header(0, 1, 0, 0, 0) + "\xc0\x04\0\1\0\1"s,
       "a compression pointer leads into the header at octet 12"},
      {"half a pointer", header(0, 1, 0, 0, 0) + "\xc0"s, "a name runs over the end at octet 12"},
      {"label type 01", header(0, 1, 0, 0, 0) + "\x41" + std::string(65, 'a') + '\0',
       "an unknown kind of label at octet 12"},
      {"a label over the end", header(0, 1, 0, 0, 0) + "\x3f"s + "abc",
       "a name runs over the end at octet 12"},
      {"a name of 256 octets",
       header(0, 1, 0, 0, 0) + "\x3f" + std::string(63, 'a') + "\x3f" + std::string(63, 'a') +
           "\x3f" + std::string(63, 'a') + "\x3e" + std::string(62, 'a') + "\0\0\1\0\1"s,
       "a name longer than 255 octets at octet 12"},
      {"an address of three octets",
       header(0x8000, 0, 1, 0, 0) + "\1a\0\0\1\0\1\0\0\0\0\0\3\1\2\3"s,
       "the message ends too early at octet 27"},
      {"an address of five octets",
       header(0x8000, 0, 1, 0, 0) + "\1a\0\0\1\0\1\0\0\0\0\0\5\1\2\3\4\5"s,
       "RDATA is longer than its fields at octet 29"},
      {"RDATA over the end", header(0x8000, 0, 1, 0, 0) + "\1a\0\0\1\0\1\0\0\0\0\0\4\1\2"s,
       "the message ends too early at octet 25"},
      {"a name that runs out of its RDATA",
       header(0x8000, 0, 1, 0, 0) + "\1a\0\0\2\0\1\0\0\0\0\0\2\3abc\0"s,
       "a name runs over the end at octet 25"},
      {"a TXT string over its RDATA",
       header(0x8000, 0, 1, 0, 0) + "\1a\0\0\x10\0\1\0\0\0\0\0\2\5abcde"s,
       "the message ends too early at octet 26"},
      {"a TXT without a string", header(0x8000, 0, 1, 0, 0) + "\1a\0\0\x10\0\1\0\0\0\0\0\0"s,
       "the message ends too early at octet 25"},
      {"a CAA without a tag", header(0x8000, 0, 1, 0, 0) + "\1a\0\1\1\0\1\0\0\0\0\0\2\0\0"s,
       "an empty CAA tag at octet 27"},
      {"two OPT records", header(0, 0, 0, 0, 2) + opt + opt, "a second OPT record at octet 34"},
      {"OPT among the answers", header(0, 0, 1, 0, 0) + opt,
       "an OPT record in the wrong place at octet 23"},
      {"OPT with a name", header(0, 0, 0, 0, 1) + "\1a"s + opt,
       "an OPT record in the wrong place at octet 25"},
      {"an EDNS option over its RDATA",
       header(0, 0, 0, 0, 1) + "\0\0\x29\x04\xd0\0\0\0\0\0\5\0\3\0\2x"s,
       "the message ends too early at octet 27"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    const auto parsed = decode(row.wire);
    CHECK_FALSE(parsed.value);
    CHECK(parsed.error == row.error);
  }
}

TEST_CASE("long chains of pointers are cut off", "[dns][codec]") {
  // Each pointer leads to the one before; only the first leads to a name.
  std::string wire = header(0x8000, 0, 1, 0, 0) + "\0\xff\0\0\1\0\0\0\0"s;
  const int pointers = 1000;
  const std::size_t start = wire.size() + 2;
  wire += static_cast<char>(pointers * 2 >> 8);
  wire += static_cast<char>(pointers * 2 & 255);
  std::size_t target = 12;
  for (int i = 0; i < pointers; ++i) {
    wire += static_cast<char>(0xc0 | target >> 8);
    wire += static_cast<char>(target & 255);
    target = start + static_cast<std::size_t>(i) * 2;
  }
  wire[7] = 2;
  const std::string last = {static_cast<char>(0xc0 | target >> 8), static_cast<char>(target & 255)};
  const auto parsed = decode(wire + last + "\0\1\0\1\0\0\0\0\0\4\1\2\3\4"s);
  CHECK_FALSE(parsed.value);
  CHECK(parsed.error.starts_with("too many compression pointers"));
}

TEST_CASE("a TTL with the topmost bit is zero; octets behind the message are ignored",
          "[dns][codec]") {
  const auto parsed =
      decode(header(0x8000, 0, 1, 0, 0) + "\1a\0\0\1\0\1\x80\0\0\1\0\4\1\2\3\4 trailing"s);
  REQUIRE(parsed.value);
  CHECK(parsed.value->answers.at(0).ttl == 0);
}

TEST_CASE("every cut and many flipped bits of a message decode or fail, quietly", "[dns][codec]") {
  Message message = make_response(make_query(3, name("acme.example"), Type::mx, true));
  message.answers = {rr("acme.example. 9 MX 10 mx1.acme.example."),
                     rr("acme.example. 9 TXT \"v=spf1\" \"-all\""),
                     rr("acme.example. 9 CAA 0 issue \"ca\""),
                     rr("acme.example. 9 SOA a.example. b.example. 1 2 3 4 5")};
  const std::string wire = encode(message);
  for (std::size_t size = 0; size < wire.size(); ++size) {
    CHECK_FALSE(decode(std::string_view(wire).substr(0, size)).value);
  }
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    std::string broken = wire;
    for (int flips = 0; flips < 3; ++flips) {
      broken[random() % broken.size()] ^= static_cast<char>(1 << random() % 8);
    }
    const auto once = decode(broken);
    if (!once.value) continue;
    const auto again = decode(encode(*once.value));
    REQUIRE(again.value);
    REQUIRE(*again.value == *once.value);
  }
}

TEST_CASE("messages on TCP are cut out of the stream", "[dns][codec]") {
  Deframer deframer;
  const std::string stream = frame("abc") + frame("") + frame(std::string(300, 'x'));
  std::vector<std::string> got;
  for (const char c : stream) {
    deframer.feed({&c, 1});
    while (auto message = deframer.next()) got.push_back(*message);
  }
  CHECK(got == std::vector<std::string>{"abc", "", std::string(300, 'x')});
  CHECK(deframer.empty());
}
