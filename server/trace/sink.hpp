// Where engines and hosts write their events. They know this interface; the recorder implements it.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "server/trace/event.hpp"

namespace mailscope::trace {

class Sink {
 public:
  virtual ~Sink() = default;

  /// Appends an event at the current time with the current cause. Values must match the kind's
  /// fields in number and type (asserted). Returns its id.
  virtual EventId record(Kind kind, const Origin& origin, std::initializer_list<Value> values) = 0;

  /// False: events of this kind are not kept, so that whoever records one may save the work of
  /// making its texts, and take the present cause for its id.
  virtual bool wants(Kind) const { return true; }

  /// Number of the host with this name, new at first sight. Names are lower case, no final dot.
  virtual HostId host(std::string_view name) = 0;
  /// Number of the message with this Message-ID (with or without angle brackets; the same message
  /// keeps its number across hosts). An empty id gives a new number each time.
  virtual MessageNumber message(std::string_view message_id) = 0;
  virtual ConnectionId new_connection() = 0;

  /// The event that whatever is recorded next is an effect of. The kernel sets it when it delivers
  /// a packet or a timer; an engine sets it to the command that it is handling.
  EventId cause() const { return cause_; }
  void set_cause(EventId cause) { cause_ = cause; }

 private:
  EventId cause_ = 0;
};

/// Sets the cause for one scope.
class CauseScope {
 public:
  CauseScope(Sink& sink, EventId cause) : sink_(sink), before_(sink.cause()) {
    sink.set_cause(cause);
  }
  ~CauseScope() { sink_.set_cause(before_); }
  CauseScope(const CauseScope&) = delete;
  CauseScope& operator=(const CauseScope&) = delete;

 private:
  Sink& sink_;
  EventId before_;
};

/// A sink and the origin that one engine writes with. A value; cheap to copy.
class Tracer {
 public:
  Tracer(Sink& sink, Origin origin) : sink_(&sink), origin_(origin) {}
  EventId record(Kind kind, std::initializer_list<Value> values) const {
    return sink_->record(kind, origin_, values);
  }
  EventId record(Kind kind, MessageNumber message, std::initializer_list<Value> values) const {
    Origin origin = origin_;
    origin.message = message;
    return sink_->record(kind, origin, values);
  }
  /// Records, and makes the event the cause of what follows in the same turn of the engine.
  EventId record_cause(Kind kind, std::initializer_list<Value> values) const {
    const EventId id = record(kind, values);
    sink_->set_cause(id);
    return id;
  }
  Sink& sink() const { return *sink_; }
  const Origin& origin() const { return origin_; }
  void set_message(MessageNumber message) { origin_.message = message; }

 private:
  Sink* sink_;
  Origin origin_;
};

/// A sink that keeps nothing: for fuzzing and benchmarks of an engine alone.
class NullSink final : public Sink {
 public:
  EventId record(Kind, const Origin&, std::initializer_list<Value>) override { return ++last_; }
  HostId host(std::string_view) override { return 1; }
  MessageNumber message(std::string_view) override { return 1; }
  ConnectionId new_connection() override { return ++connections_; }

 private:
  EventId last_ = 0;
  ConnectionId connections_ = 0;
};

}  // namespace mailscope::trace
