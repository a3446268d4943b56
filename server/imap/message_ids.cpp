// Finds message identifiers in header fields.
#include "server/imap/message_ids.hpp"

#include <optional>

namespace mailscope::imap {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// One identifier behind its "<"; `at` moves on, behind what was read. A second "<" begins anew:
// what stood before it was never closed.
std::optional<std::string> read_one(std::string_view value, std::size_t& at) {
  std::string id;
  std::size_t at_sign = std::string::npos;
  bool quoted = false;
  for (; at < value.size(); ++at) {
    const char c = value[at];
    if (c == '"') {
      quoted = !quoted;
    } else if (quoted) {
      if (c == '\\' && at + 1 < value.size()) ++at;
      if (value[at] != '\r' && value[at] != '\n') id += value[at];
    } else if (c == '>') {
      ++at;
      const bool valid = at_sign != std::string::npos && at_sign > 0 && at_sign + 1 < id.size();
      return valid ? std::optional(std::move(id)) : std::nullopt;
    } else if (c == '<') {
      return std::nullopt;
    } else if (!is_blank(c)) {
      if (c == '@') at_sign = id.size();
      id += c;
    }
  }
  return std::nullopt;
}

// Calls `found` with each valid identifier until it says false.
template <typename Found>
void each(std::string_view value, Found found) {
  for (std::size_t at = value.find('<'); at < value.size(); at = value.find('<', at)) {
    ++at;
    auto id = read_one(value, at);
    if (id && !found(std::move(*id))) return;
  }
}

}  // namespace

std::vector<std::string> message_ids(std::string_view value, std::size_t most) {
  std::vector<std::string> ids;
  each(value, [&](std::string id) {
    ids.push_back(std::move(id));
    return true;
  });
  if (ids.size() > most) ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(most));
  return ids;
}

std::string first_message_id(std::string_view value) {
  std::string first;
  each(value, [&](std::string id) {
    first = std::move(id);
    return false;
  });
  return first;
}

}  // namespace mailscope::imap
