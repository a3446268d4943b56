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
  std::string authorize(const std::string& rest) {
    const std::string rump = "imap://alice@mail.acme.example/INBOX/;UID=1" + rest;
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
  CHECK(urls.bob("CAPABILITY").find(" URLAUTH URL-PARTIAL") != std::string::npos);
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
  nil(urls.authorize("/;SECTION=7;URLAUTH=anonymous"));
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
  refused("imap://bob@mail.acme.example/INBOX/;UID=1;URLAUTH=anonymous:internal:" +
          std::string(42, '0'));
  CHECK(urls.bob("GENURLAUTH \"imap://bob@mail.acme.example/INBOX/;UID=1;URLAUTH=anonymous\"")
            .starts_with("b BAD Syntax error"));
  CHECK(urls.bob("RESETKEY Nowhere").starts_with("b NO [NONEXISTENT]"));
  CHECK(urls.bob("RESETKEY INBOX OTHER").starts_with("b BAD"));
}

}  // namespace mailscope::imap::test
