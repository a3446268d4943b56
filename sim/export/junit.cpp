// JUnit XML.
#include "sim/export/junit.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "server/mail/encoding.hpp"

namespace mailscope::exporting {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// Text for an element or an attribute in double quotes.
std::string escaped(std::string_view text) {
  std::string clean;
  if (!mail::is_valid_utf8(text)) {
    clean = mail::to_utf8(text, "utf-8").value_or(std::string(kReplacement));
    text = clean;
  }
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "&#10;";  // a bare one becomes a space in an attribute
        break;
      case '\r':
        out += "&#13;";
        break;
      case '\t':
        out += "&#9;";
        break;
      default:
        // Other controls, U+FFFE and U+FFFF are no characters of XML 1.0, not even escaped.
        if (static_cast<unsigned char>(c) < 0x20) {
          out += kReplacement;
        } else if (text.substr(i, 3) == "\xEF\xBF\xBE" || text.substr(i, 3) == "\xEF\xBF\xBF") {
          out += kReplacement;
          i += 2;
        } else {
          out += c;
        }
    }
  }
  return out;
}

}  // namespace

std::string write_junit(std::string_view suite, const std::vector<JunitCase>& cases) {
  const auto failures = std::count_if(cases.begin(), cases.end(),
                                      [](const JunitCase& c) { return !c.failure.empty(); });
  double seconds = 0;
  for (const JunitCase& c : cases) seconds += c.seconds;
  const std::string counts = fmt::format("name=\"{}\" tests=\"{}\" failures=\"{}\" time=\"{:.3f}\"",
                                         escaped(suite), cases.size(), failures, seconds);
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {0}>\n  <testsuite {0}>\n", counts);
  for (const JunitCase& c : cases) {
    out += fmt::format("    <testcase name=\"{}\" classname=\"{}\" time=\"{:.3f}\"",
                       escaped(c.name), escaped(c.classname), c.seconds);
    if (c.failure.empty()) {
      out += "/>\n";
      continue;
    }
    const std::string_view first_line = std::string_view(c.failure).substr(0, c.failure.find('\n'));
    out += fmt::format(">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
                       escaped(first_line), escaped(c.failure));
  }
  return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace mailscope::exporting
