// Test results as JUnit XML, the form that CI systems show.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailscope::exporting {

struct JunitCase {
  std::string name;
  std::string classname;  // what it belongs to: the scenario's path
  double seconds = 0;
  std::string failure;  // empty: passed
};

/// A document with one test suite. Text may hold any octets; what XML cannot hold becomes U+FFFD.
std::string write_junit(std::string_view suite, const std::vector<JunitCase>& cases);

}  // namespace mailscope::exporting
