#include "server/net/turn.hpp"

namespace mailscope::net {

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
