#include "server/net/turn.hpp"

namespace mailscope::net {

std::size_t Turn::flush_early() {
  std::size_t count = 0;
  for (std::size_t i = 0; i < flushes_.size(); ++i) {
    if (flushes_[i] == nullptr || !flushes_[i]->early()) continue;
    std::exchange(flushes_[i], nullptr)->flush();
    ++count;
  }
  std::erase(flushes_, nullptr);
  return count;
}

void Turn::end() {
  while (pending()) {
    for (auto& commit : commits_) commit();
    for (std::size_t i = 0; i < flushes_.size(); ++i) {
      if (auto* who = std::exchange(flushes_[i], nullptr)) who->flush();
    }
    flushes_.clear();
    auto actions = std::exchange(actions_, {});
    for (auto& action : actions) action();
    auto garbage = std::exchange(garbage_, {});
    garbage.clear();
  }
}

}  // namespace mailscope::net
