// One turn of the world: read what arrived, run the engines, commit once, only then let replies
// leave. "Nothing leaves before it is on disk" is kept here and nowhere else.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace mailscope::net {

/// Something whose output waits for the end of the turn.
class Flushable {
 public:
  virtual ~Flushable() = default;
  virtual void flush() = 0;
  /// What waits does not depend on the commit.
  virtual bool early() const { return false; }
};

class Turn {
 public:
  /// `commit` makes durable what this turn changed; it runs before any flush. May throw: then the
  /// output of the turn is not sent and the exception leaves end().
  void on_commit(std::function<void()> commit) { commits_.push_back(std::move(commit)); }
  /// `who` must stay alive until the end of the turn (see dispose). Asking twice is asking twice.
  void flush_later(Flushable& who) { flushes_.push_back(&who); }
  /// Forgets every flush asked for by `who`.
  void forget(Flushable& who) {
    for (auto& f : flushes_)
      if (f == &who) f = nullptr;
  }
  /// Destroys `object` when the turn is over: the way for an object to end itself inside a call.
  template <typename T>
  void dispose(std::unique_ptr<T> object) {
    garbage_.emplace_back(std::move(object));
  }
  /// Calls `action` at the end of the turn, after the flushes.
  void after(std::function<void()> action) { actions_.push_back(std::move(action)); }

  /// Flushes those whose output does not depend on the commit, and gives their number. On the live
  /// side their peers' next commands can then take part in the same commit: of twenty clients that
  /// send a message each, all wait for the disk once, and not each of them at every command. A
  /// simulation, where the commit costs no time, never calls it.
  std::size_t flush_early();

  bool pending() const { return !flushes_.empty() || !actions_.empty() || !garbage_.empty(); }

  /// Commit, flush, actions, garbage; again while those asked for more.
  void end();

 private:
  std::vector<std::function<void()>> commits_;
  std::vector<Flushable*> flushes_;
  std::vector<std::function<void()>> actions_;
  std::vector<std::shared_ptr<void>> garbage_;
};

}  // namespace mailscope::net
