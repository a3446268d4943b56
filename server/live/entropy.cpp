#include "server/live/entropy.hpp"

#include <sys/random.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace mailscope::live {

std::uint64_t SystemEntropy::next() {
  if (left_ == 0) {
    char* out = reinterpret_cast<char*>(pool_.data());
    for (std::size_t got = 0; got < sizeof pool_;) {
      const ssize_t n = getrandom(out + got, sizeof pool_ - got, 0);
      if (n < 0 && errno != EINTR) {
        throw std::system_error(errno, std::generic_category(), "getrandom");
      }
      if (n > 0) got += static_cast<std::size_t>(n);
    }
    left_ = pool_.size();
  }
  return std::exchange(pool_[--left_], 0);  // what was given out is not kept
}

std::unique_ptr<net::Entropy> SystemEntropy::fork(std::string_view) const {
  return std::make_unique<SystemEntropy>();
}

}  // namespace mailscope::live
