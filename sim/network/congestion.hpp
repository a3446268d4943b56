// How much may be on its way at once: slow start, congestion avoidance, fast retransmit and fast
// recovery (RFC 5681, with the partial acknowledgements of RFC 6582). Knows nothing of segments
// but their size; the socket asks and obeys.
#pragma once

#include <cstdint>

namespace mailscope::sim {

class Congestion {
 public:
  enum class Phase : std::uint8_t { slow_start, avoidance, recovery };

  explicit Congestion(std::uint32_t mss);

  /// `octets` of new data were acknowledged, outside of recovery.
  void on_ack(std::uint32_t octets);
  /// The third duplicate acknowledgement with `flight` octets on their way: recovery begins.
  void on_loss(std::uint32_t flight);
  /// One more duplicate acknowledgement in recovery: a segment has left the network.
  void on_duplicate();
  /// An acknowledgement in recovery that does not cover all that was sent before it.
  void on_partial_ack(std::uint32_t octets);
  /// Everything sent before the loss was noticed has arrived, with `flight` octets behind it.
  void on_recovered(std::uint32_t flight);
  /// The retransmission timer ran out. `first`: of this segment.
  void on_timeout(std::uint32_t flight, bool first);
  /// SYN or SYN ACK was lost: begin with one segment (RFC 5681 section 3.1).
  void on_handshake_loss() { window_ = mss_; }
  /// Nothing was sent for longer than the time-out (RFC 5681 section 4.1).
  void on_idle();

  std::uint32_t window() const { return window_; }
  std::uint32_t threshold() const { return threshold_; }
  bool in_recovery() const { return recovery_; }
  Phase phase() const {
    if (recovery_) return Phase::recovery;
    return window_ < threshold_ ? Phase::slow_start : Phase::avoidance;
  }

 private:
  std::uint32_t mss_;
  std::uint32_t window_;
  std::uint32_t threshold_;
  bool recovery_ = false;
};

}  // namespace mailscope::sim
