// A mail host behind its SMTP ports: LMTP, notifications of delivery, held messages, VRFY, EXPN and
// ETRN, domains in Unicode.
#include "server/host/mail_handler.hpp"
#include "server/store/memory_store.hpp"
#include "tests/catch.hpp"
#include "tests/queue/world.hpp"

using namespace mailscope;
using namespace mailscope::host;
using namespace std::chrono_literals;

namespace {

/// acme.example with the users alice and bob; bob's mailbox takes 3,000 octets.
struct Host : queue::test::World {
  explicit Host(const std::string& domain = "acme.example")
      : organisation(domain, mail),
        handler({organisation, clock, entropy, sink, 1, "out.acme.example"}) {
    organisation.add_user("alice", "secret", 0);
    organisation.add_user("bob", "secret", 3'000);
    queue = std::make_unique<queue::OutboundQueue>(
        environment(), options,
        [this](smtp::Envelope envelope, std::string content) {
          handler.submit(std::move(envelope), std::move(content));
        },
        [this] { return handler.new_queue_id(); });
    queue->on_release([this](smtp::Envelope envelope, std::string content) {
      handler.release(envelope, std::move(content));
    });
    handler.set_queue(queue.get());
    smtp.hostname = "out.acme.example";
    smtp.postmaster_domain = domain;
    smtp.accounts = &organisation.accounts();
    smtp.allow_plaintext_auth = true;
    smtp.require_tls = false;
  }
  /// What a server of this role says to the dialogue, without the greeting and the reply to hello.
  std::string say(smtp::Role role, std::string_view dialogue) {
    smtp.role = role;
    smtp::ServerEngine engine(smtp, handler, trace::Tracer(sink, {}),
                              net::Address::v4(192, 0, 2, 9));
    engine.start(clock.now());
    engine.receive(clock.now(), role == smtp::Role::lmtp ? "LHLO x\r\n" : "EHLO x\r\n");
    if (role == smtp::Role::submission) {
      engine.receive(clock.now(), "AUTH PLAIN AGFsaWNlQGFjbWUuZXhhbXBsZQBzZWNyZXQ=\r\n");
    }
    engine.take_output();
    engine.receive(clock.now(), dialogue);
    const std::string said = engine.take_output().bytes;
    engine.closed(clock.now(), net::CloseReason::finished, {});
    return said;
  }
  /// Messages in the user's INBOX, one behind the other.
  std::vector<std::string> inbox(const std::string& user) {
    const auto account = user + "@" + organisation.domain();
    const auto box = mail.mailbox(account, "INBOX");
    std::vector<std::string> all;
    for (store::Uid uid = 1; uid < box->uid_next; ++uid) {
      all.emplace_back(mail.body(box->id, uid)->substr(0));
    }
    return all;
  }

  store::MemoryStore mail;
  Organisation organisation;
  MailHandler handler;
  smtp::ServerOptions smtp;
};

const std::string kLetter = "Subject: x\r\n\r\nhello\r\n.\r\n";

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("LMTP delivers now, with an answer for each", "[host][lmtp]") {
  Host h;
  std::string content = "Subject: x\r\n\r\n";
  for (int i = 0; i < 10; ++i) content += std::string(400, 'x') + "\r\n";
  const std::string said = h.say(smtp::Role::lmtp,
                                 "MAIL FROM:<c@x.example>\r\nRCPT TO:<alice@acme.example>\r\n"
                                 "RCPT TO:<bob@acme.example>\r\nRCPT TO:<nobody@acme.example>\r\n"
                                 "RCPT TO:<someone@else.example>\r\nDATA\r\n" +
                                     content + ".\r\n");
  CHECK(has(said, "550 5.1.1 "));
  CHECK(has(said, "550 5.1.2 Final delivery only"));
  CHECK(has(said, "250 2.1.5 <alice@acme.example> delivered as "));
  CHECK(has(said, "452 4.2.2 <bob@acme.example> The mailbox is full"));
  CHECK(h.inbox("alice").size() == 1);
  CHECK(h.inbox("bob").empty());
  CHECK(h.queue->empty());
  CHECK(h.told("mail.bounced").empty());
}

TEST_CASE("who asks for it hears of a delivery", "[host][dsn]") {
  Host h;
  h.say(smtp::Role::submission,
        "MAIL FROM:<alice@acme.example> ENVID=QQ314159 RET=FULL\r\n"
        "RCPT TO:<bob@acme.example> NOTIFY=SUCCESS ORCPT=rfc822;Bob@Old.example\r\nDATA\r\n" +
            kLetter);
  CHECK(h.inbox("bob").size() == 1);
  REQUIRE(h.inbox("alice").size() == 1);
  const std::string note = h.inbox("alice")[0];
  CHECK(note.starts_with("Return-Path: <>\r\n"));
  CHECK(has(note, "From: Mail Delivery System <postmaster@acme.example>\r\n"));
  CHECK(has(note, "Subject: Your message was delivered\r\n"));
  CHECK(has(note, "Original-Envelope-Id: QQ314159\r\n"));
  CHECK(has(note,
            "Original-Recipient: rfc822; Bob@Old.example\r\n"
            "Final-Recipient: rfc822; bob@acme.example\r\n"
            "Action: delivered\r\nStatus: 2.0.0\r\n"));
  // RFC 3461 section 6.2: RET is about failures.
  CHECK(has(note, "Content-Type: text/rfc822-headers\r\n"));
  CHECK_FALSE(has(note, "hello"));
}

TEST_CASE("who does not ask hears nothing, nor does a notification cause another", "[host][dsn]") {
  Host h;
  h.say(smtp::Role::submission,
        "MAIL FROM:<alice@acme.example>\r\nRCPT TO:<bob@acme.example>\r\nDATA\r\n" + kLetter);
  h.say(smtp::Role::mx,
        "MAIL FROM:<>\r\nRCPT TO:<bob@acme.example> NOTIFY=SUCCESS\r\nDATA\r\n" + kLetter);
  CHECK(h.inbox("bob").size() == 2);
  CHECK(h.inbox("alice").empty());
}

TEST_CASE("a mailbox that is full at the end is told of, unless NEVER", "[host][dsn]") {
  for (const bool never : {false, true}) {
    Host h;
    std::string content = "Subject: x\r\n\r\n";
    for (int i = 0; i < 10; ++i) content += std::string(400, 'x') + "\r\n";
    h.say(smtp::Role::submission, std::string("MAIL FROM:<alice@acme.example> RET=HDRS\r\n"
                                              "RCPT TO:<alice@acme.example>\r\n"
                                              "RCPT TO:<bob@acme.example>") +
                                      (never ? " NOTIFY=NEVER" : "") + "\r\nDATA\r\n" + content +
                                      ".\r\n");
    REQUIRE(h.inbox("alice").size() == (never ? 1 : 2));
    if (never) {
      CHECK(h.told("mail.discarded").size() == 1);
    } else {
      CHECK(has(h.inbox("alice")[1], "Action: failed\r\nStatus: 5.2.2\r\n"));
      CHECK_FALSE(has(h.inbox("alice")[1], "xxxx"));
    }
  }
}

TEST_CASE("held for later, also for a mailbox of this host", "[host][hold]") {
  Host h;
  const std::string said = h.say(
      smtp::Role::submission,
      "MAIL FROM:<alice@acme.example> HOLDFOR=3600\r\nRCPT TO:<bob@acme.example>\r\nDATA\r\n" +
          kLetter);
  CHECK(has(said, "250 2.6.0 Accepted as "));
  h.run(1h - 1s);
  CHECK(h.inbox("bob").empty());
  CHECK(h.queue->entries().size() == 1);
  h.run(2s);
  CHECK(h.inbox("bob").size() == 1);
  CHECK(h.queue->empty());
  CHECK(h.told("mail.accepted").size() == 1);
}

// RFC 4865 section 6.
TEST_CASE("nobody keeps more than a calendar in the queue", "[host][hold]") {
  Host h;
  const std::string one =
      "MAIL FROM:<alice@acme.example> HOLDFOR=3600\r\nRCPT TO:<bob@acme.example>\r\nDATA\r\n" +
      kLetter;
  std::string all;
  for (int i = 0; i < 100; ++i) all += one;
  CHECK_FALSE(has(h.say(smtp::Role::submission, all), "552"));
  CHECK(h.say(smtp::Role::submission, "MAIL FROM:<alice@acme.example> HOLDFOR=1\r\n")
            .starts_with("552 5.7.16 "));
  CHECK(h.say(smtp::Role::submission, "MAIL FROM:<alice@acme.example>\r\n").starts_with("250"));
}

// RFC 4954 section 5.
TEST_CASE("a user may name the own addresses as submitter", "[host][auth]") {
  for (const auto& [parameter, submitter] :
       {std::pair<std::string, std::string>{"", "alice@acme.example"},
        {" AUTH=postmaster@acme.example", "postmaster@acme.example"},
        {" AUTH=bob@acme.example", ""},
        {" AUTH=<>", ""}}) {
    Host each;
    each.resolver.failing["x.example"] = dns::Outcome::servfail;
    each.say(smtp::Role::submission, "MAIL FROM:<alice@acme.example>" + parameter +
                                         "\r\nRCPT TO:<c@x.example>\r\nDATA\r\n" + kLetter);
    REQUIRE(each.queue->entries().size() == 1);
    CHECK(each.queue->entries().begin()->second.asked.auth == submitter);
  }
}

// RFC 5429 section 2.1.2, RFC 3464 section 2.3.5.
TEST_CASE("who is refused by one filter of two is told its reason", "[host][sieve]") {
  Host h;
  REQUIRE(h.mail.put_script("bob@acme.example", "s",
                            "require \"ereject\"; ereject \"Ich m\xC3\xB6"
                            "chte das nicht.\";") == store::StoreError::none);
  h.mail.activate_script("bob@acme.example", "s");
  h.say(smtp::Role::submission,
        "MAIL FROM:<alice@acme.example>\r\nRCPT TO:<alice@acme.example>\r\n"
        "RCPT TO:<bob@acme.example>\r\nDATA\r\n" +
            kLetter);
  REQUIRE(h.inbox("alice").size() == 2);
  const std::string note = h.inbox("alice")[1];
  CHECK(has(note, "Ich m=C3=B6chte das nicht.\r\n"));
  CHECK(has(note, "Action: failed\r\nStatus: 5.7.1\r\nDiagnostic-Code: smtp; 550 5.7.1 "));
  CHECK_FALSE(has(note, "Remote-MTA"));
}

// RFC 5435 section 7.
TEST_CASE("a notification goes out though the message is refused", "[host][sieve]") {
  Host h;
  REQUIRE(h.mail.put_script("bob@acme.example", "s",
                            "require [\"ereject\", \"enotify\"];\r\nereject \"No.\";\r\n"
                            "notify \"mailto:alice@acme.example\";") == store::StoreError::none);
  h.mail.activate_script("bob@acme.example", "s");
  const std::string letter = "MAIL FROM:<c@x.example>\r\nRCPT TO:<bob@acme.example>\r\n";
  CHECK(has(h.say(smtp::Role::mx, letter + "DATA\r\n" + kLetter), "550 5.7.1 No."));
  REQUIRE(h.inbox("alice").size() == 1);
  CHECK(has(h.inbox("alice")[0], "Auto-Submitted: auto-notified;"));
  // Where others take it, once as well.
  h.say(smtp::Role::mx, letter + "RCPT TO:<alice@acme.example>\r\nDATA\r\n" + kLetter);
  CHECK(h.inbox("alice").size() == 3);
  CHECK(h.inbox("bob").empty());
  // And once for a user with several addresses, whether others take it or not.
  const std::string several =
      letter + "RCPT TO:<bob+1@acme.example>\r\nRCPT TO:<bob+2@acme.example>\r\n";
  h.say(smtp::Role::mx, several + "DATA\r\n" + kLetter);
  CHECK(h.inbox("alice").size() == 4);
  h.say(smtp::Role::mx, several + "RCPT TO:<alice@acme.example>\r\nDATA\r\n" + kLetter);
  CHECK(h.inbox("alice").size() == 6);
}

// RFC 5228 section 10 and RFC 3834 section 1: nothing that is automatic answers itself.
TEST_CASE("users who notify each other make no loop", "[host][sieve]") {
  Host h;
  for (const auto& [who, other] : {std::pair("bob", "alice"), std::pair("alice", "bob")}) {
    const std::string account = std::string(who) + "@acme.example";
    REQUIRE(h.mail.put_script(account, "s",
                              "require [\"enotify\", \"editheader\"];\r\n"
                              "addheader \"Auto-Submitted\" \"no\";\r\nnotify \"mailto:" +
                                  std::string(other) + "@acme.example\";") ==
            store::StoreError::none);
    h.mail.activate_script(account, "s");
  }
  h.say(smtp::Role::mx,
        "MAIL FROM:<c@x.example>\r\nRCPT TO:<bob@acme.example>\r\nDATA\r\n" + kLetter);
  CHECK(h.inbox("bob").size() == 1);
  CHECK(h.inbox("alice").size() == 1);
}

TEST_CASE("users may ask who is here, strangers may not", "[host][verify]") {
  Host h;
  CHECK(h.say(smtp::Role::mx, "VRFY bob\r\n").starts_with("252 2.5.0 "));
  CHECK(h.say(smtp::Role::mx, "EXPN bob\r\n").starts_with("502 5.5.1 "));
  const std::pair<std::string, std::string> table[] = {
      {"VRFY bob", "250 2.1.5 <bob@acme.example>\r\n"},
      {"VRFY <BOB@acme.example>", "250 2.1.5 <BOB@acme.example>\r\n"},
      {"EXPN postmaster", "250 2.1.5 <alice@acme.example>\r\n"},
      {"VRFY nobody", "550 5.1.1 There is no such mailbox here\r\n"},
      {"VRFY a@else.example", "252 2.5.0 Not of this domain; send the message and see\r\n"},
      {"VRFY two words", "501 5.1.3 This is no address\r\n"}};
  for (const auto& [command, reply] : table) {
    CHECK(h.say(smtp::Role::submission, command + "\r\n") == reply);
  }
}

TEST_CASE("ETRN sends what waits", "[host][etrn]") {
  Host h;
  h.resolver.failing["globex.example"] = dns::Outcome::servfail;
  h.say(smtp::Role::submission,
        "MAIL FROM:<alice@acme.example>\r\nRCPT TO:<carol@globex.example>\r\nDATA\r\n" + kLetter);
  h.run(1s);
  CHECK(h.say(smtp::Role::mx, "ETRN other.example\r\n").starts_with("251 2.0.0 "));
  CHECK(h.say(smtp::Role::mx, "ETRN #queue\r\n").starts_with("458 4.3.0 "));
  queue::test::Mx& mx = h.host("mx.globex.example", 1);
  h.resolver.failing.clear();
  h.resolver.mx("globex.example", 10, "mx.globex.example");
  CHECK(h.say(smtp::Role::mx, "ETRN globex.example\r\n")
            .starts_with("253 2.0.0 OK, 1 pending messages for node "));
  h.run(1s);
  CHECK(mx.messages.size() == 1);
}

TEST_CASE("a domain in Unicode is the one in A-labels", "[host][smtputf8]") {
  Host h("xn--bcher-kva.example");
  const std::string said = h.say(smtp::Role::mx,
                                 "MAIL FROM:<c@x.example> SMTPUTF8\r\nRCPT TO:<bob@b\xC3\xBC"
                                 "cher.example>\r\nDATA\r\n" +
                                     kLetter);
  CHECK(has(said, "250 2.6.0 "));
  CHECK(h.inbox("bob").size() == 1);
}
