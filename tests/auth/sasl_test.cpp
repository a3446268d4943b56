// SASL mechanisms: PLAIN (RFC 4616) and LOGIN.
#include "server/auth/sasl.hpp"

#include "tests/catch.hpp"

using namespace mailscope::auth;
using Kind = SaslStep::Kind;
using namespace std::string_literals;

namespace {
AccountTable accounts() {
  AccountTable table("b.example");
  table.add("bob@b.example", "secret");
  table.add("tim@b.example", "tanstaaftanstaaf");
  return table;
}
}  // namespace

TEST_CASE("the table of mechanisms") {
  const AccountTable table = accounts();
  for (const SaslMechanism& mechanism : sasl_mechanisms()) {
    CHECK(mechanism.make({.accounts = table})->mechanism() == mechanism.name);
    CHECK(find_sasl_mechanism(mechanism.name) == &mechanism);
  }
  CHECK(find_sasl_mechanism("plain")->name == "PLAIN");
  CHECK(find_sasl_mechanism("Login")->name == "LOGIN");
  CHECK(find_sasl_mechanism("DIGEST-MD5") == nullptr);
  CHECK(find_sasl_mechanism("") == nullptr);
}

TEST_CASE("PLAIN") {
  struct Row {
    std::string message;
    Kind kind;
  };
  const Row rows[] = {
      {"\0bob@b.example\0secret"s, Kind::success},
      {"\0bob\0secret"s, Kind::success},
      {"\0tim\0tanstaaftanstaaf"s, Kind::success},  // RFC 4616 section 4
      {"bob\0bob\0secret"s, Kind::success},
      {"BOB@b.example\0bob\0secret"s, Kind::success},
      {"tim@b.example\0bob\0secret"s, Kind::failure},
      {"Ursel\0tim\0tanstaaftanstaaf"s, Kind::failure},
      {"\0bob\0wrong"s, Kind::failure},
      {"\0nobody\0secret"s, Kind::failure},
      {"", Kind::malformed},
      {"bob", Kind::malformed},
      {"\0bob"s, Kind::malformed},
      {"\0\0"s, Kind::malformed},
      {"\0bob\0"s, Kind::malformed},
      {"\0\0secret"s, Kind::malformed},
      {"\0bob\0secret\0"s, Kind::malformed},
      {"\0bob\0sec\xff"s, Kind::malformed},
      {"\xff\0bob\0secret"s, Kind::malformed},
      {"\0bob\0"s + std::string(2'000, 'x'), Kind::malformed},
  };
  const AccountTable table = accounts();
  for (const Row& row : rows) {
    CAPTURE(row.message);
    const SaslStep direct =
        find_sasl_mechanism("PLAIN")->make({.accounts = table})->start(row.message);
    CHECK(direct.kind == row.kind);
    CHECK((row.kind == Kind::success) == !direct.account.empty());
    const auto server = find_sasl_mechanism("PLAIN")->make({.accounts = table});
    const SaslStep first = server->start(std::nullopt);
    CHECK(first.kind == Kind::challenge);
    CHECK(first.challenge.empty());
    const SaslStep second = server->respond(row.message);
    CHECK(second.kind == row.kind);
    CHECK(second.account == direct.account);
  }
  CHECK(find_sasl_mechanism("PLAIN")->make({.accounts = table})->start("\0bob\0wrong"s).user ==
        "bob");
}

TEST_CASE("LOGIN") {
  const AccountTable table = accounts();
  const auto make = [&] { return find_sasl_mechanism("LOGIN")->make({.accounts = table}); };
  {
    const auto server = make();
    CHECK(server->start(std::nullopt).challenge == "Username:");
    CHECK(server->respond("bob").challenge == "Password:");
    const SaslStep step = server->respond("secret");
    CHECK(step.kind == Kind::success);
    CHECK(step.account == "bob@b.example");
    CHECK(step.user == "bob");
  }
  {
    const auto server = make();
    CHECK(server->start("bob").challenge == "Password:");
    CHECK(server->respond("wrong").kind == Kind::failure);
  }
  CHECK(make()->start("").kind == Kind::malformed);
  {
    const auto server = make();
    server->start("bob");
    CHECK(server->respond("").kind == Kind::malformed);
  }
  {
    const auto server = make();
    server->start("bob");
    CHECK(server->respond("a\0b"s).kind == Kind::malformed);
  }
}
