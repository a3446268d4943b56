// The POP3 server under any input, from each of its states, in two cuts that must not differ.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/auth/accounts.hpp"
#include "server/pop3/server.hpp"
#include "server/store/memory_store.hpp"

using namespace mailscope;
using namespace mailscope::pop3;

namespace {

constexpr net::Time kNow{std::chrono::seconds(1'000'000)};

/// Passwords without the work: the fuzzer tries thousands a second.
class PlainAccounts final : public auth::Accounts {
 public:
  std::optional<std::string> verify(std::string_view user,
                                    std::string_view password) const override {
    if (user != "bob" || password != "x") return std::nullopt;
    return "bob@b.example";
  }
};

void require(bool holds) {
  if (!holds) std::abort();
}

struct Run {
  std::string output;
  State state = State::opening;
  std::uint32_t messages = 0;
};

Run play(int from, std::string_view input, std::size_t cut) {
  static const PlainAccounts accounts;
  store::MemoryStore store;
  store.create_account("bob@b.example");
  const auto inbox = store.mailbox("bob@b.example", "INBOX")->id;
  for (const std::string_view text : {"A: b\r\n\r\n.\r\n", "A: b\n\n.x\nlast", ""}) {
    require(static_cast<bool>(store.append(inbox, text, {}, kNow)));
  }
  ServerOptions options;
  options.hostname = "h";
  options.stls = from == 0 || from == 4;
  options.allow_plaintext_auth = from != 0;
  options.limits.chunk = 32;
  trace::NullSink sink;
  Run run;
  {
    ServerEngine engine(options, accounts, store, trace::Tracer(sink, {}));
    const auto take = [&] {
      while (engine.has_output()) {
        net::Output output = engine.take_output();
        run.output += output.bytes;
        if (output.wish == net::Wish::start_tls) engine.tls_started(kNow, {});
        engine.drained(kNow);
      }
    };
    engine.start(kNow);
    constexpr std::string_view kBefore[] = {"",
                                            "USER bob\r\n",
                                            "USER bob\r\nPASS x\r\n",
                                            "AUTH PLAIN\r\n",
                                            "STLS\r\n",
                                            "USER bob\r\nPASS x\r\nDELE 1\r\n",
                                            "USER bob\r\nPASS x\r\nDELE 2\r\nRETR 1\r\nTO",
                                            "UTF8\r\nAUTH PLAIN AGJvYgB4\r\n"};
    engine.receive(kNow, kBefore[from]);
    take();
    for (std::size_t at = 0; at < input.size(); at += cut) {
      engine.receive(kNow, input.substr(at, cut));
      take();
    }
    run.state = engine.state();
    engine.peer_finished(kNow);
    take();
    engine.closed(kNow, net::CloseReason::finished, "");
  }
  run.messages = store.mailbox("bob@b.example", "INBOX")->messages;
  require(store.lock_maildrop("bob@b.example"));
  return run;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (int from = 0; from < 8; ++from) {
    const Run octets = play(from, input, 1);
    if (octets.state != State::update) require(octets.messages == 3);
    // Whole and in octets the same is said, unless STLS or a limit on held input is involved: there
    // the cut decides what was pipelined.
    if (input.size() < 4'096 && from != 0 && from != 4) {
      const Run whole = play(from, input, input.size() + 1);
      require(whole.output == octets.output && whole.messages == octets.messages);
    }
  }
  return 0;
}
