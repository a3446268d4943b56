#include "sim/world/event_match.hpp"

#include "sim/scenario/units.hpp"

namespace mailscope::world {

bool matches(const scenario::EventMatch& match, const trace::Log& log, trace::EventId id,
             net::Time start) {
  const trace::Event& event = log.at(id);
  if (trace::info(event.kind).name != match.kind) return false;
  if (!match.host.empty() && log.host_name(event.host) != match.host) return false;
  if (!match.peer.empty() && log.host_name(event.peer) != match.peer) return false;
  const net::Duration at = log.time(id) - start;
  if (match.after && at < *match.after) return false;
  if (match.before && at > *match.before) return false;
  for (const auto& [name, wanted] : match.fields) {
    if (const auto* number = std::get_if<std::int64_t>(&wanted)) {
      if (log.number(id, name) != *number) return false;
    } else if (log.text(id, name).find(std::get<std::string>(wanted)) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

std::string describe(const scenario::EventMatch& match) {
  std::string text = match.kind;
  if (!match.host.empty()) text += " at " + match.host;
  if (!match.peer.empty()) text += " with " + match.peer;
  for (const auto& [name, wanted] : match.fields) {
    const auto* number = std::get_if<std::int64_t>(&wanted);
    text += ", " + name +
            (number != nullptr ? " = " + std::to_string(*number)
                               : " has \"" + std::get<std::string>(wanted) + "\"");
  }
  if (match.caused) text += ", caused by the one before";
  if (match.after) text += ", after " + scenario::format_duration(*match.after);
  if (match.before) text += ", before " + scenario::format_duration(*match.before);
  return text;
}

bool is_caused_by(const trace::Log& log, trace::EventId effect, trace::EventId cause) {
  while (effect > cause) effect = log.at(effect).cause;
  return effect == cause;
}

}  // namespace mailscope::world
