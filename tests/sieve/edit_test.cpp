// Changes of the header (RFC 5293), with its examples.
#include "server/sieve/message.hpp"
#include "tests/sieve/fixture.hpp"

using namespace mailscope;
using namespace mailscope::sieve;
using namespace mailscope::sieve::test;

namespace {

constexpr std::string_view kHello =
    "Received: by a\r\nX-Hello: one\r\nSubject: Hi\r\nx-hello:\r\n two\r\nX-Hello: three\r\n"
    "\r\nbody\r\n";

Case with(std::string_view message) {
  Case c;
  c.message = message;
  return c;
}

/// The header that the first action of a script gives the message.
std::string edited(std::string_view script, std::string_view message = kHello) {
  const Outcome outcome =
      outcome_of("require [\"editheader\", \"variables\", \"relational\"];\n" + std::string(script),
                 with(message));
  if (outcome.error) return outcome.error->to_string();
  REQUIRE_FALSE(outcome.actions.empty());
  return outcome.actions[0].header ? *outcome.actions[0].header : "unchanged";
}

}  // namespace

TEST_CASE("addheader") {
  const std::string message = "A: 1\r\nB: 2\r\n\r\nbody\r\n";
  CHECK(edited("", message) == "unchanged");
  CHECK(edited("addheader \"X-New\" \"v\";", message) == "X-New: v\r\nA: 1\r\nB: 2\r\n");
  CHECK(edited("addheader :last \"X-New\" \"v\";", message) == "A: 1\r\nB: 2\r\nX-New: v\r\n");
  CHECK(edited("addheader \"X\" \"1\"; addheader \"X\" \"2\";", message) ==
        "X: 2\r\nX: 1\r\nA: 1\r\nB: 2\r\n");
  CHECK(edited("addheader \"X\" \"\";", "\r\nbody\r\n") == "X:\r\n");
  CHECK(edited("addheader :last \"X\" \"v\";", "A: no line end") == "A: no line end\r\nX: v\r\n");
  // What is no header text is encoded; what would be more fields is one value.
  CHECK(edited("addheader \"X\" \"Gr\xc3\xbc\xc3\x9f"
               "e\";",
               message)
            .starts_with("X: =?"));
  CHECK(edited("addheader \"X\" \"a\r\nBcc: eve@e.example\r\n  b\";", "\r\n") ==
        "X: a Bcc: eve@e.example b\r\n");
  for (const std::string& line :
       {edited("addheader \"X\" \"" + std::string(900, 'x') + " " + std::string(900, 'y') + "\";",
               "\r\n")}) {
    CHECK(line.find("\r\n ") != std::string::npos);
  }
  CHECK(problem("require \"editheader\"; addheader \"X:\" \"v\";") ==
        "line 1, column 33: \"X:\" is no name of a header field");
  CHECK(problem("require \"editheader\"; addheader \"\" \"v\";") ==
        "line 1, column 33: \"\" is no name of a header field");
  CHECK(problem("require \"editheader\"; addheader \"X\" \"" + std::string(16'385, 'x') + "\";") ==
        "line 1, column 37: the value of a header field holds NUL or more than 16384 octets");
  CHECK(edited("set \"n\" \"X Y\"; addheader \"${n}\" \"v\";", message) ==
        "line 2, column 16: \"X Y\" is no name of a header field");
  CHECK(problem("addheader \"X\" \"v\";") ==
        "line 1, column 1: 'addheader' needs 'require \"editheader\"' at the start of the script");
}

TEST_CASE("deleteheader") {
  const std::string_view rest = "Received: by a\r\nSubject: Hi\r\n";
  CHECK(edited("deleteheader \"X-HELLO\";") == rest);
  CHECK(edited("deleteheader \"X-Missing\";") == "unchanged");
  CHECK(edited("deleteheader \"x-hello\" [\"two\", \"three\"];") ==
        "Received: by a\r\nX-Hello: one\r\nSubject: Hi\r\n");
  CHECK(edited("deleteheader :matches \"x-hello\" \"t?o\";") ==
        "Received: by a\r\nX-Hello: one\r\nSubject: Hi\r\nX-Hello: three\r\n");
  // The counting happens before the match.
  CHECK(edited("deleteheader :index 1 :contains \"X-Hello\" \"three\";") == "unchanged");
  CHECK(edited("deleteheader :index 1 :last :contains \"X-Hello\" \"three\";") ==
        "Received: by a\r\nX-Hello: one\r\nSubject: Hi\r\nx-hello:\r\n two\r\n");
  CHECK(edited("deleteheader :index 9 \"X-Hello\";") == "unchanged");
  CHECK(edited("deleteheader :comparator \"i;octet\" :contains \"X-Hello\";") == rest);
  // Section 7: the first and the third, not the first and second.
  CHECK(edited("deleteheader :index 1 \"X-Hello\"; deleteheader :index 2 \"X-Hello\";") ==
        "Received: by a\r\nSubject: Hi\r\nx-hello:\r\n two\r\n");
  CHECK(edited("addheader \"X-Hello\" \"World\"; deleteheader :index 1 \"X-Hello\";") ==
        std::string(kHello.substr(0, kHello.find("\r\n\r\n") + 2)));
  // Section 6.
  CHECK(edited("deleteheader \"Received\"; deleteheader \"auto-submitted\";",
               "Received: by a\r\nAuto-Submitted: auto-replied\r\n\r\n") == "unchanged");
  CHECK(edited("deleteheader \"Subject\"; addheader \"Subject\" \"x\";", "Subject: Hi\r\n\r\n") ==
        "Subject: x\r\n");
  CHECK(problem("require \"editheader\"; deleteheader :last \"X\";") ==
        "line 1, column 36: ':last' needs ':index'");
  CHECK(problem("require \"editheader\"; deleteheader \"X Y\";") ==
        "line 1, column 36: \"X Y\" is no name of a header field");
  CHECK(problem("require \"editheader\"; deleteheader \"X\" \"a\" \"b\";") ==
        "line 1, column 23: 'deleteheader' takes 2 arguments or one less, found 3");
}

TEST_CASE("tests and actions see the header as it is") {
  const auto run_for = [](std::string_view script) {
    return result("require [\"editheader\", \"fileinto\", \"copy\", \"reject\", \"vacation\"];\n" +
                      std::string(script),
                  with(kHello));
  };
  CHECK(run_for("addheader \"X-New\" \"World\";\n"
                "if header :contains \"X-New\" \"World\" { fileinto \"international\"; }") ==
        "fileinto international");
  CHECK(run_for("deleteheader \"Subject\"; if exists \"Subject\" { discard; }") == "keep");
  const std::string large = "if size :over " + std::to_string(kHello.size() - 1) + " { discard; }";
  CHECK(run_for("deleteheader \"Subject\"; " + large) == "keep");
  CHECK(run_for(large) == "discard");
  // A message is the same however its header was changed (section 7).
  CHECK(run_for("keep; addheader \"X-Flavor\" \"vanilla\"; keep;") == "keep");
  // Each action has the header of its moment, the implicit keep the last one.
  const Outcome outcome = outcome_of(
      "require [\"editheader\", \"fileinto\", \"copy\", \"vacation\"];\n"
      "fileinto :copy \"a\"; addheader \"X\" \"1\"; redirect :copy \"a@b.example\"; vacation "
      "\"v\";\n"
      "addheader \"Y\" \"2\";",
      with("A: b\r\n\r\n"));
  REQUIRE(outcome.actions.size() == 4);
  CHECK_FALSE(outcome.actions[0].header);
  CHECK(*outcome.actions[1].header == "X: 1\r\nA: b\r\n");
  CHECK(*outcome.actions[2].header == "X: 1\r\nA: b\r\n");
  CHECK(*outcome.actions[3].header == "Y: 2\r\nX: 1\r\nA: b\r\n");
  CHECK(with_header("A: b\r\n\r\nbody", "C: d\r\n") == "C: d\r\n\r\nbody");
  // An error keeps the message as it came (RFC 5228 section 2.10.6).
  const Outcome failed = outcome_of(
      "require [\"editheader\", \"reject\"]; addheader \"X\" \"1\"; keep; reject \"no\";");
  CHECK(failed.error);
  REQUIRE(failed.actions.size() == 1);
  CHECK_FALSE(failed.actions[0].header);
}
