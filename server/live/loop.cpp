#include "server/live/loop.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <cmath>
#include <csignal>

#include "server/live/loop_impl.hpp"

namespace mailscope::live {

namespace {

using Steady = std::chrono::steady_clock;

/// Handlers of one batch: bounds how long an answer waits for the commit when sockets are never
/// idle.
constexpr int kBatchHandlers = 1024;
/// How long a commit waits for the next command of a peer that was answered in the same batch:
/// about what a client on the same machine needs, and little beside the disk's own time.
constexpr auto kCompany = std::chrono::microseconds(100);
/// Wall clock and steady clock are compared at least this often.
constexpr net::Duration kLongestWait = std::chrono::seconds(10);
/// A clock that is ahead by more than this was set; less is drift, and is followed too, in one
/// step.
constexpr net::Duration kClockStep = std::chrono::milliseconds(50);

/// Nothing has come in for so long: the loop is idle.
constexpr net::Duration kIdleAfter = std::chrono::milliseconds(20);

}  // namespace

net::Time LiveLoop::Impl::now() const {
  const auto system = std::chrono::time_point_cast<net::Duration>(std::chrono::system_clock::now());
  const net::Time steady = wall_anchor + (Steady::now() - steady_anchor);
  if (system <= steady + kClockStep) return steady;
  wall_anchor = system;
  steady_anchor = Steady::now();
  return system;
}

net::Time LiveLoop::Impl::world_time(Steady::time_point at) const {
  const auto passed = static_cast<double>((at - rate_anchor).count()) * rate;
  return world_anchor + net::Duration(std::llround(passed));
}

net::Time LiveLoop::Impl::world_time() const {
  return world_time(Steady::now());
}

void LiveLoop::Impl::enter() {
  if (world) world->run_until(world_time());
  if (sink) sink->set_cause(0);
}

net::Duration LiveLoop::Impl::patience() const {
  net::Duration wait = kLongestWait;
  if (turn.pending()) return net::Duration::zero();
  if (idle_work && idle_more) wait = kIdleAfter;
  if (!timers.empty()) wait = std::min(wait, timers.begin()->first.first - now());
  if (world && rate > 0) {
    if (const net::Time next = world->next_time(); next != net::kNever) {
      const double away = static_cast<double>((next - world_time()).count()) / rate;
      wait = std::min(
          wait,
          net::Duration(std::llround(std::min(away, static_cast<double>(kLongestWait.count())))));
    }
  }
  return std::max(wait, net::Duration::zero());
}

void LiveLoop::Impl::fire_timers() {
  // Those that are due now; what they set for "now" belongs to the next batch.
  const net::Time due = now();
  const net::TimerId newest = last_timer;
  for (auto next = timers.begin(); next != timers.end() && next->first.first <= due;
       next = timers.begin()) {
    while (next != timers.end() && next->first.second > newest) ++next;
    if (next == timers.end() || next->first.first > due) break;
    auto timer = timers.extract(next);
    timer_times.erase(timer.key().second);
    if (sink) sink->set_cause(timer.mapped().cause);
    timer.mapped().call();
  }
}

void LiveLoop::Impl::gather_batch() {
  int handled = 1;
  do {
    while (handled < kBatchHandlers && io.poll_one() > 0) ++handled;
    if (handled >= kBatchHandlers || turn.flush_early() == 0) return;
    // Only who waits for the disk anyway has time to wait for more company.
    if (turn.pending()) handled += static_cast<int>(io.run_one_for(kCompany));
  } while (true);
}

void LiveLoop::Impl::end_batch() {
  enter();
  fire_timers();
  turn.end();
  if (batch_hook) batch_hook();
}

LiveLoop::LiveLoop(net::Turn& turn) : impl_(std::make_unique<Impl>(turn)) {
  impl_->wall_anchor =
      std::chrono::time_point_cast<net::Duration>(std::chrono::system_clock::now());
  impl_->steady_anchor = Steady::now();
  impl_->signals.add(SIGINT);
  impl_->signals.add(SIGTERM);
  impl_->signals.async_wait(
      [impl = impl_.get()](const boost::system::error_code& error, int number) {
        if (error) return;
        impl->signal = number;
        impl->stopped = true;
        // A second one has its usual effect, for when the farewell takes too long.
        impl->signals.clear();
      });
}

LiveLoop::~LiveLoop() = default;

net::Time LiveLoop::now() const {
  return impl_->now();
}

net::TimerId LiveLoop::set(net::Time at, std::function<void()> wake) {
  const net::TimerId id = ++impl_->last_timer;
  impl_->timers.emplace(std::pair(at, id),
                        Impl::Wake{std::move(wake), impl_->sink ? impl_->sink->cause() : 0});
  impl_->timer_times.emplace(id, at);
  return id;
}

void LiveLoop::cancel(net::TimerId id) {
  const auto found = impl_->timer_times.find(id);
  if (found == impl_->timer_times.end()) return;
  impl_->timers.erase({found->second, id});
  impl_->timer_times.erase(found);
}

void LiveLoop::attach(trace::Sink& sink) {
  impl_->sink = &sink;
}

void LiveLoop::drive(Driven* world, net::Time start) {
  impl_->world = world;
  impl_->world_anchor = start;
  impl_->rate_anchor = Steady::now();
}

void LiveLoop::set_rate(double rate) {
  const auto at = Steady::now();
  impl_->world_anchor = impl_->world_time(at);
  impl_->rate_anchor = at;
  impl_->rate = std::max(rate, 0.0);
}

net::Time LiveLoop::world_time() const {
  return impl_->world_time();
}

void LiveLoop::after_batch(std::function<void()> call) {
  impl_->batch_hook = std::move(call);
}

void LiveLoop::when_idle(std::function<bool()> work) {
  impl_->idle_work = std::move(work);
  impl_->idle_more = true;
}

void LiveLoop::post(std::function<void()> call) {
  boost::asio::post(impl_->io, [impl = impl_.get(), call = std::move(call)] {
    impl->enter();
    call();
  });
}

void LiveLoop::stop() {
  impl_->stopped = true;
}

int LiveLoop::run(const std::function<bool()>& until) {
  const auto stay = boost::asio::make_work_guard(impl_->io);
  impl_->stopped = false;
  impl_->signal = 0;
  impl_->end_batch();  // what was asked for before the loop ran
  while (!impl_->stopped && !(until && until())) {
    impl_->io.restart();
    if (impl_->io.run_one_for(impl_->patience()) > 0) {
      impl_->idle_more = true;
      impl_->gather_batch();
    } else if (impl_->idle_work && impl_->idle_more) {
      impl_->idle_more = impl_->idle_work();
    }
    impl_->end_batch();
  }
  return impl_->signal;
}

}  // namespace mailscope::live
