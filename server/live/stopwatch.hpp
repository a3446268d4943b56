// Real time that has passed, for reports to people and CI systems. Never for behaviour.
#pragma once

#include <chrono>

namespace mailscope::live {

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace mailscope::live
