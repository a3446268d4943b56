// BINARY (RFC 3516): parts without their transfer encoding, and messages with any octets.
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

const std::string kParts = crlf(
    "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    "--b\nContent-Transfer-Encoding: base64\nContent-Type: application/octet-stream\n\n"
    "QQBC\n"  // A NUL B
    "--b\nContent-Transfer-Encoding: quoted-printable\n\ncaf=C3=A9\n"
    "--b\nContent-Transfer-Encoding: x-uuencode\n\nbegin\n"
    "--b\n\nplain\n--b--\n");

class Client {
 public:
  Client() : line_(world) {
    world.append("INBOX", kParts);
    ask("l LOGIN alice secret");
    ask("s SELECT INBOX");
  }
  std::string ask(const std::string& command) {
    line_.send(command + "\r\n", false);
    return line_.take();
  }
  World world;

 private:
  Line line_;
};

}  // namespace

TEST_CASE("nobody has a part decoded over and over in one response", "[imap][binary]") {
  Client client;
  std::string part;  // 20 MB decoded
  while (part.size() < 28'000'000) part += std::string(76, 'Q') + "\r\n";
  client.world.append("INBOX", "Content-Transfer-Encoding: base64\r\n\r\n" + part);
  client.ask("n NOOP");
  const auto ask = [&](int times) {
    std::string items;
    for (int i = 0; i < times; ++i) items += " BINARY.PEEK[1]<" + std::to_string(i) + ".5>";
    const std::string heard = client.ask("a FETCH 2 (" + items.substr(1) + ")");
    return heard.substr(heard.rfind("\r\na ") + 2);
  };
  CHECK(ask(4) == "a NO [LIMIT] Too much is asked of one message at once\r\n");
  CHECK(client.ask("b FETCH 2 (BINARY.SIZE[1])").ends_with("b OK Fetched\r\n"));
}

TEST_CASE("FETCH BINARY", "[imap][binary]") {
  Client client;
  const std::string nul("A\0B", 3);
  CHECK(client.ask("a FETCH 1 BINARY.PEEK[1]") ==
        "* 1 FETCH (BINARY[1] ~{3}\r\n" + nul + ")\r\na OK Fetched\r\n");
  CHECK(client.ask("b FETCH 1 (BINARY.SIZE[1] BINARY.SIZE[2] BINARY.SIZE[4])") ==
        "* 1 FETCH (BINARY.SIZE[1] 3 BINARY.SIZE[2] 5 BINARY.SIZE[4] 5)\r\nb OK Fetched\r\n");
  CHECK(client.ask("c FETCH 1 BINARY.PEEK[2]<3.10>") ==
        "* 1 FETCH (BINARY[2]<3> {2}\r\n\xc3\xa9)\r\nc OK Fetched\r\n");
  CHECK(client.ask("d FETCH 1 BINARY.PEEK[2]<50.10>") ==
        "* 1 FETCH (BINARY[2]<50> {0}\r\n)\r\nd OK Fetched\r\n");
  CHECK(client.ask("e FETCH 1 BINARY.PEEK[7]") == "* 1 FETCH (BINARY[7] NIL)\r\ne OK Fetched\r\n");
  CHECK(client.ask("f FETCH 1 BINARY.PEEK[3]") ==
        "* 1 FETCH (BINARY[3] NIL)\r\nf NO [UNKNOWN-CTE] The encoding of a part is not known\r\n");
  CHECK(client.ask("g FETCH 1 BINARY[4]") ==
        "* 1 FETCH (BINARY[4] {5}\r\nplain FLAGS (\\Seen \\Recent))\r\ng OK Fetched\r\n");
  CHECK(client.ask("h FETCH 1 BINARY.SIZE[]") ==
        "* 1 FETCH (BINARY.SIZE[] " + std::to_string(kParts.size()) + ")\r\nh OK Fetched\r\n");
  for (const char* wrong : {"BINARY[TEXT]", "BINARY[1.MIME]", "BINARY.SIZE[1]<0.1>", "BINARY",
                            "BINARY[1", "BINARY[0]", "BINARY[1.]", "BINARY.PEEK[1]<0.0>"}) {
    INFO(wrong);
    CHECK(client.ask(std::string("w FETCH 1 ") + wrong).starts_with("w BAD"));
  }
  client.world.hide("BINARY");
  CHECK(client.ask("x FETCH 1 BINARY.PEEK[1]").starts_with("x BAD"));
}

TEST_CASE("APPEND of a literal8", "[imap][binary]") {
  Client client;
  const std::string message = std::string("Subject: x\r\n\r\nA\0B\r\n", 19);
  CHECK(client.ask("a APPEND INBOX ~{19+}\r\n" + message).find("a OK [APPENDUID ") !=
        std::string::npos);
  CHECK(client.ask("b FETCH 2 BINARY.PEEK[]") ==
        "* 2 FETCH (BINARY[] ~{19}\r\n" + message + ")\r\nb OK Fetched\r\n");
  // Who does not ask for BINARY is spared the NUL.
  CHECK(client.ask("c FETCH 2 BODY.PEEK[TEXT]") ==
        "* 2 FETCH (BODY[TEXT] {5}\r\nA\x80"
        "B\r\n)\r\nc OK Fetched\r\n");
  CHECK(client.ask("d APPEND INBOX {19+}\r\n" + message).starts_with("d BAD"));
  CHECK(client.ask("e APPEND INBOX ~{19}").starts_with("+ "));
  CHECK(client.ask(message).find("e OK") != std::string::npos);
}

}  // namespace mailscope::imap::test
