// Random numbers from the operating system, for the live side.
#pragma once

#include <array>
#include <cstddef>

#include "server/net/network.hpp"

namespace mailscope::live {

/// getrandom(2). Forks are streams of their own, and as random; their labels mean nothing here.
class SystemEntropy final : public net::Entropy {
 public:
  std::uint64_t next() override;
  std::unique_ptr<net::Entropy> fork(std::string_view label) const override;

 private:
  // A handshake draws some 200 octets, 8 at a time; one system call fetches this many.
  std::array<std::uint64_t, 8> pool_{};
  std::size_t left_ = 0;
};

}  // namespace mailscope::live
