// The recorder: time and cause of events, layers that are switched off, numbers of messages.
#include <stdexcept>
#include <string>
#include <vector>

#include "server/trace/recorder.hpp"
#include "tests/catch.hpp"

namespace mailscope::trace {
namespace {

struct Clock final : net::Timers {
  net::Time now() const override { return time; }
  net::TimerId set(net::Time, std::function<void()>) override { return 0; }
  void cancel(net::TimerId) override {}
  net::Time time{};
};

}  // namespace

TEST_CASE("the recorder stamps events with the time and the cause", "[trace]") {
  Clock clock;
  Recorder recorder(clock);
  const EventId root = recorder.record(Kind::lesson_note, {}, {"first"});
  clock.time += std::chrono::milliseconds(20);
  recorder.set_cause(root);
  const EventId effect = recorder.record(Kind::lesson_note, {}, {"second"});
  CHECK(root == 1);
  CHECK(effect == 2);
  CHECK(recorder.log().at(root).cause == 0);
  CHECK(recorder.log().at(effect).cause == root);
  CHECK(recorder.log().time(effect) - recorder.log().time(root) == std::chrono::milliseconds(20));
}

TEST_CASE("a cause scope ends with its block, also when left by an exception", "[trace]") {
  Clock clock;
  Recorder recorder(clock);
  recorder.set_cause(recorder.record(Kind::lesson_note, {}, {"outer"}));
  {
    const CauseScope scope(recorder, recorder.record(Kind::lesson_note, {}, {"inner"}));
    CHECK(recorder.cause() == 2);
    recorder.set_cause(0);
  }
  CHECK(recorder.cause() == 1);
  try {
    const CauseScope scope(recorder, 2);
    throw std::runtime_error("out of here");
  } catch (const std::runtime_error&) {
  }
  CHECK(recorder.cause() == 1);
}

TEST_CASE("a tracer writes with its origin and may make an event the cause", "[trace]") {
  Clock clock;
  Recorder recorder(clock);
  Tracer tracer(recorder,
                {recorder.host("mx1"), recorder.host("mail"), recorder.new_connection(), 0});
  const EventId command = tracer.record_cause(Kind::smtp_command, {"NOOP", "NOOP"});
  const EventId reply = tracer.record(Kind::smtp_reply, 9, {250, "2.0.0", "OK"});
  CHECK(recorder.log().at(reply).cause == command);
  CHECK(recorder.log().at(reply).message == 9);
  CHECK(recorder.log().at(command).message == 0);
  CHECK(recorder.log().at(reply).host == 1);
  CHECK(recorder.log().at(reply).peer == 2);
  CHECK(recorder.log().at(reply).connection == 1);
  tracer.set_message(4);
  CHECK(recorder.log().at(tracer.record(Kind::smtp_data, {10})).message == 4);
}

TEST_CASE("an event of a layer that is off is not kept, and chains of causes go past it",
          "[trace]") {
  Clock clock;
  Recorder recorder(clock);
  int heard = 0;
  recorder.set_listener([&heard](EventId) { ++heard; });
  recorder.keep_layer(Layer::transport, false);
  CHECK_FALSE(recorder.keeps(Layer::transport));
  const EventId act = recorder.record(Kind::lesson_act, {}, {"Alice", "send", "Lunch?"});
  recorder.set_cause(act);
  const EventId open = recorder.record(Kind::transport_open, {}, {"a", "b"});
  CHECK(open == act);  // stands for its cause
  recorder.set_cause(open);
  const EventId connected = recorder.record(Kind::smtp_connected, {}, {"mx", "none"});
  CHECK(recorder.log().size() == 2);
  CHECK(recorder.log().at(connected).cause == act);
  CHECK(heard == 2);
  recorder.keep_layer(Layer::transport, true);
  CHECK(recorder.record(Kind::transport_open, {}, {"a", "b"}) == 3);
}

TEST_CASE("with every layer off nothing is kept at all", "[trace]") {
  Clock clock;
  Recorder recorder(clock);
  for (int i = 0; i < kLayerCount; ++i) recorder.keep_layer(static_cast<Layer>(i), false);
  for (const KindInfo& kind : all_kinds()) {
    // Kinds of one text field are enough: what is off does not look at the values.
    if (kind.fields.size() == 1 && kind.fields[0].type == FieldType::text)
      recorder.record(kind.kind, {}, {"x"});
  }
  CHECK(recorder.log().size() == 0);
}

TEST_CASE("the listener may record", "[trace]") {
  Clock clock;
  Recorder recorder(clock);
  std::vector<EventId> heard;
  recorder.set_listener([&](EventId id) {
    heard.push_back(id);
    const CauseScope scope(recorder, id);
    if (recorder.log().at(id).kind == Kind::smtp_data)
      recorder.record(Kind::lesson_note, {}, {"note"});
  });
  recorder.record(Kind::smtp_data, {}, {100});
  CHECK(heard == std::vector<EventId>{1, 2});
  CHECK(recorder.log().at(2).cause == 1);
  CHECK(recorder.cause() == 0);
}

TEST_CASE("a message keeps its number across hosts", "[trace]") {
  Clock clock;
  Recorder recorder(clock);
  const MessageNumber first = recorder.message("<1@acme.example>");
  CHECK(first == 1);
  CHECK(recorder.message("<2@acme.example>") == 2);
  CHECK(recorder.message("1@acme.example") == first);  // with or without brackets
  CHECK(recorder.message("<1@acme.example>") == first);
  CHECK(recorder.message("") == 3);  // no identification: new each time
  CHECK(recorder.message("<>") == 4);
  CHECK(recorder.message("<3@acme.example>") == 5);
}

TEST_CASE("hosts and connections are numbered from 1", "[trace]") {
  Clock clock;
  Recorder recorder(clock);
  CHECK(recorder.host("mx1") == 1);
  CHECK(recorder.host("mx2") == 2);
  CHECK(recorder.host("mx1") == 1);
  CHECK(recorder.log().host_name(2) == "mx2");
  CHECK(recorder.new_connection() == 1);
  CHECK(recorder.new_connection() == 2);
}

TEST_CASE("a sink that keeps nothing still numbers", "[trace]") {
  NullSink sink;
  CHECK(sink.record(Kind::lesson_note, {}, {"x"}) == 1);
  CHECK(sink.record(Kind::lesson_note, {}, {"x"}) == 2);
  CHECK(sink.new_connection() == 1);
}

}  // namespace mailscope::trace
