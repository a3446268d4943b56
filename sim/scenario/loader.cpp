#include "sim/scenario/loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "sim/scenario/document.hpp"
#include "sim/scenario/readers.hpp"
#include "sim/scenario/shape.hpp"

namespace mailscope::scenario {
namespace {

net::Time read_start(const Node& root) {
  int y = 2026, mo = 3, d = 2, h = 9, mi = 0, s = 0;
  if (root.has("start")) {
    std::sscanf(root.text("start").c_str(), "%4d-%2d-%2dT%2d:%2d:%2dZ", &y, &mo, &d, &h, &mi, &s);
  }
  const std::chrono::year_month_day date{std::chrono::year(y),
                                         std::chrono::month(static_cast<unsigned>(mo)),
                                         std::chrono::day(static_cast<unsigned>(d))};
  if (!date.ok() || h > 23 || mi > 59 || s > 59 || y < 1990 || y > 2200) {
    root["start"].fail("there is no such date and time between 1990 and 2200");
  }
  return std::chrono::sys_days(date) + std::chrono::hours(h) + std::chrono::minutes(mi) +
         std::chrono::seconds(s);
}

void read_head(const Node& root, Scenario& scenario) {
  scenario.title = root.text("title");
  scenario.description = root.text("description");
  if (root.has("goals"))
    for (const Node& goal : root["goals"].items()) scenario.goals.push_back(goal.text());
  scenario.seed = root.integer<std::uint64_t>("seed", 1);
  scenario.start = read_start(root);
  if (root.has("duration")) scenario.duration = root.duration("duration");
  scenario.capture_payloads = root.boolean("capture", false);
  scenario.show_secrets = root.boolean("showSecrets", false);
}

}  // namespace

const Domain* Scenario::find_domain(std::string_view name) const {
  const auto found =
      std::find_if(domains.begin(), domains.end(), [&](const Domain& d) { return d.name == name; });
  return found == domains.end() ? nullptr : &*found;
}

const User* Scenario::find_user(std::string_view address) const {
  const auto at = address.find('@');
  if (at == std::string_view::npos) return nullptr;
  const Domain* domain = find_domain(address.substr(at + 1));
  if (domain == nullptr) return nullptr;
  const auto found =
      std::find_if(domain->users.begin(), domain->users.end(),
                   [&](const User& user) { return user.name == address.substr(0, at); });
  return found == domain->users.end() ? nullptr : &*found;
}

Scenario load_scenario(std::string_view json, const std::string& file_name) {
  if (json.size() > kMaxScenarioOctets) {
    throw ScenarioError(
        file_name, {},
        fmt::format("the file has more than {} octets, the most that a scenario has",
                    kMaxScenarioOctets));
  }
  const Document document(json, file_name);
  validate(document, scenario_shape());
  Scenario out;
  out.file = document.file();
  const Node root(document, document.root(), "");
  read_head(root, out);
  for (const auto& [name, node] : root["domains"].members()) read_domain(name, node, out);
  check_names(out, root["domains"]);
  const Names names(out);
  if (root.has("network"))
    read_network(root["network"], names, out);
  else
    default_network(out);
  if (root.has("script")) read_script(root["script"], names, out);
  if (root.has("faults"))
    for (const Node& node : root["faults"].items())
      out.faults.push_back(read_fault(node, names, out));
  if (root.has("expect"))
    for (const Node& node : root["expect"].items())
      out.expect.push_back(read_expectation(node, names, out));
  if (root.has("lesson")) read_lesson(root["lesson"], names, out);
  return out;
}

Fault load_fault(std::string_view json, const Scenario& scenario) {
  const Document document(json, "fault");
  validate(document, fault_shape());
  return read_fault(Node(document, document.root(), ""), Names(scenario), scenario);
}

Scenario load_scenario_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw ScenarioError(path, {}, "the file cannot be read");
  std::string text;
  char buffer[65536];
  while (file.read(buffer, sizeof buffer) || file.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxScenarioOctets) break;  // load_scenario says what is wrong
  }
  if (file.bad()) throw ScenarioError(path, {}, "the file cannot be read");
  return load_scenario(text, path);
}

}  // namespace mailscope::scenario
