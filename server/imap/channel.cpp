// Hands out what was said, packed or as it is.
#include "server/imap/channel.hpp"

#include <utility>

namespace mailscope::imap {

void Channel::hand_out() {
  if (out_.cause != 0) sent_.cause = std::exchange(out_.cause, 0);
  if (out_.wish != net::Wish::go_on) sent_.wish = std::exchange(out_.wish, net::Wish::go_on);
  if (sent_.wish == net::Wish::abort) sent_.bytes.clear();
  if (out_.bytes.empty()) return;
  if (compressed())
    sent_.bytes += deflate_->pack(out_.bytes);
  else if (sent_.bytes.empty())
    return sent_.bytes.swap(out_.bytes);
  else
    sent_.bytes += out_.bytes;
  out_.bytes.clear();
}

void Channel::compress(std::string_view rest) {
  hand_out();  // the answer to COMPRESS itself is the last that leaves as it is
  deflate_ = std::make_unique<Deflate>();
  ended_ = false;
  deflate_->feed(rest);
}

void Channel::end_compression() {
  hand_out();
  ended_ = true;
}

std::string Channel::take_plain(std::string_view bytes) {
  if (!ended_) return std::string(bytes);
  deflate_->feed(bytes);
  std::string plain = deflate_->take_rest();
  if (!plain.empty()) {
    deflate_.reset();
    ended_ = false;
  }
  return plain;
}

}  // namespace mailscope::imap
