// The event queue: an indexed 4-ary heap over nodes that stay where they are.
#include "sim/kernel/kernel.hpp"

#include <algorithm>

namespace mailscope::sim {

namespace {

constexpr std::size_t kArity = 4;

}  // namespace

/// Frees a node when its event is over, also when the event throws.
class Kernel::Running {
 public:
  Running(Kernel& kernel, std::uint32_t index) : kernel_(kernel), index_(index) {}
  ~Running() {
    kernel_.free_node(index_);
    if (kernel_.sink_ != nullptr) kernel_.sink_->set_cause(0);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  Kernel& kernel_;
  std::uint32_t index_;
};

Kernel::Kernel(net::Time start, KernelLimits limits) : now_(start), limits_(limits) {}

Kernel::~Kernel() {
  for (const Entry& entry : heap_) {
    Node& n = node(entry.node);
    if (n.destroy != nullptr) n.destroy(n.call);
  }
}

net::TimerId Kernel::set(net::Time at, std::function<void()> wake) {
  return schedule(at, std::move(wake));
}

void Kernel::cancel(net::TimerId id) {
  const auto index = static_cast<std::uint32_t>(id & 0xFFFFFFFF);
  const auto generation = static_cast<std::uint32_t>(id >> 32);
  if (generation == 0 || index >= blocks_.size() * kBlockSize) return;
  Node& n = node(index);
  if (n.generation != generation || places_[index] == kNowhere) return;
  remove_from_heap(places_[index]);
  places_[index] = kNowhere;
  free_node(index);
}

std::uint32_t Kernel::take_node() {
  if (free_.empty()) {
    const auto first = static_cast<std::uint32_t>(blocks_.size() * kBlockSize);
    blocks_.push_back(std::make_unique<Node[]>(kBlockSize));
    places_.resize(blocks_.size() * kBlockSize, kNowhere);
    for (std::uint32_t i = kBlockSize; i-- > 0;) free_.push_back(first + i);
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  return index;
}

void Kernel::free_node(std::uint32_t index) {
  Node& n = node(index);
  if (n.destroy != nullptr) std::exchange(n.destroy, nullptr)(n.call);
  if (++n.generation == 0) n.generation = 1;
  free_.push_back(index);
}

net::TimerId Kernel::enqueue(net::Time at, std::uint32_t index, trace::EventId cause) {
  Node& n = node(index);
  n.cause = cause;
  const Entry entry{std::max(at, now_), sequence_++, index};
  heap_.push_back(entry);
  sift_up(heap_.size() - 1, entry);
  return static_cast<net::TimerId>(n.generation) << 32 | index;
}

void Kernel::sift_up(std::size_t at, const Entry& entry) {
  while (at > 0) {
    const std::size_t parent = (at - 1) / kArity;
    if (!entry.before(heap_[parent])) break;
    place(at, heap_[parent]);
    at = parent;
  }
  place(at, entry);
}

void Kernel::sift_down(std::size_t at, const Entry& entry) {
  const std::size_t size = heap_.size();
  for (;;) {
    const std::size_t first = at * kArity + 1;
    if (first >= size) break;
    const std::size_t last = std::min(first + kArity, size);
    std::size_t least = first;
    for (std::size_t child = first + 1; child < last; ++child) {
      if (heap_[child].before(heap_[least])) least = child;
    }
    if (!heap_[least].before(entry)) break;
    place(at, heap_[least]);
    at = least;
  }
  place(at, entry);
}

void Kernel::remove_from_heap(std::size_t at) {
  const Entry last = heap_.back();
  heap_.pop_back();
  if (at == heap_.size()) return;
  if (at > 0 && last.before(heap_[(at - 1) / kArity])) {
    sift_up(at, last);
  } else {
    sift_down(at, last);
  }
}

bool Kernel::limit_hit() {
  if (events_run_ < limits_.max_events && events_this_instant_ < limits_.max_events_per_instant &&
      heap_.size() <= limits_.max_waiting) {
    return false;
  }
  const std::string where =
      " The clock stands at Unix second " + std::to_string(net::unix_seconds(now_)) + ".";
  if (events_run_ >= limits_.max_events) {
    problem_ = "The scenario does not come to an end: " + std::to_string(events_run_) +
               " events were run, and that is the limit." + where;
  } else if (events_this_instant_ >= limits_.max_events_per_instant) {
    problem_ = "The clock does not move: " + std::to_string(events_this_instant_) +
               " events were run at one instant, and that is the limit; two actors seem to answer "
               "each other without delay." +
               where;
  } else {
    problem_ = "Too much is planned at once: " + std::to_string(heap_.size()) +
               " events are waiting, the limit is " + std::to_string(limits_.max_waiting) + "." +
               where;
  }
  return true;
}

bool Kernel::run_one() {
  end_turn();
  if (heap_.empty() || limit_hit()) return false;
  const Entry entry = heap_.front();
  remove_from_heap(0);
  if (entry.at > now_) {
    now_ = entry.at;
    events_this_instant_ = 0;
  }
  ++events_run_;
  ++events_this_instant_;
  Node& n = node(entry.node);
  places_[entry.node] = kNowhere;  // from here on its id is past: cancel() ignores it
  const Running running(*this, entry.node);
  if (sink_ != nullptr) sink_->set_cause(n.cause);
  n.run(n.call);
  end_turn();
  return true;
}

bool Kernel::pass_time(net::Time now) {
  if (next_time() <= now) return false;
  if (now > now_) {
    now_ = now;
    events_this_instant_ = 0;
  }
  return true;
}

RunEnd Kernel::run_until(net::Time end) {
  stop_ = false;
  end_turn();
  while (next_time() <= end && !heap_.empty()) {
    if (!run_one()) return RunEnd::limit;
    if (stop_) return RunEnd::stopped;
  }
  if (end != net::kNever && end > now_) {
    now_ = end;
    events_this_instant_ = 0;
  }
  return RunEnd::reached;
}

}  // namespace mailscope::sim
