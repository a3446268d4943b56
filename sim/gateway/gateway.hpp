// The way of real clients into a simulated world: a real connection or datagram arrives, and the
// host "you" of the world does the same inside. Bytes pass as they are.
//
//   Thunderbird --- real socket --- gateway === host "you" --- simulated access link --- mx1
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "server/net/memory_budget.hpp"
#include "server/net/network.hpp"
#include "server/net/turn.hpp"

namespace mailscope::gateway {

/// Octets that may wait on one side for the other before reading pauses.
inline constexpr std::size_t kHighWater = 256 * 1024;
/// What a pair of connections costs besides what waits in it.
inline constexpr std::size_t kPairOctets = 4 * 1024;
/// Real clients that ask the DNS at a time; each has a port of its own inside. The oldest yields.
inline constexpr std::size_t kMaxDatagramClients = 512;

/// Joins pairs of connections until both are over.
class StreamGateway {
 public:
  /// `inside`: the network of the host "you". `memory`: of which what waits is taken.
  StreamGateway(net::Network& inside, net::Turn& turn, net::MemoryBudget& memory);
  ~StreamGateway();
  /// Takes a real connection and opens one to `target` inside, where `preface` goes first.
  void join(std::unique_ptr<net::Connection> outside, net::Endpoint target,
            std::string_view preface = {});
  std::size_t open() const { return pairs_.size(); }

 private:
  class Pair;
  void drop(Pair& pair);

  net::Network& inside_;
  net::Turn& turn_;
  net::MemoryBudget& memory_;
  std::map<const Pair*, std::unique_ptr<Pair>> pairs_;  // looked up, never walked
};

/// Passes datagrams to one endpoint inside and the answers back.
class DatagramGateway {
 public:
  using Answer = std::function<void(net::Endpoint to, std::string_view payload)>;
  DatagramGateway(net::Network& inside, net::Endpoint target, Answer answer)
      : inside_(inside), target_(target), answer_(std::move(answer)) {}
  void pass(net::Endpoint from, std::string_view payload);

 private:
  struct Client {
    std::unique_ptr<net::DatagramSocket> socket;
    std::uint64_t used = 0;
  };
  void make_room();

  net::Network& inside_;
  net::Endpoint target_;
  Answer answer_;
  std::map<net::Endpoint, Client> clients_;
  std::uint64_t clock_ = 0;
};

}  // namespace mailscope::gateway
