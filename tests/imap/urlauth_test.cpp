// URLs that let others read a message (RFC 4467).
#include <memory>

#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

class Counting final : public net::Entropy {
 public:
  std::uint64_t next() override { return ++count_ * 0x9e3779b97f4a7c15; }
  std::unique_ptr<net::Entropy> fork(std::string_view) const override {
    return std::make_unique<Counting>();
  }

 private:
  std::uint64_t count_ = 0;
};

// One client who makes URLs and one who fetches them.
class Urls {
 public:
  Urls() {
    world_.options.entropy = &entropy_;
    world_.append("INBOX", crlf("Subject: Hi\n\nSecret text\n"));
    for (auto& [line, user] : {std::pair(&alice_, "alice"), std::pair(&bob_, "bob")}) {
      *line = std::make_unique<Line>(world_);
      (*line)->take();
      (*line)->send("l LOGIN " + std::string(user) + " secret\r\n", false);
      REQUIRE((*line)->take().starts_with("l OK"));
    }
  }
  std::string alice(const std::string& command) {
    alice_->send("a " + command + "\r\n", false);
    return alice_->take();
  }
  std::string bob(const std::string& command) {
    bob_->send("b " + command + "\r\n", false);
    return bob_->take();
  }
  // The authorized form of "/INBOX/;UID=1" and what is given.
  std::string authorize(const std::string& rest) { return authorize_of(1, rest); }
  std::string authorize_of(int uid, const std::string& rest) {
    const std::string rump =
        "imap://alice@mail.acme.example/INBOX/;UID=" + std::to_string(uid) + rest;
    const std::string answer = alice("GENURLAUTH \"" + rump + "\" INTERNAL");
    INFO(answer);
    const std::string start = "* GENURLAUTH \"";
    REQUIRE(answer.starts_with(start + rump + ":internal:01"));
    return answer.substr(start.size(), answer.find('"', start.size()) - start.size());
  }
  World& world() { return world_; }

 private:
  Counting entropy_;
  World world_;
  std::unique_ptr<Line> alice_, bob_;
};

std::string fetched(const std::string& url, const std::string& text) {
  return "* URLFETCH \"" + url + "\" " + text + "\r\nb OK URLs fetched\r\n";
}

}  // namespace

TEST_CASE("authorized URLs are made and fetched", "[imap]") {
  Urls urls;
  const std::string whole = urls.authorize(";URLAUTH=authuser");
  CHECK(urls.bob("URLFETCH \"" + whole + "\"") ==
        fetched(whole, "{28}\r\nSubject: Hi\r\n\r\nSecret text\r\n"));
  const std::string text = urls.authorize("/;SECTION=TEXT;URLAUTH=anonymous");
  CHECK(urls.bob("URLFETCH \"" + text + "\"") == fetched(text, "{13}\r\nSecret text\r\n"));
  const std::string part = urls.authorize("/;SECTION=TEXT/;PARTIAL=0.6;URLAUTH=user+bob");
  CHECK(urls.bob("URLFETCH \"" + part + "\"") == fetched(part, "\"Secret\""));
  CHECK(urls.bob("CAPABILITY").find(" URLAUTH URLAUTH=BINARY URL-PARTIAL") != std::string::npos);
  // Both at once, and without a domain or by a name that the machine has for itself.
  CHECK(urls.bob("URLFETCH \"" + part + "\" \"" + text + "\"") ==
        "* URLFETCH \"" + part + "\" \"Secret\"\r\n* URLFETCH \"" + text +
            "\" {13}\r\nSecret text\r\n\r\nb OK URLs fetched\r\n");
  CHECK(
      urls.alice("GENURLAUTH \"imap://alice;AUTH=*@localhost/INBOX/;UID=1;URLAUTH=user+bob\" "
                 "INTERNAL \"imap://alice%40acme.example@127.0.0.1/INBOX/;UID=1;URLAUTH=authuser\" "
                 "internal")
          .starts_with("* GENURLAUTH \"imap://alice;AUTH=*@localhost/INBOX/;UID=1;URLAUTH=user+bob:"
                       "internal:01"));
}

TEST_CASE("URLs that do not hold are NIL", "[imap]") {
  Urls urls;
  const auto nil = [&](const std::string& url) {
    INFO(url);
    CHECK(urls.bob("URLFETCH \"" + url + "\"") == fetched(url, "NIL"));
  };
  std::string forged = urls.authorize(";URLAUTH=anonymous");
  forged.back() = forged.back() == '0' ? '1' : '0';
  nil(forged);
  nil(urls.authorize(";URLAUTH=user+alice"));
  nil(urls.authorize(";URLAUTH=submit+bob"));
  nil(urls.authorize(";EXPIRE=2026-03-02T08:59:59Z;URLAUTH=anonymous"));
  // The message is there, the part is not (RFC 4467 section 8).
  const std::string part = urls.authorize("/;SECTION=7;URLAUTH=anonymous");
  CHECK(urls.bob("URLFETCH \"" + part + "\"") == fetched(part, "\"\""));
  nil("imap://alice@mail.acme.example/Nowhere/;UID=1;URLAUTH=anonymous:internal:" +
      std::string(42, '0'));
  nil("imap://nobody@mail.acme.example/INBOX/;UID=1;URLAUTH=anonymous:internal:" +
      std::string(42, '0'));
  nil("imap://alice@mail.acme.example/");
  nil("imap://alice@mail.acme.example/INBOX");
  nil("imap://alice@mail.acme.example/INBOX/;UID=1");
  nil("nonsense");
  const std::string good = urls.authorize(";EXPIRE=2026-03-02T09:00:01Z;URLAUTH=anonymous");
  CHECK(urls.bob("URLFETCH \"" + good + "\"").find("NIL") == std::string::npos);
  // A key that is set anew makes all of before void.
  CHECK(urls.alice("RESETKEY INBOX INTERNAL") ==
        "a OK [URLMECH INTERNAL] URLs of before no longer hold\r\n");
  nil(good);
  const std::string again = urls.authorize(";URLAUTH=anonymous");
  CHECK(urls.alice("RESETKEY") == "a OK URLs of before no longer hold\r\n");
  nil(again);
}

TEST_CASE("GENURLAUTH vouches for one's own messages only", "[imap]") {
  Urls urls;
  const auto refused = [&](const std::string& url, const std::string& mechanism = "INTERNAL") {
    INFO(url);
    CHECK(urls.bob("GENURLAUTH \"" + url + "\" " + mechanism).starts_with("b BAD "));
  };
  refused("imap://alice@mail.acme.example/INBOX/;UID=1;URLAUTH=anonymous");
  refused("imap://bob@elsewhere.example/INBOX/;UID=1;URLAUTH=anonymous");
  refused("imap://bob@mail.acme.example/INBOX/;UID=1");
  refused("imap://bob@mail.acme.example/Nowhere/;UID=1;URLAUTH=anonymous");
  refused("imap://bob@mail.acme.example/INBOX/;UID=1;URLAUTH=anonymous", "OTHER");
  // The examples of RFC 4467 section 7 that are refused.
  refused("imap://bob@mail.acme.example/INBOX/;uid=20/;section=1.2");
  refused("imap://mail.acme.example/Shared/;uid=20/;section=1.2;urlauth=submit+fred");
  refused("imap://bob@mail.acme.example/INBOX;URLAUTH=anonymous");
  refused("imap://bob@mail.acme.example/INBOX/;UID=1;URLAUTH=somebody");
  refused("imap://bob@mail.acme.example/INBOX/;UID=1;URLAUTH=anonymous:internal:" +
          std::string(42, '0'));
  CHECK(urls.bob("GENURLAUTH \"imap://bob@mail.acme.example/INBOX/;UID=1;URLAUTH=anonymous\"")
            .starts_with("b BAD Syntax error"));
  CHECK(urls.bob("RESETKEY Nowhere").starts_with("b NO [NONEXISTENT]"));
  CHECK(urls.bob("RESETKEY INBOX OTHER").starts_with("b BAD"));
}

TEST_CASE("whoever has the mailbox selected hears of a new key", "[imap]") {
  Counting entropy;
  World world;
  world.options.entropy = &entropy;
  play_in(world, R"(
    C: a SELECT INBOX
    S: ...
    S: * OK [URLMECH INTERNAL] URLs can be authorized
    S: ...
    S: a OK ...
    2C: a EXAMINE INBOX
    2S: ...
    2S: a OK ...
    2C: b IDLE
    2S: + idling
    5C: a RESETKEY INBOX
    5S: a OK [URLMECH INTERNAL] ...
    C: b GENURLAUTH "imap://alice@mail.acme.example/INBOX/;UID=1;URLAUTH=anonymous" INTERNAL
    S: * GENURLAUTH "...
    S: b OK URLs authorized
    C: c RESETKEY INBOX
    S: c OK [URLMECH INTERNAL] URLs of before no longer hold
    2S: * OK [URLMECH INTERNAL] URLs of before no longer hold
    2C: DONE
    2S: b OK Idle over
    2C: c RESETKEY
    2S: c OK URLs of before no longer hold
    C: d NOOP
    S: * OK [URLMECH INTERNAL] URLs of before no longer hold
    S: d OK Done
    C: e NOOP
    S: e OK Done
  )");
}

TEST_CASE("URLFETCH without the transfer encoding", "[imap]") {
  Urls urls;
  // RFC 5524; the attachment is five octets, the second of them NUL.
  urls.world().append("INBOX", crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\n"
                                    "Content-Transfer-Encoding: quoted-printable\n\nSi=20vis\n--b\n"
                                    "Content-Type: image/png\n"
                                    "Content-Transfer-Encoding: base64\n\nYQBiY2Q=\n--b\n"
                                    "Content-Transfer-Encoding: x-other\n\n?\n--b--\n"));
  const auto url = [&](const std::string& section) {
    return urls.authorize_of(2, "/;SECTION=" + section + ";URLAUTH=anonymous");
  };
  const auto fetch = [&](const std::string& section, const std::string& parameters) {
    const std::string one = url(section);
    const std::string answer = urls.bob("URLFETCH (\"" + one + "\"" + parameters + ")");
    const std::string start = "* URLFETCH \"" + one + "\" ";
    if (!answer.starts_with(start)) return answer;
    return answer.substr(start.size(), answer.find("\r\nb OK") - start.size());
  };
  CHECK(fetch("1", "") == "\"Si=20vis\"");
  CHECK(fetch("1", " BODY") == "(BODY \"Si=20vis\")");
  CHECK(fetch("1", " BINARY") == "(BINARY \"Si vis\")");
  CHECK(fetch("2", " BINARY") == "(BINARY ~{5}\r\n" + std::string("a\0bcd", 5) + ")");
  CHECK(fetch("3", " BINARY") == "(BINARY NIL)");
  CHECK(fetch("2", " BODYPARTSTRUCTURE BINARY")
            .starts_with("(BODYPARTSTRUCTURE (\"image\" \"png\" NIL NIL NIL \"binary\" 5 "));
  CHECK(fetch("2", " BODYPARTSTRUCTURE")
            .starts_with("(BODYPARTSTRUCTURE (\"image\" \"png\" NIL NIL NIL \"base64\" "));
  CHECK(fetch("2", " BODY BINARY").starts_with("b BAD Syntax error: expected BINARY or BODY"));
  CHECK(fetch("2", " BODY BODY").starts_with("b BAD Syntax error: expected each parameter once"));
  CHECK(fetch("2", " OTHER").starts_with("b BAD Syntax error"));
  // The examples of section 4 with a part that is not there, and one that cannot be decoded.
  CHECK(fetch("200", " BODYPARTSTRUCTURE BODY") == "NIL");
  CHECK(fetch("200", " BINARY") == "NIL");
  CHECK(fetch("1.HEADER", " BODY") == "NIL");
  CHECK(fetch("200", "") == "\"\"");
  const std::string undecoded = fetch("3", " BODYPARTSTRUCTURE BINARY");
  CHECK(undecoded.starts_with("(BODYPARTSTRUCTURE (\"text\" \"plain\" "));
  CHECK(undecoded.find("\"x-other\" 1 0") != std::string::npos);
  CHECK(undecoded.ends_with(" (BINARY NIL)"));
  // The structure is that of what is sent, whatever that is.
  CHECK(fetch("1.MIME", " BODYPARTSTRUCTURE BODY")
            .starts_with("(BODYPARTSTRUCTURE (\"text\" \"rfc822-headers\" "));
  CHECK(fetch("HEADER", " BODYPARTSTRUCTURE")
            .starts_with("(BODYPARTSTRUCTURE (\"text\" \"rfc822-headers\" "));
  CHECK(
      fetch("TEXT", " BODYPARTSTRUCTURE").starts_with("(BODYPARTSTRUCTURE ((\"text\" \"plain\" "));
  const std::string two = url("1");
  CHECK(urls.bob("URLFETCH (\"" + two + "\" binary) \"" + two + "\"") ==
        "* URLFETCH \"" + two + "\" (BINARY \"Si vis\")\r\n* URLFETCH \"" + two +
            "\" \"Si=20vis\"\r\nb OK URLs fetched\r\n");
  CHECK(urls.bob("URLFETCH (\"nonsense\" BODY)") ==
        "* URLFETCH \"nonsense\" NIL\r\nb OK URLs fetched\r\n");
}

TEST_CASE("CATENATE takes what somebody has authorized", "[imap]") {
  Urls urls;
  const std::string url = urls.authorize("/;SECTION=TEXT;URLAUTH=user+bob");
  const auto append = [&](const std::string& from) {
    return urls.bob("APPEND INBOX CATENATE (TEXT {2+}\r\n\r\n URL \"" + from + "\")");
  };
  CHECK(append(url).starts_with("b OK [APPENDUID"));
  CHECK(urls.bob("SELECT INBOX").find("* 1 EXISTS") != std::string::npos);
  CHECK(urls.bob("FETCH 1 (BODY.PEEK[TEXT])").find("{13}\r\nSecret text\r\n") != std::string::npos);
  const std::string rump = url.substr(0, url.find(":internal"));
  for (const std::string& wrong :
       {rump, url + "0", urls.authorize(";URLAUTH=user+alice"), std::string("/INBOX/;UID=7"),
        std::string("imap://alice@mail.acme.example/INBOX/;UID=1"),
        std::string("imap://bob@elsewhere.example/INBOX/;UID=1")}) {
    CAPTURE(wrong);
    CHECK(append(wrong) == "b NO [BADURL \"" + wrong + "\"] A URL leads to nothing here\r\n");
  }
}

}  // namespace mailscope::imap::test
