// Scripts that ask what there is (RFC 5463, RFC 5183).
#include "tests/sieve/fixture.hpp"

using namespace mailscope;
using namespace mailscope::sieve;
using namespace mailscope::sieve::test;

namespace {
std::string ihave(std::string_view script) {
  return result("require \"ihave\";\n" + std::string(script));
}
}  // namespace

TEST_CASE("ihave finds what there is") {
  CHECK(ihave("if ihave \"fileinto\" { fileinto \"Work\"; }") == "fileinto Work");
  CHECK(ihave("if ihave [\"fileinto\", \"copy\"] { fileinto :copy \"Work\"; }") ==
        "fileinto Work; keep");
  CHECK(ihave("if ihave \"vacation-seconds\" { vacation :seconds 60 \"x\"; }") == "vacation; keep");
  CHECK(ihave("if ihave \"comparator-i;ascii-numeric\" {\n"
              "if header :comparator \"i;ascii-numeric\" \"subject\" \"x\" { discard; } }") ==
        "discard");
  // To the end of the script, not of the block alone.
  CHECK(ihave("if not ihave \"fileinto\" { stop; } fileinto \"Work\";") == "fileinto Work");
  CHECK(ihave("if anyof (ihave \"no-such\", ihave \"fileinto\") { fileinto \"Work\"; }") ==
        "fileinto Work");
  // All or nothing.
  CHECK(ihave("if ihave [\"fileinto\", \"no-such\"] { discard; }") == "keep");
  CHECK(ihave("if ihave [\"fileinto\", \"no-such\"] {}\nfileinto \"Work\";") ==
        "keep ! line 3, column 1: no 'require' and no 'ihave' has asked for \"fileinto\"");
  // Names are case-sensitive; extensions of the grammar are not for ihave.
  CHECK(ihave("if ihave \"FILEINTO\" { discard; }") == "keep");
  CHECK(ihave("if ihave [\"variables\"] { discard; }") == "keep");
  CHECK(ihave("if ihave [\"encoded-character\"] { discard; }") == "keep");
  CHECK(result("require [\"ihave\", \"variables\"]; if ihave \"variables\" { discard; }") ==
        "discard");
  CHECK(problem("require [\"ihave\", \"variables\"]; set \"x\" \"y\"; if ihave \"${x}\" {}") ==
        "line 1, column 55: 'ihave' takes constant strings");
  CHECK(problem("if ihave \"fileinto\" {}") ==
        "line 1, column 4: 'ihave' needs 'require \"ihave\"' at the start of the script");
}

TEST_CASE("with ihave, what is unknown is an error where a run comes to it") {
  CHECK(ihave("if ihave \"frob\" { frobnicate :hard \"x\" { keep; } }") == "keep");
  CHECK(ihave("if ihave \"frob\" { if frobnicated { discard; } else { discard; } }") == "keep");
  CHECK(ihave("if ihave \"frob\" { keep :frob 5 \"x\"; }") == "keep");
  CHECK(ihave("if allof (ihave \"frob\", header :frob \"a\" \"b\") { discard; }") == "keep");
  CHECK(ihave("if ihave \"comparator-frob\" {\n"
              "if header :comparator \"frob\" \"subject\" \"x\" { discard; } }") == "keep");
  CHECK(ihave("discard; frobnicate;") == "keep ! line 2, column 10: unknown command 'frobnicate'");
  CHECK(ihave("if frobnicated {}") == "keep ! line 2, column 4: unknown test 'frobnicated'");
  CHECK(ihave("keep :frob;") == "keep ! line 2, column 1: 'keep' has no tag ':frob'");
  CHECK(ihave("if false { fileinto \"x\"; } discard;") == "discard");
  CHECK(ihave("fileinto \"x\"; if ihave \"fileinto\" {}") ==
        "keep ! line 2, column 1: no 'require' and no 'ihave' has asked for \"fileinto\"");
  // What is known is checked as ever, and the grammar is the grammar.
  CHECK(problem("require \"ihave\"; if ihave \"frob\" { keep \"x\"; }") ==
        "line 1, column 36: 'keep' takes 0 arguments, found 1");
  CHECK(problem("require \"ihave\"; if ihave \"frob\" { frobnicate }") ==
        "line 1, column 47: ';' or a block is missing behind 'frobnicate': found '}'");
  CHECK(problem("require \"ihave\"; frobnicate {} else {}") ==
        "line 1, column 32: 'else' must follow an 'if' or 'elsif'");
  CHECK(problem("require \"ihave\"; frobnicate; require \"copy\";") ==
        "line 1, column 30: 'require' must come before all other commands");
  // A switch hides an extension from ihave as from require.
  const Compiled compiled = compile("require \"ihave\"; if ihave \"copy\" { discard; }",
                                    [](std::string_view name) { return name != "copy"; });
  REQUIRE(compiled.script);
  CHECK(shown(run(*compiled.script, {kMessageA, {}, {}, kNow}, FakeSurroundings())) == "keep");
}

TEST_CASE("error ends a run in a keep") {
  CHECK(ihave("discard; if not ihave \"frob\" { error \"no frob: gr\xc3\xbc\xc3\x9f\"; } stop;") ==
        "keep ! line 2, column 32: no frob: gr\xc3\xbc\xc3\x9f");
  CHECK(problem("error \"x\";") ==
        "line 1, column 1: 'error' needs 'require \"ihave\"' at the start of the script");
}

TEST_CASE("environment") {
  const auto item = [](std::string_view test) {
    const Compiled compiled =
        compile("require [\"environment\", \"relational\", \"variables\"];\nif environment " +
                std::string(test) + " { discard; }");
    for (const Problem& each : compiled.problems) UNSCOPED_INFO(each.to_string());
    REQUIRE(compiled.script);
    Input input{kMessageA, {}, {}, kNow};
    input.environment = {"acme.example", "mail.acme.example", "198.18.0.5"};
    return run(*compiled.script, input, FakeSurroundings()).discarded;
  };
  CHECK(item("\"domain\" \"acme.example\""));
  CHECK(item(":matches \"HOST\" \"*.ACME.example\""));
  CHECK(item("\"location\" \"MDA\""));
  CHECK(item("\"phase\" \"during\""));
  CHECK(item("\"name\" \"Mailscope\""));
  CHECK(item("\"remote-ip\" \"198.18.0.5\""));
  CHECK(item(":contains \"version\" \"\""));
  CHECK(item(":is \"remote-host\" \"\""));
  CHECK(item(":count \"eq\" \"remote-host\" \"0\""));
  CHECK(item(":count \"eq\" \"host\" \"1\""));
  // What does not exist fails, and is no error.
  CHECK_FALSE(item(":contains \"item\" \"\""));
  CHECK_FALSE(item(":contains \"vnd.acme.rocket-sled-status\" \"\""));
}
