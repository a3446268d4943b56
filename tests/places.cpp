#include "tests/places.hpp"

namespace mailscope::test {

std::string source_path(const std::string& path) {
  return std::string(MAILSCOPE_SOURCE_DIR) + "/" + path;
}

std::string program_path() {
  return MAILSCOPE_PROGRAM;
}

}  // namespace mailscope::test
