// What the benchmarks share: CPU time (a shared machine's wall clock says little about the code),
// resident memory, and lines that tests/bench/run makes a table of:
//
//     group <TAB> what <TAB> figure <TAB> unit <TAB> remark
#pragma once

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <string_view>

namespace mailscope::bench {

/// CPU time of this process, user and system, since the object was made. Not getrusage(): its user
/// time is counted in ticks of the kernel, too coarse for what takes milliseconds.
class CpuTime {
 public:
  double seconds() const { return now() - begin_; }

 private:
  static double now() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  }
  double begin_ = now();
};

/// Memory that is resident now, MiB.
inline double resident_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
  }
  return 0;
}

/// One row of the table.
class Group {
 public:
  explicit Group(std::string name) : name_(std::move(name)) {}

  void figure(std::string_view what, double value, std::string_view unit,
              std::string_view remark = {}) const {
    std::printf("%s\t%.*s\t%.*f\t%.*s\t%.*s\n", name_.c_str(), static_cast<int>(what.size()),
                what.data(), value < 100 ? 1 : 0, value, static_cast<int>(unit.size()), unit.data(),
                static_cast<int>(remark.size()), remark.data());
    std::fflush(stdout);
  }
  /// `count` things in `seconds`; the remark is the time of one.
  void rate(std::string_view what, double count, std::string_view unit, double seconds) const {
    char each[64];
    std::snprintf(each, sizeof each, "%.2f us each", seconds / count * 1e6);
    figure(what, count / seconds, unit, each);
  }
  /// Ends the program: a benchmark of something that went wrong measures nothing.
  [[noreturn]] void fail(std::string_view why) const {
    std::fprintf(stderr, "%s: %.*s\n", name_.c_str(), static_cast<int>(why.size()), why.data());
    std::exit(1);
  }

 private:
  std::string name_;
};

}  // namespace mailscope::bench
