// COMPRESS=DEFLATE (RFC 4978), with zlib on the client's side.
#include <zlib.h>

#include "server/imap/limits.hpp"
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

// The other end of a compressed connection.
class Zipped {
 public:
  Zipped() {
    REQUIRE(deflateInit2(&out_, Z_BEST_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) ==
            Z_OK);
    REQUIRE(inflateInit2(&in_, -15) == Z_OK);
  }
  ~Zipped() {
    deflateEnd(&out_);
    inflateEnd(&in_);
  }
  Zipped(const Zipped&) = delete;
  Zipped& operator=(const Zipped&) = delete;

  std::string pack(std::string_view plain) {
    return run(out_, plain, [](z_stream& s) { return deflate(&s, Z_SYNC_FLUSH); });
  }
  std::string pack_last(std::string_view plain) {
    return run(out_, plain, [](z_stream& s) {
      const int result = deflate(&s, Z_FINISH);
      return result == Z_STREAM_END ? Z_OK : result;
    });
  }
  std::string unpack(std::string_view packed) {
    return run(in_, packed, [](z_stream& s) { return inflate(&s, Z_SYNC_FLUSH); });
  }

 private:
  template <typename Step>
  static std::string run(z_stream& stream, std::string_view input, Step step) {
    std::string out, piece(65'536, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream.avail_in = static_cast<uInt>(input.size());
    do {
      stream.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream.avail_out = static_cast<uInt>(piece.size());
      const int result = step(stream);
      if (result != Z_OK && result != Z_BUF_ERROR) return out + "BROKEN";
      out.append(piece, 0, piece.size() - stream.avail_out);
    } while (stream.avail_out == 0);
    return out;
  }
  z_stream out_{};
  z_stream in_{};
};

class Client {
 public:
  Client() : line(world) {
    line.send("l LOGIN alice secret\r\n", false);
    CHECK(line.take().find(" COMPRESS=DEFLATE") != std::string::npos);
  }
  void compress() {
    line.send("z COMPRESS DEFLATE\r\n", false);
    REQUIRE(line.take() == "z OK Compression is on\r\n");
  }
  std::string ask(const std::string& command, bool octet_by_octet = false) {
    line.send(zip.pack(command + "\r\n"), octet_by_octet);
    return zip.unpack(line.take());
  }
  World world;
  Line line;
  Zipped zip;
};

}  // namespace

TEST_CASE("a compressed session", "[imap][compress]") {
  for (const bool octet_by_octet : {false, true}) {
    Client client;
    client.world.append("INBOX", "Subject: x\r\n\r\n" + std::string(200'000, 'x') + "\r\n");
    client.compress();
    CHECK(client.ask("a NOOP", octet_by_octet) == "a OK Done\r\n");
    CHECK(
        client.ask("b COMPRESS DEFLATE", octet_by_octet).starts_with("b BAD [COMPRESSIONACTIVE]"));
    CHECK(client.ask("c CAPABILITY").find("COMPRESS=DEFLATE") == std::string::npos);
    CHECK(client.ask("d SELECT INBOX").find("d OK") != std::string::npos);
    const std::string packed = client.zip.pack("e FETCH 1 BODY.PEEK[]\r\n");
    client.line.send(packed, octet_by_octet);
    const std::string answer = client.line.take();
    CHECK(answer.size() < 5'000);
    CHECK(client.zip.unpack(answer).ends_with("xx\r\n)\r\ne OK Fetched\r\n"));
    CHECK(client.ask("f LOGOUT") == "* BYE Logging out\r\nf OK Good bye\r\n");
    CHECK(client.line.wish() == net::Wish::finish);
  }
}

TEST_CASE("COMPRESS with something else, and where it is not offered", "[imap][compress]") {
  Client client;
  client.line.send("a COMPRESS LZ4\r\nb COMPRESS\r\nc COMPRESS DEFLATE 9\r\n", false);
  const std::string heard = client.line.take();
  CHECK(heard.starts_with("a BAD "));
  CHECK(heard.find("\r\nb BAD ") != std::string::npos);
  CHECK(heard.find("\r\nc BAD ") != std::string::npos);
  client.world.hide("COMPRESS=DEFLATE");
  client.line.send("d COMPRESS DEFLATE\r\n", false);
  CHECK(client.line.take().starts_with("d BAD "));
}

TEST_CASE("what follows COMPRESS at once is compressed already", "[imap][compress]") {
  Client client;
  client.line.send("z COMPRESS DEFLATE\r\n" + client.zip.pack("a NOOP\r\n"), false);
  const std::string heard = client.line.take();
  const std::string head = "z OK Compression is on\r\n";
  REQUIRE(heard.starts_with(head));
  CHECK(client.zip.unpack(std::string_view(heard).substr(head.size())) == "a OK Done\r\n");
}

TEST_CASE("broken and hostile compressed input", "[imap][compress]") {
  SECTION("not deflated at all") {
    Client client;
    client.compress();
    client.line.send("a NOOP\r\nb NOOP\r\nc NOOP\r\n", false);
    CHECK(client.zip.unpack(client.line.take()).starts_with("* BYE "));
    CHECK(client.line.wish() == net::Wish::finish);
  }
  SECTION("a bomb of one line") {
    Client client;
    client.compress();
    client.line.send(client.zip.pack(std::string(100'000'000, 'a')), false);
    CHECK(client.zip.unpack(client.line.take()).starts_with("* BYE "));
  }
  SECTION("a bomb of many commands") {
    Client client;
    client.compress();
    std::string commands;
    while (commands.size() < kInflateSlack + 40'000'000) commands += "a NOOP\r\n";
    client.line.send(client.zip.pack(commands), false);
    const std::string heard = client.zip.unpack(client.line.take());
    CHECK(heard.find("* BYE ") != std::string::npos);
    CHECK(client.line.wish() == net::Wish::finish);
  }
  SECTION("a stream that has ended") {
    Client client;
    client.compress();
    const std::string end("\x03\x00", 2);  // an empty last block
    client.line.send(end, false);
    CHECK(client.zip.unpack(client.line.take()).starts_with("* BYE "));
  }
}

TEST_CASE("UNAUTHENTICATE ends compression", "[imap][unauthenticate]") {
  // RFC 8437 section 4.1: behind its answer nothing is packed, nor behind the command.
  const auto zipped_ok = [](Client& client, std::string& heard) {
    // The answer is one flushed block or two; what follows it is plain.
    const std::size_t plain = heard.find("p ");
    const std::string packed = heard.substr(0, plain);
    heard.erase(0, packed.size());
    return client.zip.unpack(packed);
  };
  for (const bool octet_by_octet : {false, true}) {
    Client client;
    client.world.append("INBOX", "Subject: x\r\n\r\n" + std::string(400'000, 'x') + "\r\n");
    client.compress();
    CHECK(client.ask("a LANGUAGE de", octet_by_octet).find("a OK") != std::string::npos);
    CHECK(client.ask("b UNAUTHENTICATE", octet_by_octet).starts_with("b OK [CAPABILITY "));
    client.line.send("c LOGIN alice wrong\r\n", octet_by_octet);
    client.line.wait(std::chrono::seconds(1));
    CHECK(client.line.take() == "c NO [AUTHENTICATIONFAILED] Wrong user name or password\r\n");
    client.line.send("l LOGIN alice secret\r\n", octet_by_octet);
    CHECK(client.line.take().find("COMPRESS=DEFLATE") != std::string::npos);

    // Everything at once, behind an answer that fills the connection.
    Zipped again;
    client.line.send("z COMPRESS DEFLATE\r\n", octet_by_octet);
    REQUIRE(client.line.take() == "z OK Compression is on\r\n");
    client.line.send(
        again.pack("s EXAMINE INBOX\r\nf FETCH 1 BODY.PEEK[]\r\nu UNAUTHENTICATE\r\n") +
            "p LOGIN bob secret\r\n",
        octet_by_octet);
    std::string heard = client.line.take();
    const std::size_t plain = heard.rfind("p OK ");
    REQUIRE(plain != std::string::npos);
    const std::string unpacked = again.unpack(heard.substr(0, plain));
    CHECK(unpacked.find("\r\nf OK Fetched\r\nu OK ") != std::string::npos);
    CHECK(client.line.engine().account() == "bob@acme.example");
  }
  SECTION("a client that ends its stream") {
    Client client;
    client.compress();
    client.line.send(client.zip.pack_last("b UNAUTHENTICATE\r\n") + "p NOOP\r\n", false);
    std::string heard = client.line.take();
    CHECK(zipped_ok(client, heard).starts_with("b OK "));
    CHECK(heard == "p OK Done\r\n");
  }
  SECTION("packed octets behind the command are nobody's") {
    Client client;
    client.compress();
    client.line.send(client.zip.pack("b UNAUTHENTICATE\r\nc NOOP\r\n"), false);
    CHECK(client.zip.unpack(client.line.take()).starts_with("b OK "));
    client.line.send("p NOOP\r\n", false);
    CHECK(client.line.take() == "p OK Done\r\n");
  }
}

TEST_CASE("UNAUTHENTICATE", "[imap][unauthenticate]") {
  play(R"(
    C: a ENABLE CONDSTORE IMAP4rev2
    S: * ENABLED CONDSTORE IMAP4rev2
    S: a OK Enabled
    C: b EXAMINE INBOX
    S: * FLAGS ...
    S: * 0 EXISTS
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * OK [PERMANENTFLAGS ...
    S: * OK [UIDNEXT 1] ...
    S: * OK [UIDVALIDITY ...
    S: * OK [MAILBOXID ...
    S: * OK [HIGHESTMODSEQ 1] ...
    S: b OK ...
    C: c UNAUTHENTICATE NOW
    S: c BAD ...
    C: d UNAUTHENTICATE
    S: d OK [CAPABILITY IMAP4rev1 ... AUTH=PLAIN...] Nobody is logged in now
    C: e SELECT INBOX
    S: e BAD Log in first
    C: f UNAUTHENTICATE
    S: f BAD ...
    C: g LOGIN bob secret
    S: g OK ...
    C: h EXAMINE INBOX
    S: * FLAGS ...
    S: * 0 EXISTS
    S: * 0 RECENT
    S: * OK [PERMANENTFLAGS ...
    S: * OK [UIDNEXT 1] ...
    S: * OK [UIDVALIDITY ...
    S: * OK [MAILBOXID ...
    S: * OK [HIGHESTMODSEQ 1] ...
    S: h OK ...
    C: i SEARCH ALL
    S: * SEARCH
    S: i OK Searched
  )");
}

}  // namespace mailscope::imap::test
