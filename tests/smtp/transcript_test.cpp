// Every dialogue under transcripts/, at once and in pieces of 1, 2, 3, 5 and 7 octets: the cut of
// the input must change neither the replies nor the trace nor the message.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/places.hpp"
#include "tests/smtp/transcript.hpp"

using namespace mailscope::smtp::test;

TEST_CASE("dialogues go as written, however the input is cut", "[smtp]") {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(
           mailscope::test::source_path("tests/smtp/transcripts"))) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  REQUIRE(files.size() >= 10);
  for (const auto& file : files) {
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    const Played whole = play(text.str(), 0);
    INFO(file.filename().string());
    for (const std::string& problem : whole.problems) FAIL_CHECK(problem);
    for (const std::size_t cut : {1, 2, 3, 5, 7}) {
      INFO("cut " << cut);
      const Played pieces = play(text.str(), cut);
      for (const std::string& problem : pieces.problems) FAIL_CHECK(problem);
      CHECK(pieces.trace == whole.trace);
      REQUIRE(pieces.messages.size() == whole.messages.size());
      for (std::size_t i = 0; i < whole.messages.size(); ++i) {
        CHECK(pieces.messages[i].content == whole.messages[i].content);
      }
    }
  }
}
