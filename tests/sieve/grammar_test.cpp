// The language: tokens, grammar, and what a script may not say.
#include "server/sieve/extensions.hpp"
#include "server/sieve/parser.hpp"
#include "server/sieve/strings.hpp"
#include "tests/sieve/fixture.hpp"

using namespace mailscope;
using namespace mailscope::sieve;
using namespace mailscope::sieve::test;

TEST_CASE("comments, blanks and case mean nothing") {
  for (const std::string_view script :
       {"if size :over 100k { # this is a comment\r\n discard;\r\n}\r\n",
        "if size :over 100K { /* this is a comment\r\n this is still a comment */ discard /* this"
        " is a comment\r\n */ ;\r\n}\r\n",
        "IF SIZE :OVER 100k{DISCARD;}", "if/**/size/***/:over 100K/* ** /* */{discard;}", "",
        "# only a comment", "\r\n\t \r\n", "stop;#", "if size :over 100k {\n discard;\n}\n"}) {
    INFO(script);
    CHECK(problem(script) == "");
  }
}

TEST_CASE("strings: quoted, multi-line, escapes, dots") {
  const auto text_of = [](std::string_view literal) {
    const Parsed parsed = parse("x " + std::string(literal) + ";");
    INFO(literal);
    if (parsed.problem) UNSCOPED_INFO(parsed.problem->to_string());
    REQUIRE_FALSE(parsed.problem);
    return parsed.commands.at(0).arguments.at(0).strings.at(0).value;
  };
  CHECK(text_of("\"\"") == "");
  CHECK(text_of(R"("a\"b\\c")") == "a\"b\\c");
  CHECK(text_of(R"("\a\b")") == "ab");
  CHECK(text_of("\"two\r\nlines\"") == "two\r\nlines");
  CHECK(text_of("\"two\nlines\"") == "two\r\nlines");
  CHECK(text_of("text:\r\n.\r\n") == "");
  CHECK(text_of("TEXT: \t# comment\r\nfirst\r\n..second\r\n.third\r\n....\r\n\r\n.\r\n") ==
        "first\r\n.second\r\n.third\r\n...\r\n\r\n");
  CHECK(text_of("\"\xc3\xa4 \xff\"") == "\xc3\xa4 \xff");  // octets are the writer's business
}

TEST_CASE("numbers have quantifiers and an end") {
  const auto number_of = [](std::string_view digits) {
    const Parsed parsed = parse("x " + std::string(digits) + ";");
    REQUIRE_FALSE(parsed.problem);
    return parsed.commands.at(0).arguments.at(0).number;
  };
  CHECK(number_of("0") == 0);
  CHECK(number_of("2147483647") == 2147483647);
  CHECK(number_of("1K") == 1024);
  CHECK(number_of("3m") == 3145728);
  CHECK(number_of("2G") == 2147483648);
}

TEST_CASE("syntax errors say where and what") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"#comment\r\nInvalidSieveCommand\r\n",
       "line 3, column 1: ';' or a block is missing behind 'invalidsievecommand': found the end of "
       "the script"},
      {"keep",
       "line 1, column 5: ';' or a block is missing behind 'keep': found the end of the "
       "script"},
      {"keep }", "line 1, column 6: ';' or a block is missing behind 'keep': found '}'"},
      {"}", "line 1, column 1: unexpected '}'"},
      {"\"x\";", "line 1, column 1: unexpected a string"},
      {"if true { keep;",
       "line 1, column 16: expected a command or '}', found the end of the "
       "script"},
      {"if anyof (true, ) { }", "line 1, column 17: expected a test, found ')'"},
      {"if anyof (true \"a\" ; ) { }", "line 1, column 20: expected ',' or ')', found ';'"},
      {"if anyof (true false) { }", "line 1, column 16: 'true' takes no test here"},
      {"require [];", "line 1, column 10: expected a string, found ']'"},
      {"require [\"a\",];", "line 1, column 14: expected a string, found ']'"},
      {"require [\"a\" \"b\"];", "line 1, column 14: expected ',' or ']', found a string"},
      {"redirect \"a@b", "line 1, column 10: the string is not closed by '\"'"},
      {"redirect \"a@b\\", "line 1, column 10: the string is not closed by '\"'"},
      {"/* open", "line 1, column 1: the comment is not closed by '*/'"},
      {"redirect text:\r\na\r\n",
       "line 1, column 10: the text is not closed by a line with a "
       "single '.'"},
      {"redirect text: a\r\n.\r\n;", "line 1, column 16: behind 'text:' the line must end"},
      {"if size :over 100KB {}", "line 1, column 19: a number ends in K, M or G or nothing"},
      {"if size :over 99999999999999999999 {}", "line 1, column 15: the number is too large"},
      {"if size :over 9999999999999G {}", "line 1, column 15: the number is too large"},
      {"if size : over 1 {}", "line 1, column 9: a ':' without the name of a tag"},
      {"keep;\r keep;", "line 1, column 6: a CR without LF"},
      {"k\xc3\xa4"
       "ep;",
       "line 1, column 2: a character that may stand in strings and comments "
       "only"},
      {"keep; $", "line 1, column 7: '$' begins nothing that Sieve knows"},
  };
  for (const auto& [script, expected] : cases) {
    INFO(script);
    CHECK(problem(script) == expected);
  }
  CHECK(problem(std::string_view("keep; \0", 7)) ==
        "line 1, column 7: NUL is never allowed in a script");
  CHECK(problem(std::string_view("redirect \"\0\";", 13)) ==
        "line 1, column 11: NUL is never allowed in a string");
}

TEST_CASE("fifteen levels are there, a hundred are not") {
  const auto nested = [](int depth) {
    std::string script;
    for (int i = 0; i < depth; ++i) script += "if true { ";
    script += "keep; ";
    for (int i = 0; i < depth; ++i) script += "} ";
    return script;
  };
  const auto tests = [](int depth) {
    std::string script = "if ";
    for (int i = 0; i < depth; ++i) script += "allof ( ";
    script += "true ";
    for (int i = 0; i < depth; ++i) script += ") ";
    return script + "{ keep; }";
  };
  CHECK(problem(nested(15)) == "");
  CHECK(problem(tests(15)) == "");
  CHECK(result(nested(15)) == "keep");
  CHECK(problem(nested(100)).find("levels inside one another") != std::string::npos);
  CHECK(problem(tests(100)).find("levels inside one another") != std::string::npos);
  CHECK(problem(nested(100'000)).find("larger than") != std::string::npos);
  CHECK(problem(tests(20'000)).find("levels") != std::string::npos);
  std::string many;
  for (int i = 0; i < 10'001; ++i) many += "keep;";
  CHECK(problem(many).find("more than 10000 commands and tests") != std::string::npos);
}

TEST_CASE("commands and their arguments") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"frobnicate;", "line 1, column 1: unknown command 'frobnicate'"},
      {"if frob { keep; }", "line 1, column 4: unknown test 'frob'"},
      {"true;", "line 1, column 1: 'true' is a test, not a command"},
      {"if keep { }", "line 1, column 4: 'keep' is a command, not a test"},
      {"keep { }", "line 1, column 1: 'keep' takes no block: end it with ';'"},
      {"if true;", "line 1, column 1: 'if' needs a block in braces"},
      {"if { keep; }", "line 1, column 1: 'if' needs exactly one test, without parentheses"},
      {"if (true) { keep; }", "line 1, column 1: 'if' needs exactly one test, without parentheses"},
      {"if not { keep; }", "line 1, column 4: 'not' needs exactly one test, without parentheses"},
      {"if anyof true { keep; }", "line 1, column 4: 'anyof' needs a list of tests in parentheses"},
      {"keep true;", "line 1, column 6: 'keep' takes no test here"},
      {"else { keep; }", "line 1, column 1: 'else' must follow an 'if' or 'elsif'"},
      {"keep; elsif true { keep; }", "line 1, column 7: 'elsif' must follow an 'if' or 'elsif'"},
      {"if true {} else {} else {}", "line 1, column 20: 'else' must follow an 'if' or 'elsif'"},
      {"keep; require \"fileinto\";",
       "line 1, column 7: 'require' must come before all other commands"},
      {"require \"frob\";", "line 1, column 9: this server has no extension \"frob\""},
      {"require \"FILEINTO\";", "line 1, column 9: this server has no extension \"FILEINTO\""},
      {"fileinto \"x\";",
       "line 1, column 1: 'fileinto' needs 'require \"fileinto\"' at the start of the script"},
      {"redirect;", "line 1, column 1: 'redirect' takes 1 argument, found 0"},
      {"redirect \"a@b.c\" \"d\";", "line 1, column 1: 'redirect' takes 1 argument, found 2"},
      {"redirect [\"a@b.c\"];", "line 1, column 10: 'redirect' needs a string here"},
      {"redirect 1;", "line 1, column 10: 'redirect' needs a string here"},
      {"redirect \"nobody\";", "line 1, column 10: \"nobody\" is no mail address"},
      {"redirect \"friends: a@b.example;\";",
       "line 1, column 10: \"friends: a@b.example;\" is no mail address"},
      {"redirect :copy \"a@b.c\";",
       "line 1, column 10: ':copy' needs 'require \"copy\"' at the start of the script"},
      {"redirect \"a@b.c\" :copy;", "line 1, column 18: tags stand before the other arguments"},
      {"if header :is :contains \"a\" \"b\" {}",
       "line 1, column 15: ':contains' and ':is' exclude each other"},
      {"if header :is :is \"a\" \"b\" {}", "line 1, column 15: ':is' is given twice"},
      {"if header :all \"a\" \"b\" {}", "line 1, column 11: 'header' has no tag ':all'"},
      {"if header :comparator \"i;frob\" \"a\" \"b\" {}",
       "line 1, column 23: unknown comparator \"i;frob\""},
      {"if header :comparator {}", "line 1, column 11: ':comparator' needs a string behind it"},
      {"if header :comparator 3 \"a\" \"b\" {}",
       "line 1, column 23: ':comparator' needs a string here"},
      {"if header :comparator \"i;ascii-numeric\" \"a\" \"b\" {}",
       "line 1, column 23: this comparator needs 'require \"comparator-i;ascii-numeric\"' at the "
       "start of the script"},
      {"require \"comparator-i;ascii-numeric\";\nif header :contains :comparator "
       "\"i;ascii-numeric\" \"a\" \"1\" {}",
       "line 2, column 11: the comparator i;ascii-numeric cannot do ':contains'"},
      {"if size 100 {}", "line 1, column 4: 'size' needs ':over' or ':under'"},
      {"if size :over :under 100 {}", "line 1, column 15: ':under' and ':over' exclude each other"},
      {"if size :over \"100\" {}", "line 1, column 15: 'size' needs a number here"},
      {"if address \"subject\" \"x\" {}",
       "line 1, column 12: \"subject\" is no header field of addresses"},
      {"require \"envelope\";\nif envelope \"frob\" \"x\" {}",
       "line 2, column 13: the parts of an envelope are \"from\" and \"to\""},
      {"require \"relational\";\nif header :value \"gr\" \"a\" \"b\" {}",
       "line 2, column 18: the relation must be \"gt\", \"ge\", \"lt\", \"le\", \"eq\" or \"ne\""},
      {"require \"variables\";\nset \"1\" \"x\";",
       "line 2, column 5: the name of a variable consists of letters, digits and '_', and begins "
       "with no digit"},
      {"require \"variables\";\nset \"${x}\" \"x\";",
       "line 2, column 5: the name of a variable consists of letters, digits and '_', and begins "
       "with no digit"},
      {"require \"variables\";\nset :lower :upper \"a\" \"x\";",
       "line 2, column 12: ':upper' and ':lower' exclude each other"},
      {"require \"variables\";\nset \"a\" \"${foo.bar}\";",
       "line 2, column 9: unknown namespace of variables: ${foo.bar}"},
      {"require \"variables\";\nset \"a\" \"${100}\";",
       "line 2, column 9: match variables end at ${99}"},
      {"require [\"variables\", \"imap4flags\"];\nsetflag \"a b\" \"x\";",
       "line 2, column 9: this is no name of a variable"},
      {"require \"imap4flags\";\nsetflag \"a\" \"x\";",
       "line 2, column 9: a variable of flags needs 'require \"variables\"' at the start of the "
       "script"},
      {"require \"vacation\";\nvacation :from \"nobody\" \"x\";",
       "line 2, column 10: ':from' is no mail address and no list of them"},
      {"require [\"vacation\", \"vacation-seconds\"];\nvacation :days 1 :seconds 2 \"x\";",
       "line 2, column 18: ':seconds' and ':days' exclude each other"},
      {"require \"encoded-character\";\nredirect \"${unicode:200000}\";",
       "line 2, column 10: ${unicode:...} names a number that is no Unicode character"},
      {"require [\"date\"];\nif date :zone \"0500\" \"date\" \"year\" \"1\" {}",
       "line 2, column 15: a time zone is \"+hhmm\" or \"-hhmm\""},
      {"require [\"date\"];\nif date :zone \"+0500\" :originalzone \"date\" \"year\" \"1\" {}",
       "line 2, column 23: ':originalzone' and ':zone' exclude each other"},
      {"require [\"date\"];\nif date \"date\" \"decade\" \"1\" {}",
       "line 2, column 16: unknown part of a date: \"decade\""},
      {"require [\"index\"];\nif header :last \"a\" \"1\" {}",
       "line 2, column 11: ':last' needs ':index'"},
      {"require \"duplicate\";\nif duplicate :header \"a\" :uniqueid \"b\" {}",
       "line 2, column 26: ':uniqueid' and ':header' exclude each other"},
  };
  for (const auto& [script, expected] : cases) {
    INFO(script);
    CHECK(problem(script) == expected);
  }
}

TEST_CASE("several problems are told, but not endlessly") {
  std::string script;
  for (int i = 0; i < 30; ++i) script += "frob" + std::to_string(i) + ";\n";
  const Compiled compiled = compile(script);
  CHECK(compiled.problems.size() == 10);
  CHECK(compiled.problems[9].at.line == 10);
}

TEST_CASE("an extension that is not offered is not there") {
  const Offered offered = [](std::string_view name) { return name != "vacation"; };
  const Compiled refused =
      compile("require [\"fileinto\", \"vacation\"];\nvacation \"x\";", offered);
  REQUIRE(refused.problems.size() == 1);
  CHECK(refused.problems[0].to_string() ==
        "line 1, column 22: this server has no extension \"vacation\"");
  CHECK(compile("require \"fileinto\";", offered).script != nullptr);
  for (const Extension& extension : extensions()) {
    INFO(extension.name);
    CHECK(problem("require \"" + std::string(extension.name) + "\";") == "");
  }
}

TEST_CASE("too many redirects are a warning") {
  std::string script;
  for (int i = 0; i < 5; ++i) script += "redirect \"a" + std::to_string(i) + "@b.example\";\n";
  const Compiled compiled = compile(script);
  REQUIRE(compiled.script);
  REQUIRE(compiled.warnings.size() == 1);
  CHECK(compiled.warnings[0].at.line == 5);
}

// RFC 5228 section 2.4.2.4.
TEST_CASE("encoded characters") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"$${hex:40}", "$@"},
      {"${hex: 40 }", "@"},
      {"${HEX: 40}", "@"},
      {"${hex:40", "${hex:40"},
      {"${hex:400}", "${hex:400}"},
      {"${hex:4${hex:30}}", "${hex:40}"},
      {"${unicode:40}", "@"},
      {"${ unicode:40}", "${ unicode:40}"},
      {"${UNICODE:40}", "@"},
      {"${UnICoDE:0000040}", "@"},
      {"${Unicode:40}", "@"},
      {"${Unicode:Cool}", "${Unicode:Cool}"},
      {"$${hex:24 24}", "$$$"},
      {"${hex:}", "${hex:}"},
      {"${hex:24\r\n24}", "$$"},
      {"${unicode:e4 20ac 1F600}", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
  };
  for (const auto& [written, expected] : cases) {
    INFO(written);
    CHECK(decode_characters(written) == std::string(expected));
  }
  for (const std::string_view wrong :
       {"${unicode:200000}", "${unicode:DF01}", "${unicode:FFFFFFFFFFFFFFFFFF}"}) {
    CHECK_FALSE(decode_characters(wrong));
  }
}
