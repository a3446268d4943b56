// Engines and files alone, each against the nearest thing that does the plain work without them:
//
//     SMTP       client and server engine back to back, no network, no trace
//     DNS        the authority, wire in and wire out
//     IMAP       FETCH 1:* FLAGS of a mailbox with 100,000 messages
//     trace      appending, hashing, writing to and reading from a trace file; peer: zlib alone
#include <zlib.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "server/dns/authority.hpp"
#include "server/imap/server.hpp"
#include "server/smtp/client.hpp"
#include "server/smtp/server.hpp"
#include "server/store/memory_store.hpp"
#include "server/trace/log.hpp"
#include "sim/export/trace_file.hpp"
#include "tests/bench/measure.hpp"

namespace {

using namespace mailscope;

const net::Time kStart{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};
constexpr std::size_t kMessageOctets = 1'000;

// SMTP.

class Sink final : public smtp::ServerHandler {
 public:
  smtp::Answer on_rcpt(smtp::ServerEngine&, const mail::Mailbox&) override {
    return smtp::Answer::accept();
  }
  smtp::Answer on_message(smtp::ServerEngine&, const smtp::Envelope&,
                          std::string content) override {
    ++messages;
    octets += content.size();
    return smtp::Answer::accept();
  }
  std::string new_queue_id() override { return "7Q2K"; }
  std::size_t messages = 0, octets = 0;
};

void pair_up(smtp::ClientEngine& client, smtp::ServerEngine& server) {
  server.start(kStart);
  client.start(kStart);
  for (bool moved = true; moved;) {
    moved = false;
    if (server.has_output()) {
      client.receive(kStart, server.take_output().bytes);
      moved = true;
    }
    if (client.has_output()) {
      server.receive(kStart, client.take_output().bytes);
      moved = true;
    }
    if (!moved && !client.finished()) {
      client.drained(kStart);
      moved = client.has_output();
    }
  }
  client.closed(kStart, net::CloseReason::finished, {});
  server.closed(kStart, net::CloseReason::finished, {});
}

void bench_smtp() {
  const bench::Group group("SMTP engines");
  smtp::ServerOptions server_options;
  server_options.hostname = "mx1.globex.example";
  Sink sink;
  trace::NullSink trace;
  std::string text = "Message-ID: <1@acme.example>\r\nSubject: Lunch\r\n\r\n";
  while (text.size() < kMessageOctets) text += "The quick brown fox jumps over the lazy dog.\r\n";
  smtp::Transaction transaction;
  transaction.reverse_path = *mail::Mailbox::parse("alice@acme.example");
  transaction.recipients = {*mail::Mailbox::parse("bob@globex.example")};
  transaction.content = std::make_shared<const std::string>(text);
  auto run = [&](std::size_t sessions, std::size_t each) {
    sink = {};
    const bench::CpuTime time;
    for (std::size_t i = 0; i < sessions; ++i) {
      smtp::ClientOptions options;
      options.helo_name = "mail.acme.example";
      smtp::ClientEngine client(options, std::vector<smtp::Transaction>(each, transaction));
      smtp::ServerEngine server(server_options, sink, trace::Tracer(trace, {}),
                                net::Address::v4(192, 0, 2, 1));
      pair_up(client, server);
    }
    if (sink.messages != sessions * each) group.fail("messages were lost");
    return time.seconds();
  };
  group.rate("client and server, one message a session", 40'000, "messages/s", run(40'000, 1));
  group.rate("client and server, 50 messages a session", 50'000, "messages/s", run(1'000, 50));
}

// DNS.

void bench_dns() {
  const bench::Group group("DNS authority");
  std::string text =
      "$TTL 3600\n@ SOA ns1 hostmaster 1 7200 900 1209600 300\n@ NS ns1\nns1 A 192.0.2.53\n"
      "@ MX 10 mx1\n@ MX 20 mx2\nmx1 A 192.0.2.25\nmx2 A 192.0.2.26\n";
  for (int i = 0; i < 10'000; ++i) text += "host" + std::to_string(i) + " A 192.0.2.80\n";
  auto zone = dns::Zone::parse(text, dns::name("acme.example"));
  if (!zone) group.fail(zone.error);
  dns::Authority authority;
  authority.add(std::move(*zone));
  auto run = [&](const char* what, const char* name, dns::Type type) {
    const std::string query = dns::encode(dns::make_query(7, dns::name(name), type, false));
    constexpr std::size_t count = 200'000;
    std::size_t octets = 0;
    const bench::CpuTime time;
    for (std::size_t i = 0; i < count; ++i)
      octets += authority.answer(query, dns::Transport::udp)->wire.size();
    if (octets < count * query.size()) group.fail("an answer is missing");
    group.rate(what, count, "answers/s", time.seconds());
  };
  run("MX with addresses", "acme.example", dns::Type::mx);
  run("A, one of 10,000 names", "host5000.acme.example", dns::Type::a);
  run("NXDOMAIN", "nobody.acme.example", dns::Type::a);
}

// IMAP.

class OneAccount final : public auth::Accounts {
 public:
  std::optional<std::string> verify(std::string_view, std::string_view) const override {
    return "alice@acme.example";
  }
};

void bench_imap() {
  const bench::Group group("IMAP");
  constexpr std::size_t count = 100'000;
  store::MemoryStore store;
  store.create_account("alice@acme.example");
  const store::MailboxId inbox = store.mailbox("alice@acme.example", "INBOX")->id;
  const std::string message = "Subject: Lunch\r\n\r\nYes?\r\n";
  {
    const bench::CpuTime time;
    for (std::size_t i = 0; i < count; ++i) (void)store.append(inbox, message, {}, kStart);
    group.rate("append to the store in memory", count, "messages/s", time.seconds());
  }
  imap::ServerOptions options;
  options.hostname = "mail.acme.example";
  options.allow_plaintext_auth = true;
  OneAccount accounts;
  trace::NullSink trace;
  imap::ServerEngine server(options, accounts, store, trace::Tracer(trace, {}));
  auto command = [&](const std::string& line, const std::string& end) {
    std::size_t octets = 0;
    std::string tail;
    if (line.empty())
      server.start(kStart);
    else
      server.receive(kStart, line + "\r\n");
    for (;;) {
      const std::string bytes = server.take_output().bytes;
      if (bytes.empty()) group.fail("no answer to " + line);
      octets += bytes.size();
      tail = bytes.substr(bytes.size() - std::min<std::size_t>(bytes.size(), 200));
      if (tail.find(end) != std::string::npos) return octets;
      server.drained(kStart);
    }
  };
  command("", "* OK");
  command("a LOGIN alice secret", "a OK");
  {
    const bench::CpuTime time;
    command("b SELECT INBOX", "b OK");
    group.rate("SELECT, 100,000 messages", count, "messages/s", time.seconds());
  }
  auto fetch = [&](const char* what, const std::string& items) {
    const bench::CpuTime time;
    command("c UID FETCH 1:* " + items, "c OK");
    group.rate(what, count, "messages/s", time.seconds());
  };
  fetch("UID FETCH 1:* FLAGS, 100,000 messages", "FLAGS");
  fetch("UID FETCH 1:* with envelope, 100,000 messages", "(FLAGS RFC822.SIZE ENVELOPE)");
}

// Trace files.

trace::Log example_log(std::size_t events) {
  trace::Log log;
  const trace::HostId a = log.host("mail.acme.example"), b = log.host("mx1.globex.example");
  for (std::size_t i = 0; i < events; ++i) {
    const net::Time at = kStart + std::chrono::milliseconds(20) * i;
    const auto n = static_cast<std::uint32_t>(i);
    const trace::Origin origin{a, b, n / 30 + 1, 0};
    const std::string text = "RCPT TO:<user" + std::to_string(i % 1'000) + "@globex.example>";
    const trace::Value values[] = {"RCPT", text};
    log.append(at, trace::Kind::smtp_command, origin, n, values, 2);
  }
  return log;
}

void bench_trace() {
  const bench::Group group("trace");
  constexpr std::size_t count = 1'000'000;
  const bench::CpuTime append_time;
  const trace::Log log = example_log(count);
  group.rate("append", count, "events/s", append_time.seconds());
  const bench::CpuTime hash_time;
  const std::string hash = log.hash();
  group.rate("hash", count, "events/s", hash_time.seconds());
  const bench::CpuTime write_time;
  const std::string file = exporting::write_trace(log);
  const double written = write_time.seconds();
  group.rate("write", count, "events/s", written);
  const bench::CpuTime read_time;
  exporting::TraceReader reader(file);
  trace::Log again;
  if (!reader.load(again)) group.fail(reader.problem()->to_string());
  group.rate("read", count, "events/s", read_time.seconds());
  if (again.hash() != hash) group.fail("the trace that was read is not the one that was written");
  group.figure("file", static_cast<double>(file.size()) / count, "octets/event");

  // The peer: the same events as they lie in memory (32 octets each), through zlib and nothing
  // else.
  std::vector<trace::Event> plain;
  for (trace::EventId id = 1; id <= log.size(); ++id) plain.push_back(log.at(id));
  uLongf size = compressBound(plain.size() * sizeof plain[0]);
  std::vector<Bytef> out(size);
  const bench::CpuTime zlib_time;
  compress2(out.data(), &size, reinterpret_cast<const Bytef*>(plain.data()),
            plain.size() * sizeof plain[0], 6);
  group.figure("write, ratio to zlib -6 of the events in memory", written / zlib_time.seconds(),
               "x", "less is better");
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view which = argc > 1 ? argv[1] : "";
  if (which.empty() || which == "smtp") bench_smtp();
  if (which.empty() || which == "dns") bench_dns();
  if (which.empty() || which == "imap") bench_imap();
  if (which.empty() || which == "trace") bench_trace();
  return 0;
}
