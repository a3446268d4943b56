// One limit for the memory that all connections of a server hold together: input that is no whole
// command yet, messages that arrive, answers that nobody fetches, states of TLS and compression.
// Each connection tells how much it holds; when all of them hold too much, the greediest must go.
//
//   limit  |--------------------------------------------| beyond: the greediest is evicted
//   7/8    |--------------------------------------|        beyond: newcomers are turned away
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <limits>
#include <list>

namespace mailscope::net {

class MemoryBudget {
 public:
  /// `limit` in octets; 0: none.
  explicit MemoryBudget(std::size_t limit = 0) : limit_(limit) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  /// What one connection holds.
  class Share {
   public:
    /// `evict` is called, once at most, from inside a hold() of any share: it must only arrange
    /// that this connection ends soon. `budget` outlives the share.
    Share(MemoryBudget& budget, std::function<void()> evict);
    ~Share();
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    void hold(std::size_t octets);
    std::size_t held() const { return held_; }

   private:
    friend class MemoryBudget;
    MemoryBudget& budget_;
    std::function<void()> evict_;
    std::size_t held_ = 0;
    std::size_t level_ = 0;  // in which list of budget_ it stands
    std::list<Share*>::iterator place_;
    bool leaving_ = false;  // evicted: in no list
  };

  std::size_t limit() const { return limit_; }
  std::size_t used() const { return used_; }
  /// The most that was used at a time.
  std::size_t peak() const { return peak_; }
  /// So little is left that no new connection should begin.
  bool crowded() const { return limit_ != 0 && used_ > limit_ - limit_ / 8; }

 private:
  void evict_greediest();

  /// Shares by the number of bits of what they hold, in each list those first that came there last:
  /// finding one of the greediest takes no search.
  static constexpr std::size_t kLevels = std::numeric_limits<std::size_t>::digits + 1;
  std::array<std::list<Share*>, kLevels> levels_;
  std::size_t limit_;
  std::size_t used_ = 0;
  std::size_t leaving_ = 0;  // of it, held by those who were evicted and have not gone yet
  std::size_t peak_ = 0;
};

}  // namespace mailscope::net
