// Congestion control, RFC 5681 and RFC 6582.
#include "sim/network/congestion.hpp"

#include <algorithm>

#include "sim/network/tcp_options.hpp"

namespace mailscope::sim {

namespace {

/// "Arbitrarily high" (RFC 5681 section 3.1), and far from overflow.
constexpr std::uint32_t kUnknownThreshold = 0x3FFFFFFF;

/// No use in a window that no receiver offers; keeps the arithmetic in range.
constexpr std::uint32_t kMaxWindowOctets = 16 * kReceiveBufferOctets;

}  // namespace

Congestion::Congestion(std::uint32_t mss)
    : mss_(mss), window_(kInitialWindowSegments * mss), threshold_(kUnknownThreshold) {}

void Congestion::on_ack(std::uint32_t octets) {
  if (window_ < threshold_) {
    window_ += std::min(octets, mss_);  // RFC 5681 section 3.1, equation 2
  } else {
    window_ += std::max(1u, mss_ * mss_ / window_);  // equation 3
  }
  window_ = std::min(window_, kMaxWindowOctets);
}

void Congestion::on_loss(std::uint32_t flight) {
  threshold_ = std::max(flight / 2, 2 * mss_);  // RFC 5681 section 3.2, step 2
  window_ = threshold_ + 3 * mss_;              // step 3
  recovery_ = true;
}

void Congestion::on_duplicate() {
  window_ = std::min(window_ + mss_, kMaxWindowOctets);
}

void Congestion::on_partial_ack(std::uint32_t octets) {
  // RFC 6582 section 3.2, step 3: deflate by what was acknowledged, add back one segment.
  window_ = std::max(window_ > octets ? window_ - octets : 0, mss_);
  if (octets >= mss_) window_ += mss_;
}

void Congestion::on_recovered(std::uint32_t flight) {
  window_ = std::min(threshold_, std::max(flight, mss_) + mss_);  // RFC 6582 section 3.2, step 3
  recovery_ = false;
}

void Congestion::on_timeout(std::uint32_t flight, bool first) {
  if (first) threshold_ = std::max(flight / 2, 2 * mss_);  // RFC 5681 section 3.1, equation 4
  window_ = mss_;
  recovery_ = false;
}

void Congestion::on_idle() {
  window_ = std::min(window_, kInitialWindowSegments * mss_);
}

}  // namespace mailscope::sim
