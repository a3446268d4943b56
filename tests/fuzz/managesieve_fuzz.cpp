// The ManageSieve server under any input, from each of its states, in two cuts that must not
// differ.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/auth/accounts.hpp"
#include "server/managesieve/server.hpp"
#include "server/store/memory_store.hpp"

using namespace mailscope;
using namespace mailscope::managesieve;

namespace {

constexpr net::Time kNow{std::chrono::seconds(1'000'000)};

void require(bool holds) {
  if (!holds) std::abort();
}

const auth::AccountTable& accounts() {
  static const auth::AccountTable table = [] {
    auth::AccountTable made("b.example");
    made.add("bob@b.example", "x");
    return made;
  }();
  return table;
}

/// From these states on, somebody is or was logged in.
constexpr int kStates = 6;
constexpr bool logs_in(int from) {
  return from == 2 || from >= 4;
}

struct Run {
  std::string output;
  std::string scripts;
};

Run play(int from, std::string_view input, std::size_t cut) {
  store::MemoryStore store;
  store.create_account("bob@b.example");
  require(store.put_script("bob@b.example", "old", "keep;") == store::StoreError::none);
  ServerOptions options;
  options.hostname = "h";
  options.starttls = from == 0;
  options.allow_plaintext_auth = from != 0;
  options.limits.pending_output = 512;
  options.limits.auth_failures = 2;  // each costs a thousand rounds of a hash
  trace::NullSink sink;
  Run run;
  ServerEngine engine(options, accounts(), store, trace::Tracer(sink, {}));
  const auto take = [&] {
    while (engine.has_output()) {
      net::Output output = engine.take_output();
      run.output += output.bytes;
      if (output.wish == net::Wish::start_tls) engine.tls_started(kNow, {});
      engine.drained(kNow);
    }
  };
  engine.start(kNow);
  constexpr std::string_view kLogin = "AUTHENTICATE \"PLAIN\" \"AGJvYgB4\"\r\n";
  constexpr std::string_view kBefore[] = {"",
                                          "AUTHENTICATE \"PLAIN\"\r\n",
                                          "",
                                          "NOOP {5+}\r\n",
                                          "PUTSCRIPT \"new\" {12+}\r\nkeep;",
                                          "UNAUTHENTICATE\r\n"};
  if (logs_in(from)) engine.receive(kNow, kLogin);
  engine.receive(kNow, kBefore[from]);
  take();
  for (std::size_t at = 0; at < input.size(); at += cut) {
    engine.receive(kNow, input.substr(at, cut));
    take();
  }
  engine.peer_finished(kNow);
  take();
  engine.closed(kNow, net::CloseReason::finished, "");
  for (const store::ScriptInfo& script : store.scripts("bob@b.example")) {
    run.scripts += script.name + ":" + std::to_string(script.size) + (script.active ? "!" : ";");
    // What is stored has been checked.
    require(sieve::compile(*store.script("bob@b.example", script.name)).script != nullptr);
  }
  return run;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (int from = 0; from < kStates; ++from) {
    const Run octets = play(from, input, 1);
    if (!logs_in(from)) require(octets.scripts == "old:5;" || input.size() > 16);
    // Whole and in octets the same is said, unless STARTTLS is involved: there the cut decides
    // what was pipelined.
    if (from == 0) continue;
    const Run whole = play(from, input, input.size() + 1);
    require(whole.output == octets.output && whole.scripts == octets.scripts);
  }
  return 0;
}
