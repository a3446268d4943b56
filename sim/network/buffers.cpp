// Send buffer and reassembly.
#include "sim/network/buffers.hpp"

#include <utility>

#include "sim/network/sequence.hpp"

namespace mailscope::sim {

namespace {

/// A drained buffer keeps this much memory for the next reply; more is given back, so that ten
/// thousand idle connections stay small.
constexpr std::size_t kKeptOctets = 4096;

/// Front octets are moved away only when they are this many, and at least half of the buffer.
constexpr std::size_t kCompactOctets = 16384;

}  // namespace

void SendBuffer::drop(std::size_t count) {
  head_ += count;
  if (head_ == bytes_.size()) {
    if (bytes_.capacity() > kKeptOctets) {
      std::string().swap(bytes_);
    } else {
      bytes_.clear();
    }
    head_ = 0;
  } else if (head_ >= kCompactOctets && head_ * 2 >= bytes_.size()) {
    bytes_.erase(0, head_);
    head_ = 0;
  }
}

void Reassembly::insert(std::uint32_t seq, std::string_view bytes) {
  auto at = pieces_.begin();
  while (!bytes.empty()) {
    while (at != pieces_.end() && seq_at_most(at->end(), seq)) ++at;
    if (at == pieces_.end() ||
        seq_at_most(seq + static_cast<std::uint32_t>(bytes.size()), at->seq)) {
      pieces_.insert(at, Piece{seq, std::string(bytes)});
      return;
    }
    if (seq_before(seq, at->seq)) {  // the part in front of the piece that is there
      const std::uint32_t gap = at->seq - seq;
      at = pieces_.insert(at, Piece{seq, std::string(bytes.substr(0, gap))});
      bytes.remove_prefix(gap);
      seq += gap;
      ++at;
    }
    const std::uint32_t known = at->end() - seq;  // what arrived first stays
    if (known >= bytes.size()) return;
    bytes.remove_prefix(known);
    seq += known;
    ++at;
  }
}

void Reassembly::take(std::uint32_t& next, std::string& out) {
  auto at = pieces_.begin();
  for (; at != pieces_.end() && seq_at_most(at->seq, next); ++at) {
    if (seq_before(next, at->end())) {
      out += std::string_view(at->bytes).substr(next - at->seq);
      next = at->end();
    }
  }
  pieces_.erase(pieces_.begin(), at);
}

}  // namespace mailscope::sim
