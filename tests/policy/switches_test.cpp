// Lesson switches: which of them a session meets.
#include "server/policy/switches.hpp"

#include "tests/catch.hpp"

namespace mailscope::policy {
namespace {

const net::Address kInside = net::Address::v4(198, 18, 2, 9);
const net::Address kOutside = net::Address::v4(203, 0, 113, 1);

Switch about(std::string capability, Switch::Act act, std::string text = {}) {
  Switch out;
  out.protocol = Protocol::imap;
  out.capability = std::move(capability);
  out.act = act;
  out.text = std::move(text);
  return out;
}

TEST_CASE("a server that nobody changed") {
  SessionSwitches session;
  CHECK(session.offers("IDLE"));
  CHECK(session.announced("SIZE", "SIZE 1000") == "SIZE 1000");
  CHECK_FALSE(session.at_command("RCPT"));
  CHECK_FALSE(session.at_use("IDLE", "BAD"));
  CHECK(session.announced_besides([](std::string_view) { return false; }).empty());
}

TEST_CASE("hiding a capability, for whom") {
  Switches table;
  Switch hidden = about("IDLE", Switch::Act::hide);
  SECTION("everybody") {
    table.add(hidden);
    CHECK_FALSE(SessionSwitches(table, Protocol::imap, kInside).offers("idle"));
    CHECK(SessionSwitches(table, Protocol::imap, kInside).offers("MOVE"));
    CHECK(SessionSwitches(table, Protocol::pop3, kInside).offers("IDLE"));
  }
  SECTION("some addresses") {
    hidden.clients = net::Prefix::parse("198.18.2.0/24");
    table.add(hidden);
    CHECK_FALSE(SessionSwitches(table, Protocol::imap, kInside).offers("IDLE"));
    CHECK(SessionSwitches(table, Protocol::imap, kOutside).offers("IDLE"));
  }
  SECTION("one user, from the login on") {
    hidden.user = "bob@globex.example";
    table.add(hidden);
    SessionSwitches session(table, Protocol::imap, kInside);
    CHECK(session.offers("IDLE"));
    session.set_user("alice@globex.example");
    CHECK(session.offers("IDLE"));
    session.set_user("bob@globex.example");
    CHECK_FALSE(session.offers("IDLE"));
  }
  SECTION("a change holds at once") {
    SessionSwitches session(table, Protocol::imap, kInside);
    const auto handle = table.add(hidden);
    CHECK_FALSE(session.offers("IDLE"));
    table.remove(handle);
    CHECK(session.offers("IDLE"));
  }
}

TEST_CASE("announcing otherwise") {
  Switches table;
  table.add(about("SIZE", Switch::Act::announce, "SIZE 7"));
  table.add(about("XYZZY", Switch::Act::announce, "XYZZY 2"));
  SessionSwitches session(table, Protocol::imap, kInside);
  CHECK(session.announced("SIZE", "SIZE 1000") == "SIZE 7");
  CHECK(session.announced("IDLE", "IDLE") == "IDLE");
  const auto besides =
      session.announced_besides([](std::string_view name) { return name == "SIZE"; });
  CHECK(besides == std::vector<std::string>{"XYZZY 2"});
  table.add(about("SIZE", Switch::Act::hide));
  CHECK_FALSE(session.announced("SIZE", "SIZE 1000"));
}

TEST_CASE("answering the use of a capability") {
  Switches table;
  table.add(about("IDLE", Switch::Act::reply));
  table.add(about("MOVE", Switch::Act::reply, "NO Not today"));
  table.add(about("SORT", Switch::Act::drop));
  SessionSwitches session(table, Protocol::imap, kInside);
  CHECK(session.at_use("IDLE", "BAD Unknown command")->reply == "BAD Unknown command");
  CHECK(session.at_use("MOVE", "BAD Unknown command")->reply == "NO Not today");
  CHECK(session.at_use("SORT", "BAD")->act == Switch::Act::drop);
  CHECK_FALSE(session.at_use("", "BAD"));
  CHECK_FALSE(session.at_command("IDLE"));
}

TEST_CASE("so many times, then no more") {
  Switches table;
  Switch twice;
  twice.command = "RCPT";
  twice.act = Switch::Act::reply;
  twice.text = "451 4.3.0 Later";
  twice.times = 2;
  table.add(twice);
  twice.text = "452 4.3.1 Full";
  twice.times = 1;
  table.add(twice);
  SessionSwitches session(table, Protocol::smtp, kInside);
  CHECK(session.at_command("RCPT")->reply == "451 4.3.0 Later");
  CHECK(session.at_command("rcpt")->reply == "451 4.3.0 Later");
  CHECK(session.at_command("RCPT")->reply == "452 4.3.1 Full");
  CHECK_FALSE(session.at_command("RCPT"));
}

TEST_CASE("a switch in words") {
  Switch what = about("IDLE", Switch::Act::hide);
  what.user = "bob@globex.example";
  what.clients = net::Prefix::parse("198.18.2.0/24");
  CHECK(describe(what) == "hides IDLE of imap for bob@globex.example for clients in 198.18.2.0/24");
  CHECK(describe(about("IDLE", Switch::Act::reply)) == "refuses IDLE of imap");
}

TEST_CASE("ranges of addresses") {
  struct Row {
    std::string_view prefix, address;
    bool inside;
  };
  const Row rows[] = {
      {"198.18.2.0/24", "198.18.2.255", true},
      {"198.18.2.0/24", "198.18.3.0", false},
      {"198.18.2.0/23", "198.18.3.1", true},
      {"0.0.0.0/0", "255.255.255.255", true},
      {"192.0.2.7", "192.0.2.7", true},
      {"192.0.2.7", "192.0.2.6", false},
      {"2001:db8::/33", "2001:db8:8000::", false},
      {"2001:db8::/32", "2001:db8:8000::", true},
      {"0.0.0.0/0", "::1", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.prefix, row.address);
    CHECK(net::Prefix::parse(row.prefix)->contains(*net::Address::parse(row.address)) ==
          row.inside);
  }
  for (const char* bad :
       {"", "1.2.3.4/33", "::1/129", "1.2.3.4/", "1.2.3/8", "1.2.3.4/-1", "a/8"}) {
    CHECK_FALSE(net::Prefix::parse(bad));
  }
}

}  // namespace
}  // namespace mailscope::policy
