// The clock of a simulated world: a queue of events ordered by (time, order of scheduling). Running
// an event is one turn of the world: the clock jumps to it, the cause that it was scheduled under
// holds again, it runs, and the turn is ended (commit, flush).
//
// Nothing here waits: a second of simulated time takes as long as its events do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "server/net/network.hpp"
#include "server/net/time.hpp"
#include "server/net/turn.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::sim {

/// Ends a scenario that would never end by itself.
struct KernelLimits {
  /// Events in all: some 30 minutes of computing; a lesson has 10^4, a load test 10^7.
  std::uint64_t max_events = 2'000'000'000;
  /// Events while the clock stands still: two actors that answer each other without delay.
  std::uint64_t max_events_per_instant = 5'000'000;
  /// Events waiting at once: about 100 octets each.
  std::size_t max_waiting = 20'000'000;
};

/// Why run_until() came back.
enum class RunEnd : std::uint8_t {
  reached,  // the clock is at the time asked for
  stopped,  // stop() was called
  limit,    // a KernelLimits limit was hit: problem() says which one, in words
};

class Kernel final : public net::Timers {
 public:
  explicit Kernel(net::Time start, KernelLimits limits = {});
  ~Kernel() override;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  /// The sink whose causes travel with the events. Without one, causes are 0.
  void attach(trace::Sink& sink) { sink_ = &sink; }
  net::Turn& turn() { return turn_; }

  net::Time now() const override { return now_; }
  net::TimerId set(net::Time at, std::function<void()> wake) override;
  void cancel(net::TimerId id) override;

  /// As set(), for callables that fit into an event (no allocation).
  template <typename Call>
  net::TimerId schedule(net::Time at, Call call) {
    return schedule(at, sink_ == nullptr ? 0 : sink_->cause(), std::move(call));
  }
  /// The same with a cause of its own, such as the event of a packet that arrives.
  template <typename Call>
  net::TimerId schedule(net::Time at, trace::EventId cause, Call call);

  /// Runs the next event with its turn. False: none is left, or a limit was hit.
  bool run_one();
  /// Runs everything up to and including `end`; then the clock stands at `end`. net::kNever runs
  /// until nothing is left, and leaves the clock at the last event.
  [[nodiscard]] RunEnd run_until(net::Time end);
  /// Moves the clock to `now` when no event is due by then; false when one is. Unlike run_until()
  /// it leaves the turn open: on the wall clock a turn is everything that real sockets had ready.
  bool pass_time(net::Time now);
  /// Ends run_until() after the event that is being run.
  void stop() { stop_ = true; }
  /// Flushes what was asked for outside of any event (while a world is being set up).
  void end_turn() {
    if (turn_.pending()) turn_.end();
  }

  /// Time of the next event; kNever when idle.
  net::Time next_time() const { return heap_.empty() ? net::kNever : heap_.front().at; }
  bool idle() const { return heap_.empty() && !turn_.pending(); }
  std::size_t waiting() const { return heap_.size(); }
  std::uint64_t events_run() const { return events_run_; }
  /// Which limit was hit and where the clock stood; empty when none was.
  const std::string& problem() const { return problem_; }

 private:
  static constexpr std::size_t kInlineOctets = 48;  // a std::function and two pointers
  static constexpr std::uint32_t kNowhere = 0xFFFFFFFF;
  static constexpr std::size_t kBlockBits = 8;  // nodes never move: they run where they are
  static constexpr std::size_t kBlockSize = std::size_t{1} << kBlockBits;

  struct Node {
    alignas(std::max_align_t) unsigned char call[kInlineOctets];
    void (*run)(void*) = nullptr;
    void (*destroy)(void*) = nullptr;  // null: nothing to destroy
    std::uint32_t generation = 1;      // makes the ids of reused nodes differ
    trace::EventId cause = 0;
  };
  struct Entry {
    net::Time at;
    std::uint64_t sequence;
    std::uint32_t node;
    bool before(const Entry& other) const {
      return at != other.at ? at < other.at : sequence < other.sequence;
    }
  };
  class Running;

  Node& node(std::uint32_t index) { return blocks_[index >> kBlockBits][index & (kBlockSize - 1)]; }
  std::uint32_t take_node();
  void free_node(std::uint32_t index);
  net::TimerId enqueue(net::Time at, std::uint32_t index, trace::EventId cause);
  void place(std::size_t at, const Entry& entry) {
    heap_[at] = entry;
    places_[entry.node] = static_cast<std::uint32_t>(at);
  }
  void sift_up(std::size_t at, const Entry& entry);
  void sift_down(std::size_t at, const Entry& entry);
  void remove_from_heap(std::size_t at);
  bool limit_hit();

  net::Time now_;
  KernelLimits limits_;
  trace::Sink* sink_ = nullptr;
  net::Turn turn_;
  std::vector<Entry> heap_;  // 4-ary: half the depth of a binary one, children in one cache line
  std::vector<std::unique_ptr<Node[]>> blocks_;
  std::vector<std::uint32_t>
      places_;  // of each node in heap_; apart from the nodes, to stay in cache
  std::vector<std::uint32_t> free_;
  std::uint64_t sequence_ = 0;
  std::uint64_t events_run_ = 0;
  std::uint64_t events_this_instant_ = 0;
  std::string problem_;
  bool stop_ = false;
};

template <typename Call>
net::TimerId Kernel::schedule(net::Time at, trace::EventId cause, Call call) {
  static_assert(sizeof(Call) <= kInlineOctets && alignof(Call) <= alignof(std::max_align_t),
                "capture less, or use set()");
  const std::uint32_t index = take_node();
  Node& n = node(index);
  ::new (static_cast<void*>(n.call)) Call(std::move(call));
  n.run = [](void* c) { (*std::launder(static_cast<Call*>(c)))(); };
  if constexpr (std::is_trivially_destructible_v<Call>) {
    n.destroy = nullptr;
  } else {
    n.destroy = [](void* c) { std::launder(static_cast<Call*>(c))->~Call(); };
  }
  return enqueue(at, index, cause);
}

}  // namespace mailscope::sim
