// The tests of Sieve and its extensions, with the examples of the RFCs.
#include "server/sieve/comparator.hpp"
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

TEST_CASE("match types") {
  const auto subject = [](std::string_view type, std::string_view value, std::string_view key) {
    const std::string message = "Subject: " + std::string(value) + "\r\n\r\n";
    return holds("", "header :" + std::string(type) + " \"subject\" \"" + std::string(key) + "\"",
                 with(message));
  };
  // RFC 5228 section 2.7.1.
  CHECK(subject("contains", "frobnitzm", "frob"));
  CHECK(subject("contains", "frobnitzm", "nit"));
  CHECK_FALSE(subject("contains", "frobnitzm", "fbm"));
  CHECK(subject("contains", "frobnitzm", ""));
  CHECK(subject("is", "frobnitzm", "frobnitzm"));
  CHECK_FALSE(subject("is", "frobnitzm", ""));
  CHECK(subject("is", "Frobnitzm", "fROBNITZM"));
  struct Glob {
    std::string_view value, key;
    bool fits;
  };
  for (const Glob& glob : {Glob{"abc", "*", true},
                           {"abc", "a*c", true},
                           {"abc", "a?c", true},
                           {"abc", "a?", false},
                           {"abc", "?b?", true},
                           {"abc", "*b", false},
                           {"abc", "**b**", true},
                           {"abab", "*ab", true},
                           {"aab", "a*ab", true},
                           {"ab", "a*ab", false},
                           {"a*c", "a\\\\*c", true},
                           {"abc", "a\\\\*c", false},
                           {"a?c", "a\\\\?c", true},
                           {"a\\c", "a\\\\\\\\c", true},
                           {"mississippi", "m*iss*ip*i", true},
                           {"mississippi", "m*iss*ix*i", false},
                           {"ABC", "a*C", true},
                           {"x", "", false},
                           {"aaaaaaaaaaaaaaaaaaaaaaaaab", "*a*a*a*a*a*a*a*a*a*a*c", false}}) {
    INFO(glob.value << " against " << glob.key);
    CHECK(subject("matches", glob.value, glob.key) == glob.fits);
  }
}

TEST_CASE("comparators") {
  const auto order = [](std::string_view name, std::string_view a, std::string_view b) {
    const auto result = compare(*find_comparator(name), a, b);
    return result < 0 ? '<' : result > 0 ? '>' : '=';
  };
  // RFC 4790 section 9.1.
  CHECK(order("i;ascii-numeric", "0", "1") == '<');
  CHECK(order("i;ascii-numeric", "1", "4294967298") == '<');
  CHECK(order("i;ascii-numeric", "4294967298", "04294967298") == '=');
  CHECK(order("i;ascii-numeric", "4294967298", "4294967298b") == '=');
  CHECK(order("i;ascii-numeric", "04294967298", "") == '<');
  CHECK(order("i;ascii-numeric", "", "x") == '=');
  CHECK(order("i;ascii-numeric", "000", "0") == '=');
  CHECK(order("i;ascii-casemap", "abc", "ABC") == '=');
  CHECK(order("i;ascii-casemap", "_", "a") == '>');  // letters compare as capitals
  CHECK(order("i;octet", "abc", "ABC") == '>');
  CHECK(order("i;octet", "\xc3\xa4", "z") == '>');
  CHECK(order("i;unicode-casemap", "\xc3\x84RGER", "\xc3\xa4rger") == '=');
  CHECK(order("i;ascii-casemap", "\xc3\x84rger", "\xc3\xa4rger") == '<');

  const Case umlaut = with("Subject: \xc3\x84rger\r\n\r\n");
  CHECK(holds("\"comparator-i;unicode-casemap\"",
              "header :matches :comparator \"i;unicode-casemap\" \"subject\" \"?RGER\"", umlaut));
  CHECK_FALSE(holds("", "header :matches \"subject\" \"?RGER\"", umlaut));
  CHECK(holds("", "header :matches \"subject\" \"??RGER\"", umlaut));
  CHECK(holds("", "header :contains :comparator \"i;octet\" \"Subject\" \"MILLIONAIRE\"",
              with(kMessageB)));
  CHECK_FALSE(holds("", "header :contains :comparator \"i;octet\" \"Subject\" \"millionaire\"",
                    with(kMessageB)));
}

// RFC 5051: what is compared is title case, decomposed.
TEST_CASE("i;unicode-casemap takes characters apart") {
  struct Row {
    std::string_view type, value, key;
    bool fits;
  };
  const Row rows[] = {
      {"is", "\xc3\x85ngstr\xc3\xb6m", "A\xcc\x8aNGSTRO\xcc\x88M", true},  // composed or not
      {"is", "\xd0\xb6", "\xd0\x96", true},                                // Cyrillic
      {"is", "\xef\xbe\x8a", "\xe3\x83\x8f", true},                        // half width
      {"is", "resume", "r\xc3\xa9sum\xc3\xa9", false},
      {"contains", "un caf\xc3\xa9", "CAFE\xcc\x81", true},
      {"contains", "un caf\xc3\xa9", "cafe", true},  // the accent is a character of its own
      {"matches", "caf\xc3\xa9", "cafe\xcc\x81", true},
      {"matches", "caf\xc3\xa9", "caf?", true},
      {"matches", "caf\xc3\xa9", "*?", true},
      {"matches", "caf\xc3\xa9", "?*?", true},
      {"matches", "caf\xc3\xa9s", "*\xc3\x89?", true},
      {"matches", "caf\xc3\xa9", "caf??", false},
      {"matches", "\xc3\xa4\xc3\xb6\xc3\xbc", "???", true},
      {"matches", "\xc3\xa4\xc3\xb6\xc3\xbc", "*????", false},
      {"matches", "a*b",
       "a\xef\xbc\x8a"
       "b",
       true},  // U+FF0A decomposes to '*', and is no wildcard
      {"matches", "axb",
       "a\xef\xbc\x8a"
       "b",
       false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.type, row.value, row.key);
    const std::string message = "Subject: " + std::string(row.value) + "\r\n\r\n";
    CHECK(holds("\"comparator-i;unicode-casemap\"",
                "header :" + std::string(row.type) +
                    " :comparator \"i;unicode-casemap\" \"subject\" \"" + std::string(row.key) +
                    "\"",
                with(message)) == row.fits);
  }
  // Match variables hold the text as it is.
  CHECK(result("require [\"variables\", \"fileinto\", \"comparator-i;unicode-casemap\"];\n"
               "if header :matches :comparator \"i;unicode-casemap\" \"subject\" \"?*G?R\"\n"
               "{ fileinto \"${1}|${2}|${3}|${0}\"; }",
               with("Subject: \xc3\xa4rger\r\n\r\n")) == "fileinto \xc3\xa4|r|e|\xc3\xa4rger");
}

TEST_CASE("header: what is there, what is empty, what is encoded") {
  // RFC 5228 section 5.7.
  const Case caffeine = with("X-Caffeine: C8H10N4O2\r\nX-Empty:\r\nCc: \t \r\n\r\n");
  CHECK_FALSE(holds("", "header :is [\"X-Caffeine\"] [\"\"]", caffeine));
  CHECK(holds("", "header :contains [\"X-Caffeine\"] [\"\"]", caffeine));
  CHECK_FALSE(holds("", "header :contains \"X-Other\" \"\"", caffeine));
  CHECK(holds("", "header :is \"X-Empty\" \"\"", caffeine));
  CHECK(holds("", "not header :matches \"Cc\" \"?*\"", caffeine));
  CHECK(holds("", "header :is \"x-caffeine\" [\"a\", \"C8H10N4O2\"]", caffeine));
  CHECK_FALSE(holds("", "header :contains \"X-Caffeine:\" \"\"", caffeine));
  CHECK_FALSE(holds("", "header :contains \"not a name\" \"\"", caffeine));
  const Case folded =
      with("Subject : =?ISO-8859-1?Q?Gr=FC=DFe?=\r\n =?utf-8?B?IGF1cw==?= Wien \r\n\r\n");
  CHECK(holds("",
              "header :is \"subject\" \"Gr\xc3\xbc\xc3\x9f"
              "e aus Wien\"",
              folded));
  CHECK(holds("", "exists [\"From\", \"Date\"]"));
  CHECK_FALSE(holds("", "exists [\"From\", \"Cc\"]"));
}

TEST_CASE("true, false, not, allof, anyof") {
  CHECK(holds("", "true"));
  CHECK_FALSE(holds("", "false"));
  CHECK(holds("", "not false"));
  // RFC 5228 section 5.2 and 5.3.
  CHECK_FALSE(holds("", "allof (false, false)"));
  CHECK_FALSE(holds("", "allof (false, true)"));
  CHECK(holds("", "allof (true, true)"));
  CHECK_FALSE(holds("", "anyof (false, false)"));
  CHECK(holds("", "anyof (false, true)"));
  CHECK(holds("", "anyof (not exists [\"From\", \"Date\"], header :contains \"from\" \"coyote\")"));
}

TEST_CASE("size") {
  const std::string message = "A: b\r\n\r\n" + std::string(3'992, 'x');
  REQUIRE(message.size() == 4'000);
  CHECK_FALSE(holds("", "size :over 4000", with(message)));
  CHECK_FALSE(holds("", "size :under 4000", with(message)));
  CHECK(holds("", "size :over 3999", with(message)));
  CHECK(holds("", "size :under 4K", with(message)));
}

TEST_CASE("address: parts, groups, comments, names") {
  const Case c = with(
      "From: Tim (in a comment <x@y.example>) <\"Tim O\"@Example.COM>\r\n"
      "To: friends: ann@a.example, bob@b.example;, carl+lists@c.example\r\n"
      "Cc: undisclosed\r\n\r\n");
  CHECK(holds("", "address :domain \"from\" \"example.com\"", c));
  CHECK(holds("", "address :localpart \"from\" \"tim o\"", c));
  CHECK(holds("", "address \"to\" \"bob@b.example\"", c));
  CHECK_FALSE(holds("", "address :contains \"to\" \"friends\"", c));
  CHECK_FALSE(holds("", "address :contains \"from\" \"x@y\"", c));
  CHECK_FALSE(holds("", "address :localpart \"cc\" \"undisclosed\"", c));
  CHECK(holds("", "address :all \"cc\" \"undisclosed\"", c));
  // RFC 5233 section 4.
  CHECK(holds("\"subaddress\"", "address :user \"to\" \"carl\"", c));
  CHECK(holds("\"subaddress\"", "address :detail \"to\" \"lists\"", c));
  CHECK(holds("\"subaddress\"", "address :user \"to\" \"ann\"", c));
  CHECK_FALSE(holds("\"subaddress\"", "address :detail :contains \"from\" \"\"", c));
}

TEST_CASE("envelope") {
  Case c;
  c.from = "tim@Example.com";
  c.to = "ken+mta-filters+x@example.com";
  CHECK(holds("\"envelope\"", "envelope :all :is \"from\" \"tim@example.com\"", c));
  CHECK(holds("\"envelope\"", "envelope :domain \"FROM\" \"example.com\"", c));
  CHECK(holds("\"envelope\", \"subaddress\"", "envelope :user \"to\" \"ken\"", c));
  CHECK(holds("\"envelope\", \"subaddress\"", "envelope :detail \"to\" \"mta-filters+x\"", c));
  CHECK(holds("\"envelope\", \"relational\", \"comparator-i;ascii-numeric\"",
              "envelope :count \"eq\" :comparator \"i;ascii-numeric\" [\"from\", \"to\"] \"2\"",
              c));
  c.from = "";
  CHECK(holds("\"envelope\"", "envelope \"from\" \"\"", c));
  CHECK(holds("\"envelope\"", "envelope :domain :is \"from\" \"\"", c));
  CHECK(holds("\"envelope\", \"subaddress\"", "envelope :detail \"from\" \"\"", c));
  CHECK_FALSE(holds("\"envelope\"", "envelope :matches \"from\" \"?*\"", c));
  CHECK(holds("\"envelope\", \"relational\", \"comparator-i;ascii-numeric\"",
              "envelope :count \"eq\" :comparator \"i;ascii-numeric\" \"from\" \"0\"", c));
}

// RFC 5231 section 6.
TEST_CASE("relational") {
  const Case c = with(
      "received: a\r\nreceived: b\r\nsubject: example\r\n"
      "to: foo@example.com, baz@example.com\r\ncc: qux@example.com\r\nx-priority: 2\r\n\r\n");
  constexpr std::string_view kNeed = "\"relational\", \"comparator-i;ascii-numeric\"";
  const auto numeric = [&](std::string_view test) { return holds(kNeed, test, c); };
  CHECK(numeric("address :count \"ge\" :comparator \"i;ascii-numeric\" [\"to\", \"cc\"] [\"3\"]"));
  CHECK_FALSE(
      numeric("anyof (address :count \"ge\" :comparator \"i;ascii-numeric\" [\"to\"] [\"3\"], "
              "address :count \"ge\" :comparator \"i;ascii-numeric\" [\"cc\"] [\"3\"])"));
  CHECK_FALSE(
      numeric("header :count \"ge\" :comparator \"i;ascii-numeric\" [\"received\"] [\"3\"]"));
  CHECK(
      numeric("header :count \"ge\" :comparator \"i;ascii-numeric\" [\"received\", \"subject\"] "
              "[\"3\"]"));
  CHECK_FALSE(
      numeric("header :count \"ge\" :comparator \"i;ascii-numeric\" [\"to\", \"cc\"] [\"3\"]"));
  CHECK(numeric("header :value \"lt\" :comparator \"i;ascii-numeric\" [\"x-priority\"] [\"3\"]"));
  CHECK(numeric("address :value \"gt\" :all :comparator \"i;ascii-casemap\" [\"to\"] [\"E\"]"));
  CHECK_FALSE(
      numeric("address :value \"gt\" :all :comparator \"i;ascii-casemap\" [\"to\"] [\"M\"]"));
  CHECK(numeric("header :value \"ne\" \"subject\" \"other\""));
  CHECK(numeric("header :count \"eq\" :comparator \"i;ascii-numeric\" \"bcc\" \"0\""));
}

// RFC 5173 section 5.2.
TEST_CASE("body") {
  const Case c = with(
      "From: Whomever\r\nTo: Someone\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n"
      "This is a multi-part message in MIME format.\r\n\r\n"
      "--outer\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n"
      "This is a nested multi-part message in MIME format.\r\n\r\n"
      "--inner\r\nContent-Type: text/plain; charset=\"us-ascii\"\r\n\r\nHello\r\n\r\n"
      "--inner\r\nContent-Type: text/html; charset=\"us-ascii\"\r\n\r\n"
      "<html><body>Hello</body></html>\r\n\r\n--inner--\r\n\r\n"
      "This is the end of the inner MIME multipart.\r\n\r\n"
      "--outer\r\nContent-Type: message/rfc822\r\n\r\n"
      "From: Someone Else\r\nSubject: hello request\r\n\r\nPlease say Hello\r\n\r\n"
      "--outer--\r\n\r\nThis is the end of the outer MIME multipart.\r\n");
  const auto body = [&](std::string_view test) {
    return holds("\"body\"", "body " + std::string(test), c);
  };
  CHECK(body(":content \"multipart\" :contains \"MIME\""));
  CHECK(body(":content \"multipart\" :contains \"end of the outer\""));
  CHECK(body(":content \"multipart\" :contains \"end of the inner\""));
  CHECK(body(":content \"multipart/alternative\" :contains \"nested\""));
  CHECK_FALSE(body(":content \"multipart/mixed\" :contains \"nested\""));
  CHECK_FALSE(body(":content \"multipart\" :contains \"Hello\""));
  CHECK(body(":content \"text/plain\" :contains \"Please say Hello\""));
  CHECK_FALSE(body(":content \"text/plain\" :contains \"html\""));
  CHECK(body(":content \"text/html\" :contains \"Hello\""));
  CHECK(body(":content \"text\" :contains \"<body>\""));
  CHECK(body(":content \"message/rfc822\" :contains \"Hello\""));
  CHECK_FALSE(body(":content \"message/rfc822\" :contains \"Please\""));
  CHECK_FALSE(body(":content [\"/\", \"text/\", \"/plain\", \"a/b/c\"] :contains \"\""));
  CHECK(body(":content \"\" :contains \"Please\""));
  CHECK(body(":raw :contains \"--inner\""));
  CHECK_FALSE(body(":raw :contains \"Whomever\""));
  CHECK(body(":contains \"please say\""));
  CHECK(body(":text :contains \"please say\""));
  // RFC 5173 section 5.3: the words of HTML, not its mark-up.
  CHECK_FALSE(body(":text :contains \"<body>\""));
  CHECK(body(":text :is \"Hello\""));
  const Case page = with(
      "Content-Type: text/html; charset=iso-8859-1\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
      "<style>missile {}</style><p>The <b>pro</b>ject=20\r\nsch&eacute;dule=E4</p>\r\n");
  CHECK(holds("\"body\"",
              "body :text :contains \"the project sch\xc3\xa9"
              "dule\xc3\xa4\"",
              page));
  CHECK_FALSE(holds("\"body\"", "body :contains [\"missile\", \"<b>\"]", page));
  CHECK(holds("\"body\"", "body :content \"text\" :contains \"missile\"", page));
  CHECK_FALSE(body(":content \"audio/mp3\" :contains \"\""));

  const Case encoded = with(
      "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: "
      "quoted-printable\r\n\r\nGr=FC=\r\n=DFe\r\n");
  CHECK(holds("\"body\"",
              "body :contains \"Gr\xc3\xbc\xc3\x9f"
              "e\"",
              encoded));
  CHECK_FALSE(holds("\"body\"", "body :raw :contains \"\"", with("From: header only\r\n")));
  CHECK_FALSE(holds("\"body\"", "body :contains \"\"", with("From: header only\r\n")));
  CHECK(holds("\"body\"", "body :raw :is \"\"", with("From: x\r\n\r\n")));
}

TEST_CASE("date and currentdate") {
  const Case c = with(
      "Received: by h2; Mon, 26 Feb 2007 13:30:00 -0500\r\n"
      "Received: by h1; Mon, 26 Feb 2007 14:00:01 +0000 (UTC)\r\n"
      "Date: Sun, 25 Feb 2007 23:15:05 -0330\r\n"
      "X-Bad: tomorrow\r\nX-No: 32 Jan 2007 10:00:00 +0000\r\n\r\n");
  const auto date = [&](std::string_view test) {
    return holds("\"date\", \"index\", \"relational\"", test, c);
  };
  const std::pair<std::string_view, std::string_view> parts[] = {
      {"year", "2007"},
      {"month", "02"},
      {"day", "25"},
      {"date", "2007-02-25"},
      {"julian", "54156"},
      {"hour", "23"},
      {"minute", "15"},
      {"second", "05"},
      {"time", "23:15:05"},
      {"zone", "-0330"},
      {"weekday", "0"},
      {"iso8601", "2007-02-25T23:15:05-03:30"},
      {"std11", "Sun, 25 Feb 2007 23:15:05 -0330"}};
  for (const auto& [part, value] : parts) {
    INFO(part);
    CHECK(date("date :originalzone \"date\" \"" + std::string(part) + "\" \"" + std::string(value) +
               "\""));
  }
  CHECK(date("date \"date\" \"iso8601\" \"2007-02-26T02:45:05Z\""));
  CHECK(date("date \"date\" \"zone\" \"+0000\""));
  CHECK(date("date :zone \"+0100\" \"date\" \"HOUR\" \"03\""));
  CHECK(date("date \"date\" \"weekday\" \"1\""));
  CHECK(date("date :is \"received\" \"hour\" \"18\""));
  CHECK(date("date :index 2 \"received\" \"hour\" \"14\""));
  CHECK(date("date :index 1 :last \"received\" \"hour\" \"14\""));
  CHECK_FALSE(date("date :index 3 \"received\" \"hour\" \"14\""));
  // RFC 5260 section 6.1.
  CHECK(
      date("date :value \"gt\" :index 2 :zone \"-0500\" \"received\" \"iso8601\" "
           "\"2007-02-26T09:00:00-05:00\""));
  for (const std::string_view bad : {"X-Bad", "X-No", "X-Missing"}) {
    CHECK_FALSE(date("date :matches \"" + std::string(bad) + "\" \"year\" \"*\""));
    CHECK(date("date :count \"eq\" \"" + std::string(bad) + "\" \"year\" \"0\""));
  }
  CHECK(
      date("allof (currentdate :value \"ge\" \"date\" \"2007-06-30\", "
           "currentdate :value \"le\" \"date\" \"2007-07-07\")"));
  CHECK(date("currentdate :zone \"+0930\" \"time\" \"00:00:45\""));
  CHECK(date("currentdate :zone \"+0930\" \"date\" \"2007-07-01\""));
  CHECK(date("header :index 1 :contains [\"x-bad\", \"x-no\"] \"tomorrow\""));
  CHECK_FALSE(date("header :index 2 :contains [\"x-bad\", \"x-no\"] \"tomorrow\""));
  CHECK(date("header :index 1 :last :contains [\"x-bad\", \"x-no\"] \"Jan\""));
}

TEST_CASE("variables") {
  const auto value_of = [](std::string_view script, std::string_view variable = "b",
                           const Case& c = {}) {
    return outcome_of("require [\"variables\", \"reject\", \"encoded-character\"];\n" +
                          std::string(script) + "\nreject \"${" + std::string(variable) + "}\";",
                      c)
        .actions.at(0)
        .text;
  };
  // RFC 5229 section 3.
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"&%${}!", "&%${}!"},
      {"${doh!}", "${doh!}"},
      {"${full}", ""},
      {"${company}", "ACME"},
      {"${BAD${Company}", "${BADACME"},
      {"${President, ${Company} Inc.}", "${President, ACME Inc.}"},
      {"${com\\pany}", "ACME"},
      {"${com\\\\pany}", "${com\\pany}"},
      {"\\${company}", "ACME"},
      {"\\\\${company}", "\\ACME"},
      {"${hex:24 7b}company}", "ACME"},
      {"${0}${1}${0009}", ""},
  };
  for (const auto& [text, expected] : cases) {
    INFO(text);
    CHECK(value_of("set \"company\" \"ACME\"; set \"b\" \"" + std::string(text) + "\";") ==
          expected);
  }
  // RFC 5229 section 4.1.
  const std::string a = "set \"a\" \"juMBlEd lETteRS\"; ";
  CHECK(value_of(a + "set :length \"b\" \"${a}\";") == "15");
  CHECK(value_of(a + "set :lower \"b\" \"${a}\";") == "jumbled letters");
  CHECK(value_of(a + "set :upperfirst \"b\" \"${a}\";") == "JuMBlEd lETteRS");
  CHECK(value_of(a + "set :upperfirst :lower \"b\" \"${a}\";") == "Jumbled letters");
  CHECK(value_of(a + "set :upper :lowerfirst \"b\" \"${a}\";") == "jUMBLED LETTERS");
  CHECK(value_of("set :quotewildcard \"b\" \"Rock*?\\\\\";") == "Rock\\*\\?\\\\");
  CHECK(value_of("set :length :quotewildcard \"b\" \"a*\";") == "3");
  CHECK(value_of("set :length \"b\" \"\xc3\xa4\xe2\x82\xac\";") == "2");
  CHECK(value_of("set \"DOLLAR\" \"$\"; set \"b\" \"regarding ${dollar}{beep}\";") ==
        "regarding ${beep}");
}

// RFC 5229 section 3.2.
TEST_CASE("match variables") {
  const auto after = [](std::string_view test, std::string_view text, const Case& c) {
    return outcome_of("require [\"variables\", \"reject\", \"body\"];\nif " + std::string(test) +
                          " {}\nreject \"" + std::string(text) + "\";",
                      c)
        .actions.at(0)
        .text;
  };
  const Case fwd = with(
      "Subject: [acme-users] [fwd] version 1.0 is out\r\nTo: "
      "coyote@ACME.Example.COM\r\n\r\nbody\r\n");
  CHECK(after("header :matches \"Subject\" \"[*] *\"", "${1}|${2}|${3}", fwd) ==
        "acme-users|[fwd] version 1.0 is out|");
  CHECK(after("header :matches \"Subject\" \"[*] *\"", "${0}", fwd) ==
        "[acme-users] [fwd] version 1.0 is out");
  CHECK(after("address :matches [\"To\", \"Cc\"] [\"coyote@**.com\", \"wile@**.com\"]",
              "${0}|${1}|${2}", fwd) == "coyote@ACME.Example.COM||ACME.Example");
  CHECK(after("anyof (true, address :domain :matches \"To\" \"*.com\")", "${1}", fwd) == "");
  CHECK(after("header :matches \"Subject\" \"?acme?*\"", "${1}|${2}|${3}", fwd) ==
        "[|-|users] [fwd] version 1.0 is out");
  CHECK(after("header :contains \"Subject\" \"acme\"", "${0}", fwd) == "");
  // A failed match leaves the last one; a body sets none (RFC 5173 section 6).
  CHECK(after("allof (header :matches \"Subject\" \"*1.0*\", header :matches \"To\" \"no*\")",
              "${2}", fwd) == " is out");
  CHECK(after("body :matches \"b*\"", "${1}", fwd) == "");
  CHECK(result("require [\"variables\", \"fileinto\", \"date\"];\n"
               "if currentdate :matches \"month\" \"*\" { set \"month\" \"${1}\"; }\n"
               "if currentdate :matches \"year\"  \"*\" { set \"year\"  \"${1}\"; }\n"
               "fileinto \"${month}-${year}\";") == "fileinto 06-2007");
}

TEST_CASE("string") {
  CHECK(result("require \"variables\";\nset \"state\" \"${state} pending\";\n"
               "if string :matches \" ${state} \" \"* pending *\" { discard; }") == "discard");
  CHECK_FALSE(holds("\"variables\"", "string \" a\" \"a\""));
  CHECK(holds("\"variables\", \"relational\"",
              "string :count \"eq\" [\"\", \"a\", \"b\", \"${x}\"] \"2\""));
}

// RFC 5232 section 4.
TEST_CASE("hasflag") {
  const auto with_flags = [](std::string_view flags, std::string_view test) {
    return result(
               "require [\"imap4flags\", \"variables\", \"relational\", "
               "\"comparator-i;ascii-numeric\"];\n" +
               std::string(flags) + "\nif " + std::string(test) +
               " { discard; } else { keep :flags \"\"; }") == "discard";
  };
  CHECK(with_flags("setflag \"A B\";", "hasflag :is \"b A\""));
  CHECK(with_flags("setflag \"A B\";", "hasflag [\"b\", \"A\"]"));
  CHECK_FALSE(with_flags("setflag \"A B\";", "hasflag \"C\""));
  const std::string_view mine =
      "set \"MyVar\" \"NonJunk Junk gnus-forward $Forwarded NotJunk JunkRecorded $Junk $NotJunk\";";
  CHECK(with_flags(mine, "hasflag :contains \"MyVar\" \"Junk\""));
  CHECK(with_flags(mine, "hasflag :contains \"MyVar\" \"forward\""));
  CHECK(with_flags(mine, "hasflag :contains \"MyVar\" [\"label\", \"forward\"]"));
  CHECK(with_flags(mine, "hasflag :contains \"MyVar\" \"junk forward\""));
  CHECK_FALSE(with_flags(mine, "hasflag :contains \"MyVar\" \"label\""));
  CHECK_FALSE(with_flags(mine, "hasflag :contains \"MyVar\" [\"label1\", \"label2\"]"));
  CHECK(with_flags("set \"MyFlags\" \"A B a\";",
                   "hasflag :count \"ge\" :comparator \"i;ascii-numeric\" \"MyFlags\" \"2\""));
  CHECK_FALSE(
      with_flags("set \"MyFlags\" \"A B a\";",
                 "hasflag :count \"ge\" :comparator \"i;ascii-numeric\" \"MyFlags\" \"3\""));
}

TEST_CASE("mailboxes") {
  CHECK(holds("\"mailbox\"", "mailboxexists [\"Work\", \"Spam\"]"));
  CHECK_FALSE(holds("\"mailbox\"", "mailboxexists [\"Work\", \"Partners\"]"));
  CHECK(holds("\"special-use\"", "specialuse_exists \"\\\\Junk\""));
  CHECK(holds("\"special-use\"", "specialuse_exists \"Spam\" \"\\\\Junk\""));
  CHECK_FALSE(holds("\"special-use\"", "specialuse_exists \"Work\" \"\\\\Junk\""));
  CHECK_FALSE(holds("\"special-use\"", "specialuse_exists [\"\\\\Junk\", \"\\\\Archive\"]"));
}

// RFC 5490 section 3.3 to section 4.2.
TEST_CASE("annotations") {
  FakeSurroundings around;
  around.annotations = {{"INBOX/private/vendor/vendor.isode/auto-replies", "On"},
                        {"/private/vendor/vendor.isode/notification-uri", "mailto:a@b.example"},
                        {"Work/shared/comment", ""}};
  const auto found = [&](std::string_view test) {
    return holds("\"mboxmetadata\", \"servermetadata\", \"relational\"", test, {}, around);
  };
  CHECK(found("metadata :is \"INBOX\" \"/private/vendor/vendor.isode/auto-replies\" \"on\""));
  CHECK(found("metadata :contains \"Work\" \"/shared/comment\" \"\""));
  CHECK_FALSE(found("metadata :contains \"Work\" \"/private/comment\" \"\""));
  CHECK_FALSE(found("metadata :contains \"Nowhere\" \"/shared/comment\" \"\""));
  CHECK(found("metadata :count \"eq\" \"Work\" \"/shared/comment\" \"1\""));
  CHECK(found("metadata :count \"eq\" \"Work\" \"/private/comment\" \"0\""));
  CHECK(found("metadataexists \"Work\" [\"/shared/comment\"]"));
  CHECK_FALSE(found("metadataexists \"Work\" [\"/shared/comment\", \"/private/comment\"]"));
  constexpr std::string_view kUri = "\"/private/vendor/vendor.isode/notification-uri\"";
  CHECK(found("servermetadata :matches " + std::string(kUri) + " \"*\""));
  CHECK_FALSE(found("metadata :matches \"\" " + std::string(kUri) + " \"*\""));
  CHECK_FALSE(found("servermetadata \"/shared/admin\" \"\""));
  CHECK(found("servermetadataexists " + std::string(kUri)));
  CHECK_FALSE(found("servermetadataexists [\"/shared/admin\", " + std::string(kUri) + "]"));
  CHECK(problem("require \"mboxmetadata\"; if servermetadataexists \"/shared/admin\" {}") ==
        "line 1, column 28: 'servermetadataexists' needs 'require \"servermetadata\"' at the start "
        "of "
        "the script");
}

TEST_CASE("duplicate") {
  const Case c = with("Message-ID: <1@a.example>\r\nX-Event: up\r\n\r\n");
  const auto tracked = [&](std::string_view test, const FakeSurroundings& around = {}) {
    std::string out;
    const Outcome outcome =
        outcome_of("require \"duplicate\";\nif " + std::string(test) + " { discard; }", c, around);
    for (const Tracked& each : outcome.tracked) {
      out +=
          each.id + " for " +
          std::to_string(std::chrono::duration_cast<std::chrono::seconds>(each.lifetime).count()) +
          ";";
    }
    return out + (outcome.discarded ? "seen" : "new");
  };
  CHECK(tracked("duplicate") == "0:<1@a.example> for 604800;new");
  CHECK(tracked("duplicate :header \"message-id\"") == "0:<1@a.example> for 604800;new");
  CHECK(tracked("duplicate :uniqueid \"x\" :handle \"h\" :seconds 60") == "1:hx for 60;new");
  CHECK(tracked("duplicate :header \"X-Missing\"") == "new");
  CHECK(tracked("duplicate :header \"not a name:\"") == "new");
  CHECK(tracked("duplicate :seconds 0") == "new");
  CHECK(tracked("duplicate :seconds 100000000") == "0:<1@a.example> for 2592000;new");
  FakeSurroundings around;
  around.ids = {"0:<1@a.example>"};
  CHECK(tracked("duplicate", around) == "seen");
  CHECK(tracked("duplicate :last", around) == "0:<1@a.example> for 604800;seen");
  CHECK(tracked("duplicate :handle \"other\"", around) == "5:other<1@a.example> for 604800;new");
}
