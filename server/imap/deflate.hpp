// COMPRESS=DEFLATE's octets (RFC 4978): raw DEFLATE both ways, flushed whenever something has to be
// read.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace mailscope::imap {

class Deflate {
 public:
  Deflate();
  ~Deflate();
  /// All of `plain`, such that the peer can read it without more to come.
  std::string pack(std::string_view plain);

  /// Takes compressed octets from the peer.
  void feed(std::string_view packed);
  enum class Status {
    need_more,  // nothing is left to unpack
    piece,      // there is more where this came from
    ended,      // the peer has ended the stream: only what ends compression may go before that
    broken,     // not DEFLATE, or more than kMaxInflateRatio allows: the session must end
  };
  /// Appends at most kInflatePiece octets to `out`, and never of two blocks at once: a peer flushes
  /// at the end of a command, and what follows may no longer be packed.
  Status unpack(std::string& out);
  /// Octets that are not unpacked yet.
  std::size_t waiting() const { return packed_.size() - next_; }
  /// Compression is over: what lies behind the flush of the last command, taken. Empty: nothing has
  /// come yet.
  std::string take_rest();

 private:
  struct Streams;
  bool skip_block();
  bool skip_flush();

  std::unique_ptr<Streams> streams_;
  std::string packed_;  // not unpacked yet
  std::size_t next_ = 0;
  bool ended_ = false;
  bool inside_ = false;  // a block
  std::size_t octets_in_ = 0;
  std::size_t octets_out_ = 0;
};

}  // namespace mailscope::imap
