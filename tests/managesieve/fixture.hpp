// A ManageSieve server on memory: accounts, a store, and a sink that writes events as lines of
// text.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "server/auth/accounts.hpp"
#include "server/managesieve/server.hpp"
#include "server/store/memory_store.hpp"
#include "server/trace/sink.hpp"
#include "tests/catch.hpp"

namespace mailscope::managesieve::test {

/// Events as "sieve.command NOOP|NOOP".
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
};

inline constexpr net::Time kStart{std::chrono::seconds(1'000'000)};
/// "\0bob\0secret".
inline constexpr std::string_view kLogin = "AUTHENTICATE \"PLAIN\" \"AGJvYgBzZWNyZXQ=\"\r\n";

struct Fixture {
  Fixture() {
    accounts.add("bob@b.example", "secret");
    accounts.add("ghost@b.example", "secret");  // no mailboxes
    store.create_account("bob@b.example");
    options.hostname = "mail.b.example";
    options.allow_plaintext_auth = true;
  }
  ServerEngine engine(policy::SessionSwitches switches = {}) {
    return ServerEngine(options, accounts, store, trace::Tracer(sink, {}), std::move(switches));
  }

  auth::AccountTable accounts{"b.example"};
  store::MemoryStore store;
  ServerOptions options;
  TextSink sink;
};

/// Feeds an engine and gathers what it says.
inline std::string say(net::Engine& engine, std::string_view bytes, net::Time now = kStart) {
  engine.receive(now, bytes);
  return engine.take_output().bytes;
}

}  // namespace mailscope::managesieve::test
