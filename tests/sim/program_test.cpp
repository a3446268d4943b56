// The program from outside: exit statuses, and what a failure says.
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/catch.hpp"
#include "tests/sim/support.hpp"

using namespace mailscope;

namespace {

struct Outcome {
  int status = -1;
  std::string output;  // of both streams
};

Outcome run(const std::string& arguments) {
  const std::string command = mailscope::test::program_path() + " " + arguments + " 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  Outcome outcome;
  std::array<char, 4096> buffer;
  for (std::size_t n; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    outcome.output.append(buffer.data(), n);
  const int raw = pclose(pipe);
  outcome.status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
  return outcome;
}

/// A folder of its own, gone with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "mailscope-sim-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string write(const std::string& name, const std::string& text) const {
    const auto path = path_ / name;
    std::ofstream(path) << text;
    return path.string();
  }
  std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

const std::string kHead =
    R"({"title": "A test", "domains": {"acme.example": {"users": ["alice", "bob"]}},
 "script": [{"send": {"from": "alice@acme.example", "to": "bob@acme.example", "subject": "Hi"}}],
)";

}  // namespace

TEST_CASE("status 0: everything holds", "[sim][program]") {
  const Folder folder;
  const std::string file = folder.write(
      "good.json", kHead + R"("expect": [{"mailbox": "bob@acme.example", "count": 1}]})");
  const Outcome told = run("run " + file);
  CHECK(told.status == 0);
  CHECK_THAT(told.output, Catch::Contains("Alice writes a message and presses Send.") &&
                              Catch::Contains("1 of 1 expectations hold"));
  const Outcome quiet = run("run --quiet --hash " + file);
  CHECK(quiet.status == 0);
  CHECK_THAT(quiet.output, Catch::Matches("[0-9a-f]{16,}\n"));
  CHECK(run("run --quiet --hash " + file).output == quiet.output);
  CHECK(run("run --quiet --hash --seed 2 " + file).output != quiet.output);
  CHECK(run("test " + file).status == 0);
  CHECK(run("check " + file).status == 0);
  CHECK(run("--version").status == 0);
  CHECK(run("run --help").status == 0);
}

TEST_CASE("status 1: an expectation does not hold, and the output says which and why",
          "[sim][program]") {
  const Folder folder;
  const std::string file = folder.write("fails.json", kHead + R"("expect": [
  {"mailbox": "bob@acme.example", "count": 1},
  {"mailbox": "bob@acme.example", "count": 2, "has": {"subject": "Ho"}}]})");
  const std::string junit = folder.path("report.xml");
  for (const std::string& command : {"run " + file, "test --junit " + junit + " " + file}) {
    INFO(command);
    const Outcome outcome = run(command);
    CHECK(outcome.status == 1);
    CHECK_THAT(outcome.output, Catch::Contains(file + ":5:3: /expect/1: expectation failed"));
    CHECK_THAT(outcome.output, Catch::Contains("expected  2 messages in bob@acme.example/INBOX"));
    CHECK_THAT(outcome.output, Catch::Contains("a message with subject \"Ho\""));
    CHECK_THAT(outcome.output,
               Catch::Contains("found     1 message: \"Hi\" from Alice <alice@acme.example>"));
    CHECK_THAT(outcome.output, Catch::Contains("the last events that bear on it:") &&
                                   Catch::Contains("store.appended at mail.acme"));
    CHECK_THAT(outcome.output, !Catch::Contains("/expect/0"));
  }
  std::ifstream report(junit);
  const std::string xml((std::istreambuf_iterator<char>(report)), {});
  CHECK_THAT(xml, Catch::Contains("failures=\"1\"") && Catch::Contains("/expect/1"));
}

TEST_CASE("status 2: the input is no scenario, or the command line no command", "[sim][program]") {
  const Folder folder;
  const std::string bad = folder.write("bad.json", kHead + "\"expct\": []}");
  const std::string record = folder.write(
      "record.json",
      R"({"title": "t", "domains": {"a.example": {"users": [], "records": [{"name": "x", "type": "A", "value": "300.1.1.1"}]}}})");
  const std::string good = folder.write("good.json", kHead + R"("expect": []})");
  for (const std::string& command : {"run " + bad, "test " + bad, "check " + bad}) {
    INFO(command);
    const Outcome outcome = run(command);
    CHECK(outcome.status == 2);
    CHECK(outcome.output ==
          "mailscope: " + bad +
              ":3:1: /expct: unknown key \"expct\" in a scenario; did you mean \"expect\"?\n");
  }
  const Outcome zone = run("check " + record);
  CHECK(zone.status == 2);
  CHECK_THAT(zone.output, Catch::Contains(record) && Catch::Contains("300.1.1.1"));
  for (const std::string& command : std::vector<std::string>{
           "run /nowhere.json", "test /nowhere", "check /nowhere.json", "run", "", "fly",
           "run --seed x " + good, "run --layer x " + good, "test --seeds 5..1 " + good,
           "test --seeds a " + good, "test --filter nothing " + good, "test -j 0 " + good,
           "run --trace /nowhere/x " + good}) {
    INFO(command);
    const Outcome outcome = run(command);
    CHECK(outcome.status == 2);
    CHECK_FALSE(outcome.output.empty());
  }
}

TEST_CASE("test finds scenarios in folders and plays them with many seeds", "[sim][program]") {
  const Folder folder;
  folder.write("a.json", kHead + R"("expect": [{"mailbox": "bob@acme.example", "count": 1}]})");
  folder.write("b.json", kHead + R"("expect": [{"queue": "mail.acme.example", "count": 0}]})");
  folder.write("notes.txt", "not a scenario");
  const Outcome outcome = run("test --hashes -j 2 --seeds 1..5 " + folder.path(""));
  CHECK(outcome.status == 0);
  CHECK_THAT(outcome.output,
             Catch::Contains("10 passed, 0 failed (2 scenarios, 10 expectations checked)"));
  CHECK(run("test --hashes -j 1 --seeds 1..5 " + folder.path("")).output == outcome.output);
}
