// Calls that must not happen inside the call that asked for them: they follow as soon as possible.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "server/net/network.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::dns {

class Deferred {
 public:
  Deferred(net::Timers& timers, trace::Sink& sink) : timers_(timers), sink_(sink), timer_(timers) {}

  /// Calls `action` soon, with the trace's cause as it is now.
  void add(std::function<void()> action) {
    actions_.emplace_back(sink_.cause(), std::move(action));
    if (actions_.size() == 1) timer_.set(timers_.now(), [this] { run(); });
  }

 private:
  void run() {
    // Taken out first: actions may add others. They may not destroy this object.
    auto actions = std::exchange(actions_, {});
    for (auto& [cause, action] : actions) {
      const trace::CauseScope scope(sink_, cause);
      action();
    }
  }

  net::Timers& timers_;
  trace::Sink& sink_;
  net::Timer timer_;
  std::vector<std::pair<trace::EventId, std::function<void()>>> actions_;
};

}  // namespace mailscope::dns
