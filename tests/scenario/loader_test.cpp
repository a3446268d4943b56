// The loader: what it makes of a scenario, and what it says about everything that is none.
#include "sim/scenario/loader.hpp"

#include <regex>

#include "sim/scenario/scenario.hpp"
#include "tests/catch.hpp"

using namespace mailscope::scenario;
using namespace std::chrono_literals;

namespace {

/// A world of two domains with `more` keys behind it.
std::string world(const std::string& more) {
  return R"({"title": "t", "domains": {"acme.example": {"users": ["alice"]}, "globex.example": {"users": ["bob"]}})" +
         (more.empty() ? "" : ",\n" + more) + "}";
}

std::string domain(const std::string& inside) {
  return R"({"title": "t", "domains": {"acme.example": {"users": ["alice"], )" + inside + "}}}";
}

/// What the loader says; empty: nothing.
std::string problem(const std::string& text) {
  try {
    load_scenario(text, "x.json");
    return {};
  } catch (const ScenarioError& error) {
    return error.what();
  }
}

struct Row {
  const char* name;
  std::string text;
  const char* place;  // "line:column: /pointer"
  const char* says;   // contained in the message
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    INFO(row.name);
    const std::string said = problem(row.text);
    CHECK_THAT(said, Catch::StartsWith(std::string("x.json:") + row.place + ": "));
    CHECK_THAT(said, Catch::Contains(row.says));
    CHECK(said.find('\n') == std::string::npos);
    CHECK(said.size() < 1'000);
  }
}

}  // namespace

TEST_CASE("text that is not JSON", "[scenario][loader]") {
  const std::string deep = "{\"title\": " + std::string(40, '[') + std::string(40, ']') + "}";
  check({
      {"empty", "", "1:1: /", "not JSON"},
      {"blank", " \n\t ", "2:3: /", "not JSON"},
      {"words", "title: x", "1:2: /", "not JSON"},
      {"cut off", "{\"title\": \"t\",\n \"domains\"", "2:11: /", "not JSON"},
      {"comma behind the last", "{\"title\": \"t\",}", "1:15: /", "not JSON"},
      {"comment", "// mine\n{}", "1:1: /", "not JSON"},
      {"two values", "{} {}", "1:4: /", "not JSON"},
      {"single quotes", "{'title': 't'}", "1:2: /", "not JSON"},
      {"tab in a string", "{\"title\": \"a\tb\"}", "1:13: /", "not JSON"},
      {"not UTF-8", "{\"title\": \"caf\xe9\"}", "1:16: /", "UTF-8"},
      {"UTF-16", std::string("\xff\xfe{\0}\0", 6), "1:1: /", "not JSON"},
      {"NUL", std::string("{\0}", 3), "1:2: /", "not JSON"},
      {"lone surrogate", R"({"title": "\ud800"})", "1:18: /", "surrogate"},
      {"huge number", "{\"title\": \"t\",\n\"seed\": 1e999}", "2:9: /", "too large"},
      {"deep", deep, "1:42: /", "deeper than 32"},
      {"very deep", std::string(5'000'000, '['), "1:33: /", "deeper than 32"},
  });
}

TEST_CASE("a file that is too large is not read to its end", "[scenario][loader]") {
  std::string text = "{\"title\": \"";
  text.append(100'000'000, 'x');
  CHECK_THAT(problem(text + "\"}"), Catch::Contains("more than 8388608 octets"));
  CHECK_THAT(problem("{\"title\": \"" + std::string(5'000'000, 'x') + "\"}"),
             Catch::StartsWith("x.json:1:11: /title: found a text of 5000000 octets"));
}

TEST_CASE("a byte order mark is no harm", "[scenario][loader]") {
  CHECK(problem("\xef\xbb\xbf" + world("")).empty());
  CHECK_THAT(problem("\xef\xbb\xbf{\"titel\": 1}"), Catch::StartsWith("x.json:1:2: /titel"));
}

TEST_CASE("keys", "[scenario][loader]") {
  check({
      {"typo", world("\"fautls\": []"), "2:1: /fautls", "did you mean \"faults\"?"},
      {"typo deep down", world("\"script\": [{\"send\": {\"form\": \"a@b.c\"}}]"),
       "2:22: /script/0/send/form", "did you mean \"from\"?"},
      {"nothing alike", world("\"zzzzzz\": []"), "2:1: /zzzzzz", "known are"},
      {"twice", world("\"seed\": 1,\n  \"seed\": 2"), "3:3: /seed", "written twice"},
      {"twice, in disguise", world("\"seed\": 1,\n  \"\\u0073eed\": 2"), "3:3: /seed",
       "written twice"},
      {"the same domain twice",
       R"({"title": "t", "domains": {"a.example": {"users": []}, "A.Example": {"users": []}}})",
       "1:56: /domains/A.Example", "twice"},
      {"pointer is escaped", R"({"title": "t", "domains": {"a/b~c.example": {}}})",
       "1:28: /domains/a~1b~0c.example", "name"},
      {"columns count characters", "{\"title\": \"\xc3\xa4\xe2\x82\xac\", \"x\": 1}", "1:17: /x",
       "unknown key"},
      {"missing", "{\n  \"domains\": {}\n}", "2:14: /domains", "0 entries"},
      {"missing title", R"({"domains": {"a.example": {"users": []}}})", "1:1: /",
       "\"title\" is missing"},
  });
}

TEST_CASE("values", "[scenario][loader]") {
  check({
      {"wrong type", world("\"script\": {}"), "2:11: /script", "found {}; a list"},
      {"wrong unit", world("\"duration\": \"10 min\""), "2:13: /duration", "a duration such as"},
      {"no unit", world("\"duration\": \"10\""), "2:13: /duration", "a duration such as"},
      {"a century", world("\"duration\": \"99999d\""), "2:13: /duration", "too large"},
      {"size", domain("\"maxMessage\": \"10KB\""), "1:79: /domains/acme.example/maxMessage",
       "a size such as"},
      {"rate", world("\"network\": {\"bandwidth\": \"10MB\"}"), "2:26: /network/bandwidth",
       "a bandwidth such as"},
      {"more than all", world("\"network\": {\"loss\": \"200%\"}"), "2:21: /network/loss",
       "too large"},
      {"no such day", world("\"start\": \"2026-02-30T00:00:00Z\""), "2:10: /start", "no such date"},
      {"before the web", world("\"start\": \"1985-02-03T00:00:00Z\""), "2:10: /start",
       "between 1990 and 2200"},
      {"seed", world("\"seed\": 18446744073709551615"), "2:9: /seed", "from 0 to"},
      {"fraction", world("\"seed\": 1.0"), "2:9: /seed", "found 1.0"},
      {"null", world("\"seed\": null"), "2:9: /seed", "found null"},
      {"word", domain("\"tls\": \"ofered\""), "1:72: /domains/acme.example/tls",
       "did you mean \"offered\"?"},
  });
}

TEST_CASE("names that nothing defines", "[scenario][loader]") {
  check({
      {"host", world("\"faults\": [{\"host\": \"mx9.acme.example\", \"down\": true}]"),
       "2:21: /faults/0/host", "no host mx9.acme.example; it has"},
      {"domain for a host", world("\"faults\": [{\"host\": \"acme.example\", \"down\": true}]"),
       "2:21: /faults/0/host", "such as mail.acme.example"},
      {"short name of two", world("\"faults\": [{\"host\": \"mail\", \"down\": true}]"),
       "2:21: /faults/0/host", "give the full name"},
      {"sender",
       world("\"script\": [{\"send\": {\"from\": \"al@acme.example\", \"to\": \"x@y.z\"}}]"),
       "2:30: /script/0/send/from", "acme.example has no user al"},
      {"sender's domain",
       world("\"script\": [{\"send\": {\"from\": \"al@x.example\", \"to\": \"x@y.z\"}}]"),
       "2:30: /script/0/send/from", "no domain x.example"},
      {"device",
       world("\"script\": [{\"read\": {\"who\": \"bob@globex.example\", \"device\": \"tv\"}}]"),
       "2:61: /script/0/read/device", "no device tv"},
      {"mailbox's user", world("\"expect\": [{\"mailbox\": \"x@acme.example\", \"count\": 0}]"),
       "2:24: /expect/0/mailbox", "no user x@acme.example"},
      {"device to look at",
       world("\"expect\": [{\"device\": \"bob@globex.example/tv\", \"count\": 0}]"),
       "2:23: /expect/0/device", "no device tv"},
      {"queue", world("\"expect\": [{\"queue\": \"nowhere\", \"count\": 0}]"),
       "2:22: /expect/0/queue", "no host nowhere"},
      {"kind", world("\"expect\": [{\"events\": [{\"kind\": \"smtp.rely\"}]}]"),
       "2:33: /expect/0/events/0/kind", "no kind of event"},
      {"field",
       world("\"expect\": [{\"events\": [{\"kind\": \"smtp.reply\", \"fields\": {\"kode\": 1}}]}]"),
       "2:58: /expect/0/events/0/fields/kode", "it has code, enhanced, text"},
      {"field's type",
       world("\"expect\": [{\"events\": [{\"kind\": \"smtp.reply\", \"fields\": {\"code\": "
             "\"250\"}}]}]"),
       "2:66: /expect/0/events/0/fields/code", "is a number"},
      {"mx of nobody",
       R"({"title": "t", "domains": {"a.example": {"users": [], "mx": ["mx.b.example"]}}})",
       "1:61: /domains/a.example/mx", "is no host"},
      {"limits for a domain",
       domain("\"queue\": {\"domains\": {\"x.example\": {\"connections\": 1}}}"),
       "1:87: /domains/acme.example/queue/domains/x.example", "x.example is no domain"},
      {"limits twice",
       domain("\"queue\": {\"domains\": {\"Acme.example\": {}, \"acme.example\": {}}}"),
       "1:107: /domains/acme.example/queue/domains/acme.example", "there twice"},
      {"DNS fault elsewhere",
       world("\"faults\": [{\"dns\": {\"name\": \"x.example\", \"type\": \"MX\", \"missing\": "
             "true}}]"),
       "2:29: /faults/0/dns/name", "in no domain"},
      {"link's end", world("\"network\": {\"links\": [{\"between\": [\"acme.example\", \"x\"]}]}"),
       "2:52: /network/links/0/between/1", "no host x"},
      {"link to itself",
       world("\"network\": {\"links\": [{\"between\": [\"acme.example\", \"acme.example\"]}]}"),
       "2:23: /network/links/0", "two different ends"},
  });
}

TEST_CASE("things that are there twice or contradict", "[scenario][loader]") {
  check({
      {"user", R"({"title": "t", "domains": {"a.example": {"users": ["bob", "BOB"]}}})",
       "1:59: /domains/a.example/users/1", "bob@a.example is there twice"},
      {"device",
       R"({"title": "t", "domains": {"a.example": {"users": [{"name": "b", "devices": [{}, {"name": "laptop"}]}]}}})",
       "1:82: /domains/a.example/users/0/devices/1", "laptop is there twice"},
      {"mx", domain("\"mx\": [\"mx1\", \"MX1\"]"), "1:79: /domains/acme.example/mx/1", "twice"},
      {"two durations",
       world("\"faults\": [{\"host\": \"mail.acme.example\", \"down\": \"5m\", \"for\": \"1m\"}]"),
       "2:50: /faults/0/down", "both say how long"},
      {"not down", world("\"faults\": [{\"host\": \"mail.acme.example\", \"down\": false}]"),
       "2:50: /faults/0/down", "leave it out"},
      {"neither", world("\"faults\": [{\"host\": \"mail.acme.example\"}]"), "2:12: /faults/0",
       "needs one of \"down\", \"answer\" and \"capability\""},
      {"a switch of a device",
       world("\"faults\": [{\"host\": \"alice-laptop.acme.example\", \"capability\": {\"name\": "
             "\"SIZE\", \"hide\": true}}]"),
       "2:21: /faults/0/host", "does not serve smtp; a mail server or mail exchanger does"},
      {"SMTP at a name server",
       world("\"faults\": [{\"host\": \"ns1.acme.example\", \"answer\": {\"command\": \"RCPT\", "
             "\"drop\": true}}]"),
       "2:21: /faults/0/host", "does not serve smtp"},
      {"DNS at a mail server",
       world("\"faults\": [{\"host\": \"mail.acme.example\", \"answer\": {\"protocol\": \"dns\", "
             "\"command\": \"MX\", \"drop\": true}}]"),
       "2:21: /faults/0/host", "does not serve dns; a name server or a resolver does"},
      {"a type that is none",
       world("\"faults\": [{\"host\": \"ns1.acme.example\", \"answer\": {\"protocol\": \"dns\", "
             "\"command\": \"RCPT\", \"drop\": true}}]"),
       "2:82: /faults/0/answer/command", "RCPT is no type"},
      {"an SMTP reply from the DNS",
       world("\"faults\": [{\"host\": \"ns1.acme.example\", \"answer\": {\"protocol\": \"dns\", "
             "\"command\": \"MX\", \"reply\": \"451 4.3.0 Later\"}}]"),
       "2:97: /faults/0/answer/reply", "a DNS server answers NOERROR"},
      {"a name in SMTP",
       world("\"faults\": [{\"host\": \"mail.acme.example\", \"answer\": {\"command\": \"RCPT\", "
             "\"drop\": true, \"name\": \"x\"}}]"),
       "2:86: /faults/0/answer/name", "belongs to the protocol \"dns\""},
      {"a user of the DNS",
       world("\"faults\": [{\"host\": \"ns1.acme.example\", \"answer\": {\"protocol\": \"dns\", "
             "\"command\": \"MX\", \"drop\": true, \"user\": \"alice@acme.example\"}}]"),
       "2:102: /faults/0/answer/user", "nobody logs in"},
      {"a capability that the DNS has not",
       world(
           "\"faults\": [{\"host\": \"ns1.acme.example\", \"capability\": {\"protocol\": \"dns\", "
           "\"name\": \"SIZE\", \"hide\": true}}]"),
       "2:83: /faults/0/capability/name", "EDNS, UDP, TCP and RECURSION"},
      {"loss of a host",
       world("\"faults\": [{\"host\": \"mail.acme.example\", \"down\": true, \"loss\": \"1%\"}]"),
       "2:56: /faults/0/loss", "belongs to a \"link\""},
      {"alias that is no address",
       "{\"title\": \"t\", \"domains\": {\"a.example\": {\"users\": [\"x\"], \"aliases\": {\"y\": "
       "[\"" +
           std::string(65, 'z') + "@b.example\"]}}}}",
       "1:75: /domains/a.example/aliases/y", "has at most 64 octets"},
      {"answer of a link",
       world("\"faults\": [{\"link\": \"acme.example\", \"answer\": {\"command\": \"RCPT\", "
             "\"drop\": true}}]"),
       "2:37: /faults/0/answer", "belongs to a \"host\""},
      {"link without harm", world("\"faults\": [{\"link\": \"acme.example\"}]"), "2:12: /faults/0",
       "needs \"down\", \"latency\""},
      {"no SMTP reply",
       world("\"faults\": [{\"host\": \"mail.acme.example\", \"answer\": {\"command\": \"RCPT\", "
             "\"reply\": \"Go away\"}}]"),
       "2:81: /faults/0/answer/reply", "three digits"},
      {"base64",
       world("\"script\": [{\"send\": {\"from\": \"alice@acme.example\", \"to\": \"b@c.d\", "
             "\"attachments\": [{\"name\": \"a\", \"base64\": \"abc\"}]}}]"),
       "2:107: /script/0/send/attachments/0/base64", "not base64"},
      {"attachment",
       world("\"script\": [{\"send\": {\"from\": \"alice@acme.example\", \"to\": \"b@c.d\", "
             "\"attachments\": [{\"name\": \"a\", \"size\": \"60MB\"}]}}]"),
       "2:105: /script/0/send/attachments/0/size", "at most 50000000"},
      {"moving by POP3",
       R"({"title": "t", "domains": {"a.example": {"users": [{"name": "b", "devices": [{"protocol": "pop3"}]}]}}, "script": [{"move": {"who": "b@a.example", "to": "X"}}]})",
       "1:125: /script/0/move", "no device with IMAP"},
      {"count without a place",
       world("\"expect\": [{\"never\": [{\"kind\": \"mail.bounced\"}], \"count\": 1}]"),
       "2:50: /expect/0/count", "belongs to"},
      {"mailbox without a wish", world("\"expect\": [{\"mailbox\": \"bob@globex.example\"}]"),
       "2:12: /expect/0", "what is expected?"},
      {"first one caused",
       world("\"expect\": [{\"events\": [{\"kind\": \"mail.bounced\", \"caused\": true}]}]"),
       "2:24: /expect/0/events/0", "needs an event before"},
      {"right answer",
       world("\"lesson\": {\"questions\": [{\"when\": {\"kind\": \"mail.bounced\"}, \"ask\": "
             "\"a\", \"answers\": [\"b\", \"c\"], \"right\": 2, \"because\": \"d\"}]}"),
       "2:105: /lesson/questions/0/right", "no such answer"},
      {"impatient queue", domain("\"queue\": {\"retry\": [\"0s\"]}"),
       "1:85: /domains/acme.example/queue/retry/0", "at least 1s"},
      {"late warning", domain("\"queue\": {\"warnAfter\": \"2d\", \"expireAfter\": \"1d\"}"),
       "1:88: /domains/acme.example/queue/warnAfter", "given up"},
  });
}

TEST_CASE("a missing file", "[scenario][loader]") {
  CHECK_THROWS_AS(load_scenario_file("/nowhere/x.json"), ScenarioError);
  CHECK_THROWS_AS(load_scenario_file("/"), ScenarioError);
}

TEST_CASE("defaults do the work", "[scenario][loader]") {
  const Scenario s =
      load_scenario(world("\"script\": [{\"send\": {\"from\": \"Alice@ACME.example\", \"to\": "
                          "\"bob@globex.example\"}}, "
                          "{\"wait\": \"2s\"}, {\"read\": {\"who\": \"bob@globex.example\"}}]"),
                    "x.json");
  CHECK(s.seed == 1);
  CHECK(s.start == std::chrono::sys_days(std::chrono::year(2026) / 3 / 2) + 9h);
  CHECK_FALSE(s.duration);
  REQUIRE(s.domains.size() == 2);
  const Domain& acme = s.domains[0];
  REQUIRE(acme.mx.size() == 1);
  CHECK(acme.mx[0].host == "mail.acme.example");
  CHECK(acme.mx[0].preference == 10);
  CHECK(acme.tls == TlsUse::offered);
  CHECK_FALSE(acme.plaintext_auth);
  CHECK(acme.ttl_s == 3600);
  CHECK(acme.max_message_octets == 25'000'000);
  CHECK(acme.queue.retry == std::vector<Duration>{1min, 5min, 15min, 30min, 1h, 2h, 4h});
  CHECK(acme.queue.warn_after == 4h);
  CHECK(acme.queue.expire_after == 120h);
  REQUIRE(acme.users.size() == 1);
  CHECK(acme.users[0].label == "Alice");
  REQUIRE(acme.users[0].devices.size() == 1);
  CHECK(acme.users[0].devices[0].name == "laptop");
  CHECK(acme.users[0].devices[0].protocol == Protocol::imap);
  CHECK(acme.users[0].devices[0].security == Security::starttls);
  CHECK(s.network.between_domains.latency == 20ms);
  CHECK(s.network.inside_domain.latency == 1ms);
  REQUIRE(s.script.size() == 2);
  const Send& send = std::get<Send>(s.script[0].act);
  CHECK(send.from == "alice@acme.example");  // names are compared without case
  CHECK(send.subject == "Hello");
  CHECK_FALSE(send.text.empty());
  CHECK(send.device == "laptop");
  CHECK(s.script[1].at == 2s);
}

TEST_CASE("preferences, words for MX, domains without TLS", "[scenario][loader]") {
  const Scenario s = load_scenario(R"({"title": "t", "domains": {
    "a.example": {"users": [], "mx": ["mx1", {"host": "mx2", "preference": 5}, "mx3"]},
    "b.example": {"users": [], "mx": "null"},
    "c.example": {"users": ["u"], "mx": "none", "tls": "none"},
    "d.example": {"users": [], "mx": ["mx1.a.example"]}}})",
                                   "x.json");
  REQUIRE(s.domains[0].mx.size() == 3);
  CHECK(s.domains[0].mx[0].preference == 10);
  CHECK(s.domains[0].mx[1].preference == 5);
  CHECK(s.domains[0].mx[2].preference == 30);
  CHECK(s.domains[1].null_mx);
  CHECK_FALSE(s.domains[2].null_mx);
  CHECK_FALSE(s.domains[2].publish_mx);
  CHECK(s.domains[2].plaintext_auth);
  CHECK(s.domains[2].users[0].devices[0].security == Security::none);
  CHECK(s.domains[3].mx[0].host == "mx1.a.example");
}

TEST_CASE("places of script, faults and expectations are kept", "[scenario][loader]") {
  const Scenario s = load_scenario(
      world("\"expect\": [\n  {\"queue\": \"mail.acme.example\", \"count\": 0}\n]"), "x.json");
  REQUIRE(s.expect.size() == 1);
  CHECK(s.expect[0].place.pointer == "/expect/0");
  CHECK(s.expect[0].place.line == 3);
  CHECK(s.expect[0].place.column == 3);
}

TEST_CASE("many entries load in a moment", "[scenario][loader]") {
  std::string script = "\"script\": [";
  for (int i = 0; i < 50'000; ++i)
    script += i == 0 ? "{\"read\": {\"who\": \"bob@globex.example\"}}"
                     : ",\n{\"read\": {\"who\": \"bob@globex.example\"}}";
  const Scenario s = load_scenario(world(script + "]"), "x.json");
  REQUIRE(s.script.size() == 50'000);
  CHECK(s.script.back().place.line == 50'001);
}
