// Random worlds: whatever breaks, no message that was accepted is lost, nobody gets one twice from
// the same host, every run ends with empty queues, and plays the same again.
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

#include "sim/scenario/loader.hpp"
#include "tests/catch.hpp"
#include "tests/sim/random_world.hpp"
#include "tests/sim/support.hpp"

using namespace mailscope;
using trace::EventId;
using trace::Kind;

namespace {

std::vector<std::string> addresses(std::string_view text) {
  std::vector<std::string> list;
  std::istringstream in{std::string(text)};
  for (std::string word; in >> word;) {
    if (word.ends_with(',')) word.pop_back();
    list.push_back(word);
  }
  return list;
}

/// Where the chain of causes of each event begins.
std::vector<EventId> roots(const trace::Log& log) {
  std::vector<EventId> root(log.size() + 1);
  for (EventId id = 1; id <= log.size(); ++id) {
    const EventId cause = log.at(id).cause;
    root[id] = cause == 0 ? id : root[cause];
  }
  return root;
}

/// Everything happens because a person acted or something broke.
std::string without_reason(const trace::Log& log) {
  const auto root = roots(log);
  for (EventId id = 1; id <= log.size(); ++id) {
    const Kind kind = log.at(root[id]).kind;
    if (kind == Kind::lesson_act || kind == Kind::lesson_fault) continue;
    if (trace::info(log.at(id).kind).layer == trace::Layer::lesson) continue;
    return "event " + std::to_string(id) + ", " + std::string(trace::info(log.at(id).kind).name) +
           ", happens for no reason\n";
  }
  return {};
}

/// What was passed on, the next host has accepted before; and what a person sent was accepted, or
/// the person's device knows why it was not.
std::string custody(const trace::Log& log, const scenario::Scenario& scenario) {
  std::string wrong;
  std::set<std::tuple<std::string, trace::MessageNumber, std::string>> accepted;
  std::map<EventId, bool> answered;  // of each act of sending
  const auto root = roots(log);
  for (EventId id = 1; id <= log.size(); ++id) {
    const trace::Event event = log.at(id);
    switch (event.kind) {
      case Kind::lesson_act:
        if (log.text(id, "verb") == "send") answered[id] = false;
        break;
      case Kind::mail_accepted:
        for (const std::string& to : addresses(log.text(id, "recipients")))
          accepted.emplace(log.host_name(event.host), event.message, to);
        if (const auto act = answered.find(root[id]); act != answered.end()) act->second = true;
        break;
      case Kind::smtp_outcome:
        if (const auto act = answered.find(root[id]);
            act != answered.end() && event.host == log.at(act->first).host)
          act->second = true;
        break;
      case Kind::mail_relayed:
        for (const std::string& to : addresses(log.text(id, "recipients"))) {
          // Without MX records the domain's own name is the exchanger's; its mail server has the
          // address.
          const std::string next(log.text(id, "to"));
          const scenario::Domain* domain = scenario.find_domain(next);
          if (accepted.contains(
                  {domain == nullptr ? next : domain->mail_host(), event.message, to}))
            continue;
          wrong += "event " + std::to_string(id) + ": custody of the message for " + to +
                   " passed to nobody\n";
        }
        break;
      default:
        break;
    }
  }
  for (const auto& [act, known] : answered) {
    if (!known) wrong += "event " + std::to_string(act) + ": nobody knows what became of it\n";
  }
  return wrong;
}

/// Without trouble nobody gets a message twice, from whichever host.
std::string duplicates(const trace::Log& log) {
  std::map<std::pair<trace::MessageNumber, std::string>, int> copies;
  std::string wrong;
  for (EventId id = 1; id <= log.size(); ++id) {
    if (log.at(id).kind != Kind::store_appended) continue;
    if (++copies[{log.at(id).message, std::string(log.text(id, "account"))}] == 2) {
      wrong += "event " + std::to_string(id) + ": a second copy for " +
               std::string(log.text(id, "account")) + "\n";
    }
  }
  return wrong;
}

std::string loose_ends(world::World& world) {
  std::string found;
  for (const world::HostPlan& plan : world.plan().hosts) {
    if (const world::Device* device = world.device(plan.name);
        device != nullptr && device->busy()) {
      found += plan.name + " never finished what it was doing\n";
    }
    host::MailHost* host = world.mail_host(plan.name);
    if (host == nullptr) continue;
    if (!host->is_on())
      found += plan.name + " is still down\n";
    else if (!host->queue()->empty())
      found += plan.name + " has mail in its queue, and nothing more will happen\n";
    if (host->session_count() > 0) found += plan.name + " has sessions that never end\n";
  }
  return found;
}

/// Everything that is wrong with one world; empty: nothing.
std::string trouble(std::uint64_t seed, test::Weather weather) {
  const std::string text = test::random_scenario(seed, weather);
  std::string found;
  try {
    world::World world(scenario::load_scenario(text, "random.json"), {});
    world.run();
    found = test::joined(test::judge(world).failures) + loose_ends(world) +
            custody(world.log(), world.scenario()) + without_reason(world.log());
    if (weather == test::Weather::calm) found += duplicates(world.log());
  } catch (const std::exception& error) {
    found += std::string(error.what()) + "\n";
  }
  if (!found.empty()) {
    if (const char* folder = std::getenv("MAILSCOPE_KEEP"))
      std::ofstream(std::string(folder) + "/random-" + std::to_string(seed) + ".json") << text;
  }
  return found;
}

void play(std::uint64_t first, std::uint64_t last, test::Weather weather) {
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    // MAILSCOPE_KEEP=folder keeps the files of the worlds that fail, for `mailscope run`.
    INFO("random world " << seed);
    CHECK(trouble(seed, weather) == "");
  }
}

}  // namespace

TEST_CASE("random worlds keep the promises", "[stress]") {
  play(1, 60, test::Weather::stormy);
}

TEST_CASE("without trouble everything arrives once", "[stress]") {
  play(1, 30, test::Weather::calm);
}

TEST_CASE("hundreds of random worlds keep the promises", "[.][long]") {
  play(1'000, 1'499, test::Weather::stormy);
  play(1'000, 1'199, test::Weather::calm);
}

TEST_CASE("random worlds play the same twice", "[stress]") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    INFO("random world " << seed);
    const scenario::Scenario scenario =
        scenario::load_scenario(test::random_scenario(seed, test::Weather::stormy), "random.json");
    CHECK(test::play(scenario).hash == test::play(scenario).hash);
  }
}
