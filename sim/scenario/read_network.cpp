// Reading "network": how good the lines are.
#include "sim/scenario/readers.hpp"

namespace mailscope::scenario {
namespace {

LinkQuality quality(const Node& node, LinkQuality out) {
  out.latency = node.duration("latency", out.latency);
  out.jitter = node.duration("jitter", out.jitter);
  if (node.has("bandwidth")) out.bandwidth_bps = node["bandwidth"].unit(parse_rate);
  if (node.has("loss")) out.loss = node["loss"].unit(parse_percent);
  return out;
}

}  // namespace

void default_network(Scenario& scenario) {
  using namespace std::chrono_literals;
  scenario.network.between_domains.latency = 20ms;
  scenario.network.inside_domain.latency = 1ms;
}

void read_network(const Node& node, const Names& names, Scenario& scenario) {
  default_network(scenario);
  Network& out = scenario.network;
  out.between_domains = quality(node, out.between_domains);
  out.inside_domain.latency = node.duration("localLatency", out.inside_domain.latency);
  if (!node.has("links")) return;
  for (const Node& entry : node["links"].items()) {
    Link link;
    const auto ends = entry["between"].items();
    link.a = names.host(ends[0], true);
    link.b = names.host(ends[1], true);
    if (link.a == link.b) entry.fail("a link needs two different ends");
    link.quality = quality(entry, out.between_domains);
    link.place = entry.place();
    out.links.push_back(std::move(link));
  }
}

}  // namespace mailscope::scenario
