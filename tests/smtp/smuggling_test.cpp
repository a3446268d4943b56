// SMTP smuggling, in every variant: whatever looks like an end of data and is not CR LF "." CR LF
// stays content, and content with such an end in it is refused. A second message never comes out.
#include "tests/catch.hpp"
#include "tests/smtp/fixture.hpp"

using namespace mailscope;
using namespace mailscope::smtp;
using namespace mailscope::smtp::test;
using namespace std::string_literals;

namespace {

constexpr std::string_view kForged =
    "MAIL FROM:<ceo@globex.example>\r\nRCPT TO:<bob@globex.example>\r\nDATA\r\n"
    "From: ceo@globex.example\r\n\r\nforged\r\n";

struct Told {
  std::string replies;
  std::size_t messages = 0;
};

Told send(const std::string& bytes, std::size_t cut) {
  LineSink sink;
  TestHost host;
  ServerOptions options;
  options.hostname = "mx";
  options.limits.errors = 1'000;
  ServerEngine engine(options, host, trace::Tracer(sink, {}), net::Address::v4(192, 0, 2, 1));
  engine.start(kStart);
  engine.receive(kStart,
                 "EHLO a.example\r\nMAIL FROM:<a@b.example>\r\n"
                 "RCPT TO:<bob@globex.example>\r\n");
  engine.take_output();
  for (std::size_t at = 0; at < bytes.size(); at += cut) {
    engine.receive(kStart, bytes.substr(at, cut));
  }
  return {engine.take_output().bytes, host.messages.size()};
}

}  // namespace

TEST_CASE("nothing but CR LF . CR LF ends a message", "[smtp][smuggling]") {
  const std::string ends[] = {"\n.\n"s,
                              "\n.\r\n"s,
                              "\r\n.\n"s,
                              "\r.\r"s,
                              "\r.\r\n"s,
                              "\r\n.\r"s,
                              "\n.\r"s,
                              "\r.\n"s,
                              "\r\r\n.\r\r\n"s,
                              "\r\n.\r\r\n"s,
                              "\r\r\n.\r\n"s,
                              "\n\n.\n\n"s,
                              "\r\n\0.\r\n"s,
                              "\r\n.\0\r\n"s,
                              "\r\n.\r\0\n"s,
                              "\n\r.\n\r"s,
                              "\r\n\x0b.\r\n"s + "\n",
                              "\x0a.\x0a\x0d\x0a"s,
                              "\r\n.\n\r\n"s};
  for (const std::string& end : ends) {
    for (const std::size_t cut : {std::size_t{1}, std::size_t{3}, std::size_t{1'000}}) {
      std::string shown;
      for (const char c : end) shown += std::to_string(static_cast<unsigned char>(c)) + " ";
      INFO(shown << "cut " << cut);
      const bool true_end = end.ends_with("\r\n.\r\n");
      const Told told =
          send("DATA\r\nSubject: x\r\n\r\nhi" + end + std::string(kForged) + "\r\n.\r\n", cut);
      // Broken before its true end: refused there, and what follows are commands for everybody.
      if (true_end) continue;
      CHECK(told.messages == 0);
      CHECK(told.replies.starts_with("354 "));
      const std::string rest = told.replies.substr(told.replies.find("\r\n") + 2);
      CHECK((rest.starts_with("550 5.6.11 ") || rest.starts_with("554 5.6.0 ")));
      CHECK(rest.find("\r\n") == rest.size() - 2);
    }
  }
}

TEST_CASE("the same in chunks: the content of a chunk is never a command", "[smtp][smuggling]") {
  for (const std::string end : {"\n.\n", "\r\n.\r\n", "\r.\r"}) {
    const std::string content = "Subject: x\r\n\r\nhi" + end + std::string(kForged);
    const Told told =
        send("BDAT " + std::to_string(content.size()) + " LAST\r\n" + content + "NOOP\r\n", 5);
    INFO(told.replies);
    CHECK(told.messages == (end == "\r\n.\r\n" ? 1u : 0u));
    CHECK(told.replies.ends_with("250 2.0.0 OK\r\n"));
    CHECK(std::count(told.replies.begin(), told.replies.end(), '\n') == 2);
  }
}

TEST_CASE("no line end comes into a command by the back door", "[smtp][injection]") {
  for (const std::string& line :
       {"RCPT TO:<bob@globex.example>\nRCPT TO:<bob2@globex.example>\r\n"s,
        "RCPT TO:<bob@globex.example>\rRSET\r\n"s, "RCPT TO:<\"bob\r\"@globex.example>\r\n"s,
        "RCPT TO:<bob\0@globex.example>\r\n"s, "RCPT TO:<\"bob\n\"@globex.example>\r\n"s}) {
    const Told told = send(line, 1'000);
    INFO(told.replies);
    CHECK(told.replies.starts_with("500 5.5.2 "));
    CHECK(told.replies.find("250 ") == std::string::npos);
  }
  // Encoded ones come through xtext; they must not be decoded into what is written on later.
  for (const std::string& line : {"RCPT TO:<bob@globex.example> ORCPT=rfc822;a+0D+0ADATA\r\n"s,
                                  "RCPT TO:<bob@globex.example> ORCPT=utf-8;a\\x{0A}DATA\r\n"s,
                                  "RCPT TO:<bob@globex.example> ORCPT=rfc822;a+00\r\n"s}) {
    CHECK(send(line, 1'000).replies.starts_with("501 5.5.4 "));
  }
}
