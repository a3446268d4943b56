// The live side's event loop: the wall clock, sockets and signals. It works in batches: everything
// that is ready is handled, then the turn ends once (one commit for all of it, then all the answers
// leave). That is group commit without a thread.
//
// A simulated world can run along with the wall clock: drive() it, and real sockets (gateways)
// reach into it at the right virtual time.
//
//     net::Turn turn;
//     live::LiveLoop loop(turn);
//     live::AsioNetwork network(loop, sink, {.bind_address = net::Address::v4(127, 0, 0, 1)});
//     ... hosts listen on `network`, with `loop` as their net::Timers ...
//     loop.run();   // until SIGINT or SIGTERM
#pragma once

#include <functional>
#include <memory>

#include "server/net/network.hpp"
#include "server/net/turn.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::live {

/// Something with a virtual clock, such as the kernel of a simulation.
class Driven {
 public:
  virtual ~Driven() = default;
  /// When its next event is due; kNever when it has none.
  virtual net::Time next_time() const = 0;
  /// Runs every event up to `until` and leaves the clock there. Earlier times than the last are
  /// ignored.
  virtual void run_until(net::Time until) = 0;
};

class LiveLoop final : public net::Timers {
 public:
  explicit LiveLoop(net::Turn& turn);
  ~LiveLoop() override;
  LiveLoop(const LiveLoop&) = delete;
  LiveLoop& operator=(const LiveLoop&) = delete;

  /// The wall clock. Never goes back: when somebody sets it back it stands ahead of the system's
  /// until the next start, when it is set forward it follows.
  net::Time now() const override;
  net::TimerId set(net::Time at, std::function<void()> wake) override;
  void cancel(net::TimerId id) override;

  /// The sink whose causes travel with the timers. Without one, causes are left alone.
  void attach(trace::Sink& sink);
  /// Runs `world` along with the wall clock from its time `start` on; null: no longer.
  void drive(Driven* world, net::Time start);
  /// Virtual seconds per second; 0 pauses the world. 1 at first.
  void set_rate(double rate);
  /// Where the world's clock should be now.
  net::Time world_time() const;

  /// Called after every batch, when the turn is over.
  void after_batch(std::function<void()> call);
  /// Called in a batch of its own when nothing has come in for a moment, until it says that there
  /// is nothing more to do; then again once something has come in.
  void when_idle(std::function<bool()> work);
  /// Runs `call` in the loop's thread, in a batch. The only member that other threads may use.
  void post(std::function<void()> call);

  /// Runs until stop(), a signal, or until `until` (asked after every batch) holds. Gives the
  /// number of the signal, or 0. What a handler or the turn's commit throws leaves run().
  int run(const std::function<bool()>& until = {});
  void stop();

  struct Impl;
  Impl& impl() { return *impl_; }  // for the files of this folder

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace mailscope::live
