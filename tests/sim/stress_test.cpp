// Random worlds: whatever breaks, no message that was accepted is lost, nobody gets one twice from
// the same host, every run ends with empty queues, and plays the same again.
#include <cstdlib>
#include <fstream>

#include "sim/scenario/loader.hpp"
#include "tests/catch.hpp"
#include "tests/sim/random_world.hpp"
#include "tests/sim/support.hpp"

using namespace mailscope;

namespace {

/// Everything that is wrong with one world; empty: nothing.
std::string trouble(std::uint64_t seed) {
  const std::string text = test::random_scenario(seed);
  std::string found;
  try {
    world::World world(scenario::load_scenario(text, "random.json"), {});
    world.run();
    found = test::joined(test::judge(world).failures);
    for (const world::HostPlan& plan : world.plan().hosts) {
      host::MailHost* host = world.mail_host(plan.name);
      if (host == nullptr) continue;
      if (!host->is_on()) found += plan.name + " is still down\n";
      else if (!host->queue()->empty()) found += plan.name + " has mail in its queue, and nothing more will happen\n";
      if (host->session_count() > 0) found += plan.name + " has sessions that never end\n";
    }
    for (const world::HostPlan& plan : world.plan().hosts) {
      const world::Device* device = world.device(plan.name);
      if (device != nullptr && device->busy()) found += plan.name + " never finished what it was doing\n";
    }
  } catch (const std::exception& error) {
    found += std::string(error.what()) + "\n";
  }
  if (!found.empty()) {
    if (const char* folder = std::getenv("MAILSCOPE_KEEP")) std::ofstream(std::string(folder) + "/random-" + std::to_string(seed) + ".json") << text;
  }
  return found;
}

void play(std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    // MAILSCOPE_KEEP=folder keeps the files of the worlds that fail, for `mailscope run`.
    INFO("random world " << seed);
    CHECK(trouble(seed) == "");
  }
}

}  // namespace

TEST_CASE("random worlds keep the promises", "[stress]") { play(1, 60); }

TEST_CASE("hundreds of random worlds keep the promises", "[.][long]") { play(1'000, 1'499); }

TEST_CASE("random worlds play the same twice", "[stress]") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    INFO("random world " << seed);
    const scenario::Scenario scenario = scenario::load_scenario(test::random_scenario(seed), "random.json");
    CHECK(test::play(scenario).hash == test::play(scenario).hash);
  }
}
