// Notifications as other programs read them (RFC 3464, RFC 6522, RFC 3834).
#include "server/queue/dsn.hpp"

#include "server/mail/mime.hpp"
#include "server/mail/text.hpp"
#include "tests/catch.hpp"
#include "tests/smtp/fixture.hpp"

using namespace mailscope;
using namespace mailscope::queue;

namespace {

Dsn sample(std::string_view original) {
  Dsn dsn;
  dsn.reporting_mta = "mx.acme.example";
  dsn.queue_id = "7Q2K";
  dsn.to = *mail::Mailbox::parse("alice@acme.example");
  dsn.message_id = "<n1@mx.acme.example>";
  dsn.now = smtp::test::kStart;
  dsn.arrived = smtp::test::kStart - std::chrono::hours(1);
  dsn.give_up = smtp::test::kStart + std::chrono::hours(1);
  dsn.original = original;
  DsnRecipient bob;
  bob.mailbox = *mail::Mailbox::parse("bob@globex.example");
  bob.reply = {550, {5, 1, 1}, "No such mailbox here"};
  bob.remote_mta = "mx1.globex.example";
  bob.last_attempt = smtp::test::kStart;
  DsnRecipient carol;
  carol.mailbox = *mail::Mailbox::parse("\"c d\"@gone.example");
  carol.reply = {0, {5, 1, 2}, "The domain does not exist"};
  dsn.recipients = {bob, carol};
  return dsn;
}

const std::string kOriginal =
    "Message-ID: <1@acme.example>\r\nSubject: x\r\n\r\nhello\r\n--=_dsn_7Q2K\r\nnot a boundary\r\n";

}  // namespace

TEST_CASE("a failure as multipart/report", "[queue][dsn]") {
  const std::string text = build_dsn(sample(kOriginal));
  const mail::Part part = mail::parse_message(text);
  CHECK(part.type == "multipart");
  CHECK(part.subtype == "report");
  CHECK(part.header.text("To") == "<alice@acme.example>");
  CHECK(part.header.text("Auto-Submitted") == "auto-replied");
  CHECK(part.header.text("In-Reply-To") == "<1@acme.example>");
  CHECK(part.header.text("Message-ID") == "<n1@mx.acme.example>");
  REQUIRE(part.parts.size() == 3);
  CHECK(part.parts[0].subtype == "plain");
  CHECK(part.parts[0].body(text).find("mx1.globex.example said: 550 5.1.1 No such") !=
        std::string_view::npos);
  CHECK(part.parts[1].type == "message");
  CHECK(part.parts[1].subtype == "delivery-status");
  CHECK(part.parts[1].body(text) ==
        "Reporting-MTA: dns; mx.acme.example\r\n"
        "Arrival-Date: Mon, 02 Mar 2026 08:00:00 +0000\r\n"
        "\r\n"
        "Final-Recipient: rfc822; bob@globex.example\r\n"
        "Action: failed\r\n"
        "Status: 5.1.1\r\n"
        "Remote-MTA: dns; mx1.globex.example\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 No such mailbox here\r\n"
        "Last-Attempt-Date: Mon, 02 Mar 2026 09:00:00 +0000\r\n"
        "\r\n"
        "Final-Recipient: rfc822; \"c d\"@gone.example\r\n"
        "Action: failed\r\n"
        "Status: 5.1.2\r\n");
  CHECK(part.parts[2].subtype == "rfc822");
  CHECK(part.parts[2].body(text) == kOriginal);
}

TEST_CASE("a large message comes back as its header, and so does a delayed one", "[queue][dsn]") {
  const std::string header = "Message-ID: <1@acme.example>\r\nSubject: x\r\n";
  Dsn dsn = sample(kOriginal);
  SECTION("large") {
    dsn.max_returned = 20;
  }
  SECTION("delayed") {
    for (auto& recipient : dsn.recipients) {
      recipient.action = DsnAction::delayed;
      recipient.reply = {451, {4, 7, 1}, "Later"};
    }
  }
  const std::string text = build_dsn(dsn);
  const mail::Part part = mail::parse_message(text);
  REQUIRE(part.parts.size() == 3);
  CHECK(part.parts[2].type == "text");
  CHECK(part.parts[2].subtype == "rfc822-headers");
  CHECK(part.parts[2].body(text) == header);
}

TEST_CASE("statuses", "[queue][dsn]") {
  const std::tuple<smtp::Reply, DsnAction, std::string> table[] = {
      {{550, {5, 1, 1}, ""}, DsnAction::failed, "5.1.1"},
      {{550, {}, ""}, DsnAction::failed, "5.0.0"},
      {{451, {4, 7, 1}, ""}, DsnAction::delayed, "4.7.1"},
      {{451, {}, ""}, DsnAction::delayed, "4.0.0"},
      {{451, {4, 7, 1}, ""}, DsnAction::failed, "5.0.0"},
      {{250, {2, 6, 0}, ""}, DsnAction::relayed, "2.6.0"},
  };
  for (const auto& [reply, action, status] : table) {
    CHECK(dsn_status(reply, action).to_string() == status);
  }
}

TEST_CASE("hostile replies and messages make a sound notification", "[queue][dsn]") {
  Dsn dsn = sample("no header at all");
  dsn.recipients[0].reply.text =
      "evil\nAction: delivered\r\n\r\nFinal-Recipient: x " + std::string(5'000, 'y') + "\x01\xff";
  const std::string text = build_dsn(dsn);
  const mail::Part part = mail::parse_message(text);
  REQUIRE(part.parts.size() == 3);
  const std::string_view status = part.parts[1].body(text);
  CHECK(status.find("\r\nAction: delivered") == std::string_view::npos);
  CHECK(status.find("\r\n\r\nFinal-Recipient: x") == std::string_view::npos);
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find("\r\n");
    REQUIRE(end != std::string_view::npos);
    CHECK(end <= 998);
    CHECK(rest.substr(0, end).find_first_of("\r\n") == std::string_view::npos);
    rest.remove_prefix(end + 2);
  }
  for (const char* original : {"", "\r\n", "\r\nbody", "A: b", "Message-ID: no brackets\r\n\r\n"}) {
    INFO(original);
    const std::string other = build_dsn(sample(original));
    CHECK(mail::parse_message(other).parts.size() == 3);
  }
}

TEST_CASE("what was asked for comes back in the fields", "[queue][dsn]") {
  // RFC 3461 section 10: Alice's message to Bob, whose host did not know him.
  Dsn dsn = sample("Subject: x\r\n\r\nhello\r\n");
  dsn.envid = "QQ314159";
  dsn.ret = smtp::Return::headers;
  dsn.deliver_by = smtp::test::kStart;
  dsn.recipients.resize(1);
  dsn.recipients[0].orcpt = "rfc822;Bob@Big-Bucks.example";
  const std::string text = build_dsn(dsn);
  const mail::Part part = mail::parse_message(text);
  REQUIRE(part.parts.size() == 3);
  CHECK(part.parts[1].body(text) ==
        "Original-Envelope-Id: QQ314159\r\n"
        "Reporting-MTA: dns; mx.acme.example\r\n"
        "Arrival-Date: Mon, 02 Mar 2026 08:00:00 +0000\r\n"
        "Deliver-By-Date: Mon, 02 Mar 2026 09:00:00 +0000\r\n"
        "\r\n"
        "Original-Recipient: rfc822; Bob@Big-Bucks.example\r\n"
        "Final-Recipient: rfc822; bob@globex.example\r\n"
        "Action: failed\r\n"
        "Status: 5.1.1\r\n"
        "Remote-MTA: dns; mx1.globex.example\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 No such mailbox here\r\n"
        "Last-Attempt-Date: Mon, 02 Mar 2026 09:00:00 +0000\r\n");
  CHECK(part.parts[2].subtype == "rfc822-headers");
}

// RFC 3461 section 9.2.
TEST_CASE("a reply of several lines is told line by line", "[queue][dsn]") {
  Dsn dsn = sample(kOriginal);
  dsn.recipients.resize(1);
  dsn.recipients[0].reply = {
      550, {}, "mailbox unavailable\nuser has moved with no forwarding address"};
  CHECK(build_dsn(dsn).find("Diagnostic-Code: smtp; 550-mailbox unavailable\r\n"
                            " 550 user has moved with no forwarding address\r\n") !=
        std::string::npos);
}

// RFC 3464 section 2.3.5 and 2.3.6.
TEST_CASE("what this host refused was said by no other", "[queue][dsn]") {
  Dsn dsn = sample(kOriginal);
  dsn.recipients.resize(1);
  dsn.recipients[0].remote_mta.clear();
  dsn.recipients[0].own_reply = true;
  const std::string text = build_dsn(dsn);
  CHECK(text.find("Remote-MTA") == std::string::npos);
  CHECK(text.find("Diagnostic-Code: smtp; 550 5.1.1 No such mailbox here\r\n") !=
        std::string::npos);
}

// RFC 5429 section 2.1.2.
TEST_CASE("the reason of a script is told as it was given", "[queue][dsn]") {
  Dsn dsn = sample(kOriginal);
  dsn.recipients.resize(1);
  dsn.recipients[0].reason =
      "I am not taking mail from you, and I don't want your birds\xC3\xA9"
      "ed,\neither!";
  const std::string text = build_dsn(dsn);
  CHECK(mail::all_ascii(text));
  const mail::Part part = mail::parse_message(text);
  REQUIRE(part.parts.size() == 3);
  CHECK(mail::decode_body(part.parts[0], text)
            .find("Your message was refused by the recipient's mail filtering program.\r\n"
                  "The reason given is as follows:\r\n\r\n"
                  "I am not taking mail from you, and I don't want your birds\xC3\xA9"
                  "ed,\r\neither!\r\n") != std::string::npos);
  CHECK(part.parts[1].subtype == "delivery-status");
}

TEST_CASE("each action has its words and its class", "[queue][dsn]") {
  for (const auto& [action, name, klass] : {std::tuple{DsnAction::delivered, "delivered", 2},
                                            {DsnAction::relayed, "relayed", 2},
                                            {DsnAction::expanded, "expanded", 2},
                                            {DsnAction::delayed, "delayed", 4},
                                            {DsnAction::failed, "failed", 5}}) {
    Dsn dsn = sample(kOriginal);
    for (auto& recipient : dsn.recipients) {
      recipient.action = action;
      recipient.reply = {};
    }
    const std::string text = build_dsn(dsn);
    CHECK(text.find("Action: " + std::string(name) + "\r\nStatus: " + std::to_string(klass) +
                    ".0.0\r\n") != std::string::npos);
    CHECK((text.find("not a boundary") != std::string::npos) == (action == DsnAction::failed));
  }
}

TEST_CASE("a notification in UTF-8 where an address needs it", "[queue][dsn][smtputf8]") {
  Dsn dsn = sample(
      "Subject: b\xC3\xB8"
      "b\r\n\r\nhello\r\n");
  CHECK_FALSE(dsn_needs_utf8(dsn));
  const std::string plain = build_dsn(dsn);
  // RFC 6533 section 4: what came back has its own type, whatever the addresses are.
  CHECK(plain.find("Content-Type: message/global\r\n") != std::string::npos);
  CHECK(plain.find("report-type=delivery-status;") != std::string::npos);
  dsn.recipients[0].orcpt =
      "utf-8;b\xC3\xB8"
      "b@old.example";
  dsn.recipients[1].mailbox = *mail::Mailbox::parse(
      "b\xC3\xB8"
      "b@x.example",
      mail::Utf8::yes);
  CHECK(dsn_needs_utf8(dsn));
  const std::string text = build_dsn(dsn);
  const mail::Part part = mail::parse_message(text);
  REQUIRE(part.parts.size() == 3);
  CHECK(part.parts[1].subtype == "global-delivery-status");
  const std::string_view fields = part.parts[1].body(text);
  CHECK(fields.find("Original-Recipient: utf-8; b\xC3\xB8"
                    "b@old.example\r\n") != std::string_view::npos);
  CHECK(fields.find("Final-Recipient: utf-8; b\xC3\xB8"
                    "b@x.example\r\n") != std::string_view::npos);
}
