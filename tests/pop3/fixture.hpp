// A POP3 server on memory: accounts, a maildrop, and a sink that writes events as lines of text.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "server/auth/accounts.hpp"
#include "server/pop3/server.hpp"
#include "server/store/memory_store.hpp"
#include "server/trace/sink.hpp"
#include "tests/catch.hpp"

namespace mailscope::pop3::test {

/// Events as "pop3.command RETR|RETR 1".
class TextSink final : public trace::Sink {
 public:
  trace::EventId record(trace::Kind kind, const trace::Origin&,
                        std::initializer_list<trace::Value> values) override {
    std::string line(trace::info(kind).name);
    char separator = ' ';
    for (const trace::Value& value : values) {
      line +=
          separator + (value.is_number ? std::to_string(value.number) : std::string(value.text));
      separator = '|';
    }
    lines.push_back(std::move(line));
    causes.push_back(cause());
    return static_cast<trace::EventId>(lines.size());
  }
  trace::HostId host(std::string_view) override { return 1; }
  trace::MessageNumber message(std::string_view) override { return 7; }
  trace::ConnectionId new_connection() override { return 1; }

  bool has(std::string_view line) const { return std::ranges::find(lines, line) != lines.end(); }
  bool mentions(std::string_view text) const {
    return std::ranges::any_of(
        lines, [&](const std::string& l) { return l.find(text) != std::string::npos; });
  }
  std::vector<std::string> lines;
  std::vector<trace::EventId> causes;  // of lines[i]
};

inline constexpr net::Time kStart{std::chrono::seconds(1'000'000)};

/// RFC 1939 section 10 has two messages of 120 and 200 octets; so has this.
struct Fixture {
  Fixture() {
    accounts.add("bob@b.example", "secret word");
    accounts.add("empty@b.example", "secret");
    accounts.add("ghost@b.example", "secret");  // no maildrop
    store.create_account("bob@b.example");
    store.create_account("empty@b.example");
    options.hostname = "mail.b.example";
    options.allow_plaintext_auth = true;
    add(message(1, 120));
    add(message(2, 200));
  }
  static std::string message(int number, std::size_t octets) {
    std::string text = "Message-ID: <" + std::to_string(number) +
                       "@a.example>\r\nSubject: test\r\n\r\n.first\r\nsecond\r\n";
    while (text.size() + 2 < octets) text += 'x';
    return text + "\r\n";
  }
  void add(std::string_view text) { REQUIRE(store.append(inbox().id, text, {}, kStart)); }
  store::MailboxInfo inbox(std::string_view account = "bob@b.example") const {
    return *store.mailbox(account, "INBOX");
  }
  trace::Tracer tracer() { return trace::Tracer(sink, {}); }
  ServerEngine engine() {
    return ServerEngine(options, accounts, store, tracer(),
                        policy::SessionSwitches(switches, policy::Protocol::pop3, {}));
  }

  auth::AccountTable accounts{"b.example"};
  store::MemoryStore store;
  ServerOptions options;
  policy::Switches switches;
  TextSink sink;
};

/// Feeds an engine and gathers what it says.
inline std::string say(net::Engine& engine, std::string_view bytes, net::Time now = kStart) {
  engine.receive(now, bytes);
  return engine.take_output().bytes;
}
/// As a connection that takes everything at once.
inline std::string drain(net::Engine& engine, std::string first, net::Time now = kStart) {
  for (int idle = 0; idle < 2;) {
    engine.drained(now);
    const std::string more = engine.take_output().bytes;
    idle = more.empty() ? idle + 1 : 0;
    first += more;
  }
  return first;
}

}  // namespace mailscope::pop3::test
