// Sessions under random scripts, cuts, latencies and interruptions, one seed each: whatever
// happens, an engine hears closed() once and nothing behind it, and its owner hears of the end
// once.
#include "tests/catch.hpp"
#include "tests/net/session_stage.hpp"

using namespace mailscope::net;
using namespace mailscope::tests;

namespace {

std::deque<std::string> random_script(Entropy& entropy) {
  static const std::vector<std::string> lines = {
      "one", "two", "BIG 10", "BIG 300000", "STARTTLS", "QUIT", "ABORT", "<finish>", "three"};
  std::deque<std::string> script;
  for (std::uint64_t i = entropy.below(6); i > 0; --i) {
    script.push_back(lines[entropy.below(lines.size())]);
  }
  return script;
}

void check_log(const Log& log) {
  for (std::size_t i = 0; i + 1 < log.size(); ++i) CHECK_FALSE(log[i].starts_with("<closed"));
}

}  // namespace

TEST_CASE("random sessions end well", "[session][swarm]") {
  SharedTls shared;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    INFO("seed " << seed);
    TestEntropy entropy(seed);
    Stage stage(shared);
    const std::size_t cuts[] = {SIZE_MAX, 1, 5, 100, 5000};
    stage.world.cut = cuts[entropy.below(std::size(cuts))];
    stage.world.latency = std::chrono::microseconds(1 + entropy.below(50000));
    stage.server_tls.implicit = stage.client_tls.implicit = entropy.below(3) == 0;
    if (entropy.below(20) == 0) stage.client_tls.implicit = !stage.server_tls.implicit;
    if (entropy.below(20) == 0) stage.server_tls.context = nullptr;
    if (entropy.below(10) == 0) stage.client_tls.server_name = "mx.globex.example";
    stage.connect(random_script(entropy));
    int destroyed = 0;
    for (int i = 0; i < 6; ++i) {
      stage.world.run(std::chrono::milliseconds(entropy.below(300)));
      switch (entropy.below(12)) {
        case 0:
          if (stage.server) stage.server->abort();
          break;
        case 1:
          if (stage.client) stage.client->abort();
          break;
        case 2:
          destroyed += stage.server ? 1 : 0;
          stage.server.reset();
          break;
        case 3:
          destroyed += stage.client ? 1 : 0;
          stage.client.reset();
          break;
        case 4:
        case 5:
          if (stage.server) stage.server_engine->news("news");
          break;
        default:
          break;
      }
    }
    // Longer than the server's patience with an idle client and both sides' with each other.
    stage.world.run(LineServer::kIdle + kTlsHandshakeLimit + 2 * kLingerLimit);
    CHECK_FALSE(stage.client);
    CHECK_FALSE(stage.server);
    CHECK(stage.over + destroyed == 1 + stage.accepted);
    check_log(stage.server_log);
    check_log(stage.client_log);
  }
}
