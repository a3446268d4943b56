// Trying again, warning, giving up, starting anew (RFC 5321 section 4.5.4.1).
#include "server/queue/queue.hpp"

#include "server/mail/mime.hpp"
#include "tests/catch.hpp"
#include "tests/queue/world.hpp"

using namespace mailscope;
using namespace mailscope::queue;
using namespace mailscope::queue::test;
using Lines = std::vector<std::string>;

namespace {

/// One domain, one host.
struct Small : World {
  explicit Small() : mx(host("mx.globex.example", 1)) {
    resolver.mx("globex.example", 10, "mx.globex.example");
  }
  Mx& mx;
};

}  // namespace

TEST_CASE("retries wait longer each time", "[queue]") {
  Small w;
  w.options.schedule.waits = {1min, 5min, 20min};
  w.options.schedule.warn_after = 0s;
  w.mx.fail("RCPT", "451 4.7.1 Greylisted");
  w.send("alice@acme.example", {"bob@globex.example"});
  const std::pair<net::Duration, int> table[] = {{59s, 1},   {2s, 2},  {298s, 2},  {3s, 3},
                                                 {1190s, 3}, {11s, 4}, {1190s, 4}, {11s, 5}};
  for (const auto& [span, connections] : table) {
    w.run(span);
    CHECK(w.mx.connections == connections);
  }
  const Lines told = w.told("mail.deferred");
  REQUIRE(told.size() == 5);
  CHECK(told[0] == "mail.deferred M1 bob@globex.example 451 4.7.1 Greylisted 1 60");
  CHECK(told[1] == "mail.deferred M1 bob@globex.example 451 4.7.1 Greylisted 2 300");
  CHECK(told[4] == "mail.deferred M1 bob@globex.example 451 4.7.1 Greylisted 5 1200");
  w.mx.switches.all().clear();
  w.run(20min);
  CHECK(w.mx.messages.size() == 1);
  CHECK(w.queue->empty());
  CHECK(w.store.size() == 0);
  CHECK(w.notes.empty());
}

TEST_CASE("the sender is warned once and told in the end", "[queue]") {
  Small w;
  w.options.schedule.waits = {30min};
  w.options.schedule.warn_after = 4h;
  w.options.schedule.expire_after = 10h;
  w.mx.fail("MAIL", "421 4.3.2 Not today");
  w.send("alice@acme.example", {"bob@globex.example"});
  w.run(4h - 1s);
  CHECK(w.notes.empty());
  w.run(2s);
  REQUIRE(w.notes.size() == 1);
  CHECK(w.notes[0].content.find("Action: delayed\r\nStatus: 4.3.2\r\n") != std::string::npos);
  CHECK(w.notes[0].content.find("Will-Retry-Until: Mon, 02 Mar 2026 19:00:00 +0000\r\n") !=
        std::string::npos);
  CHECK(w.notes[0].envelope.reverse_path.null());
  CHECK(w.notes[0].envelope.recipients.at(0).mailbox.to_string() == "alice@acme.example");
  w.run(6h - 10s);
  CHECK(w.notes.size() == 1);
  w.run(20s);
  REQUIRE(w.notes.size() == 2);
  CHECK(w.notes[1].content.find("Action: failed\r\nStatus: 4.4.7\r\n") != std::string::npos);
  CHECK(w.notes[1].content.find("Diagnostic-Code: smtp; 421 4.3.2 Not today\r\n") !=
        std::string::npos);
  CHECK(w.told("mail.bounced") == Lines{"mail.bounced M1 N2 delayed alice@acme.example",
                                        "mail.bounced M1 N3 failed alice@acme.example"});
  CHECK(w.queue->empty());
  CHECK(w.store.size() == 0);
}

TEST_CASE("each recipient has a fate of its own", "[queue]") {
  Small w;
  Mx& other = w.host("mx.umbrella.example", 2);
  w.resolver.mx("umbrella.example", 10, "mx.umbrella.example");
  other.fail("CONNECT", "421 Busy");
  w.send("alice@acme.example", {"bob@globex.example", "nobody@globex.example",
                                "carol@umbrella.example", "x@gone.example"});
  w.run(2s);
  CHECK(w.mx.messages.size() == 1);
  CHECK(w.told("mail.relayed") == Lines{"mail.relayed M1 bob@globex.example mx.globex.example"});
  CHECK(w.told("mail.failed").size() == 2);
  CHECK(w.told("mail.deferred").size() == 1);
  CHECK(w.notes.size() == 2);  // two destinations, two outcomes, two letters
  const auto& entry = w.queue->entries().at("M1");
  using State = QueueRecipient::State;
  CHECK(entry.recipients[0].state == State::delivered);
  CHECK(entry.recipients[1].state == State::failed);
  CHECK(entry.recipients[2].state == State::waiting);
  CHECK(entry.recipients[3].state == State::failed);
  CHECK(w.store.load_all().at(0).recipients == entry.recipients);
  other.switches.all().clear();
  w.run(2min);
  CHECK(other.messages.size() == 1);
  CHECK(w.mx.messages.size() == 1);
  CHECK(w.queue->empty());
}

TEST_CASE("there is no bounce of a bounce", "[queue]") {
  Small w;
  w.send("", {"nobody@globex.example"});
  w.run(1s);
  CHECK(w.notes.empty());
  CHECK(w.told("mail.failed").size() == 1);
  CHECK(w.told("mail.discarded").size() == 1);
  CHECK(w.queue->empty());
}

TEST_CASE("a delayed notification warns nobody", "[queue]") {
  Small w;
  w.mx.fail("MAIL", "451 4.3.0 Later");
  w.send("", {"bob@globex.example"});
  w.run(24h);
  CHECK(w.notes.empty());
  CHECK(w.told("mail.discarded").empty());
  CHECK_FALSE(w.queue->empty());
}

TEST_CASE("a host that starts again goes on where it was", "[queue]") {
  Small w;
  w.options.schedule.waits = {10min};
  w.mx.fail("RCPT", "451 4.7.1 Greylisted");
  w.send("alice@acme.example", {"bob@globex.example"});
  w.run(1min);
  CHECK(w.mx.connections == 1);
  w.mx.switches.all().clear();
  w.power_on();
  REQUIRE(w.queue->entries().size() == 1);
  CHECK(w.queue->entries().at("M1").recipients[0].attempts == 1);
  w.run(8min);
  CHECK(w.mx.connections == 1);  // the wait is kept
  w.run(2min);
  CHECK(w.mx.messages.size() == 1);
  CHECK(w.store.size() == 0);
}

TEST_CASE("a crash at any moment loses nothing", "[queue]") {
  std::size_t twice = 0;
  for (int ms = 0; ms < 80; ++ms) {
    INFO("crash after " << ms << " ms");
    Small w;
    w.send("alice@acme.example", {"bob@globex.example", "nobody@globex.example"});
    w.run(std::chrono::milliseconds(ms));
    w.power_on();
    w.run(1h);
    CHECK(w.mx.messages.size() >= 1);
    CHECK(w.mx.messages.size() <= 2);
    CHECK(w.notes.size() == 1);
    CHECK(w.queue->empty());
    CHECK(w.store.size() == 0);
    twice += w.mx.messages.size() == 2 ? 1u : 0u;
  }
  CHECK(twice > 0);  // between the server's 250 and its arrival (RFC 1047)
  CHECK(twice < 10);
}

TEST_CASE("deliveries to one destination are few at a time", "[queue]") {
  Small w;
  w.options.per_destination.connections = 2;
  for (int i = 0; i < 7; ++i) w.send("alice@acme.example", {"bob@globex.example"});
  std::size_t most = 0;
  for (int ms = 0; ms < 2'000; ++ms) {
    w.run(1ms);
    std::size_t open = 0;
    for (const DeliveryAttempt* attempt : w.queue->attempts()) open += attempt->decided() ? 0u : 1u;
    most = std::max(most, open);
  }
  CHECK(most == 2);
  CHECK(w.mx.messages.size() == 7);
  CHECK(w.queue->empty());
}

TEST_CASE("all deliveries together are bounded", "[queue]") {
  World w;
  w.options.max_attempts = 3;
  for (std::uint8_t i = 1; i < 10; ++i) {
    w.host("d" + std::to_string(i) + ".example", i);
    w.send("alice@acme.example", {"bob@d" + std::to_string(i) + ".example"});
  }
  w.run(5s);
  for (const auto& server : w.servers) CHECK(server->messages.size() == 1);
  CHECK(w.queue->empty());
}

TEST_CASE("flush tries at once", "[queue]") {
  Small w;
  w.mx.fail("RCPT", "451 4.7.1 Greylisted");
  w.send("alice@acme.example", {"bob@globex.example"});
  w.run(2s);
  w.mx.switches.all().clear();
  CHECK(w.queue->next_due() > w.clock.now());
  w.queue->flush("other.example");
  w.run(2s);
  CHECK(w.mx.messages.empty());
  w.queue->flush("globex.example");
  w.run(2s);
  CHECK(w.mx.messages.size() == 1);
}

TEST_CASE("8-bit content is encoded for a server without 8BITMIME", "[queue]") {
  Small w;
  w.mx.hide("8BITMIME");
  w.send("alice@acme.example", {"bob@globex.example"}, "Subject: x\r\n\r\ncaf\xc3\xa9\r\n");
  w.run(1s);
  REQUIRE(w.mx.messages.size() == 1);
  CHECK(w.mx.messages[0].content.ends_with("\r\n\r\ncaf=C3=A9\r\n"));
  CHECK(w.mx.messages[0].content.find("Content-Transfer-Encoding: quoted-printable\r\n") !=
        std::string::npos);
  CHECK(w.mx.messages[0].envelope.asked.body == smtp::Body{});
  CHECK(w.queue->empty());
}

TEST_CASE("an 8-bit header cannot be encoded and needs 8BITMIME", "[queue]") {
  Small w;
  w.mx.hide("8BITMIME");
  w.send("alice@acme.example", {"bob@globex.example"}, "Subject: caf\xc3\xa9\r\n\r\nx\r\n");
  w.run(1s);
  CHECK(w.told("mail.failed").size() == 1);
  REQUIRE(w.notes.size() == 1);
  CHECK(w.notes[0].content.find("Status: 5.6.3\r\n") != std::string::npos);
  CHECK(w.notes[0].content.find("Content-Transfer-Encoding: 8bit\r\n") != std::string::npos);
}

TEST_CASE("an address in UTF-8 is what fails a message, before its octets", "[queue]") {
  Small w;
  w.mx.hide("8BITMIME");
  w.mx.hide("SMTPUTF8");
  smtp::Envelope envelope;
  envelope.queue_id = "U";
  envelope.reverse_path = *mail::Mailbox::parse("alice@acme.example");
  envelope.recipients.emplace_back(
      *mail::Mailbox::parse("b\xc3\xbc@globex.example", mail::Utf8::yes));
  envelope.asked.smtputf8 = true;
  w.power_on();
  w.queue->add(envelope, std::make_shared<const std::string>("Subject: \xc3\xa9\r\n\r\nx\r\n"));
  w.run(1s);
  REQUIRE(w.notes.size() == 1);
  CHECK(w.notes[0].content.find("Status: 5.6.7\r\n") != std::string::npos);
}

TEST_CASE("the queue's state survives the store unchanged", "[queue]") {
  MemoryQueueStore store;
  QueueEntry entry;
  entry.id = "B";
  entry.content = std::make_shared<const std::string>("x\r\n");
  entry.created = smtp::test::kStart;
  store.put(entry);
  entry.id = "A";
  store.put(entry);
  entry.id = "C";
  entry.created -= 1s;
  store.put(entry);
  store.remove("unknown");
  const auto all = store.load_all();
  REQUIRE(all.size() == 3);
  CHECK(all[0].id == "C");
  CHECK(all[1].id == "A");
  CHECK(all[2].id == "B");
}
