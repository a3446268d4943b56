#include "server/smtp/envelope.hpp"

#include <array>

namespace mailscope::smtp {

std::string_view to_string(Body body) {
  constexpr std::array<std::string_view, 4> names = {"", "7BIT", "8BITMIME", "BINARYMIME"};
  return names[static_cast<std::size_t>(body)];
}

std::string_view to_string(Return ret) {
  constexpr std::array<std::string_view, 3> names = {"", "FULL", "HDRS"};
  return names[static_cast<std::size_t>(ret)];
}

std::string NotifySet::to_string() const {
  constexpr std::array<std::pair<Notify, std::string_view>, 4> names = {
      {{Notify::never, "NEVER"},
       {Notify::success, "SUCCESS"},
       {Notify::failure, "FAILURE"},
       {Notify::delay, "DELAY"}}};
  std::string out;
  for (const auto& [what, name] : names) {
    if (!has(what)) continue;
    if (!out.empty()) out += ',';
    out += name;
  }
  return out;
}

}  // namespace mailscope::smtp
