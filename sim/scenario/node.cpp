#include "sim/scenario/node.hpp"

#include <algorithm>
#include <cctype>

namespace mailscope::scenario {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool within(std::string_view name, std::string_view domain) {
  return name == domain || (name.size() > domain.size() && name.ends_with(domain) &&
                            name[name.size() - domain.size() - 1] == '.');
}

void refuse(const Node& node, const char* key, std::string_view why) {
  if (node.has(key)) node[key].fail_at_key(fmt::format("\"{}\" {}", key, why));
}

}  // namespace mailscope::scenario
