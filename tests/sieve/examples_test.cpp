// The examples of the RFCs as they stand there, in examples/*.txt:
//
//   M: a line of the message      the first behind a result begins a new message
//   message A                     or B: those of RFC 5228 section 1.1
//   S: a line of the script       the first behind a result begins a new script
//   from a@b.example              of the envelope; "from" alone is the null path
//   to c@d.example
//   seen <id>                     for "duplicate"
//   = fileinto Work; keep         what comes of it, as the fixture shows it
//   ! part of a problem           the script is refused with these words
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/places.hpp"
#include "tests/sieve/fixture.hpp"

using namespace mailscope;
using namespace mailscope::sieve::test;

namespace {

class Reader {
 public:
  void line(std::string_view text) {
    if (text.empty() || text[0] == '#') return;
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    const std::string rest(text.substr(std::min(space + 1, text.size())));
    if (word == "M:" || word == "S:") {
      const bool script = word == "S:";
      if (std::exchange(script ? script_over_ : message_over_, false))
        (script ? script_ : message_).clear();
      (script ? script_ : message_) += rest + "\r\n";
    } else if (word == "message") {
      message_ = rest == "B" ? kMessageB : kMessageA;
      message_over_ = true;
    } else if (word == "from") {
      from_ = rest;
    } else if (word == "to") {
      to_ = rest;
    } else if (word == "seen") {
      around_.ids.insert(rest);
    } else if (word == "=") {
      INFO(message_);
      CHECK(result(script_, {message_, from_, to_}, around_) == rest);
      script_over_ = message_over_ = true;
      ++results;
    } else {
      REQUIRE(word == "!");
      INFO(script_);
      CHECK(problem(script_).find(rest) != std::string::npos);
      script_over_ = message_over_ = true;
      ++results;
    }
  }
  std::size_t results = 0;

 private:
  std::string message_{kMessageA};
  std::string script_;
  std::string from_ = "coyote@desert.example.org";
  std::string to_ = "roadrunner@acme.example.com";
  FakeSurroundings around_;
  bool message_over_ = true, script_over_ = true;
};

}  // namespace

TEST_CASE("the examples of the RFCs") {
  std::size_t files = 0, results = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(test::source_path("tests/sieve/examples"))) {
    ++files;
    Reader reader;
    std::ifstream in(entry.path());
    std::size_t number = 0;
    for (std::string text; std::getline(in, text);) {
      INFO(entry.path().filename().string() << " line " << ++number << ": " << text);
      reader.line(text);
    }
    results += reader.results;
  }
  CHECK(files >= 10);
  CHECK(results >= 80);
}
