// The table of kinds (server/trace/kinds.def): every row is complete and can be found again.
#include <cctype>
#include <set>
#include <string>

#include "server/trace/event.hpp"
#include "tests/catch.hpp"

namespace mailscope::trace {
namespace {

bool is_word(std::string_view text) {
  if (text.empty() || std::islower(static_cast<unsigned char>(text.front())) == 0) return false;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (std::islower(u) == 0 && std::isdigit(u) == 0 && c != '_') return false;
  }
  return true;
}

bool is_type(FieldType type) {
  return type == FieldType::integer || type == FieldType::text || type == FieldType::bytes ||
         type == FieldType::secret;
}

}  // namespace

TEST_CASE("every kind has a name in its layer, fields with types, and a text", "[trace]") {
  std::set<std::string_view> names;
  REQUIRE(all_kinds().size() > 50);
  for (const KindInfo& kind : all_kinds()) {
    INFO(kind.name);
    CHECK(names.insert(kind.name).second);
    const std::string prefix = std::string(to_string(kind.layer)) + ".";
    CHECK(kind.name.starts_with(prefix));
    CHECK(is_word(kind.name.substr(prefix.size())));
    CHECK_FALSE(kind.text.empty());
    CHECK(kind.text.find('\n') == std::string_view::npos);
    CHECK_FALSE(kind.fields.empty());
    std::set<std::string_view> fields;
    for (const FieldInfo& field : kind.fields) {
      INFO(field.name);
      CHECK(is_word(field.name));
      CHECK(is_type(field.type));
      CHECK(fields.insert(field.name).second);
    }
  }
}

TEST_CASE("kinds are numbered as the table has them and found by name", "[trace]") {
  int number = 0;
  for (const KindInfo& kind : all_kinds()) {
    INFO(kind.name);
    CHECK(static_cast<int>(kind.kind) == number++);
    CHECK(&info(kind.kind) == &kind);
    CHECK(find_kind(kind.name) == &kind);
  }
  CHECK(find_kind("smtp_command") == nullptr);
  CHECK(find_kind("smtp.") == nullptr);
  CHECK(find_kind("") == nullptr);
  CHECK(info(Kind::smtp_command).name == "smtp.command");
  CHECK(info(Kind::dns_cache_hit).name == "dns.cache_hit");  // the first underscore only
}

TEST_CASE("layers have names of their own", "[trace]") {
  std::set<std::string_view> names;
  for (int i = 0; i < kLayerCount; ++i) {
    const auto name = to_string(static_cast<Layer>(i));
    CHECK(is_word(name));
    CHECK(names.insert(name).second);
  }
  CHECK(to_string(Layer::link) == "link");
  CHECK(to_string(Layer::lesson) == "lesson");
}

}  // namespace mailscope::trace
