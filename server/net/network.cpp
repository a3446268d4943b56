#include "server/net/network.hpp"

#include <utility>

namespace mailscope::net {

std::string_view to_string(CloseReason reason) {
  switch (reason) {
    case CloseReason::finished:
      return "finished";
    case CloseReason::reset:
      return "reset";
    case CloseReason::refused:
      return "refused";
    case CloseReason::timed_out:
      return "timed out";
    case CloseReason::unreachable:
      return "unreachable";
  }
  return "unknown";
}

void Timer::set(Time at, std::function<void()> wake) {
  cancel();
  if (at == kNever) return;
  at_ = at;
  wake_ = std::move(wake);
  id_ = timers_.set(at, [this] {
    id_ = 0;
    at_ = kNever;
    const auto call = std::exchange(wake_, nullptr);  // it may set or destroy this timer
    call();
  });
}

void Timer::cancel() {
  if (id_ != 0) timers_.cancel(id_);
  id_ = 0;
  wake_ = nullptr;
  at_ = kNever;
}

std::uint64_t Entropy::below(std::uint64_t bound) {
  // Lemire's method: unbiased, and almost never a second draw.
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(next()) * bound;
  auto low = static_cast<std::uint64_t>(product);
  if (low < bound) {
    const std::uint64_t threshold = (0 - bound) % bound;
    while (low < threshold) {
      product = static_cast<Wide>(next()) * bound;
      low = static_cast<std::uint64_t>(product);
    }
  }
  return static_cast<std::uint64_t>(product >> 64);
}

void Entropy::fill(char* out, std::size_t size) {
  while (size > 0) {
    std::uint64_t word = next();
    for (int i = 0; i < 8 && size > 0; ++i, --size, word >>= 8) *out++ = static_cast<char>(word);
  }
}

std::string Entropy::hex(std::size_t octets) {
  std::string raw(octets, '\0');
  fill(raw.data(), raw.size());
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned char c : raw) {
    text += digits[c >> 4];
    text += digits[c & 15];
  }
  return text;
}

}  // namespace mailscope::net
