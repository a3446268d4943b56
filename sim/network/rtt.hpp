// Round-trip time and the retransmission time-out made from it (RFC 6298).
#pragma once

#include <algorithm>

#include "server/net/time.hpp"
#include "sim/network/tcp_options.hpp"

namespace mailscope::sim {

class RttEstimator {
 public:
  explicit RttEstimator(const TcpOptions& options)
      : min_(options.min_rto), max_(options.max_rto), rto_(options.initial_rto) {}

  /// A round trip of a segment that was sent once only (Karn's rule, RFC 6298 section 3).
  void sample(net::Duration rtt) {
    if (smoothed_ == net::Duration::zero()) {
      smoothed_ = rtt;
      variation_ = rtt / 2;
    } else {
      const net::Duration error = smoothed_ > rtt ? smoothed_ - rtt : rtt - smoothed_;
      variation_ += (error - variation_) / 4;
      smoothed_ += (rtt - smoothed_) / 8;
    }
    constexpr net::Duration granularity = std::chrono::milliseconds(1);
    rto_ = std::clamp(smoothed_ + std::max(granularity, 4 * variation_), min_, max_);
  }
  /// RFC 6298 section 5.5.
  void back_off() { rto_ = std::min(rto_ * 2, max_); }
  /// SYN had to be repeated: RFC 6298 section 5.7 starts data with three seconds.
  void syn_was_lost() { rto_ = std::max(min_, net::Duration(std::chrono::seconds(3))); }

  net::Duration rto() const { return rto_; }
  /// Zero before the first sample.
  net::Duration smoothed() const { return smoothed_; }
  net::Duration variation() const { return variation_; }

 private:
  net::Duration min_;
  net::Duration max_;
  net::Duration rto_;
  net::Duration smoothed_{};
  net::Duration variation_{};
};

}  // namespace mailscope::sim
