// What a dialogue does not show: the trace, the message as the host gets it, the secrets.
#include "server/smtp/server.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/smtp/transcript.hpp"

using namespace mailscope;
using namespace mailscope::smtp;
using namespace mailscope::smtp::test;

namespace {

std::string transaction(std::string_view content) {
  return "C: EHLO mail.acme.example\nH: 250\n"
         "C: MAIL FROM:<alice@acme.example>\nS: 250 ...\nC: RCPT TO:<bob@globex.example>\nS: 250 "
         "...\nC: DATA\nS: 354 ...\nR: " +
         std::string(content) + "\\r\\n.\\r\\nS: 250 ...\n";
}

}  // namespace

TEST_CASE("a message gets a Received field", "[smtp][server]") {
  const Played played = play(
      "S: 220 ...\nC: HELO mail.acme.example\nS: 250 ...\nC: MAIL FROM:<alice@acme.example>\n"
      "S: 250 ...\nC: RCPT TO:<bob@globex.example>\nS: 250 ...\nC: DATA\nS: 354 ...\n"
      "R: Message-ID:\\r\\n <7@acme.example>\\r\\n\\r\\n..x\\r\\n.\\r\\n\nS: 250 ...\n",
      0);
  CHECK(played.problems == std::vector<std::string>{});
  REQUIRE(played.messages.size() == 1);
  const auto& [envelope, content] = played.messages[0];
  CHECK(content ==
        "Received: from mail.acme.example ([192.0.2.1])\r\n"
        "\tby mx1.globex.example with SMTP id Q1\r\n"
        "\tfor <bob@globex.example>;\r\n"
        "\tMon, 02 Mar 2026 09:00:00 +0000\r\n"
        "Message-ID:\r\n <7@acme.example>\r\n\r\n.x\r\n");
  CHECK(envelope.message_id == "<7@acme.example>");
  CHECK(envelope.message == 1);
  CHECK(envelope.helo == "mail.acme.example");
  CHECK(envelope.reverse_path.to_string() == "alice@acme.example");
  REQUIRE(envelope.recipients.size() == 1);
  CHECK_FALSE(envelope.esmtp);
}

TEST_CASE("a submission is completed and names nobody of several", "[smtp][server]") {
  const Played played = play(
      "O: role=submissions\nS: 220 ...\nC: EHLO laptop\nH: 250\nC: AUTH PLAIN "
      "AGFsaWNlQGFjbWUuZXhhbXBsZQBzZWNyZXQ=\n"
      "S: 235 ...\nC: MAIL FROM:<alice@acme.example> BODY=8BITMIME SIZE=7\nS: 250 ...\n"
      "C: RCPT TO:<a@x.example>\nS: 250 ...\nC: RCPT TO:<b@y.example>\nS: 250 ...\nC: DATA\n"
      "S: 354 ...\nR: Subject: x\\r\\n\\r\\n.\\r\\n\nS: 250 ...\n",
      0);
  CHECK(played.problems == std::vector<std::string>{});
  REQUIRE(played.messages.size() == 1);
  const auto& [envelope, content] = played.messages[0];
  CHECK(content ==
        "Received: from laptop ([192.0.2.1])\r\n"
        "\tby mx1.globex.example with ESMTPSA id Q1\r\n"
        "\ttls TLS_AES_128_GCM_SHA256 (TLSv1.3);\r\n"
        "\tMon, 02 Mar 2026 09:00:00 +0000\r\n"
        "Date: Mon, 02 Mar 2026 09:00:00 +0000\r\n"
        "Message-ID: <Q1.1772442000@mx1.globex.example>\r\n"
        "Subject: x\r\n\r\n");
  CHECK(envelope.message_id == "<Q1.1772442000@mx1.globex.example>");
  CHECK(envelope.account == "alice@acme.example");
  CHECK(envelope.asked.body == Body::eight_bit);
  CHECK(envelope.declared_size == 7);
  CHECK(envelope.tls);
}

TEST_CASE("the trace tells the session, and no secrets", "[smtp][server]") {
  const std::string dialogue =
      "role=submissions\nS: 220 ...\nC: HELO laptop\nS: 250 ...\n"
      "C: AUTH PLAIN AGFsaWNlQGFjbWUuZXhhbXBsZQB4\nS: 535 ...\nC: AUTH LOGIN "
      "YWxpY2VAYWNtZS5leGFtcGxl\nS: 334 ...\nC: c2VjcmV0\nS: 235 ...\nC: QUIT\nS: 221 ...\nW: "
      "finish\n";
  const Played played = play("O: " + dialogue, 0);
  CHECK(played.problems == std::vector<std::string>{});
  CHECK(played.trace ==
        std::vector<std::string>{
            "smtp.connected submissions tls", "smtp.reply 220  mx1.globex.example ESMTP Mailscope",
            "smtp.command HELO HELO laptop", "smtp.reply 250  mx1.globex.example greets laptop",
            "smtp.command AUTH AUTH PLAIN [redacted]",
            "policy.auth alice@acme.example PLAIN 0 wrong user name or password",
            "smtp.reply 535 5.7.8 Authentication credentials invalid",
            "smtp.command AUTH AUTH LOGIN [redacted]", "smtp.reply 334  UGFzc3dvcmQ6",
            "smtp.command AUTH [redacted]", "policy.auth alice@acme.example LOGIN 1 ",
            "smtp.reply 235 2.7.0 Authentication succeeded", "smtp.command QUIT QUIT",
            "smtp.reply 221 2.0.0 mx1.globex.example closes the connection", "smtp.closed quit"});
  const Played shown = play("O: show_secrets " + dialogue, 0);
  CHECK(std::ranges::count(shown.trace, "smtp.command AUTH c2VjcmV0") == 1);
}

TEST_CASE("AUTH is redacted wherever it comes", "[smtp][server]") {
  const Played played = play(
      "S: 220 ...\nC: auth plain AGEAYg==\nS: 503 ...\nC: AUTH  PLAIN  AGEAYg==\nS: 503 ...\n", 0);
  for (const std::string& line : played.trace) CHECK(line.find("AGEAYg") == std::string::npos);
}

TEST_CASE("replies and effects name the command as their cause", "[smtp][server]") {
  LineSink sink;
  TestHost host;
  ServerOptions options;
  options.hostname = "mx";
  ServerEngine engine(options, host, trace::Tracer(sink, {}), net::Address::v4(192, 0, 2, 1));
  engine.start(kStart);
  sink.set_cause(2);  // the packet
  engine.receive(kStart, "HELO a\r\nNOOP\r\nRSET\r\n");
  CHECK(sink.cause() == 2);
  for (std::size_t i = 2; i < sink.events.size(); ++i) {
    const auto& event = sink.events[i];
    INFO(event.line);
    CHECK(event.cause == (event.kind == trace::Kind::smtp_command ? 2 : i));
  }
}

TEST_CASE("the content's events carry the message's number", "[smtp][server]") {
  LineSink sink;
  sink.message("<other@x>");
  TestHost host;
  ServerOptions options;
  options.hostname = "mx";
  ServerEngine engine(options, host, trace::Tracer(sink, {}), net::Address::v4(192, 0, 2, 1));
  engine.start(kStart);
  engine.receive(kStart,
                 "HELO a\r\nMAIL FROM:<>\r\nRCPT TO:<bob@globex.example>\r\nDATA\r\n"
                 "Message-ID: <n@x>\r\n.\r\nNOOP\r\n");
  const auto& events = sink.events;
  REQUIRE(events.size() == 14);
  CHECK(events[10].line == "smtp.data 19");
  CHECK(events[10].message == 2);
  CHECK(events[11].message == 2);
  CHECK(events[12].message == 0);
}

TEST_CASE("a header without end and odd fields do no harm", "[smtp][server]") {
  for (const char* content :
       {"", "Message-ID", "Message-ID:", "Message-ID: <", "Message-ID: >x<", ": x",
        "   folded first", "Message-ID : <a@b>", "Message-ID:\\r\\n\\r\\n<a@b>"}) {
    INFO(content);
    const Played played = play("S: 220 ...\n" + transaction(content), 0);
    CHECK(played.messages.size() == 1);
  }
}

TEST_CASE("only what a message's reply promises waits for the disk", "[smtp][server]") {
  LineSink sink;
  TestHost host;
  ServerOptions options;
  options.hostname = "mx";
  ServerEngine engine(options, host, trace::Tracer(sink, {}), net::Address::v4(192, 0, 2, 1));
  engine.start(kStart);
  CHECK(engine.take_output().early);
  const auto say = [&](std::string_view bytes) {
    engine.receive(kStart, bytes);
    return engine.take_output().early;
  };
  CHECK(say("EHLO x\r\n"));
  CHECK(say("MAIL FROM:<a@x.example>\r\nRCPT TO:<bob@globex.example>\r\n"));
  CHECK(say("DATA\r\n"));
  CHECK_FALSE(say("\r\n.\r\n"));
  CHECK(say("MAIL FROM:<a@x.example>\r\nRCPT TO:<bob@globex.example>\r\nDATA\r\n"));
  CHECK_FALSE(say("\r\n.\r\nRSET\r\n"));        // the promise is in front
  CHECK_FALSE(say("NOOP\r\nRSET\r\nFOO\r\n"));  // not known to promise nothing
  CHECK(say("MAIL FROM:<later@x.example>\r\n"));
  engine.resume(kStart, Answer::accept());
  CHECK_FALSE(engine.take_output().early);
  CHECK(host.messages.size() == 2);
}
