// What the parameters of MAIL leave in the envelope and in the header.
#include "server/auth/accounts.hpp"
#include "server/smtp/server.hpp"
#include "tests/catch.hpp"
#include "tests/smtp/transcript.hpp"

using namespace mailscope;
using namespace mailscope::smtp;
using namespace mailscope::smtp::test;

namespace {

constexpr std::string_view kLogin =
    "O: role=submissions\nS: 220 ...\nC: EHLO laptop\nH: 250\n"
    "C: AUTH PLAIN AGFsaWNlQGFjbWUuZXhhbXBsZQBzZWNyZXQ=\nS: 235 ...\n";

/// The message that comes of MAIL with these parameters and this content.
TestHost::Received received(std::string_view before, const std::string& parameters,
                            const std::string& content = "", const std::string& end = "250 ...") {
  const Played played = play(std::string(before) + "C: MAIL FROM:<alice@acme.example>" +
                                 parameters + "\nS: 250 ...\nC: RCPT TO:<bob@globex.example>\n" +
                                 "S: 250 ...\nC: DATA\nS: 354 ...\nR: " + content +
                                 "\\r\\nx\\r\\n.\\r\\n\nS: " + end + "\n",
                             0);
  CHECK(played.problems == std::vector<std::string>{});
  REQUIRE(played.messages.size() == 1);
  return played.messages[0];
}

constexpr std::string_view kStranger = "S: 220 ...\nC: EHLO mail.acme.example\nH: 250\n";

}  // namespace

// RFC 4954 section 5.
TEST_CASE("who submitted a message is believed where it may be", "[smtp][server]") {
  CHECK(received(kLogin, "").envelope.asked.auth == "alice@acme.example");
  CHECK(received(kLogin, " AUTH=alice+2Bx@acme.example").envelope.asked.auth ==
        "alice+x@acme.example");
  CHECK(received(kLogin, " AUTH=e+3Dmc2@example.com").envelope.asked.auth.empty());
  CHECK(received(kLogin, " AUTH=<>").envelope.asked.auth.empty());
  CHECK(received(kStranger, "").envelope.asked.auth.empty());
}

// RFC 6710 section 4.1, RFC 6758 section 3.1.
TEST_CASE("a priority stands in Received, whoever gave it", "[smtp][server]") {
  const TestHost::Received asked =
      received(kLogin, " MT-PRIORITY=4", "MT-Priority: 6\\r\\n", "250 2.6.0 ...");
  CHECK(asked.envelope.asked.priority == 4);
  CHECK(asked.content.find("\tfor <bob@globex.example>\r\n\tpriority 4\r\n\ttls ") !=
        std::string::npos);
  const TestHost::Received field =
      received(kLogin, "", "MT-Priority: 6 (ultra)\\r\\n", "250 2.6.0 ...");
  CHECK(field.envelope.asked.priority == 6);
  CHECK(field.content.find("\r\n\tpriority 6\r\n") != std::string::npos);
  const TestHost::Received stranger =
      received(kStranger, "", "MT-Priority: 6\\r\\n",
               "250 2.3.6 0 is the new priority of the message; accepted as Q1");
  CHECK(stranger.envelope.asked.priority == 0);
  CHECK(received(kStranger, "", "MT-Priority: -6\\r\\n").envelope.asked.priority == -6);
  CHECK_FALSE(received(kStranger, "").envelope.asked.priority);
}

// RFC 4865 section 5.1.2: notifications repeat it.
TEST_CASE("how long a message is held is kept as it was asked for", "[smtp][server]") {
  CHECK(received(kLogin, " HOLDFOR=3600").envelope.asked.hold_request == "for;3600");
  CHECK(received(kLogin, " HOLDUNTIL=2026-03-09T09:00:00Z").envelope.asked.hold_request ==
        "until;2026-03-09T09:00:00Z");
}

// RFC 4954 section 4.
TEST_CASE("a mechanism in which the server begins takes no initial response", "[smtp][server]") {
  auth::AccountTable accounts{"acme.example"};
  accounts.keep(auth::Material::cram_md5);
  accounts.add("alice@acme.example", "secret");
  ServerOptions options;
  options.hostname = "mail.acme.example";
  options.accounts = &accounts;
  TestHost host;
  LineSink sink;
  ServerEngine engine(options, host, trace::Tracer(sink, {}), net::Address::v4(192, 0, 2, 1));
  engine.start(kStart);
  engine.receive(kStart, "EHLO laptop\r\n");
  engine.take_output();
  engine.receive(kStart, "AUTH CRAM-MD5 YWxpY2U=\r\n");
  CHECK(engine.take_output().bytes == "501 5.7.0 This mechanism takes no initial response\r\n");
  engine.receive(kStart, "AUTH CRAM-MD5\r\n");
  CHECK(engine.take_output().bytes.starts_with("334 "));
}
