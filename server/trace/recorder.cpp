#include "server/trace/recorder.hpp"

#include <algorithm>

namespace mailscope::trace {

EventId Recorder::record(Kind kind, const Origin& origin, std::initializer_list<Value> values) {
  if (!keeps(info(kind).layer)) return cause();
  const EventId id =
      log_.append(clock_->now(), kind, origin, cause(), values.begin(), values.size());
  if (listener_) listener_(id);
  return id;
}

HostId Recorder::host(std::string_view name) {
  const auto [place, is_new] = hosts_.try_emplace(std::string(name), HostId{0});
  if (is_new) place->second = log_.host(name);
  return place->second;
}

MessageNumber Recorder::message(std::string_view message_id) {
  if (message_id.starts_with('<') && message_id.ends_with('>')) {
    message_id = message_id.substr(1, message_id.size() - 2);
  }
  // Where nothing is kept, neither are the names of messages: a server runs for weeks.
  if (std::none_of(keep_.begin(), keep_.end(), [](bool on) { return on; })) return 0;
  if (message_id.empty()) return ++last_message_;
  const auto [place, is_new] = messages_.try_emplace(std::string(message_id), MessageNumber{0});
  if (is_new) place->second = ++last_message_;
  return place->second;
}

}  // namespace mailscope::trace
