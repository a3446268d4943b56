// Between a connection and what is said on it: nothing, or from COMPRESS on DEFLATE both ways
// (RFC 4978), up to UNAUTHENTICATE (RFC 8437 section 4.1).
//
//   C: a COMPRESS DEFLATE
//   S: a OK Compression is on        the last octets that leave as they are
#pragma once

#include <memory>
#include <string_view>

#include "server/imap/deflate.hpp"
#include "server/imap/limits.hpp"
#include "server/net/engine.hpp"

namespace mailscope::imap {

class Channel {
 public:
  /// `sent`: what the connection takes; outlives the channel.
  explicit Channel(net::Output& sent) : sent_(sent) {}

  /// What is said, as it is.
  net::Output& out() { return out_; }
  /// What was said goes on its way.
  void hand_out();
  /// From here on it is packed; `rest`: octets of the peer that are packed already.
  void compress(std::string_view rest);
  bool compressed() const { return deflate_ != nullptr && !ended_; }
  /// From here on it is as it was before, both ways; what was said before leaves packed.
  void end_compression();
  /// What the peer has sent unpacked: `bytes`, with what came before.
  std::string take_plain(std::string_view bytes);
  /// Octets that the peer has packed and nobody has unpacked yet.
  std::size_t waiting() const { return deflate_ ? deflate_->waiting() : 0; }
  /// Octets that it holds.
  std::size_t memory() const {
    return sent_.bytes.capacity() + out_.bytes.capacity() + (deflate_ ? kDeflateOctets : 0);
  }

  // Only when compressed.
  void feed(std::string_view packed) { deflate_->feed(packed); }
  /// Appends the next piece of what the peer has packed.
  Deflate::Status unpack(std::string& piece) { return deflate_->unpack(piece); }

 private:
  net::Output& sent_;
  net::Output out_;
  std::unique_ptr<Deflate> deflate_;
  bool ended_ = false;  // the peer's last flush may still have to be taken away
};

}  // namespace mailscope::imap
