// Addresses and where their mail goes: aliases, sub-addresses, the catch-all, lists, loops.
#include "server/host/directory.hpp"

#include "server/host/organisation.hpp"
#include "server/host/verp.hpp"
#include "server/store/memory_store.hpp"
#include "tests/catch.hpp"
#include "tests/smtp/fixture.hpp"

namespace mailscope::host {
namespace {

mail::Mailbox at(std::string_view text) {
  return mail::Mailbox::parse(text).value();
}

Directory sample() {
  Directory directory("a.example");
  directory.add_user("alice");
  directory.add_user("bob");
  directory.add_alias("Sales", {at("bob@a.example"), at("eve@b.example"), at("alice@a.example")});
  directory.add_alias("all", {at("sales@a.example"), at("alice@a.example")});
  directory.add_alias("ping", {at("pong@a.example")});
  directory.add_alias("pong", {at("ping@a.example"), at("bob+game@a.example")});
  directory.add_alias("self", {at("self@a.example")});
  MailingList list;
  list.name = "team";
  list.title = "The team";
  list.members = {at("eve@b.example"), at("bob@a.example")};
  directory.add_list(list);
  return directory;
}

/// "bob@a.example+work eve@b.example list:team bounce:team:eve@b.example".
std::string text(const std::vector<Destination>& found) {
  std::string out;
  for (const Destination& each : found) {
    if (!out.empty()) out += ' ';
    switch (each.kind) {
      case Destination::Kind::mailbox:
        out += each.account + (each.detail.empty() ? "" : "+" + each.detail);
        break;
      case Destination::Kind::forward:
        out += each.address.to_string();
        break;
      case Destination::Kind::list:
        out += "list:" + each.list->name;
        break;
      case Destination::Kind::list_bounce:
        out += "bounce:" + each.list->name + ":" + each.address.to_string();
        break;
      case Destination::Kind::list_owner:
        out += "owner:" + each.account;
        break;
    }
  }
  return out;
}

}  // namespace

TEST_CASE("where mail for an address goes", "[host][directory]") {
  const Directory directory = sample();
  struct Row {
    std::string_view address, goes;
  };
  const Row rows[] = {
      {"bob@a.example", "bob@a.example"},
      {"BOB@a.example", "bob@a.example"},
      {"bob+Work@a.example", "bob@a.example+Work"},
      {"bob+a+b@a.example", "bob@a.example+a+b"},
      {"+bob@a.example", ""},
      {"nobody@a.example", ""},
      {"nobody+x@a.example", ""},
      {"postmaster@a.example", "alice@a.example"},
      {"ABUSE@a.example", "alice@a.example"},
      {"sales@a.example", "bob@a.example eve@b.example alice@a.example"},
      {"sales+x@a.example", "bob@a.example eve@b.example alice@a.example"},
      {"all@a.example", "bob@a.example eve@b.example alice@a.example"},
      {"ping@a.example", "bob@a.example+game"},
      {"self@a.example", ""},
      {"eve@b.example", "eve@b.example"},
      {"team@a.example", "list:team"},
      {"team-owner@a.example", "owner:alice@a.example"},
      {"team-request@a.example", "owner:alice@a.example"},
      {"team-bounces@a.example", "owner:alice@a.example"},
      {"team-bounces+eve=b.example@a.example", "bounce:team:eve@b.example"},
      {"team-bounces+x=y=b.example@a.example", "bounce:team:x=y@b.example"},
      {"team-bounces+eve@a.example", ""},
      {"teams@a.example", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.address);
    CHECK(text(directory.resolve(at(row.address))) == row.goes);
  }
}

TEST_CASE("forwarding with and without a copy", "[host][directory]") {
  Directory directory("a.example");
  directory.add_user("bob");
  directory.add_alias("bob", {at("bob@b.example")});
  CHECK(text(directory.resolve(at("bob@a.example"))) == "bob@b.example");
  directory.add_alias("bob", {at("bob@a.example"), at("bob@b.example")});
  CHECK(text(directory.resolve(at("bob@a.example"))) == "bob@a.example bob@b.example");
}

TEST_CASE("the catch-all takes what nobody has", "[host][directory]") {
  Directory directory = sample();
  directory.set_catch_all("Bob");
  CHECK(text(directory.resolve(at("anything@a.example"))) == "bob@a.example");
  CHECK(text(directory.resolve(at("alice@a.example"))) == "alice@a.example");
  CHECK(text(directory.resolve(at("team@a.example"))) == "list:team");
}

TEST_CASE("sub-addresses can be switched off", "[host][directory]") {
  Directory directory = sample();
  directory.set_separator(0);
  CHECK(directory.resolve(at("bob+x@a.example")).empty());
  directory.set_separator('-');
  CHECK(text(directory.resolve(at("bob-x@a.example"))) == "bob@a.example+x");
}

TEST_CASE("an address is an account's when it leads there alone", "[host][directory]") {
  const Directory directory = sample();
  CHECK(directory.account_of(at("bob+x@a.example")) == "bob@a.example");
  CHECK(directory.account_of(at("ping@a.example")) == "bob@a.example");
  CHECK_FALSE(directory.account_of(at("sales@a.example")));
  CHECK_FALSE(directory.account_of(at("team@a.example")));
  CHECK_FALSE(directory.account_of(at("eve@b.example")));
}

TEST_CASE("reports about a member count whatever the case of the address, across a restart",
          "[host][directory]") {
  store::MemoryStore store;
  const net::Time now = smtp::test::kStart;
  for (unsigned count = 1; count <= kMaxBounces; ++count) {
    Organisation organisation("a.example", store);
    MailingList made;
    made.name = "team";
    made.members = {at("Eve@b.example"), at("bob@a.example")};
    organisation.directory().add_list(made);
    // The way back is in lower case: the list's own addresses are looked up so.
    const auto back =
        organisation.directory().resolve(at(verp_local("team", made.members[0]) + "@a.example"));
    REQUIRE(back.size() == 1);
    const MailingList& list = *back[0].list;
    CHECK_FALSE(organisation.suspended(list, list.members[0], now));
    CHECK(organisation.note_bounce(list, back[0].address, now) == count);
    CHECK(organisation.suspended(list, list.members[0], now) == (count == kMaxBounces));
    CHECK_FALSE(organisation.suspended(list, list.members[0], now + kBouncesKept));
    CHECK_FALSE(organisation.suspended(list, list.members[1], now));
    CHECK(organisation.note_bounce(list, at("stranger@b.example"), now) == 0);
  }
}

TEST_CASE("expansion is bounded", "[host][directory]") {
  Directory directory("a.example");
  directory.add_user("end");
  // Each alias means the next two: 2^30 ways without limits.
  for (int i = 0; i < 30; ++i) {
    const auto next = [&](int n) { return at("x" + std::to_string(n) + "@a.example"); };
    directory.add_alias("x" + std::to_string(i), {next(i + 1), next(i + 2)});
  }
  CHECK(directory.resolve(at("x0@a.example")).empty());
  std::vector<mail::Mailbox> many;
  for (int i = 0; i < 3'000; ++i) many.push_back(at("u" + std::to_string(i) + "@b.example"));
  directory.add_alias("many", many);
  CHECK(directory.resolve(at("many@a.example")).size() == kMaxDestinations);
}

TEST_CASE("return paths that name a member", "[host][verp]") {
  CHECK(verp_local("team", at("eve@b.example")) == "team-bounces+eve=b.example");
  CHECK(verp_local("team", at(std::string(60, 'x') + "@b.example")) == "team-bounces");
  CHECK(verp_member("-bounces+eve=b.example") == at("eve@b.example"));
  for (const char* bad : {"", "-bounces", "-bounces+", "-bounces+=b.example",
                          "-bounces+eve=", "-bounces+eve=-", "-other+eve=b.example"}) {
    CAPTURE(bad);
    CHECK_FALSE(verp_member(bad));
  }
}

}  // namespace mailscope::host
