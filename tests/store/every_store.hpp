// A test that runs on every store begins with ON_EVERY_STORE. A further store gets a name here and
// its StoreUnderTest in store_fixture.hpp.
#pragma once

#include "tests/catch.hpp"
#include "tests/store/store_fixture.hpp"

namespace mailscope::store {

inline const std::string kBob = "bob@globex.example";
inline const std::string kAlice = "alice@acme.example";

/// A store with bob's account.
struct Fixture {
  explicit Fixture(const std::string& kind) : under_test(make_store(kind)) {
    store().create_account(kBob);
    inbox = store().mailbox(kBob, "INBOX")->id;
  }
  MailStore& store() { return under_test->store(); }
  Uid append(std::string_view octets, const Flags& flags = {}) {
    const auto uid = store().append(inbox, octets, flags, kMonday);
    REQUIRE(uid);
    return uid.value;
  }
  std::unique_ptr<StoreUnderTest> under_test;
  MailboxId inbox = 0;
};

using Strings = std::vector<std::string>;
using Uids = std::vector<Uid>;

#define ON_EVERY_STORE                                   \
  const std::string kind = GENERATE("memory", "sqlite"); \
  CAPTURE(kind);                                         \
  Fixture f(kind);                                       \
  MailStore& store = f.store()

}  // namespace mailscope::store
