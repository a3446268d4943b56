// What the queue makes of the parameters of MAIL and RCPT: passed on to hosts that know them, told
// of by notifications where a host does not (RFC 3461, RFC 2852, RFC 4865, RFC 6531, RFC 8689).
#include "server/queue/queue.hpp"
#include "tests/catch.hpp"
#include "tests/queue/world.hpp"

using namespace mailscope;
using namespace mailscope::queue;
using namespace mailscope::queue::test;

namespace {

struct Small : World {
  explicit Small() : mx(host("mx.globex.example", 1)) {
    resolver.mx("globex.example", 10, "mx.globex.example");
  }
  /// Sends to the recipients with what `asked` says.
  void submit(smtp::MailParameters asked, std::vector<smtp::Recipient> to,
              const std::string& content = "Message-ID: <1@acme.example>\r\n\r\nhello\r\n") {
    if (!queue) power_on();
    smtp::Envelope envelope;
    envelope.queue_id = "M" + std::to_string(++ids);
    envelope.reverse_path = {"alice", "acme.example"};
    envelope.recipients = std::move(to);
    envelope.asked = std::move(asked);
    envelope.message_id = "<1@acme.example>";
    queue->add(envelope, std::make_shared<const std::string>(content));
  }
  /// The only notification, or none.
  std::string note() {
    REQUIRE(notes.size() <= 1);
    return notes.empty() ? "" : notes[0].content;
  }
  bool told_of(std::string_view text) { return note().find(text) != std::string::npos; }
  Mx& mx;
};

smtp::Recipient bob(std::initializer_list<smtp::Notify> notify = {}, std::string orcpt = {}) {
  smtp::Recipient recipient(*mail::Mailbox::parse("bob@globex.example"));
  for (const smtp::Notify each : notify) recipient.notify.add(each);
  recipient.orcpt = std::move(orcpt);
  return recipient;
}

smtp::Recipient nobody(std::initializer_list<smtp::Notify> notify) {
  smtp::Recipient recipient = bob(notify, "rfc822;bob@old.example");
  recipient.mailbox.local = "nobody";
  return recipient;
}

}  // namespace

TEST_CASE("DSN parameters travel to hosts that know them", "[queue][dsn]") {
  Small w;
  smtp::MailParameters asked;
  asked.ret = smtp::Return::headers;
  asked.envid = "QQ 314159+";
  w.submit(asked, {bob({smtp::Notify::success, smtp::Notify::delay}, "rfc822;Bob@Old.example")});
  w.run(1min);
  REQUIRE(w.mx.messages.size() == 1);
  const smtp::Envelope& got = w.mx.messages[0].envelope;
  CHECK(got.asked.ret == smtp::Return::headers);
  CHECK(got.asked.envid == "QQ 314159+");
  CHECK(got.recipients[0].orcpt == "rfc822;Bob@Old.example");
  CHECK(got.recipients[0].notify.to_string() == "SUCCESS,DELAY");
  // RFC 3461 section 5.2.2: the duty to tell has passed on.
  CHECK(w.notes.empty());
}

TEST_CASE("relayed to a host without DSN: the sender is told so", "[queue][dsn]") {
  Small w;
  w.mx.hide("DSN");
  smtp::MailParameters asked;
  asked.envid = "QQ314159";
  w.submit(asked, {bob({smtp::Notify::success}, "rfc822;Bob@Old.example")});
  w.run(1min);
  REQUIRE(w.mx.messages.size() == 1);
  CHECK(w.told_of("Action: relayed\r\nStatus: 2.6.0\r\n"));
  CHECK(w.told_of("Original-Envelope-Id: QQ314159\r\n"));
  CHECK(w.told_of("Original-Recipient: rfc822; Bob@Old.example\r\n"));
  CHECK(w.told_of("Content-Type: text/rfc822-headers\r\n"));
  CHECK(w.notes[0].envelope.reverse_path.null());
  CHECK(w.notes[0].envelope.recipients[0].notify.has(smtp::Notify::never));
}

TEST_CASE("NOTIFY decides about failures and delays", "[queue][dsn]") {
  using smtp::Notify;
  struct Row {
    std::initializer_list<Notify> notify;
    bool told;
  };
  SECTION("failure") {
    for (const Row& row : {Row{{}, true}, Row{{Notify::failure}, true}, Row{{Notify::never}, false},
                           Row{{Notify::success}, false}, Row{{Notify::delay}, false}}) {
      Small w;
      w.submit({}, {nobody(row.notify)});
      w.run(1min);
      CHECK(w.notes.size() == (row.told ? 1 : 0));
      CHECK(w.told("mail.discarded").size() == (row.told ? 0 : 1));
      CHECK(w.queue->empty());
    }
  }
  SECTION("delay") {
    for (const Row& row : {Row{{}, true}, Row{{Notify::delay}, true}, Row{{Notify::never}, false},
                           Row{{Notify::failure}, false}}) {
      Small w;
      w.mx.fail("MAIL", "451 4.3.2 Not today");
      w.submit({}, {bob(row.notify)});
      w.run(5h);
      CHECK(w.notes.size() == (row.told ? 1 : 0));
    }
  }
}

TEST_CASE("RET says what comes back of a failure", "[queue][dsn]") {
  for (const auto ret : {smtp::Return::full, smtp::Return::headers, smtp::Return::unsaid}) {
    Small w;
    w.options.max_returned = 10;
    smtp::MailParameters asked;
    asked.ret = ret;
    w.submit(asked, {nobody({})});
    w.run(1min);
    CHECK(w.told_of("hello\r\n") == (ret == smtp::Return::full));
    CHECK(w.told_of("Content-Type: message/rfc822") == (ret == smtp::Return::full));
    CHECK(w.told_of("Message-ID: <1@acme.example>\r\n"));
    CHECK(w.told_of("Original-Recipient: rfc822; bob@old.example\r\n"));
  }
}

TEST_CASE("a deadline with R returns the message, with N tells of the delay", "[queue][by]") {
  for (const bool give_up : {true, false}) {
    Small w;
    w.mx.fail("MAIL", "451 4.3.2 Not today");
    smtp::MailParameters asked;
    asked.by = {smtp::test::kStart + 10min, give_up, false};
    w.submit(asked, {bob()});
    w.run(10min - 1s);
    CHECK(w.notes.empty());
    w.run(2s);
    CHECK(w.told_of(give_up ? "Action: failed\r\nStatus: 5.4.7\r\n"
                            : "Action: delayed\r\nStatus: 4.4.7\r\n"));
    CHECK(w.told_of("Deliver-By-Date: Mon, 02 Mar 2026 09:10:00 +0000\r\n"));
    CHECK(w.queue->empty() == give_up);
    w.mx.switches.all().clear();
    w.run(1h);
    CHECK(w.mx.messages.size() == (give_up ? 0 : 1));
    CHECK(w.notes.size() == 1);
    // RFC 2852 section 4: what is left may be less than nothing with N.
    if (!give_up) {
      REQUIRE(w.mx.messages[0].envelope.asked.by);
      CHECK(w.mx.messages[0].envelope.asked.by->deadline <= smtp::test::kStart + 10min);
    }
  }
}

TEST_CASE("a deadline is told of after a delay was", "[queue][by]") {
  Small w;
  w.mx.fail("MAIL", "451 4.3.2 Not today");
  smtp::MailParameters asked;
  asked.by = {smtp::test::kStart + 6h, false, false};
  w.submit(asked, {bob()});
  w.run(5h);
  CHECK(w.told_of("Status: 4.3.2\r\n"));
  w.power_on();  // what was told is not forgotten
  w.run(2h);
  REQUIRE(w.notes.size() == 2);
  CHECK(w.notes[1].content.find("Action: delayed\r\nStatus: 4.4.7\r\n") != std::string::npos);
  w.power_on();
  w.run(24h);
  CHECK(w.notes.size() == 2);
}

// RFC 2852 section 4.1.4.2.
TEST_CASE("without DELIVERBY there, delays are to be told there, until it is late", "[queue][by]") {
  for (const bool late : {false, true}) {
    Small w;
    w.mx.hide("DELIVERBY");
    smtp::MailParameters asked;
    asked.by = {smtp::test::kStart + (late ? -10s : 10min), false, false};
    w.submit(asked, {bob()});
    w.run(1min);
    REQUIRE(w.mx.messages.size() == 1);
    CHECK(w.mx.messages[0].envelope.recipients[0].notify.to_string() ==
          (late ? "" : "FAILURE,DELAY"));
    CHECK(w.told_of(late ? "Action: delayed\r\n" : "Action: relayed\r\n"));
  }
}

TEST_CASE("a host without DELIVERBY gets no message that is to be returned", "[queue][by]") {
  for (const bool give_up : {true, false}) {
    Small w;
    w.mx.hide("DELIVERBY");
    smtp::MailParameters asked;
    asked.by = {smtp::test::kStart + 10min, give_up, false};
    w.submit(asked, {bob()});
    w.run(1min);
    CHECK(w.mx.messages.size() == (give_up ? 0 : 1));
    CHECK(w.told_of(give_up ? "Action: failed\r\nStatus: 5.3.3\r\n" : "Action: relayed\r\n"));
  }
}

TEST_CASE("T tells of each relaying", "[queue][by]") {
  Small w;
  smtp::MailParameters asked;
  asked.by = {smtp::test::kStart + 10min, false, true};
  w.submit(asked, {bob()});
  w.run(1min);
  CHECK(w.told_of("Action: relayed\r\n"));
  CHECK(w.mx.messages.at(0).envelope.asked.by->trace);
}

TEST_CASE("a held message waits, across a restart too, and flush does not hurry it",
          "[queue][hold]") {
  Small w;
  smtp::MailParameters asked;
  asked.hold_until = smtp::test::kStart + 2h;
  w.submit(asked, {bob()});
  w.run(1h);
  w.queue->flush();
  w.power_on();
  w.run(1h - 1s);
  CHECK(w.mx.messages.empty());
  CHECK(w.notes.empty());
  w.run(2s);
  CHECK(w.mx.messages.size() == 1);
  CHECK_FALSE(w.mx.messages.at(0).envelope.asked.hold_until);
}

TEST_CASE("a held message is given back to the host that knows what to do", "[queue][hold]") {
  Small w;
  w.power_on();
  std::vector<smtp::Envelope> released;
  w.queue->on_release([&](smtp::Envelope envelope, std::string content) {
    CHECK(content.ends_with("hello\r\n"));
    released.push_back(std::move(envelope));
  });
  smtp::MailParameters asked;
  asked.hold_until = smtp::test::kStart + 2h;
  asked.envid = "x";
  w.submit(asked, {bob({smtp::Notify::success})});
  w.run(2h + 1s);
  REQUIRE(released.size() == 1);
  CHECK(released[0].queue_id == "M1");
  CHECK(released[0].asked.envid == "x");
  CHECK_FALSE(released[0].asked.hold_until);
  CHECK(released[0].recipients[0].notify.has(smtp::Notify::success));
  CHECK(w.queue->empty());
  CHECK(w.store.size() == 0);
}

// RFC 4865 section 5.1.2, RFC 6710 section 4.6.
TEST_CASE("a notification says how long the message was to be held, and is as urgent",
          "[queue][hold]") {
  Small w;
  smtp::MailParameters asked;
  asked.hold_until = smtp::test::kStart + 1h;
  asked.hold_request = "for;3600";
  asked.priority = -3;
  w.submit(asked, {nobody({})});
  const auto held_by = [&](std::string_view local) {
    return w.queue->held(
        [local](const QueueEntry& entry) { return entry.reverse_path.local == local; });
  };
  CHECK(held_by("alice") == 1);
  CHECK(held_by("bob") == 0);
  w.power_on();
  w.run(2h);
  CHECK(w.told_of("\r\nArrival-Date: "));
  CHECK(w.told_of("\r\nFuture-Release-Request: for;3600\r\n\r\n"));
  CHECK(w.notes[0].envelope.asked.priority == -3);
  CHECK(held_by("alice") == 0);
}

// RFC 3461 section 5.2.2.
TEST_CASE("whoever is not to be told of gets the null path where DSN is missing", "[queue][dsn]") {
  Small w;
  w.mx.hide("DSN");
  smtp::Recipient quiet = bob({smtp::Notify::never});
  quiet.mailbox.local = "bob2";
  w.submit({}, {bob({smtp::Notify::success}), quiet});
  w.run(1min);
  REQUIRE(w.mx.messages.size() == 2);
  CHECK(w.mx.messages[0].envelope.reverse_path.to_string() == "alice@acme.example");
  CHECK(w.mx.messages[1].envelope.reverse_path.null());
  CHECK(w.mx.messages[1].envelope.recipients[0].mailbox.local == "bob2");
  CHECK(w.told_of("Final-Recipient: rfc822; bob@globex.example\r\n"));
  CHECK_FALSE(w.told_of("bob2"));
}

TEST_CASE("UTF-8 addresses need SMTPUTF8 at the next host", "[queue][smtputf8]") {
  smtp::MailParameters asked;
  asked.smtputf8 = true;
  const auto wide = *mail::Mailbox::parse(
      "b\xC3\xB8"
      "b@globex.example",
      mail::Utf8::yes);
  const std::string plain = "Subject: x\r\n\r\nhello\r\n";
  const std::string header =
      "Subject: b\xC3\xB8"
      "b\r\n\r\nhello\r\n";
  SECTION("it has it") {
    Small w;
    w.submit(asked, {wide}, header);
    w.run(1min);
    REQUIRE(w.mx.messages.size() == 1);
    CHECK(w.mx.messages[0].envelope.asked.smtputf8);
    CHECK(w.mx.messages[0].envelope.recipients[0].mailbox == wide);
    CHECK(w.mx.messages[0].content.find(" with UTF8SMTP id ") != std::string::npos);
  }
  SECTION("it lacks it, and an address needs it") {
    Small w;
    w.mx.hide("SMTPUTF8");
    w.submit(asked, {wide}, plain);
    w.run(1min);
    CHECK(w.mx.messages.empty());
    CHECK(w.told_of("report-type=global-delivery-status;"));
    CHECK(w.told_of("Content-Type: message/global-delivery-status\r\n"));
    CHECK(
        w.told_of("Final-Recipient: utf-8; b\xC3\xB8"
                  "b@globex.example\r\n"));
    CHECK(w.told_of("Status: 5.6.7\r\n"));
  }
  SECTION("it lacks it, and the header needs it") {
    Small w;
    w.mx.hide("SMTPUTF8");
    w.submit(asked, {bob()}, header);
    w.run(1min);
    CHECK(w.mx.messages.empty());
    CHECK(w.told_of("Status: 5.6.9\r\n"));
    CHECK(w.told_of("Content-Type: message/global\r\n"));
  }
  SECTION("it lacks it, and nothing needs it") {
    Small w;
    w.mx.hide("SMTPUTF8");
    w.submit(asked, {bob()}, plain);
    w.run(1min);
    CHECK(w.mx.messages.size() == 1);
  }
  SECTION("a domain in Unicode is found by its A-labels, and written so where it must be") {
    Small w;
    w.resolver.mx("xn--bcher-kva.example", 10, "mx.globex.example");
    w.mx.hide("SMTPUTF8");
    w.submit(asked,
             {*mail::Mailbox::parse("bob@b\xC3\xBC"
                                    "cher.example",
                                    mail::Utf8::yes)},
             plain);
    w.run(1min);
    REQUIRE(w.mx.messages.size() == 1);
    CHECK(w.mx.messages[0].envelope.recipients[0].mailbox.domain == "xn--bcher-kva.example");
  }
  SECTION("a domain that is none") {
    Small w;
    w.submit(asked, {*mail::Mailbox::parse("bob@\xE2\x80\x8B.example", mail::Utf8::yes)}, plain);
    w.run(1min);
    CHECK(w.told_of("Status: 5.1.2\r\n"));
  }
}

TEST_CASE("binary mail goes in chunks, or in lines", "[queue][binary]") {
  smtp::MailParameters asked;
  asked.body = smtp::Body::binary;
  const std::string binary("A: b\r\n\r\n\0\n.\r\n\r\r", 16);
  SECTION("in chunks") {
    Small w;
    w.submit(asked, {bob()}, binary);
    w.run(1min);
    REQUIRE(w.mx.messages.size() == 1);
    CHECK(w.mx.messages[0].content.ends_with(binary));
    CHECK(w.mx.messages[0].envelope.asked.body == smtp::Body::binary);
  }
  SECTION("in lines") {
    for (const char* missing : {"CHUNKING", "BINARYMIME"}) {
      Small w;
      w.mx.hide(missing);
      w.submit(asked, {bob()}, binary);
      w.run(1min);
      REQUIRE(w.mx.messages.size() == 1);
      CHECK(w.mx.messages[0].content.ends_with(
          "Content-Transfer-Encoding: base64\r\n\r\nAAouDQoNDQA=\r\n"));
      CHECK(w.queue->empty());
    }
  }
  SECTION("back, where the header is binary") {
    for (const char* missing : {"CHUNKING", "BINARYMIME"}) {
      Small w;
      w.mx.hide(missing);
      w.submit(asked, {bob()}, "A: b\rc\r\n\r\n" + binary.substr(8));
      w.run(1min);
      CHECK(w.mx.messages.empty());
      CHECK(w.told_of("Status: 5.6.3\r\n"));
      CHECK(w.told_of("Content-Transfer-Encoding: binary\r\n"));
    }
  }
  SECTION("what was called binary and is lines needs no chunks") {
    Small w;
    w.mx.hide("BINARYMIME");
    w.submit(asked, {bob()}, "A: b\r\n\r\nlines\r\n");
    w.run(1min);
    CHECK(w.mx.messages.size() == 1);
  }
}

TEST_CASE("REQUIRETLS goes nowhere without TLS", "[queue][requiretls]") {
  Small w;
  smtp::MailParameters asked;
  asked.require_tls = true;
  w.submit(asked, {bob()});
  w.run(1min);
  CHECK(w.mx.messages.empty());
  CHECK(w.queue->entries().size() == 1);  // the server may learn it: RFC 8689 section 4.2.1
  w.run(121h);
  REQUIRE(w.notes.size() == 2);  // delayed, then failed
  CHECK(w.notes[1].content.find("Action: failed\r\n") != std::string::npos);
  CHECK(w.notes[1].envelope.asked.require_tls);
  CHECK(w.notes[1].content.find("hello") == std::string::npos);
}

TEST_CASE("TLS-Required: No lets a message out of a host that wants TLS", "[queue][requiretls]") {
  for (const bool optional : {true, false}) {
    Small w;
    w.options.attempt.tls = smtp::ClientOptions::Tls::required;
    w.submit(
        {}, {bob()},
        std::string("Subject: x\r\n") + (optional ? "tls-required: no\r\n" : "") + "\r\nhello\r\n");
    w.run(1min);
    CHECK(w.mx.messages.size() == (optional ? 1 : 0));
  }
}

TEST_CASE("one connection serves what waits for the same domain", "[queue][reuse]") {
  Small w;
  w.options.per_destination.connections = 1;
  for (int i = 0; i < 10; ++i) w.send("alice@acme.example", {"bob@globex.example"});
  w.run(1min);
  CHECK(w.mx.messages.size() == 10);
  CHECK(w.mx.connections == 1);
  CHECK(w.queue->empty());
  CHECK(w.told("smtp.attempt").size() == 10);
  CHECK(w.queue->attempts().empty());
}

TEST_CASE("a connection ends where the server's limit is", "[queue][reuse]") {
  Small w;
  w.options.per_destination.connections = 1;
  w.mx.options.limits.transactions = 3;  // announced as LIMITS MAILMAX=3 (RFC 9422)
  for (int i = 0; i < 10; ++i) w.send("alice@acme.example", {"bob@globex.example"});
  w.run(1min);
  CHECK(w.mx.messages.size() == 10);
  CHECK(w.mx.connections == 4);
  CHECK(w.told("mail.deferred").empty());
}

TEST_CASE("a refused message does not spoil the connection for the next", "[queue][reuse]") {
  Small w;
  w.options.per_destination.connections = 1;
  w.send("alice@acme.example", {"nobody@globex.example"});
  w.send("alice@acme.example", {"bob@globex.example"});
  w.run(1min);
  CHECK(w.mx.messages.size() == 1);
  CHECK(w.mx.connections == 1);
  CHECK(w.notes.size() == 1);
  CHECK(w.queue->empty());
}

TEST_CASE("a server that closes after one message loses nothing", "[queue][reuse]") {
  Small w;
  w.options.per_destination.connections = 1;
  w.mx.hide("LIMITS");
  w.mx.options.limits.transactions = 1;  // and says so only by 421
  for (int i = 0; i < 4; ++i) w.send("alice@acme.example", {"bob@globex.example"});
  w.run(1min);
  CHECK(w.mx.messages.size() == 4);
  CHECK(w.told("mail.deferred").empty());
  CHECK(w.queue->empty());
}

TEST_CASE("a shared connection may be lost at any step, and no message with it", "[queue][reuse]") {
  for (const auto act : {policy::Switch::Act::drop, policy::Switch::Act::lose}) {
    for (const std::string step : {"MAIL", "RCPT", "DATA", "."}) {
      INFO(step << (act == policy::Switch::Act::drop ? " dropped" : " lost"));
      Small w;
      w.options.per_destination.connections = 1;
      w.mx.after_message = [&] {
        if (w.mx.messages.size() != 1) return;
        w.mx.add(step, act);
        w.mx.switches.all().back().times = 1;
      };
      for (int i = 0; i < 3; ++i) w.send("alice@acme.example", {"bob@globex.example"});
      w.run(10min);
      // RFC 1047: when the answer to the end of the data is lost, the message may come twice.
      const bool twice = step == "." && act == policy::Switch::Act::lose;
      CHECK(w.mx.messages.size() == (twice ? 4 : 3));
      CHECK(w.told("mail.relayed").size() == 3);
      CHECK(w.notes.empty());
      CHECK(w.queue->empty());
      CHECK(w.queue->attempts().empty());
    }
  }
}

TEST_CASE("the more important message goes first", "[queue][priority]") {
  Small w;
  w.options.per_destination.connections = 1;
  w.options.max_attempts = 1;
  smtp::MailParameters asked;
  w.submit(asked, {bob()}, "Subject: first\r\n\r\n");
  for (const int priority : {-2, 0, 5}) {
    asked.priority = priority;
    w.submit(asked, {bob()}, "Subject: " + std::to_string(priority) + "\r\n\r\n");
  }
  w.run(1min);
  REQUIRE(w.mx.messages.size() == 4);
  CHECK(w.mx.messages[0].content.find("Subject: 5\r\n") != std::string::npos);
  CHECK(w.mx.messages[3].content.find("Subject: -2\r\n") != std::string::npos);
  CHECK(w.mx.messages[3].content.find("\tpriority -2") != std::string::npos);
}

TEST_CASE("a domain gets no more than the rate allows", "[queue][rate]") {
  Small w;
  w.options.per_destination.gap = 10s;
  for (int i = 0; i < 4; ++i) w.send("alice@acme.example", {"bob@globex.example"});
  w.run(5s);
  CHECK(w.mx.messages.size() == 1);
  w.run(10s);
  CHECK(w.mx.messages.size() == 2);
  w.run(20s);
  CHECK(w.mx.messages.size() == 4);
}

TEST_CASE("why a message waits is told once", "[queue][rate]") {
  Small w;
  SECTION("connections") {
    w.options.per_destination.connections = 1;
    for (int i = 0; i < 3; ++i) w.send("alice@acme.example", {"bob@globex.example"});
    w.run(1min);
    CHECK(w.told("mail.waits") ==
          std::vector<std::string>{"mail.waits M2 globex.example connections 1",
                                   "mail.waits M3 globex.example connections 1"});
  }
  SECTION("rate") {
    w.options.per_destination.gap = 20s;
    for (int i = 0; i < 3; ++i) w.send("alice@acme.example", {"bob@globex.example"});
    w.run(1min);
    CHECK(w.told("mail.waits") == std::vector<std::string>{"mail.waits M2 globex.example rate 3",
                                                           "mail.waits M3 globex.example rate 3"});
  }
  SECTION("places") {
    w.options.max_attempts = 1;
    for (int i = 0; i < 2; ++i) w.send("alice@acme.example", {"bob@globex.example"});
    w.run(1min);
    CHECK(w.told("mail.waits") ==
          std::vector<std::string>{"mail.waits M2 globex.example places 1"});
  }
  CHECK(w.told("mail.deferred").empty());
  CHECK(w.notes.empty());
  CHECK(w.queue->empty());
}

TEST_CASE("a domain may have limits of its own", "[queue][rate]") {
  Small w;
  Mx& other = w.host("mx.hooli.example", 9);
  w.resolver.mx("hooli.example", 10, "mx.hooli.example");
  w.options.destinations["Hooli.example"] = {1, 1min};
  for (int i = 0; i < 3; ++i)
    w.send("alice@acme.example", {"bob@globex.example", "pam@hooli.example"});
  w.run(30s);
  CHECK(w.mx.messages.size() == 3);
  CHECK(other.messages.size() == 1);
  w.run(1min);
  CHECK(other.messages.size() == 2);
  w.run(1min);
  CHECK(other.messages.size() == 3);
  CHECK(other.connections == 3);
  CHECK(w.queue->empty());
}

TEST_CASE("a flood to one domain does not hold up a letter to another", "[queue][fair]") {
  Small w;
  Mx& other = w.host("mx.hooli.example", 9);
  w.resolver.mx("hooli.example", 10, "mx.hooli.example");
  w.options.max_attempts = 1;
  for (int i = 0; i < 20; ++i) w.send("alice@acme.example", {"bob@globex.example"});
  w.send("alice@acme.example", {"pam@hooli.example"});
  std::size_t before = 0;
  other.after_message = [&] { before = w.mx.messages.size(); };
  w.run(10min);
  CHECK(other.messages.size() == 1);
  CHECK(before <= 2);
  CHECK(w.mx.messages.size() == 20);
  // Alone with the rest, it keeps its connection.
  CHECK(w.mx.connections <= 3);
  CHECK(w.queue->empty());
}

TEST_CASE("a rate holds across a restart only from its first message on", "[queue][rate]") {
  Small w;
  w.options.per_destination.gap = 1min;
  for (int i = 0; i < 4; ++i) w.send("alice@acme.example", {"bob@globex.example"});
  w.run(1s);
  CHECK(w.mx.messages.size() == 1);
  w.power_on();
  w.run(1s);
  CHECK(w.mx.messages.size() == 2);
  w.run(150s);
  CHECK(w.mx.messages.size() == 4);
  CHECK(w.queue->empty());
}

TEST_CASE("who waits for a turn too long is told, and nothing fails", "[queue][rate]") {
  Small w;
  w.options.per_destination.gap = 1h;
  w.options.schedule.warn_after = 90min;
  for (int i = 0; i < 3; ++i) w.send("alice@acme.example", {"bob@globex.example"});
  w.run(95min);
  CHECK(w.mx.messages.size() == 2);
  REQUIRE(w.notes.size() == 1);
  CHECK(w.notes[0].content.find("Action: delayed\r\n") != std::string::npos);
  CHECK(w.notes[0].content.find("Status: 4.4.5\r\n") != std::string::npos);
  CHECK(w.notes[0].content.find("waits for its turn") != std::string::npos);
  w.run(1h);
  CHECK(w.mx.messages.size() == 3);
  CHECK(w.notes.size() == 1);
  CHECK(w.queue->empty());
}

TEST_CASE("a deadline ends the wait for a turn", "[queue][rate][deliverby]") {
  Small w;
  w.options.per_destination.gap = 1h;
  w.send("alice@acme.example", {"bob@globex.example"});
  smtp::MailParameters asked;
  asked.by = smtp::DeliverBy{w.clock.now() + 10min, true, false};
  w.submit(asked, {bob()}, "Subject: soon\r\n\r\n");
  w.run(9min);
  CHECK(w.notes.empty());
  w.run(2min);
  REQUIRE(w.notes.size() == 1);
  CHECK(w.notes[0].content.find("Status: 5.4.7\r\n") != std::string::npos);
  CHECK(w.queue->empty());
  w.run(2h);
  CHECK(w.mx.messages.size() == 1);
}

TEST_CASE("a server that failed a moment ago comes last", "[queue][pool]") {
  World w;
  Mx& good = w.host("mx2.globex.example", 2);
  w.resolver.mx("globex.example", 10, "mx1.globex.example");
  w.resolver.mx("globex.example", 20, "mx2.globex.example");
  w.resolver.a("mx1.globex.example", net::Address::v4(198, 51, 100, 1));  // refuses
  w.send("alice@acme.example", {"bob@globex.example"});
  w.run(1min);
  w.send("alice@acme.example", {"bob@globex.example"});
  w.run(1min);
  CHECK(good.messages.size() == 2);
  CHECK(w.routes.tried ==
        std::vector<std::string>{"198.51.100.1:25", "198.51.100.2:25", "198.51.100.2:25"});
  w.run(5min);
  w.send("alice@acme.example", {"bob@globex.example"});
  w.run(1min);
  CHECK(w.routes.tried.size() == 5);
  // When nobody else is left it is tried all the same.
  w.routes.hosts.erase(net::Address::v4(198, 51, 100, 2));
  w.send("alice@acme.example", {"bob@globex.example"});
  w.run(1s);
  CHECK(w.routes.tried.size() == 7);
}

TEST_CASE("the memory of failed servers is bounded", "[queue][pool]") {
  HostMemory memory;
  for (std::uint32_t i = 0; i < 3'000; ++i) {
    memory.failed(net::Address::v4(i), smtp::test::kStart + std::chrono::seconds(i));
  }
  const net::Time now = smtp::test::kStart + 3'000s;
  int known = 0;
  for (std::uint32_t i = 0; i < 3'000; ++i)
    known += memory.avoids(net::Address::v4(i), now) ? 1 : 0;
  CHECK(known == 299);
  CHECK(memory.avoids(net::Address::v4(2'999), now));
  memory.worked(net::Address::v4(2'999));
  CHECK_FALSE(memory.avoids(net::Address::v4(2'999), now));
}

TEST_CASE("ETRN sends what waits for a domain", "[queue][etrn]") {
  Small w;
  w.mx.fail("MAIL", "451 4.3.2 Not today");
  w.send("alice@acme.example", {"bob@globex.example"});
  w.send("alice@acme.example", {"bob@sub.globex.example"});
  w.run(1s);
  CHECK(w.queue->waiting_for("globex.example", false) == 1);
  CHECK(w.queue->waiting_for("globex.example", true) == 1);
  CHECK(w.queue->waiting_for("other.example", true) == 0);
  w.mx.switches.all().clear();
  w.queue->flush_for("globex.example", true);
  w.run(1s);
  CHECK(w.mx.messages.size() == 1);
}
