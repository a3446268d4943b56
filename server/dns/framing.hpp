// Messages on TCP: each one behind its length in two octets (RFC 1035 section 4.2.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailscope::dns {

/// `message` with its length in front. At most 65535 octets.
inline std::string frame(std::string_view message) {
  std::string framed;
  framed.reserve(message.size() + 2);
  framed += static_cast<char>(message.size() >> 8);
  framed += static_cast<char>(message.size() & 0xff);
  framed += message;
  return framed;
}

/// Cuts a stream of octets into messages. Holds at most one message and what came behind it.
class Deframer {
 public:
  void feed(std::string_view bytes) { buffer_ += bytes; }
  /// The next whole message, or nullopt until more has come.
  std::optional<std::string> next() {
    if (buffer_.size() < 2) return std::nullopt;
    const std::size_t length =
        static_cast<unsigned char>(buffer_[0]) * 256u + static_cast<unsigned char>(buffer_[1]);
    if (buffer_.size() < 2 + length) return std::nullopt;
    std::string message = buffer_.substr(2, length);
    buffer_.erase(0, 2 + length);
    return message;
  }
  bool empty() const { return buffer_.empty(); }

 private:
  std::string buffer_;
};

}  // namespace mailscope::dns
