// The actions of Sieve and its extensions, with the examples of the RFCs; the limits of a run.
#include "tests/sieve/fixture.hpp"

using namespace mailscope;
using namespace mailscope::sieve;
using namespace mailscope::sieve::test;

namespace {

Case with(std::string_view message) {
  Case c;
  c.message = message;
  return c;
}

}  // namespace

TEST_CASE("implicit keep and what cancels it") {
  CHECK(result("") == "keep");
  CHECK(result("if size :over 500K { discard; }") == "keep");
  CHECK(result("keep;") == "keep");
  CHECK(result("keep; keep;") == "keep");
  CHECK(result("discard;") == "discard");
  CHECK(result("discard; keep;") == "keep");
  CHECK(result("stop; discard;") == "keep");
  CHECK(result("discard; stop; keep;") == "discard");
  CHECK(result("redirect \"bart@example.com\";") == "redirect bart@example.com");
  CHECK(result("redirect \"bart@example.com\"; keep;") == "redirect bart@example.com; keep");
  CHECK(result("redirect \"Bart S <bart@EXAMPLE.com>\"; redirect \"bart@example.com\";") ==
        "redirect bart@example.com");
  CHECK(result("require \"fileinto\"; fileinto \"Work\"; discard;") == "fileinto Work");
}

// RFC 5228 section 3.1.
TEST_CASE("if, elsif, else") {
  constexpr std::string_view kDrop =
      "require \"fileinto\";\r\n"
      "if header :contains \"from\" \"coyote\" {\r\n   discard;\r\n"
      "} elsif header :contains [\"subject\"] [\"$$$\"] {\r\n   discard;\r\n"
      "} else {\r\n   fileinto \"INBOX\";\r\n}\r\n";
  CHECK(result(kDrop, with(kMessageA)) == "discard");
  CHECK(result(kDrop, with(kMessageB)) == "discard");
  CHECK(result(kDrop, with("Subject: other\r\n\r\n")) == "fileinto INBOX");
  constexpr std::string_view kSend =
      "if header :contains [\"From\"] [\"coyote\"] {\r\n   redirect \"acm@example.com\";\r\n"
      "} elsif header :contains \"Subject\" \"$$$\" {\r\n   redirect "
      "\"postmaster@example.com\";\r\n"
      "} else {\r\n   redirect \"field@example.com\";\r\n}\r\n";
  CHECK(result(kSend, with(kMessageA)) == "redirect acm@example.com");
  CHECK(result(kSend, with(kMessageB)) == "redirect postmaster@example.com");
  CHECK(result(kSend, with("A: b\r\n\r\n")) == "redirect field@example.com");
  CHECK(result("if true { if false { keep; } } else { discard; }") == "keep");
  CHECK(result("if false { keep; } if true { discard; }") == "discard");
}

// RFC 5228 section 9.
TEST_CASE("the extended example") {
  constexpr std::string_view kScript = R"(
    require ["fileinto"];
    if header :is "Sender" "owner-ietf-mta-filters@imc.org"
            {
            fileinto "filter";  # move to "filter" mailbox
            }
    elsif address :DOMAIN :is ["From", "To"] "example.com"
            {
            keep;               # keep in "In" mailbox
            }
    elsif anyof (NOT address :all :contains
                   ["To", "Cc", "Bcc"] "me@example.com",
                 header :matches "subject"
                   ["*make*money*fast*", "*university*dipl*mas*"])
            {
            fileinto "spam";   # move to "spam" mailbox
            }
    else
            {
            fileinto "personal";
            }
    )";
  CHECK(result(kScript, with("Sender: owner-ietf-mta-filters@imc.org\r\n\r\n")) ==
        "fileinto filter");
  CHECK(result(kScript, with("From: boss@example.com\r\n\r\n")) == "keep");
  CHECK(result(kScript, with(kMessageA)) == "fileinto spam");
  CHECK(result(kScript,
               with("To: me@example.com.example\r\nSubject: Make money, be fast!\r\n\r\n")) ==
        "fileinto spam");
  CHECK(result(kScript, with("To: me@example.com.example\r\nSubject: lunch\r\n\r\n")) ==
        "fileinto personal");
}

TEST_CASE("copy, mailbox, special-use") {
  CHECK(result("require [\"copy\", \"fileinto\"];\nfileinto :copy \"incoming\";") ==
        "fileinto incoming; keep");
  CHECK(result("require \"copy\";\nredirect :copy \"a@b.example\";") ==
        "redirect a@b.example; keep");
  CHECK(result("require [\"fileinto\", \"mailbox\"];\nfileinto :create \"Partners\";") ==
        "fileinto :create Partners");
  CHECK(result("require [\"fileinto\", \"special-use\"];\nfileinto :specialuse \"\\\\Junk\" "
               "\"Spam\";") == "fileinto :specialuse \\Junk Spam");
  CHECK(result("require [\"fileinto\", \"copy\"];\nfileinto :copy \"inbox\";") == "fileinto INBOX");
  CHECK(result("require \"fileinto\";\nfileinto \"a\"; fileinto \"a\"; fileinto \"b\";") ==
        "fileinto a; fileinto b");
}

// RFC 5232.
TEST_CASE("flags") {
  constexpr std::string_view kNeed = "require [\"imap4flags\", \"variables\", \"fileinto\"];\n";
  const auto run_of = [&](std::string_view script, const Case& c = {}) {
    return result(std::string(kNeed) + std::string(script), c);
  };
  CHECK(run_of("setflag \"\\\\Deleted\";") == "keep [\\Deleted]");
  CHECK(run_of("addflag \"\\\\deleted\"; addflag \"\\\\Answered\";") ==
        "keep [\\Deleted] [\\Answered]");
  CHECK(run_of("addflag [\"\\\\Deleted\", \"\\\\Answered\"]; addflag \"\\\\ANSWERED\";") ==
        "keep [\\Deleted] [\\Answered]");
  CHECK(run_of("addflag \"f\" \"\\\\Deleted\"; addflag \"f\" \"  \\\\Answered  x \"; "
               "keep :flags \"${f}\";") == "keep [\\Deleted] [\\Answered] [x]");
  CHECK(run_of("setflag \"a b c\"; removeflag [\"B\", \"\"]; removeflag \"z\";") == "keep [a] [c]");
  CHECK(run_of("setflag \"a\"; setflag \"\";") == "keep");
  CHECK(run_of("setflag \"\\\\Recent \\\\Frob a\xc3\xa4 (x) good\";") == "keep [good]");
  CHECK(run_of("setflag \"a\"; keep; setflag \"b\"; keep;") == "keep [b]");
  CHECK(run_of("setflag \"a\"; fileinto :flags \"x\" \"m\"; fileinto \"n\";") ==
        "fileinto m [x]; fileinto n [a]");
  CHECK(run_of("set \"MyFlags\" \"\\\\Flagged $Work\"; keep :flags \"${MyFlags}\";") ==
        "keep [\\Flagged] [$Work]");
  // RFC 5232 section 9, its first rules.
  constexpr std::string_view kExample =
      "if size :over 1K {\n addflag \"MyFlags\" \"Big\";\n"
      "if header :is \"From\" \"boss@company.example.com\" {\n addflag \"MyFlags\" "
      "\"\\\\Flagged\";\n}\n"
      "fileinto :flags \"${MyFlags}\" \"Big messages\";\n}\n"
      "if header :is \"From\" \"grandma@example.net\" {\n"
      "addflag \"MyFlags\" [\"\\\\Answered\", \"$MDNSent\"];\n"
      "fileinto :flags \"${MyFlags}\" \"GrandMa\";\n}\n";
  const std::string big(1'100, 'x');
  CHECK(run_of(kExample, with("From: boss@company.example.com\r\n\r\n" + big)) ==
        "fileinto Big messages [Big] [\\Flagged]");
  CHECK(run_of(kExample, with("From: grandma@example.net\r\n\r\n" + big)) ==
        "fileinto Big messages [Big]; fileinto GrandMa [Big] [\\Answered] [$MDNSent]");
  CHECK(run_of(kExample, with("From: grandma@example.net\r\n\r\n")) ==
        "fileinto GrandMa [\\Answered] [$MDNSent]");
}

// RFC 5429.
TEST_CASE("reject and ereject") {
  CHECK(result("require \"reject\";\nif header :contains \"from\" \"coyote@desert.example.org\" {\n"
               "reject text:\nI am not taking mail from you, and I don't\n"
               "want your birdseed, either!\n.\n;\n}") ==
        "reject I am not taking mail from you, and I don't\r\nwant your birdseed, either!\r\n");
  CHECK(result("require \"ereject\";\nereject \"no\";") == "ereject no");
  CHECK(result("require \"reject\";\ndiscard; reject \"no\";") == "reject no");
  CHECK(result("require [\"reject\", \"ereject\"];\nreject \"a\"; ereject \"b\";") ==
        "keep ! line 2, column 13: 'ereject' does not go with 'reject' before it");
  CHECK(result("require \"reject\";\nkeep; reject \"a\";") ==
        "keep ! line 2, column 7: 'reject' does not go with 'keep' before it");
  CHECK(result("require \"reject\";\nreject \"a\"; redirect \"a@b.example\";") ==
        "keep ! line 2, column 13: 'redirect' does not go with 'reject' before it");
  CHECK(result("require [\"reject\", \"vacation\"];\nvacation \"x\"; reject \"a\";") ==
        "keep ! line 2, column 15: 'reject' does not go with 'vacation' before it");
}

// RFC 5230.
TEST_CASE("vacation") {
  const auto vacation_of = [](std::string_view script, const Case& c = {}) {
    const Outcome outcome =
        outcome_of("require [\"vacation-seconds\", \"variables\"];\n" + std::string(script), c);
    REQUIRE_FALSE(outcome.error);
    REQUIRE(outcome.actions.size() == 2);
    CHECK(outcome.actions[1].kind == Action::Kind::keep);
    return outcome.actions[0].vacation;
  };
  const Vacation away = vacation_of(
      "vacation :days 23 :addresses [\"tjs@example.edu\", \"ts4z@landru.example.edu\"]\n"
      "\"I'm away until October 19.\nIf it's an emergency, call 911, I guess.\" ;");
  CHECK(away.interval == std::chrono::hours(24 * 23));
  CHECK(away.addresses.size() == 2);
  CHECK(away.reason == "I'm away until October 19.\r\nIf it's an emergency, call 911, I guess.");
  CHECK(away.subject.empty());
  CHECK_FALSE(away.mime);
  const std::pair<std::string_view, int> intervals[] = {{"", 604'800},
                                                        {":days 0", 86'400},
                                                        {":days 1", 86'400},
                                                        {":days 2147483647", 31'536'000},
                                                        {":seconds 0", 0},
                                                        {":seconds 1800", 1'800},
                                                        {":seconds 2147483647", 31'536'000}};
  for (const auto& [tag, seconds] : intervals) {
    INFO(tag);
    CHECK(vacation_of("vacation " + std::string(tag) + " \"x\";").interval ==
          std::chrono::seconds(seconds));
  }
  const auto tracking = [&](std::string_view script, std::string_view subject) {
    const std::string message = "Subject: " + std::string(subject) + "\r\n\r\n";
    return vacation_of(script, with(message)).tracking;
  };
  // RFC 5230 section 4.2: two texts are two answers, one handle is one, and variables do not count.
  constexpr std::string_view kTwo =
      "if header :contains \"subject\" \"cyrus\" { vacation \"send mail to cyrus-bugs\"; }\n"
      "else { vacation \"call me\"; }";
  CHECK(tracking(kTwo, "Cyrus bug") != tracking(kTwo, "come over for dinner"));
  constexpr std::string_view kHandle =
      "if header :contains \"subject\" \"lunch\" { vacation :handle \"ran-away\" \"no lunch\"; }\n"
      "else { vacation :handle \"ran-away\" \"I'm out\"; }";
  CHECK(tracking(kHandle, "lunch?") == tracking(kHandle, "dinner?"));
  constexpr std::string_view kVariable =
      "if header :matches \"subject\" \"*\" {\n"
      "vacation :subject \"Automatic response to: ${1}\" \"I'm away\"; }";
  CHECK(tracking(kVariable, "one") == tracking(kVariable, "two"));
  CHECK(vacation_of(kVariable, with("Subject: one\r\n\r\n")).subject ==
        "Automatic response to: one");
  CHECK(tracking("vacation :subject \"a\" \"b\";", "") !=
        tracking("vacation :from \"a@b.example\" \"b\";", ""));
  CHECK(vacation_of("vacation :mime text:\nContent-Type: text/plain\n\nhi\n.\n;").mime);
  CHECK(result("require \"vacation\";\nvacation \"a\"; vacation \"b\";") ==
        "keep ! line 2, column 15: 'vacation' does not go with 'vacation' before it");
  // RFC 5230 section 4.3: a mailbox-list.
  CHECK(vacation_of("vacation :from \"\\\"Doe, J.\\\" <j@a.example>, k@b.example\" \"x\";").from ==
        std::vector<std::string>{"\"Doe, J.\" <j@a.example>", "k@b.example"});
  for (const std::string_view bad :
       {"", "j@a.example,", "j@a.example, nobody", "A: j@a.example;"}) {
    INFO(bad);
    CHECK(problem("require \"vacation\"; vacation :from \"" + std::string(bad) + "\" \"x\";") ==
          "line 1, column 30: ':from' is no mail address and no list of them");
  }
  CHECK(result("require [\"vacation\", \"variables\"];\nset \"x\" \"nobody\"; vacation :from "
               "\"${x}\" \"b\";") ==
        "keep ! line 2, column 28: ':from' is no mail address: \"nobody\"");
}

TEST_CASE("limits of a run end in a keep") {
  std::string redirects = "require \"variables\";\n";
  for (int i = 0; i < 5; ++i) redirects += "redirect \"a" + std::to_string(i) + "@b.example\";\n";
  CHECK(result(redirects) == "keep ! line 6, column 1: more than 4 redirects");
  std::string files = "require \"fileinto\";\n";
  for (int i = 0; i < 33; ++i) files += "fileinto \"m" + std::to_string(i) + "\";\n";
  CHECK(result(files) == "keep ! line 34, column 1: the script takes more than 32 actions");
  std::string variables = "require \"variables\";\n";
  for (int i = 0; i < 257; ++i) variables += "set \"v" + std::to_string(i) + "\" \"x\";\n";
  CHECK(problem(variables) == "line 258, column 5: the script sets more than 256 variables");
  CHECK(problem(variables.substr(0, variables.rfind("set"))).empty());
  CHECK(result("require \"variables\";\nset \"x\" \"nobody\"; redirect \"${x}\";") ==
        "keep ! line 2, column 19: redirect to \"nobody\", which is no mail address");
  // Values that double are cut, and that is no error (RFC 5229 section 6).
  std::string doubling = "require [\"variables\", \"reject\"];\nset \"a\" \"xxxxxxxxxxxxxxxx\";\n";
  for (int i = 0; i < 40; ++i) doubling += "set \"a\" \"${a}${a}${a}${a}\";\n";
  const Outcome outcome = outcome_of(doubling + "reject \"${a}\";");
  CHECK_FALSE(outcome.error);
  CHECK(outcome.actions.at(0).text.size() == 16'384);
}

TEST_CASE("lists that multiply cost a bounded amount") {
  const auto outcome = [](std::string_view script, std::string_view message) {
    const Compiled compiled = compile(script);
    for (const Problem& problem : compiled.problems) UNSCOPED_INFO(problem.to_string());
    REQUIRE(compiled.script);
    return shown(run(*compiled.script, {message, {}, {}, kNow}, FakeSurroundings()));
  };
  const auto list = [](std::string_view one, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += (i > 0 ? ",\"" : "\"") + std::string(one) + '"';
    return "[" + out + "]";
  };
  const std::string kTooMuch = "the script compares too much text";
  // Strings of 256 KiB each, a gigabyte together.
  std::string full = "require \"variables\"; set \"a\" \"" + std::string(16'384, 'x') + "\";\n";
  std::string sixteen;
  for (int i = 0; i < 16; ++i) sixteen += "${a}";
  const std::string many = full + "if string " + list(sixteen, 3'000) + " \"y\" { discard; }";
  CHECK(outcome(many, "\r\n").find(kTooMuch) != std::string::npos);
  // The same fields again and again.
  std::string fields;
  for (int i = 0; i < 100; ++i) fields += "To: " + std::string(900, 'x') + "@b.example\r\n";
  const std::string names = list("To", 30'000);
  for (const std::string& test : {"header :contains " + names + " \"y\"",
                                  "address :contains " + names + " \"y\"", "exists " + names}) {
    CAPTURE(test.substr(0, 10));
    CHECK_THAT(outcome("if " + test + " { discard; }", fields + "\r\n"), Catch::Contains(kTooMuch));
  }
  // Many short keys against many short values.
  std::string subjects;
  for (int i = 0; i < 3'000; ++i) subjects += "S: y\r\n";
  CHECK(
      outcome("if header :matches \"S\" " + list("*x", 30'000) + " { discard; }", subjects + "\r\n")
          .find(kTooMuch) != std::string::npos);
  // All parts for each of many types.
  const std::string text = "X: y\r\n\r\n" + std::string(100'000, 'z');
  CHECK(outcome("require \"body\"; if body :content " + list("text", 20'000) +
                    " :contains \"y\" { discard; }",
                text)
            .find(kTooMuch) != std::string::npos);
  CHECK(outcome("require \"special-use\"; if specialuse_exists " + list("\\\\Junk", 20'000) +
                    " { discard; }",
                "\r\n")
            .find(kTooMuch) != std::string::npos);
  // What runs out in the last command is an error as well: no fileinto "".
  CHECK(outcome(full + "if string " + list(sixteen, 189) + " \"y\" {} else { set \"b\" \"" +
                    sixteen + "\"; set \"b\" \"" + sixteen + "\"; }",
                "\r\n")
            .find("keep") == 0);
}

TEST_CASE("hostile methods of notify cost a bounded amount") {
  std::string uri = "mailto:";
  for (int i = 0; i < 32; ++i) uri += "u" + std::to_string(i) + "@a.b,";
  const auto tested = [](const std::string& method, int times) {
    std::string script = "require [\"enotify\", \"variables\"];\nset \"u\" \"" + method +
                         "\";\nif valid_notify_method [";
    for (int i = 0; i < times; ++i) script += (i == 0 ? "\"${u}\"" : ",\"${u}\"");
    return result(script + "] { discard; }");
  };
  CHECK(tested(uri + "u1@a.b", 1) == "discard");
  CHECK(tested(uri + "one@too.many", 1) == "keep");
  CHECK(tested(uri, 100) == "discard");
  CHECK(tested(uri + "?body=" + std::string(7'500, 'x'), 1'000) ==
        "keep ! line 3, column 4: the script compares too much text");
}

TEST_CASE("hostile patterns cost a bounded amount") {
  const std::string message = "Subject: " + std::string(20'000, 'a') + "\r\n\r\n";
  Limits limits;
  limits.work = 1'000'000;
  for (const std::string_view type : {"matches", "contains"}) {
    const std::string key = (type == "matches" ? "*" : "") + std::string(500, 'a') + "b";
    const Compiled compiled =
        compile("if header :" + std::string(type) + " \"subject\" \"" + key + "\" { discard; }", {},
                limits);
    REQUIRE(compiled.script);
    const Outcome outcome = run(*compiled.script, {message, {}, {}, kNow}, FakeSurroundings());
    CHECK(shown(outcome) == (type == "contains"
                                 ? "keep ! line 1, column 4: the script compares too much text"
                                 : "keep"));
  }
  limits.steps = 10;
  std::string script;
  for (int i = 0; i < 11; ++i) script += "keep;";
  CHECK(shown(run(*compile(script, {}, limits).script, {message, {}, {}, kNow},
                  FakeSurroundings())) ==
        "keep ! line 1, column 51: the script takes more than 10 steps");
}
