// docs/scenario.schema.json and the tables of docs/scenario.md are what the program prints.
#include <fstream>
#include <sstream>

#include "sim/scenario/shape.hpp"
#include "tests/catch.hpp"
#include "tests/places.hpp"

using namespace mailscope::scenario;

namespace {

std::string file(const std::string& path) {
  std::ifstream in(mailscope::test::source_path(path), std::ios::binary);
  REQUIRE(in);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("the schema in docs is the program's", "[scenario][schema]") {
  // When this fails: mailscope schema > docs/scenario.schema.json
  CHECK(file("docs/scenario.schema.json") == scenario_schema());
}

TEST_CASE("the reference in docs is the program's", "[scenario][schema]") {
  // When this fails: put the output of `mailscope schema --markdown` behind the marker.
  const std::string page = file("docs/scenario.md");
  constexpr std::string_view marker = "<!-- mailscope schema --markdown -->\n";
  const auto at = page.find(marker);
  REQUIRE(at != std::string::npos);
  CHECK(page.substr(at + marker.size()) == scenario_reference());
}

TEST_CASE("every key has a sentence that ends", "[scenario][schema]") {
  const std::string reference = scenario_reference();
  std::istringstream lines(reference);
  std::size_t keys = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    ++keys;
    INFO(line);
    CHECK(line.ends_with(". |"));
  }
  CHECK(keys > 100);
}
