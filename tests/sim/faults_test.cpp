// Each kind of fault does what docs/scenario.md says, told in the language of the scenarios.
#include "sim/scenario/loader.hpp"
#include "tests/catch.hpp"
#include "tests/sim/support.hpp"

using namespace mailscope;

namespace {

struct Row {
  const char* name;
  const char* faults;
  const char* expect;
  const char* script =
      R"({"at": "1s", "send": {"from": "alice@acme.example", "to": "bob@globex.example", "subject": "Hi"}})";
};

/// acme has one mail host, globex two exchangers; the queue is quick so that faults are short.
std::string world(const Row& row) {
  return std::string(R"({"title": "fault", "domains": {
    "acme.example": {"users": ["alice"], "queue": {"retry": ["1m", "5m"], "warnAfter": "1h", "expireAfter": "2h"}},
    "globex.example": {"users": ["bob", {"name": "pam", "devices": [{"protocol": "pop3"}]}], "mx": ["mx1", "mx2"], "ttl": 60}},
    "script": [)") +
         row.script + R"(], "faults": [)" + row.faults + R"(], "expect": [)" + row.expect + "]}";
}

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    INFO(row.name);
    const scenario::Scenario scenario =
        scenario::load_scenario(world(row), std::string(row.name) + ".json");
    for (const std::uint64_t seed : {1u, 2u, 3u}) {
      INFO("seed " << seed);
      const test::Played played = test::play(scenario, seed);
      CHECK(test::joined(played.failures) == "");
    }
  }
}

}  // namespace

TEST_CASE("a host that is down", "[sim][faults]") {
  check({
      {"the first exchanger: the second takes over",
       R"({"host": "mx1.globex.example", "down": true})",
       R"({"mailbox": "bob@globex.example", "by": "3m", "count": 1},
          {"events": [{"kind": "link.host", "fields": {"name": "mx1.globex.example", "up": 0}}, {"kind": "mail.accepted", "host": "mx2.globex.example"}]},
          {"never": [{"kind": "smtp.connected", "host": "mx1.globex.example"}]})"},
      {"both for a while: the queue waits",
       R"({"host": "mx1.globex.example", "down": "10m"}, {"host": "mx2.globex.example", "for": "10m", "down": true})",
       R"({"mailbox": "bob@globex.example", "by": "10m", "count": 0}, {"queue": "mail.acme.example", "by": "9m", "count": 1},
          {"mailbox": "bob@globex.example", "by": "20m", "count": 1}, {"queue": "mail.acme.example", "count": 0},
          {"events": [{"kind": "mail.deferred"}, {"kind": "lesson.fault", "fields": {"on": 0}}, {"kind": "mail.relayed"}]})"},
      {"both for good: the sender is told twice",
       R"({"host": "mx1.globex.example", "down": true}, {"host": "mx2.globex.example", "down": true})",
       R"({"mailbox": "alice@acme.example", "by": "90m", "count": 1, "has": {"dsn": {"action": "delayed"}}},
          {"mailbox": "alice@acme.example", "count": 2, "has": {"dsn": {"action": "failed", "status": "4.4.7"}}},
          {"queue": "mail.acme.example", "count": 0})"},
      {"the sender's own server: the device reports",
       R"({"host": "mail.acme.example", "down": true})",
       R"({"mailbox": "bob@globex.example", "count": 0}, {"never": [{"kind": "mail.accepted"}]},
          {"events": [{"kind": "smtp.outcome", "host": "alice-laptop.acme.example"}]})"},
      {"the sender's server after it accepted: its queue survives",
       R"({"host": "mx1.globex.example", "down": "3m"}, {"host": "mx2.globex.example", "down": "3m"}, {"at": "10s", "host": "mail.acme.example", "down": "4m"})",
       R"({"queue": "mail.acme.example", "by": "9s", "count": 1}, {"mailbox": "bob@globex.example", "count": 1}, {"queue": "mail.acme.example", "count": 0},
          {"events": [{"kind": "link.host", "fields": {"name": "mail.acme.example", "up": 0}}, {"kind": "link.host", "fields": {"name": "mail.acme.example", "up": 1}}, {"kind": "mail.relayed"}]})"},
      {"the receiver while the message travels: no half messages",
       R"({"at": "1.5s", "host": "mx1.globex.example", "down": "30s"})",
       R"({"mailbox": "bob@globex.example", "count": 1, "has": {"subject": "Hi"}}, {"queue": "mail.acme.example", "count": 0})"},
      {"the name server: mail waits", R"({"host": "ns1.globex.example", "down": "10m"})",
       R"({"events": [{"kind": "dns.timeout", "host": "resolver.acme.example"}, {"kind": "mail.deferred"}, {"kind": "mail.relayed", "after": "10m"}]},
          {"mailbox": "bob@globex.example", "count": 1}, {"never": [{"kind": "mail.bounced"}]})"},
      {"the root server", R"({"host": "a.root-servers.net", "down": true})",
       R"({"never": [{"kind": "mail.accepted"}]}, {"events": [{"kind": "dns.timeout"}]})"},
      {"two faults of one host overlap: it is back when both are over",
       R"({"host": "mx1.globex.example", "down": "5m"}, {"at": "1m", "host": "mx1.globex.example", "down": "10m"}, {"host": "mx2.globex.example", "down": true})",
       R"({"never": [{"kind": "smtp.connected", "host": "mx1.globex.example", "before": "11m"}]}, {"mailbox": "bob@globex.example", "by": "30m", "count": 1})",
       R"({"at": "6m", "send": {"from": "alice@acme.example", "to": "bob@globex.example"}})"},
      {"the same for a link",
       R"({"link": "globex.example", "down": "5m"}, {"at": "1m", "link": "globex.example", "down": "10m"})",
       R"({"never": [{"kind": "smtp.connected", "host": "mx1.globex.example", "before": "11m"}]}, {"mailbox": "bob@globex.example", "by": "30m", "count": 1})",
       R"({"at": "6m", "send": {"from": "alice@acme.example", "to": "bob@globex.example"}})"},
      {"and for a mailbox",
       R"({"mailboxFull": "bob@globex.example", "for": "5m"}, {"at": "1m", "mailboxFull": "bob@globex.example", "for": "10m"})",
       R"({"mailbox": "bob@globex.example", "by": "10m", "count": 0}, {"mailbox": "bob@globex.example", "by": "30m", "count": 1})",
       R"({"at": "6m", "send": {"from": "alice@acme.example", "to": "bob@globex.example"}})"},
  });
}

TEST_CASE("a link that is down, slow, narrow or lossy", "[sim][faults]") {
  check({
      {"down between two domains", R"({"link": ["acme.example", "globex.example"], "down": "10m"})",
       R"({"mailbox": "bob@globex.example", "by": "10m", "count": 0}, {"mailbox": "bob@globex.example", "by": "20m", "count": 1},
          {"events": [{"kind": "link.state", "fields": {"up": 0}}, {"kind": "link.state", "fields": {"up": 1}}, {"kind": "mail.accepted", "host": "mx1.globex.example"}]})"},
      {"down between two hosts: the other exchanger is reached",
       R"({"link": ["mail.acme.example", "mx1.globex.example"], "down": true})",
       R"({"mailbox": "bob@globex.example", "by": "3m", "count": 1}, {"events": [{"kind": "mail.accepted", "host": "mx2.globex.example"}]})"},
      {"all links of a host", R"({"link": "mx1.globex.example", "down": true})",
       R"({"events": [{"kind": "mail.accepted", "host": "mx2.globex.example"}]}, {"never": [{"kind": "smtp.connected", "host": "mx1.globex.example"}]})"},
      {"slow: half a second each way",
       R"({"link": ["mail.acme.example", "mx1.globex.example"], "latency": "500ms"})",
       R"({"events": [{"kind": "transport.open", "host": "mail.acme.example", "peer": "mx1.globex.example", "before": "2s"}, {"kind": "smtp.connected", "host": "mx1.globex.example", "after": "2.5s"}]},
          {"mailbox": "bob@globex.example", "by": "30s", "count": 1})"},
      {"slow for a while",
       R"({"link": ["mail.acme.example", "mx1.globex.example"], "latency": "500ms", "for": "1s"})",
       R"({"mailbox": "bob@globex.example", "by": "2s", "count": 1})"},
      {"narrow: 50 kB at 64 kbit/s take more than 8 s",
       R"({"link": ["mail.acme.example", "mx1.globex.example"], "bandwidth": "64kbps"})",
       R"({"events": [{"kind": "smtp.attempt", "before": "4s"}, {"kind": "smtp.data", "host": "mx1.globex.example", "after": "9s"}]}, {"mailbox": "bob@globex.example", "by": "60s", "count": 1})",
       R"({"at": "1s", "send": {"from": "alice@acme.example", "to": "bob@globex.example", "attachments": [{"name": "a", "size": "50kB"}]}})"},
      {"lossy", R"({"link": ["mail.acme.example", "mx1.globex.example"], "loss": "20%"})",
       R"({"events": [{"kind": "link.lost"}, {"kind": "transport.retransmit"}, {"kind": "mail.relayed"}]}, {"mailbox": "bob@globex.example", "count": 1})",
       R"({"at": "1s", "send": {"from": "alice@acme.example", "to": "bob@globex.example", "attachments": [{"name": "a", "size": "50kB"}]}})"},
  });
}

TEST_CASE("DNS records that change or go missing", "[sim][faults]") {
  check({
      {"no MX: the domain's own address, and it has none",
       R"({"dns": {"name": "globex.example", "type": "MX", "missing": true}})",
       R"({"mailbox": "alice@acme.example", "count": 1, "has": {"dsn": {"action": "failed", "recipient": "bob@globex.example"}}})"},
      {"MX elsewhere",
       R"({"dns": {"name": "globex.example", "type": "MX", "values": ["5 mx2.globex.example."]}})",
       R"({"events": [{"kind": "mail.accepted", "host": "mx2.globex.example"}]}, {"never": [{"kind": "smtp.connected", "host": "mx1.globex.example"}]})"},
      {"null MX: no mail here",
       R"({"dns": {"name": "globex.example", "type": "MX", "values": ["0 ."]}})",
       R"({"mailbox": "alice@acme.example", "count": 1, "has": {"dsn": {"action": "failed", "status": "5.1.10"}}})"},
      {"address gone: the next exchanger",
       R"({"dns": {"name": "mx1.globex.example", "type": "A", "missing": true}})",
       R"({"events": [{"kind": "mail.accepted", "host": "mx2.globex.example"}]})"},
      {"for a while, and the answer is remembered",
       R"({"dns": {"name": "globex.example", "type": "MX", "values": ["5 mx2.globex.example."], "ttl": 30}, "for": "2s"})",
       R"({"events": [{"kind": "mail.accepted", "host": "mx2.globex.example", "before": "3s"}, {"kind": "mail.accepted", "host": "mx2.globex.example", "before": "12s"}, {"kind": "mail.accepted", "host": "mx1.globex.example", "after": "60s"}]})",
       R"({"at": "1s", "send": {"from": "alice@acme.example", "to": "bob@globex.example"}}, {"at": "10s", "send": {"from": "alice@acme.example", "to": "bob@globex.example"}},
          {"at": "60s", "send": {"from": "alice@acme.example", "to": "bob@globex.example"}})"},
  });
}

TEST_CASE("a mailbox that is full", "[sim][faults]") {
  check({
      {"for a while", R"({"mailboxFull": "bob@globex.example", "for": "5m"})",
       R"({"reply": {"code": 452, "enhanced": "4.2.2"}}, {"mailbox": "bob@globex.example", "by": "5m", "count": 0}, {"mailbox": "bob@globex.example", "by": "8m", "count": 1})"},
      {"for good", R"({"mailboxFull": "bob@globex.example"})",
       R"({"mailbox": "alice@acme.example", "has": {"dsn": {"action": "failed", "status": "4.4.7"}}}, {"mailbox": "bob@globex.example", "count": 0})"},
      {"one of two recipients", R"({"mailboxFull": "bob@globex.example", "for": "5m"})",
       R"({"mailbox": "pam@globex.example", "by": "4s", "count": 1}, {"mailbox": "bob@globex.example", "by": "10m", "count": 1}, {"mailbox": "pam@globex.example", "count": 1})",
       R"({"at": "1s", "send": {"from": "alice@acme.example", "to": ["bob@globex.example", "pam@globex.example"]}})"},
  });
}

TEST_CASE("chosen replies", "[sim][faults]") {
  check({
      {"not now, twice",
       R"({"host": "mx1.globex.example", "answer": {"command": "RCPT", "reply": "451 4.3.0 Later", "times": 2}})",
       R"({"reply": {"code": 451, "enhanced": "4.3.0", "text": "Later"}}, {"mailbox": "bob@globex.example", "count": 1}, {"never": [{"kind": "mail.bounced"}]})"},
      {"never",
       R"({"host": "mx1.globex.example", "answer": {"command": "MAIL", "reply": "550 5.7.1 Not from you"}})",
       R"({"mailbox": "alice@acme.example", "count": 1, "has": {"dsn": {"action": "failed", "status": "5.7.1"}}}, {"never": [{"kind": "mail.accepted", "host": "mx1.globex.example"}]})"},
      {"after the message",
       R"({"host": "mx1.globex.example", "answer": {"command": "END-OF-DATA", "reply": "554 5.6.0 Not this"}})",
       R"({"mailbox": "alice@acme.example", "has": {"dsn": {"status": "5.6.0"}}}, {"mailbox": "bob@globex.example", "count": 0})"},
      {"no greeting: the next exchanger",
       R"({"host": "mx1.globex.example", "answer": {"command": "CONNECT", "reply": "421 4.3.2 Too busy"}})",
       R"({"events": [{"kind": "mail.accepted", "host": "mx2.globex.example"}]}, {"mailbox": "bob@globex.example", "by": "10s", "count": 1})"},
      {"hanging up",
       R"({"host": "mx1.globex.example", "answer": {"command": "DATA", "drop": true, "times": 1}})",
       R"({"mailbox": "bob@globex.example", "count": 1}, {"queue": "mail.acme.example", "count": 0})"},
      {"command in small letters, only for a while",
       R"({"host": "mx1.globex.example", "for": "30s", "answer": {"command": "rcpt", "reply": "450 4.2.0 Greylisted"}})",
       R"({"events": [{"kind": "smtp.reply", "host": "mx1.globex.example", "fields": {"code": 450}, "before": "3s"}, {"kind": "mail.accepted", "host": "mx2.globex.example", "before": "4s"},
                       {"kind": "mail.accepted", "host": "mx1.globex.example", "after": "40s"}]})",
       R"({"at": "1s", "send": {"from": "alice@acme.example", "to": "bob@globex.example"}}, {"at": "40s", "send": {"from": "alice@acme.example", "to": "bob@globex.example"}})"},
      {"IMAP",
       R"({"host": "mail.globex.example", "answer": {"protocol": "imap", "command": "SELECT", "reply": "NO [UNAVAILABLE] Not now", "times": 1}})",
       R"({"device": "bob@globex.example", "by": "12s", "count": 0}, {"device": "bob@globex.example", "count": 1}, {"events": [{"kind": "imap.response", "fields": {"text": "NO [UNAVAILABLE] Not now"}}]})",
       R"({"at": "1s", "send": {"from": "alice@acme.example", "to": "bob@globex.example"}}, {"at": "10s", "read": {"who": "bob@globex.example"}}, {"at": "20s", "read": {"who": "bob@globex.example"}})"},
      {"POP3",
       R"({"host": "mail.globex.example", "answer": {"protocol": "pop3", "command": "RETR", "drop": true, "times": 1}})",
       R"({"device": "pam@globex.example", "by": "12s", "count": 0}, {"device": "pam@globex.example", "count": 1}, {"mailbox": "pam@globex.example", "count": 0})",
       R"({"at": "1s", "send": {"from": "alice@acme.example", "to": "pam@globex.example"}}, {"at": "10s", "read": {"who": "pam@globex.example"}}, {"at": "20s", "read": {"who": "pam@globex.example"}})"},
  });
}

TEST_CASE("limits of the queue hold messages back, and nothing fails", "[sim][queue]") {
  struct Limits {
    const char* name;
    const char* queue;
    const char* expect;
  };
  // Four messages at once to globex, the last also to hooli.
  const Limits rows[] = {
      {"one connection, kept for all", R"("connectionsPerDomain": 1)",
       R"({"events": [{"kind": "mail.waits", "fields": {"destination": "globex.example", "why": "connections", "limit": 1}}, {"kind": "mail.relayed"}, {"kind": "mail.relayed"}, {"kind": "mail.relayed"}]},
          {"mailbox": "bob@globex.example", "by": "30s", "count": 4})"},
      {"two messages a minute", R"("messagesPerMinute": 2)",
       R"({"events": [{"kind": "mail.waits", "fields": {"why": "rate", "limit": 2}}]},
          {"mailbox": "bob@globex.example", "by": "29s", "count": 1}, {"mailbox": "bob@globex.example", "by": "59s", "count": 2},
          {"mailbox": "bob@globex.example", "by": "100s", "count": 4}, {"mailbox": "pam@hooli.example", "by": "29s", "count": 1})"},
      {"one domain wants less", R"("domains": {"Globex.example": {"messagesPerMinute": 1}})",
       R"({"mailbox": "bob@globex.example", "by": "59s", "count": 1}, {"mailbox": "bob@globex.example", "by": "125s", "count": 3},
          {"mailbox": "pam@hooli.example", "by": "29s", "count": 1}, {"queue": "mail.acme.example", "count": 0})"},
      {"one delivery at all: the other domain is next", R"("connections": 1)",
       R"({"events": [{"kind": "mail.waits", "fields": {"why": "places", "limit": 1}}]},
          {"events": [{"kind": "mail.relayed", "fields": {"recipients": "bob@globex.example"}}, {"kind": "mail.relayed", "fields": {"recipients": "pam@hooli.example"}}, {"kind": "mail.relayed", "fields": {"recipients": "bob@globex.example"}}]},
          {"mailbox": "bob@globex.example", "by": "30s", "count": 4})"},
      {"a message a connection", R"("connectionsPerDomain": 1, "messagesPerConnection": 1)",
       R"({"events": [{"kind": "smtp.connected", "host": "mx1.globex.example"}, {"kind": "smtp.connected", "host": "mx1.globex.example"}, {"kind": "smtp.connected", "host": "mx1.globex.example"}, {"kind": "smtp.connected", "host": "mx1.globex.example"}]},
          {"mailbox": "bob@globex.example", "by": "30s", "count": 4})"},
  };
  for (const Limits& row : rows) {
    INFO(row.name);
    std::string text = R"({"title": "limits", "domains": {
      "acme.example": {"users": ["alice", "al", "ann", "ada"], "queue": {)";
    text += row.queue;
    text +=
        R"(}}, "globex.example": {"users": ["bob"], "mx": ["mx1"]}, "hooli.example": {"users": ["pam"]}}, "script": [)";
    for (const char* from : {"alice", "al", "ann"})
      text += std::string(R"({"at": "1s", "send": {"from": ")") + from +
              R"(@acme.example", "to": "bob@globex.example"}},)";
    text +=
        R"({"at": "1s", "send": {"from": "ada@acme.example", "to": ["bob@globex.example", "pam@hooli.example"]}}],
        "expect": [{"never": [{"kind": "mail.deferred"}]}, {"never": [{"kind": "mail.bounced"}]}, )";
    text += std::string(row.expect) + "]}";
    const test::Played played = test::play(scenario::load_scenario(text, "limits.json"), 1);
    CHECK(test::joined(played.failures) == "");
  }
}

TEST_CASE("switches of DNS servers", "[sim][faults]") {
  check({
      {"SERVFAIL for a while: mail waits",
       R"({"host": "ns1.globex.example", "for": "10m", "answer": {"protocol": "dns", "command": "MX", "reply": "SERVFAIL"}})",
       R"({"events": [{"kind": "dns.response", "host": "ns1.globex.example", "fields": {"rcode": "SERVFAIL"}}, {"kind": "mail.deferred", "fields": {"reply": "4.4.3"}}, {"kind": "mail.relayed", "after": "10m"}]},
          {"mailbox": "bob@globex.example", "count": 1})"},
      {"NXDOMAIN: the sender is told at once",
       R"({"host": "ns1.globex.example", "answer": {"protocol": "dns", "command": "MX", "name": "globex.example", "reply": "NXDOMAIN"}})",
       R"({"mailbox": "alice@acme.example", "by": "1m", "count": 1, "has": {"dsn": {"action": "failed", "status": "5.1.2"}}})"},
      {"the address of one exchanger refused: the other is found",
       R"({"host": "ns1.globex.example", "answer": {"protocol": "dns", "command": "QUERY", "name": "mx1.globex.example", "reply": "REFUSED"}},
          {"host": "ns1.globex.example", "capability": {"protocol": "dns", "name": "EDNS", "hide": true}})",
       R"({"events": [{"kind": "mail.accepted", "host": "mx2.globex.example"}]})"},
      {"truncated: the resolver asks again over TCP",
       R"({"host": "ns1.globex.example", "answer": {"protocol": "dns", "command": "MX", "reply": "TRUNCATED"}})",
       R"({"events": [{"kind": "dns.response", "host": "ns1.globex.example", "fields": {"flags": "tc"}}, {"kind": "dns.query", "fields": {"transport": "tcp"}}, {"kind": "mail.relayed"}]})"},
      {"EDNS broken at the root: asked again without",
       R"({"host": "a.root-servers.net", "capability": {"protocol": "dns", "name": "EDNS", "broken": true}})",
       R"({"events": [{"kind": "dns.response", "host": "a.root-servers.net", "fields": {"rcode": "FORMERR"}}, {"kind": "mail.relayed"}]})"},
      {"a resolver that does not know some clients",
       R"({"host": "resolver.acme.example", "for": "5m", "capability": {"protocol": "dns", "name": "RECURSION", "hide": true, "clients": "198.18.0.0/15"}})",
       R"({"events": [{"kind": "dns.response", "host": "resolver.acme.example", "fields": {"rcode": "REFUSED"}}]}, {"never": [{"kind": "mail.accepted"}]})"},
      {"silence once",
       R"({"host": "ns1.globex.example", "answer": {"protocol": "dns", "command": "QUERY", "drop": true, "times": 1}})",
       R"({"events": [{"kind": "dns.timeout", "host": "resolver.acme.example"}, {"kind": "mail.relayed"}]})"},
  });
}

TEST_CASE("switches of LMTP and SMTP are apart", "[sim][faults]") {
  check({
      {"LMTP's do not concern SMTP",
       R"({"host": "mail.globex.example", "answer": {"protocol": "lmtp", "command": "MAIL", "reply": "451 4.3.0 Later"}},
          {"host": "mx1.globex.example", "answer": {"command": "VRFY", "reply": "252 2.0.0 Perhaps"}})",
       R"({"mailbox": "bob@globex.example", "by": "1m", "count": 1}, {"never": [{"kind": "mail.deferred"}]})"},
  });
}

TEST_CASE("devices log in as the scenario says", "[sim]") {
  for (const char* mechanism :
       {"PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS",
        "CRAM-MD5", "OAUTHBEARER", "XOAUTH2"}) {
    INFO(mechanism);
    for (const char* protocol : {"imap", "pop3"}) {
      INFO(protocol);
      const std::string text =
          std::string(R"({"title": "login", "domains": {"acme.example": {"users": [
        {"name": "alice", "devices": [{"login": ")") +
          mechanism + R"(", "protocol": ")" + protocol + R"("}]}],
        "moreLogins": ["SCRAM-PLUS", "SCRAM-SHA-1", "CRAM-MD5"]}}, "script": [
        {"at": "1s", "send": {"from": "alice@acme.example", "to": "alice@acme.example",
                              "subject": "Hi"}},
        {"at": "10s", "read": {"who": "alice@acme.example"}}], "expect": [
        {"events": [{"kind": "policy.auth", "fields": {"mechanism": ")" +
          mechanism +
          R"(", "ok": 1}}, {"kind": "mail.delivered"}, {"kind": "policy.auth", "fields": {"mechanism": ")" +
          mechanism + R"(", "ok": 1}}]},
        {"never": [{"kind": "policy.auth", "fields": {"ok": 0}}]},
        {"device": "alice@acme.example/laptop", "count": 1, "has": {"subject": "Hi"}}]})";
      const test::Played played = test::play(scenario::load_scenario(text, "login.json"), 1);
      CHECK(test::joined(played.failures) == "");
    }
  }
}

TEST_CASE("a mechanism that the server does not offer is not tried", "[sim]") {
  const char* text = R"({"title": "login", "domains": {"acme.example": {"users": [
      {"name": "alice", "devices": [{"login": "CRAM-MD5"}]}]}}, "script": [
      {"at": "1s", "send": {"from": "alice@acme.example", "to": "alice@acme.example"}},
      {"at": "10s", "read": {"who": "alice@acme.example"}}], "expect": [
      {"events": [{"kind": "smtp.outcome", "fields": {"reply": "does not offer CRAM-MD5"}}, {"kind": "smtp.outcome", "fields": {"result": "failed"}}]},
      {"never": [{"kind": "policy.auth"}]}, {"never": [{"kind": "mail.accepted"}]}]})";
  const test::Played played = test::play(scenario::load_scenario(text, "login.json"), 1);
  CHECK(test::joined(played.failures) == "");
}

TEST_CASE("relaying uses TLS where it can, and goes on where it cannot", "[sim][tls]") {
  check({
      {"offered: used", R"({"at": "1h", "host": "mx1.globex.example", "down": true})",
       R"({"events": [{"kind": "tls.established", "host": "mx1.globex.example", "peer": "mail.acme.example"}, {"kind": "mail.accepted", "host": "mx1.globex.example"}]})"},
      {"hidden: in the clear",
       R"({"host": "mx1.globex.example", "capability": {"name": "STARTTLS", "hide": true}})",
       R"({"events": [{"kind": "mail.accepted", "host": "mx1.globex.example", "before": "5s"}]}, {"never": [{"kind": "tls.hello", "host": "mx1.globex.example"}]})"},
      {"refused: in the clear",
       R"({"host": "mx1.globex.example", "answer": {"command": "STARTTLS", "reply": "454 4.7.0 TLS not available"}})",
       R"({"events": [{"kind": "smtp.reply", "host": "mx1.globex.example", "fields": {"code": 454}}, {"kind": "mail.accepted", "host": "mx1.globex.example", "before": "5s"}]})"},
      {"announced where there is none: in the clear",
       R"({"host": "mx1.globex.example", "capability": {"name": "STARTTLS", "reply": "502 5.5.1 Not here"}})",
       R"({"events": [{"kind": "mail.accepted", "host": "mx1.globex.example", "before": "5s"}]})"},
      {"the connection breaks at it: delivered all the same",
       R"({"host": "mx1.globex.example", "answer": {"command": "STARTTLS", "drop": true}})",
       R"({"mailbox": "bob@globex.example", "by": "3m", "count": 1}, {"queue": "mail.acme.example", "count": 0})"},
  });
}

TEST_CASE("who requires TLS waits for it", "[sim][tls]") {
  const char* text = R"({"title": "required", "domains": {
      "acme.example": {"users": ["alice"], "tls": "required", "queue": {"retry": ["1m", "5m"]}},
      "globex.example": {"users": ["bob"], "mx": ["mx1", "mx2"]}},
      "script": [{"at": "1s", "send": {"from": "alice@acme.example", "to": "bob@globex.example"}}],
      "faults": [{"host": "mx1.globex.example", "for": "4m", "capability": {"name": "STARTTLS", "hide": true}},
                 {"host": "mx2.globex.example", "for": "4m", "answer": {"command": "STARTTLS", "reply": "454 4.7.0 Later"}}],
      "expect": [{"mailbox": "bob@globex.example", "by": "4m", "count": 0},
                 {"events": [{"kind": "mail.deferred"}, {"kind": "tls.established", "host": "mail.acme.example", "fields": {"verified": 1}}, {"kind": "mail.relayed", "after": "4m"}]},
                 {"mailbox": "bob@globex.example", "count": 1}]})";
  const test::Played played = test::play(scenario::load_scenario(text, "required.json"), 1);
  CHECK(test::joined(played.failures) == "");
}

TEST_CASE("a pool of exchangers shares the load, and covers for those that fail", "[sim][pool]") {
  struct Row {
    const char* name;
    const char* faults;
    const char* expect;
  };
  const Row rows[] = {
      {"all are used", "",
       R"({"events": [{"kind": "mail.accepted", "host": "mx1.globex.example"}]}, {"events": [{"kind": "mail.accepted", "host": "mx2.globex.example"}]},
          {"events": [{"kind": "mail.accepted", "host": "mx3.globex.example"}]}, {"never": [{"kind": "mail.deferred"}]})"},
      {"one is down: tried once, then left alone for a while",
       R"({"host": "mx1.globex.example", "down": true})",
       R"({"never": [{"kind": "mail.deferred"}, {"kind": "smtp.attempt", "fields": {"server": "mx1.globex.example"}, "after": "2m", "before": "4m"}]})"},
      {"one refuses every session",
       R"({"host": "mx2.globex.example", "answer": {"command": "CONNECT", "reply": "421 4.3.2 Overloaded"}})",
       R"({"never": [{"kind": "mail.accepted", "host": "mx2.globex.example"}, {"kind": "mail.deferred"}]})"},
      {"one breaks off shared connections",
       R"({"host": "mx3.globex.example", "for": "3m", "answer": {"command": "MAIL", "drop": true}})",
       R"({"never": [{"kind": "mail.accepted", "host": "mx3.globex.example", "before": "3m"}, {"kind": "mail.bounced"}]})"},
      {"all go down while mail flows, and come back",
       R"({"at": "62.1s", "host": "mx1.globex.example", "down": "5m"}, {"at": "62.1s", "host": "mx2.globex.example", "down": "5m"},
          {"at": "62.1s", "host": "mx3.globex.example", "down": "5m"})",
       R"({"events": [{"kind": "mail.relayed", "after": "6m"}]}, {"never": [{"kind": "mail.bounced"}]})"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    // Two dozen messages: eight at a time, over one connection each while there are more.
    std::string script;
    for (const char* at : {"1s", "62s", "2m"}) {
      for (int i = 0; i < 8; ++i) {
        script += (script.empty() ? "" : ",") + std::string(R"({"at": ")") + at +
                  R"(", "send": {"from": "u)" + std::to_string(i) +
                  R"(@acme.example", "to": "bob@globex.example"}})";
      }
    }
    const std::string text =
        std::string(
            R"({"title": "pool", "domains": {"acme.example": {"users": ["u0", "u1", "u2", "u3", "u4", "u5", "u6", "u7"],
          "queue": {"retry": ["1m"], "connectionsPerDomain": 3, "messagesPerConnection": 2}},
          "globex.example": {"users": ["bob"], "mx": [{"host": "mx1", "preference": 10}, {"host": "mx2", "preference": 10}, {"host": "mx3", "preference": 10}]}},
          "script": [)") +
        script + R"(], "faults": [)" + row.faults +
        R"(], "expect": [{"queue": "mail.acme.example", "count": 0}, )" + row.expect + "]}";
    for (const std::uint64_t seed : {1u, 2u}) {
      INFO("seed " << seed);
      const test::Played played = test::play(scenario::load_scenario(text, "pool.json"), seed);
      CHECK(test::joined(played.failures) == "");
    }
  }
}
