// What a script decides is carried out: copies, redirects, refusals, answers.
#include "server/host/filtering.hpp"

#include <vector>

#include "server/store/memory_store.hpp"
#include "tests/catch.hpp"

using namespace mailscope;
using namespace mailscope::host;

namespace {

class Clock final : public net::Timers {
 public:
  net::Time now() const override { return time; }
  net::TimerId set(net::Time, std::function<void()>) override { return 1; }
  void cancel(net::TimerId) override {}
  net::Time time{std::chrono::seconds(1'772'442'000)};
};

class TextSink final : public trace::Sink {
 public:
  trace::EventId record(trace::Kind kind, const trace::Origin&,
                        std::initializer_list<trace::Value> values) override {
    std::string line(trace::info(kind).name);
    for (const trace::Value& value : values)
      line += "|" + (value.is_number ? std::to_string(value.number) : std::string(value.text));
    lines.push_back(std::move(line));
    return static_cast<trace::EventId>(lines.size());
  }
  trace::HostId host(std::string_view) override { return 1; }
  trace::MessageNumber message(std::string_view) override { return 7; }
  trace::ConnectionId new_connection() override { return 1; }
  bool mentions(std::string_view text) const {
    for (const std::string& line : lines) {
      if (line.find(text) != std::string::npos) return true;
    }
    return false;
  }
  std::vector<std::string> lines;
};

constexpr std::string_view kMessage =
    "Received: from a.example by mail.b.example\r\nFrom: alice@a.example\r\nTo: bob@b.example\r\n"
    "Subject: Lunch?\r\nMessage-ID: <1@a.example>\r\n\r\nHi\r\n";

struct Fixture {
  Fixture() {
    organisation.add_user("bob", "x", 0);
    envelope.queue_id = "Q1";
    envelope.reverse_path = {"alice", "a.example"};
    envelope.recipients = {recipient};
  }
  void script(std::string_view text) {
    REQUIRE(store.put_script("bob@b.example", "s", text) == store::StoreError::none);
    REQUIRE(store.activate_script("bob@b.example", "s") == store::StoreError::none);
  }
  Delivered deliver(std::string_view content = kMessage) {
    sent.clear();
    sink.lines.clear();
    return filtering.deliver(envelope, recipient, "bob@b.example", content);
  }
  /// "INBOX 1, Work 2": mailboxes that hold something.
  std::string mailboxes() const {
    std::string out;
    for (const store::MailboxInfo& info : store.mailboxes("bob@b.example")) {
      if (info.messages > 0)
        out += (out.empty() ? "" : ", ") + info.name + " " + std::to_string(info.messages);
    }
    return out;
  }

  store::MemoryStore store;
  Organisation organisation{"b.example", store};
  Clock clock;
  TextSink sink;
  LocalDelivery local{organisation, clock, sink, 1};
  smtp::Recipient recipient{mail::Mailbox{"bob", "b.example"}};
  smtp::Envelope envelope;
  int ids = 0;
  std::vector<std::pair<smtp::Envelope, std::string>> sent;
  Filtering filtering{{organisation, clock, sink, 1, "mail.b.example", local,
                       [this] { return "N" + std::to_string(++ids); },
                       [this](smtp::Envelope out, std::string content) {
                         sent.emplace_back(std::move(out), std::move(content));
                       }}};
};

}  // namespace

TEST_CASE("without a script mail is in the INBOX") {
  Fixture f;
  const Delivered done = f.deliver();
  CHECK(done.uid == 1);
  CHECK(f.mailboxes() == "INBOX 1");
  CHECK_FALSE(f.sink.mentions("sieve."));
  f.script("");
  f.deliver();
  CHECK(f.mailboxes() == "INBOX 2");
  CHECK(f.sink.mentions("sieve.run|Q1|bob@b.example|s|keep|0"));
}

TEST_CASE("fileinto") {
  Fixture f;
  f.script(
      "require [\"fileinto\", \"mailbox\", \"imap4flags\", \"copy\", \"special-use\"];\n"
      "fileinto :create :flags [\"\\\\Seen\", \"work\"] \"Work/2026\";\n"
      "fileinto :copy :specialuse \"\\\\Junk\" \"Spam\";");
  const Delivered done = f.deliver();
  CHECK(done.mailbox == "Work/2026");
  CHECK(f.mailboxes() == "Junk 1, Work/2026 1");
  const auto work = f.store.mailbox("bob@b.example", "Work/2026");
  REQUIRE(work);
  CHECK(work->subscribed);
  const auto info = f.store.message(work->id, done.uid);
  REQUIRE(info);
  CHECK(info->flags.system == store::kSeen);
  CHECK(info->flags.keywords == std::vector<std::string>{"work"});
  CHECK(
      f.store.body(work->id, done.uid)->starts_with("Return-Path: <alice@a.example>\r\nReceived:"));
  CHECK(f.sink.mentions("mail.delivered|Q1|bob@b.example|Work/2026|1"));
  CHECK(f.sink.mentions("store.appended|bob@b.example|Junk|1|"));

  // Without :create a mailbox that is not there means INBOX, once.
  f.script("require \"fileinto\";\nfileinto \"Nowhere\"; fileinto \"Nothing\"; keep;");
  f.deliver();
  CHECK(f.mailboxes() == "INBOX 1, Junk 1, Work/2026 1");
  CHECK(f.sink.mentions("sieve.failed|bob@b.example|s|there is no mailbox Nowhere"));
  f.script("require [\"fileinto\", \"mailbox\"];\nfileinto :create \"a//b\";");
  f.deliver();
  CHECK(f.mailboxes() == "INBOX 2, Junk 1, Work/2026 1");
}

TEST_CASE("each copy has the header that the script gave it") {
  Fixture f;
  f.script(
      "require [\"editheader\", \"copy\", \"vacation\", \"environment\", \"variables\"];\n"
      "if environment :matches \"remote-ip\" \"*\" { set \"ip\" \"${1}\"; }\n"
      "if environment :matches \"host\" \"*\" { set \"host\" \"${1}\"; }\n"
      "deleteheader \"Subject\"; addheader \"Subject\" \"Changed by ${host} for ${ip}\";\n"
      "redirect :copy \"carol@c.example\"; vacation \"x\"; addheader \"X-Last\" \"y\";");
  f.envelope.client = net::Address::v4(198, 18, 0, 5);
  const Delivered done = f.deliver();
  const auto inbox = f.store.mailbox("bob@b.example", "INBOX");
  REQUIRE(inbox);
  const std::string kept = *f.store.body(inbox->id, done.uid);
  CHECK(kept.find("\r\nX-Last: y\r\nSubject: Changed by mail.b.example for 198.18.0.5\r\n") !=
        std::string::npos);
  CHECK(kept.find("Lunch?") == std::string::npos);
  CHECK(kept.ends_with("\r\n\r\nHi\r\n"));
  REQUIRE(f.sent.size() == 2);
  CHECK(f.sent[0].second.starts_with(
      "X-Sieve-Redirected-From: bob@b.example\r\nSubject: Changed by"));
  CHECK(f.sent[0].second.find("X-Last") == std::string::npos);
  CHECK(f.sent[1].second.find("Subject: Auto: Changed by mail.b.example") != std::string::npos);
}

TEST_CASE("scripts read annotations") {
  Fixture f;
  const auto inbox = f.store.mailbox("bob@b.example", "INBOX");
  REQUIRE(inbox);
  f.store.annotate("bob@b.example", inbox->id, "/private/vendor/x/away", "on");
  f.store.annotate("bob@b.example", 0, "/shared/vendor/x/frozen", "yes");
  for (const std::string_view test : {"metadata \"inbox\" \"/private/vendor/x/AWAY\" \"on\"",
                                      "servermetadataexists \"/shared/vendor/x/frozen\""}) {
    CAPTURE(test);
    f.script("require [\"mboxmetadata\", \"servermetadata\"];\nif " + std::string(test) +
             " { discard; }");
    CHECK(f.deliver().uid == 0);
  }
  f.script(
      "require \"mboxmetadata\";\nif metadata :contains \"Work\" \"/private/vendor/x/away\" \"\" "
      "{ discard; }");
  CHECK(f.deliver().uid == 1);
}

TEST_CASE("discard, and a second address of the account") {
  Fixture f;
  f.script("discard;");
  const Delivered done = f.deliver();
  CHECK(done.uid == 0);
  CHECK_FALSE(done.refusal);
  CHECK(f.mailboxes().empty());
  CHECK(f.sink.mentions("sieve.run|Q1|bob@b.example|s|discard|1"));
  f.filtering.deliver_again(f.envelope, mail::Mailbox{"postmaster", "b.example"}, done);
  CHECK(f.sink.mentions("sieve.run|Q1|postmaster@b.example|"));
}

// RFC 8579 section 4.
TEST_CASE("of several mailboxes with a use, the one that is named takes the message") {
  Fixture f;
  REQUIRE(f.store.create_mailbox("bob@b.example", "Spam", "\\Junk"));
  f.script("require [\"fileinto\", \"special-use\"];\nfileinto :specialuse \"\\\\Junk\" \"Spam\";");
  f.deliver();
  CHECK(f.mailboxes() == "Spam 1");
  f.script("require [\"fileinto\", \"special-use\"];\nfileinto :specialuse \"\\\\Junk\" \"x\";");
  f.deliver();
  CHECK(f.mailboxes() == "Junk 1, Spam 1");
}

// RFC 3461 section 5.2.6: whoever did not ask for failures hears of none.
TEST_CASE("redirect keeps what the sender wants to hear of") {
  using smtp::Notify;
  const auto passed_on = [](std::initializer_list<Notify> asked) {
    Fixture f;
    f.script("redirect \"carol@c.example\";");
    for (const Notify each : asked) f.recipient.notify.add(each);
    f.deliver();
    REQUIRE(f.sent.size() == 1);
    return f.sent[0].first.recipients[0].notify.to_string();
  };
  CHECK(passed_on({}).empty());
  CHECK(passed_on({Notify::success}) == "NEVER");
  CHECK(passed_on({Notify::success, Notify::failure, Notify::delay}) == "FAILURE,DELAY");
  CHECK(passed_on({Notify::never}) == "NEVER");
}

TEST_CASE("a script that fails keeps the message") {
  Fixture f;
  f.script("require \"reject\";\nkeep; reject \"no\";");
  f.deliver();
  CHECK(f.mailboxes() == "INBOX 1");
  CHECK(f.sink.mentions("sieve.failed|bob@b.example|s|line 2, column 7: "));
  f.script("frobnicate;");
  f.deliver();
  CHECK(f.mailboxes() == "INBOX 2");
  CHECK(f.sink.mentions("sieve.failed|bob@b.example|s|line 1, column 1: unknown command"));
}

TEST_CASE("redirect keeps the return path and notices loops") {
  Fixture f;
  f.script("redirect \"carol@c.example\";");
  const Delivered done = f.deliver();
  CHECK(done.uid == 0);
  REQUIRE(f.sent.size() == 1);
  const auto& [envelope, content] = f.sent[0];
  CHECK(envelope.reverse_path.to_string() == "alice@a.example");
  REQUIRE(envelope.recipients.size() == 1);
  CHECK(envelope.recipients[0].mailbox.to_string() == "carol@c.example");
  CHECK(envelope.queue_id == "N1");
  CHECK(content == "X-Sieve-Redirected-From: bob@b.example\r\n" + std::string(kMessage));
  // It comes back.
  const std::string again = content;
  f.deliver(again);
  CHECK(f.sent.empty());
  CHECK(f.mailboxes() == "INBOX 1");
  CHECK(
      f.sink.mentions("sieve.failed|bob@b.example|s|line 1, column 1: redirect would make a loop"));
  // It went through others.
  std::string chain;
  for (int i = 0; i < 4; ++i)
    chain += "X-Sieve-Redirected-From: u" + std::to_string(i) + "@x.example\r\n";
  f.deliver(chain + std::string(kMessage));
  CHECK(f.sent.empty());
  // RFC 5228 section 4.2: an empty return path stays empty.
  f.envelope.reverse_path = {};
  f.deliver();
  REQUIRE(f.sent.size() == 1);
  CHECK(f.sent[0].first.reverse_path.null());
}

TEST_CASE("reject sends a disposition notification") {
  Fixture f;
  f.script("require \"reject\";\nreject \"No birdseed, please\";");
  CHECK_FALSE(f.filtering.refusal(f.envelope, f.recipient, "bob@b.example", kMessage));
  const Delivered done = f.deliver();
  CHECK(done.uid == 0);
  CHECK_FALSE(done.refusal);
  REQUIRE(f.sent.size() == 1);
  CHECK(f.sent[0].first.reverse_path.null());
  CHECK(f.sent[0].first.recipients[0].mailbox.to_string() == "alice@a.example");
  CHECK(f.sent[0].second.find("report-type=disposition-notification") != std::string::npos);
  CHECK(f.sent[0].second.find("No birdseed, please") != std::string::npos);
  CHECK(f.sink.mentions("mail.bounced|Q1|N1|rejected|alice@a.example"));
  f.envelope.reverse_path = {};
  f.deliver();
  CHECK(f.sent.empty());
  CHECK(f.sink.mentions("mail.discarded|Q1|"));
  CHECK(f.mailboxes().empty());
}

TEST_CASE("ereject is a reply") {
  Fixture f;
  f.script("require \"ereject\";\nereject text:\nOne line.\n\nAnother line.\n.\n;");
  const auto refusal = f.filtering.refusal(f.envelope, f.recipient, "bob@b.example", kMessage);
  REQUIRE(refusal);
  CHECK(refusal->code == 550);
  CHECK(refusal->status.to_string() == "5.7.1");
  CHECK(refusal->text == "One line.\nAnother line.");
  const Delivered done = f.deliver();
  REQUIRE(done.refusal);
  CHECK(*done.refusal == *refusal);
  CHECK(f.sent.empty());
  CHECK(f.sink.mentions("sieve.run|Q1|bob@b.example|s|ereject|0"));
  // RFC 5429 section 2.1.1: ASCII or nothing; and no line that SMTP does not take.
  f.script("require \"ereject\";\nereject \"n\xc3\xb6\";");
  CHECK(f.deliver().refusal->text == "The recipient's mail filter refused the message");
  CHECK(f.deliver().reason == "n\xc3\xb6");
  f.script("require \"ereject\";\nereject \"" + std::string(1'000, 'x') + "\";");
  CHECK(f.deliver().refusal->text.find('\n') == 400);
}

TEST_CASE("vacation answers once") {
  Fixture f;
  f.script("require \"vacation\";\nvacation :days 2 \"I am away\";");
  CHECK(f.deliver().uid == 1);
  REQUIRE(f.sent.size() == 1);
  const auto& [envelope, content] = f.sent[0];
  CHECK(envelope.reverse_path.null());
  CHECK(envelope.recipients[0].mailbox.to_string() == "alice@a.example");
  CHECK(envelope.recipients[0].notify.has(smtp::Notify::never));
  CHECK(content.find("Subject: Auto: Lunch?\r\n") != std::string::npos);
  CHECK(content.find("Auto-Submitted: auto-replied\r\n") != std::string::npos);
  CHECK(f.sink.mentions("sieve.answer|bob@b.example|alice@a.example|"));
  f.deliver();
  CHECK(f.sent.empty());
  CHECK(f.sink.mentions("sieve.answer|bob@b.example|alice@a.example|it was answered before"));
  f.clock.time += std::chrono::hours(47);
  f.deliver();
  CHECK(f.sent.empty());
  f.clock.time += std::chrono::hours(1);
  f.deliver();
  CHECK(f.sent.size() == 1);
  // Another text is another answer (RFC 5230 section 4.2); the answer itself gets none.
  f.script("require \"vacation\";\nvacation \"I am still away\";");
  f.deliver();
  REQUIRE(f.sent.size() == 1);
  f.envelope.reverse_path = {"carol", "c.example"};
  const std::string answer = f.sent[0].second;
  f.deliver(answer);
  CHECK(f.sent.empty());
  f.envelope.reverse_path = {};
  f.deliver();
  CHECK(f.sent.empty());
  CHECK(f.sink.mentions("it has no return path"));
}

// RFC 5230 section 4.5.
TEST_CASE("vacation knows the other names of the account") {
  Fixture f;
  f.script("require \"vacation\";\nvacation \"I am away\";");
  f.deliver("To: Postmaster <postmaster@b.example>\r\n\r\n");
  CHECK(f.sent.size() == 1);
  f.envelope.reverse_path = {"carol", "c.example"};
  f.deliver("To: sales@b.example\r\n\r\n");
  CHECK(f.sent.empty());
  CHECK(f.sink.mentions("it is not addressed to the recipient"));
}

// RFC 5436 section 2.7.
TEST_CASE("notify writes to others") {
  Fixture f;
  f.script(
      "require \"enotify\";\nnotify :importance \"1\" :message \"Come and see\" "
      "\"mailto:alm@c.example?cc=dan@d.example&body=Hi&X-Colour=red&Date=x&From=x@y.example\";");
  CHECK(f.deliver().uid == 1);
  CHECK(f.sink.mentions("sieve.run|Q1|bob@b.example|s|notify alm@c.example dan@d.example, keep|0"));
  REQUIRE(f.sent.size() == 1);
  const auto& [envelope, content] = f.sent[0];
  CHECK(envelope.reverse_path.to_string() == "bob@b.example");
  REQUIRE(envelope.recipients.size() == 2);
  CHECK(envelope.recipients[1].mailbox.to_string() == "dan@d.example");
  CHECK(content ==
        "Auto-Submitted: auto-notified;\r\n owner-email=\"bob@b.example\"\r\n"
        "Received: from a.example by mail.b.example\r\n"
        "Date: Mon, 02 Mar 2026 09:00:00 +0000\r\n"
        "From: bob@b.example\r\n"
        "To: alm@c.example\r\n"
        "Cc: dan@d.example\r\n"
        "Subject: Come and see\r\n"
        "Message-ID: <N1@mail.b.example>\r\n"
        "References: <1@a.example>\r\n"
        "Importance: high\r\n"
        "X-Colour: red\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=us-ascii\r\n"
        "Content-Transfer-Encoding: 7bit\r\n"
        "\r\nHi\r\n");
  // It causes no other one.
  const std::string letter = content;
  f.deliver(letter);
  CHECK(f.sent.empty());
  // The null path stays null.
  f.envelope.reverse_path = {};
  f.deliver();
  REQUIRE(f.sent.size() == 1);
  CHECK(f.sent[0].first.reverse_path.null());
}

TEST_CASE("notify: whose name it may bear, and which subject") {
  Fixture f;
  const auto said = [&](std::string_view arguments) {
    f.script("require \"enotify\";\nnotify " + std::string(arguments) + ";");
    f.deliver();
    REQUIRE(f.sent.size() == 1);
    return f.sent[0].first.reverse_path.to_string() + "\n" + f.sent[0].second;
  };
  const auto has = [](const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  };
  std::string note = said("\"mailto:alm@c.example\"");
  CHECK(has(note, "\r\nSubject: Lunch?\r\n"));
  note = said("\"mailto:alm@c.example?subject=Post%20f%C3%BCr%20dich\"");
  CHECK(has(note, "\r\nSubject: =?UTF-8?"));
  note = said(":from \"Eve <eve@e.example>\" \"mailto:alm@c.example\"");
  CHECK(note.starts_with("bob@b.example\n"));
  CHECK(has(note, "\r\nFrom: bob@b.example\r\n"));
  note = said(":from \"Bob <postmaster@b.example>\" \"mailto:alm@c.example\"");
  CHECK(note.starts_with("postmaster@b.example\n"));
  CHECK(has(note, "\r\nFrom: Bob <postmaster@b.example>\r\n"));
  // A comment may look like the address of somebody else.
  note = said(":from \"bob@b.example (<eve@e.example>)\" \"mailto:alm@c.example\"");
  CHECK(has(note, "\r\nFrom: bob@b.example\r\n"));
  // Addresses in UTF-8 stay whole, and need a server that takes them.
  CHECK_FALSE(f.sent[0].first.asked.smtputf8);
  note = said("\"mailto:j%C3%B6rg@c.example\"");
  CHECK(has(note, "\r\nTo: j\xC3\xB6rg@c.example\r\n"));
  CHECK(f.sent[0].first.asked.smtputf8);
}

TEST_CASE("notify: a script cannot hide that a message was sent automatically") {
  Fixture f;
  f.script(
      "require [\"enotify\", \"editheader\"];\naddheader \"Auto-Submitted\" \"no\";\n"
      "notify \"mailto:bob@b.example\";");
  f.deliver("Auto-Submitted: auto-notified\r\nTo: bob@b.example\r\n\r\n");
  CHECK(f.sent.empty());
  f.deliver("To: bob@b.example\r\n\r\n");
  CHECK(f.sent.size() == 1);
}

TEST_CASE("vacation looks at no more addresses than it needs") {
  Fixture f;
  f.script("require \"vacation\";\nvacation \"I am away\";");
  std::string message = "To: ";
  for (int i = 0; i < 3'000; ++i) message += "x" + std::to_string(i) + "@c.example,\r\n ";
  for (int i = 0; i < 3'000; ++i) message += "postmaster@b.example,\r\n ";
  message += "bob@b.example\r\n\r\n";
  f.deliver(message);
  CHECK(f.sent.size() == 1);
}

TEST_CASE("a script that was asked whether it refuses does not run again") {
  Fixture f;
  f.script("require \"vacation\";\nvacation \"I am away\";");
  CHECK_FALSE(f.filtering.refusal(f.envelope, f.recipient, "bob@b.example", kMessage));
  f.script("discard;");  // too late for this message
  const Delivered done = f.deliver();
  CHECK(done.uid == 1);
  CHECK(f.sent.size() == 1);
  CHECK(f.sink.mentions("sieve.run|Q1|bob@b.example|s|vacation, keep|0"));
  // Another message is another run, and so is this one when nobody waits for it any more.
  CHECK(f.deliver().uid == 0);
  f.script("keep;");
  f.filtering.refusal(f.envelope, f.recipient, "bob@b.example", kMessage);
  f.script("discard;");
  f.envelope.queue_id = "Q2";
  CHECK(f.deliver().uid == 0);
  f.filtering.settled();
  f.envelope.queue_id = "Q1";
  CHECK(f.deliver().uid == 0);
}

TEST_CASE("duplicates are noticed from run to run") {
  Fixture f;
  f.script("require \"duplicate\";\nif duplicate :seconds 60 { discard; }");
  CHECK(f.deliver().uid == 1);
  CHECK(f.deliver().uid == 0);
  f.clock.time += std::chrono::seconds(60);
  CHECK(f.deliver().uid == 2);
  f.script("require \"duplicate\";\nif duplicate :last :seconds 60 { discard; }");
  for (int i = 0; i < 3; ++i) {
    f.clock.time += std::chrono::seconds(40);
    CHECK(f.deliver().uid == 0);
  }
}

TEST_CASE("a full mailbox is refused, whatever the script says") {
  Fixture f;
  f.store.set_quota("bob@b.example", 10);
  f.script(
      "require [\"vacation\", \"copy\"];\nredirect :copy \"carol@c.example\"; vacation \"x\";");
  const Delivered done = f.deliver();
  REQUIRE(done.refusal);
  CHECK(done.refusal->status.to_string() == "5.2.2");
  CHECK(f.sent.empty());
}
