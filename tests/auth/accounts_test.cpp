// Accounts: who may log in.
#include "server/auth/accounts.hpp"

#include <chrono>

#include "tests/catch.hpp"

using mailscope::auth::AccountTable;

namespace {

/// Counts what is drawn from it and its forks.
class CountingEntropy final : public mailscope::net::Entropy {
 public:
  explicit CountingEntropy(std::uint64_t& drawn) : drawn_(drawn) {}
  std::uint64_t next() override { return ++drawn_; }
  std::unique_ptr<Entropy> fork(std::string_view) const override {
    return std::make_unique<CountingEntropy>(drawn_);
  }

 private:
  std::uint64_t& drawn_;
};

/// The fastest of several runs, so that a busy machine does not decide.
double seconds_of(const AccountTable& table, std::string_view user, std::string_view password) {
  double best = 1e9;
  for (int run = 0; run < 8; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 5; ++i) (void)table.verify(user, password);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count());
  }
  return best;
}

}  // namespace

TEST_CASE("logins that fit and logins that do not") {
  AccountTable table("b.example");
  table.add("Bob@B.example", "secret");
  table.add("eve@other.example", "gr\xc3\xbc\xc3\x9f");
  CHECK(table.verify("bob@b.example", "secret") == "bob@b.example");
  CHECK(table.verify("BOB@B.EXAMPLE", "secret") == "bob@b.example");
  CHECK(table.verify("bob", "secret") == "bob@b.example");
  CHECK(table.verify("eve@other.example", "gr\xc3\xbc\xc3\x9f") == "eve@other.example");
  CHECK_FALSE(table.verify("eve", "gr\xc3\xbc\xc3\x9f"));
  CHECK_FALSE(table.verify("bob", "Secret"));
  CHECK_FALSE(table.verify("bob", "secret "));
  CHECK_FALSE(table.verify("bob", ""));
  CHECK_FALSE(table.verify("", "secret"));
  CHECK_FALSE(table.verify("nobody", "secret"));
  CHECK_FALSE(table.verify("nobody", std::string(32, '\0')));
  CHECK_FALSE(table.verify(std::string(10'000, 'b'), "secret"));
  CHECK_FALSE(table.verify("bob", std::string(10'000, 's')));
  CHECK_FALSE(table.verify(std::string_view("bob\0", 4), "secret"));
}

TEST_CASE("the short way is open to the right password only") {
  AccountTable table("b.example");
  table.add("bob@b.example", "secret");
  table.add("bob2@b.example", "secret");
  for (int i = 0; i < 3; ++i) {
    CHECK(table.verify("bob", "secret"));
    CHECK_FALSE(table.verify("bob", "wrong"));
    CHECK_FALSE(table.verify("bo", "bsecret"));
    CHECK(table.verify("bob2", "secret"));
  }
  table.add("bob@b.example", "changed");
  CHECK_FALSE(table.verify("bob", "secret"));
  CHECK(table.verify("bob", "changed"));
}

TEST_CASE("an account with an empty password is not open to nobody") {
  AccountTable table("");
  table.add("bob@b.example", "");
  CHECK(table.verify("bob@b.example", ""));
  CHECK_FALSE(table.verify("bob", ""));
  CHECK_FALSE(table.verify("@", ""));
}

TEST_CASE("repeated logins are cheap, unknown users cost what wrong passwords cost") {
  AccountTable table("b.example");
  table.add("bob@b.example", "secret");
  (void)table.verify("bob", "secret");
  const double cached = seconds_of(table, "bob", "secret");
  const double wrong = seconds_of(table, "bob", "wrong");
  const double unknown = seconds_of(table, "nobody", "wrong");
  CHECK(cached * 5 < wrong);
  CHECK(unknown < wrong * 3);
  CHECK(wrong < unknown * 3);
}

TEST_CASE("salts come from the source that is given") {
  std::uint64_t drawn = 0;
  const CountingEntropy entropy(drawn);
  AccountTable table("b.example", &entropy);
  const auto before = drawn;
  table.add("bob@b.example", "secret");
  CHECK(drawn > before);
  const auto after = drawn;
  CHECK(table.verify("bob", "secret"));
  CHECK_FALSE(table.verify("bob", "x"));
  CHECK(drawn == after);
  CHECK(table.nonce() != table.nonce());
  CHECK(drawn > after);
}
