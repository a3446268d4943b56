// The recorder: the one Sink of a world. Stamps events with time and cause and appends them to a
// log.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <unordered_map>

#include "server/net/network.hpp"
#include "server/trace/log.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::trace {

class Recorder final : public Sink {
 public:
  /// `clock` must outlive the recorder's use.
  explicit Recorder(const net::Timers& clock) : clock_(&clock) {}

  /// An event of a layer that is switched off is not kept: its id is its cause, so that chains of
  /// causes stay whole.
  EventId record(Kind kind, const Origin& origin, std::initializer_list<Value> values) override;
  bool wants(Kind kind) const override { return keeps(info(kind).layer); }
  HostId host(std::string_view name) override;
  MessageNumber message(std::string_view message_id) override;
  ConnectionId new_connection() override { return ++connections_; }

  /// All layers are on at first.
  void keep_layer(Layer layer, bool on) { keep_[static_cast<std::size_t>(layer)] = on; }
  bool keeps(Layer layer) const { return keep_[static_cast<std::size_t>(layer)]; }

  /// Called after each event that was kept: a live viewer, the terminal's story.
  void set_listener(std::function<void(EventId)> listener) { listener_ = std::move(listener); }

  const Log& log() const { return log_; }
  Log& log() { return log_; }

 private:
  const net::Timers* clock_;
  Log log_;
  std::array<bool, kLayerCount> keep_ = [] {
    std::array<bool, kLayerCount> all;
    all.fill(true);
    return all;
  }();
  std::unordered_map<std::string, HostId> hosts_;            // looked up only
  std::unordered_map<std::string, MessageNumber> messages_;  // looked up only
  MessageNumber last_message_ = 0;
  ConnectionId connections_ = 0;
  std::function<void(EventId)> listener_;
};

}  // namespace mailscope::trace
