// The table of kinds.def in memory: rows by number and by name.
#include <algorithm>
#include <array>
#include <cassert>
#include <iterator>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/trace/event.hpp"

namespace mailscope::trace {
namespace {

struct Tables {
  std::vector<std::string> names;              // owned, one a kind
  std::vector<std::vector<FieldInfo>> fields;  // one list a kind
  std::vector<KindInfo> kinds;
  std::unordered_map<std::string_view, const KindInfo*> by_name;  // looked up only, never walked
};

struct Row {
  Kind kind;
  std::string_view name;
  Layer layer;
  std::string_view fields;
  std::string_view text;
};

constexpr Row kRows[] = {
#define KIND(name, layer, fields, text) {Kind::name, #name, Layer::layer, fields, text},
#include "server/trace/kinds.def"
#undef KIND
};

/// "code:i text:s" -> {{"code", integer}, {"text", text}}
std::vector<FieldInfo> parse_fields(std::string_view list) {
  std::vector<FieldInfo> fields;
  while (!list.empty()) {
    const auto word = list.substr(0, list.find(' '));
    list.remove_prefix(std::min(list.size(), word.size() + 1));
    const auto colon = word.find(':');
    assert(colon != std::string_view::npos && colon + 2 == word.size());
    fields.push_back({word.substr(0, colon), static_cast<FieldType>(word[colon + 1])});
  }
  return fields;
}

const Tables& tables() {
  static const Tables built = [] {
    Tables t;
    for (const Row& row : kRows) {
      std::string name(row.name);
      name[name.find('_')] = '.';
      t.names.push_back(std::move(name));
      t.fields.push_back(parse_fields(row.fields));
    }
    for (std::size_t i = 0; i < std::size(kRows); ++i) {
      t.kinds.push_back({kRows[i].kind, t.names[i], kRows[i].layer, t.fields[i], kRows[i].text});
    }
    for (const KindInfo& kind : t.kinds) t.by_name.emplace(kind.name, &kind);
    return t;
  }();
  return built;
}

}  // namespace

std::string_view to_string(Layer layer) {
  constexpr std::array<std::string_view, kLayerCount> names = {
      "link", "transport", "tls",   "dns",    "smtp",  "pop3",
      "imap", "mail",      "store", "policy", "lesson", "sieve"};
  return names[static_cast<std::size_t>(layer)];
}

std::span<const KindInfo> all_kinds() {
  return tables().kinds;
}

const KindInfo& info(Kind kind) {
  static const KindInfo* const rows = tables().kinds.data();
  return rows[static_cast<std::size_t>(kind)];
}

const KindInfo* find_kind(std::string_view name) {
  const auto found = tables().by_name.find(name);
  return found == tables().by_name.end() ? nullptr : found->second;
}

}  // namespace mailscope::trace
