// The two buffers of a TCP socket that are more than a string: what was sent and may have to be
// sent again, and what arrived before its turn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mailscope::sim {

/// Octets from the oldest that is not acknowledged on. Taking from the front moves no memory.
class SendBuffer {
 public:
  void append(std::string_view bytes) { bytes_ += bytes; }
  /// Forgets the first `count` octets: they were acknowledged.
  void drop(std::size_t count);
  std::string_view view(std::size_t offset, std::size_t count) const {
    return std::string_view(bytes_).substr(head_ + offset, count);
  }
  std::size_t size() const { return bytes_.size() - head_; }
  bool empty() const { return size() == 0; }

 private:
  std::string bytes_;
  std::size_t head_ = 0;
};

/// Data that arrived out of order, without overlaps, in order of sequence number.
class Reassembly {
 public:
  bool empty() const { return pieces_.empty(); }
  /// Keeps what is new in `bytes`, which begin at `seq`, behind `next`. The caller has cut them to
  /// the receive window, and so bounds what is kept here.
  void insert(std::uint32_t seq, std::string_view bytes);
  /// Appends to `out` what follows on `next` without a gap, and moves `next` behind it.
  void take(std::uint32_t& next, std::string& out);

 private:
  struct Piece {
    std::uint32_t seq;
    std::string bytes;
    std::uint32_t end() const { return seq + static_cast<std::uint32_t>(bytes.size()); }
  };
  std::vector<Piece> pieces_;  // some dozens at most: a window's worth of segments
};

}  // namespace mailscope::sim
