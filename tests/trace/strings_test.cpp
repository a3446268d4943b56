// Interned strings: each once, in order of first sight, and they stay where they are.
#include <string>
#include <vector>

#include "server/trace/log.hpp"
#include "tests/catch.hpp"

namespace mailscope::trace {

TEST_CASE("a string table numbers strings in order of first sight", "[trace]") {
  StringTable table;
  CHECK(table.size() == 1);
  CHECK(table.at(0).empty());
  CHECK(table.intern("") == 0);
  CHECK(table.intern("one") == 1);
  CHECK(table.intern("two") == 2);
  CHECK(table.intern("one") == 1);
  CHECK(table.intern("One") == 3);
  CHECK(table.at(2) == "two");
  CHECK(table.size() == 4);
}

TEST_CASE("strings may hold any octet and have any length", "[trace]") {
  StringTable table;
  using namespace std::string_literals;
  const auto nul = table.intern("a\0b"s);
  CHECK(table.intern("a\0c"s) != nul);
  CHECK(table.intern("a") != nul);
  CHECK(table.at(nul) == "a\0b"s);
  // Lengths around a hashing step of eight octets: a tail of zeros is not a shorter string.
  std::vector<std::uint32_t> numbers;
  for (std::size_t length = 1; length <= 17; ++length) {
    numbers.push_back(table.intern(std::string(length, '\0')));
  }
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    CHECK(table.at(numbers[i]).size() == i + 1);
  }
  const std::string longer_than_a_block(200'000, 'x');
  CHECK(table.at(table.intern(longer_than_a_block)) == longer_than_a_block);
}

TEST_CASE("views of strings hold while the table grows", "[trace]") {
  StringTable table;
  const std::string_view first = table.at(table.intern("the first string"));
  const char* const place = first.data();
  for (int i = 0; i < 100'000; ++i) {
    REQUIRE(table.intern("string number " + std::to_string(i)) ==
            static_cast<std::uint32_t>(i) + 2);
  }
  for (int i = 0; i < 100'000; i += 777) {
    REQUIRE(table.intern("string number " + std::to_string(i)) ==
            static_cast<std::uint32_t>(i) + 2);
  }
  CHECK(first == "the first string");
  CHECK(table.at(1).data() == place);
  CHECK(table.size() == 100'002);
}

}  // namespace mailscope::trace
