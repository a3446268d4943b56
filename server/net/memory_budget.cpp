#include "server/net/memory_budget.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace mailscope::net {

MemoryBudget::Share::Share(MemoryBudget& budget, std::function<void()> evict)
    : budget_(budget), evict_(std::move(evict)) {
  budget_.levels_[0].push_front(this);
  place_ = budget_.levels_[0].begin();
}

MemoryBudget::Share::~Share() {
  budget_.used_ -= held_;
  if (leaving_)
    budget_.leaving_ -= held_;
  else
    budget_.levels_[level_].erase(place_);
}

void MemoryBudget::Share::hold(std::size_t octets) {
  if (octets == held_) return;
  const bool more = octets > held_;
  budget_.used_ += octets - held_;
  if (leaving_) budget_.leaving_ += octets - held_;
  held_ = octets;
  if (!leaving_) {
    const auto level = static_cast<std::size_t>(std::bit_width(octets));
    if (level != level_) {
      auto& to = budget_.levels_[level];
      to.splice(to.begin(), budget_.levels_[level_], place_);
      level_ = level;
    }
  }
  if (!more) return;
  budget_.peak_ = std::max(budget_.peak_, budget_.used_);
  while (budget_.limit_ != 0 && budget_.used_ - budget_.leaving_ > budget_.limit_)
    budget_.evict_greediest();
}

void MemoryBudget::evict_greediest() {
  const auto level = std::find_if(levels_.rbegin(), levels_.rend(),
                                  [](const auto& list) { return !list.empty(); });
  Share& greediest = *level->front();
  level->pop_front();
  greediest.leaving_ = true;
  leaving_ += greediest.held_;
  greediest.evict_();
}

}  // namespace mailscope::net
