// Any text into the loader: a scenario or one ScenarioError, never anything else. Small scenarios
// that load become worlds and run for a bounded number of events.
#include <cstdlib>
#include <string_view>

#include "sim/scenario/loader.hpp"
#include "sim/world/world.hpp"

namespace {

constexpr std::size_t kMaxDomains = 3;  // of a world that is built
constexpr std::size_t kMaxPeople = 6;
constexpr std::size_t kMaxScript = 8;
constexpr std::size_t kMaxAttachment = 20'000;  // octets
constexpr int kMaxEvents = 1'500;

bool small(const mailscope::scenario::Scenario& scenario) {
  std::size_t people = 0, octets = 0, hosts = 0;
  for (const auto& domain : scenario.domains) {
    people += domain.users.size();
    hosts += domain.mx.size();
    for (const auto& user : domain.users) hosts += user.devices.size();
  }
  for (const auto& entry : scenario.script) {
    if (const auto* send = std::get_if<mailscope::scenario::Send>(&entry.act)) {
      for (const auto& file : send->attachments) octets += file.content.size();
    }
  }
  return scenario.domains.size() <= kMaxDomains && people <= kMaxPeople &&
         hosts <= 2 * kMaxPeople && scenario.script.size() <= kMaxScript &&
         scenario.faults.size() <= kMaxScript && octets <= kMaxAttachment;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto scenario = mailscope::scenario::load_scenario(text, "fuzz.json");
    if (!small(scenario)) return 0;
    mailscope::world::World world(scenario, {});
    world.schedule();
    for (int i = 0; i < kMaxEvents && world.kernel().run_one(); ++i) continue;
  } catch (const mailscope::scenario::ScenarioError& error) {
    if (std::string_view(error.what()).find("fuzz.json") != 0) std::abort();
  }
  return 0;
}
