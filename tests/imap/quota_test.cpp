// Quotas as clients see them (RFC 9208).
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

void limit(World& world) {
  world.store.set_quota("alice@acme.example", 10'240);
  world.store.set_message_quota("alice@acme.example", 2);
  world.append("INBOX", std::string(1'500, 'x'), {store::kDeleted, {}});
}

}  // namespace

TEST_CASE("quotas are shown", "[imap]") {
  play(R"(
    C: G1 GETQUOTAROOT INBOX
    S: * QUOTAROOT INBOX "#user/alice@acme.example"
    S: * QUOTA "#user/alice@acme.example" (STORAGE 2 10 MESSAGE 1 2)
    S: G1 OK Quota shown
    C: G2 GETQUOTA "#user/alice@acme.example"
    S: * QUOTA "#user/alice@acme.example" (STORAGE 2 10 MESSAGE 1 2)
    S: G2 OK Quota shown
    C: G3 GETQUOTAROOT Not/there/yet
    S: * QUOTAROOT Not/there/yet "#user/alice@acme.example"
    S: * QUOTA "#user/alice@acme.example" (STORAGE 2 10 MESSAGE 1 2)
    S: G3 OK Quota shown
    C: G4 GETQUOTA "#user/bob@acme.example"
    S: G4 NO [NONEXISTENT] No such quota root
    C: G5 GETQUOTA ""
    S: G5 NO [NONEXISTENT] No such quota root
    C: G6 STATUS INBOX (MESSAGES DELETED DELETED-STORAGE)
    S: * STATUS INBOX (MESSAGES 1 DELETED 1 DELETED-STORAGE 1500)
    S: G6 OK Status
    C: G7 SETQUOTA "#user/alice@acme.example" (STORAGE 510)
    S: G7 NO [NOPERM] ...
    5C: G8 GETQUOTAROOT "Other users/alice/INBOX"
    5S: G8 NO [NONEXISTENT] No such mailbox
    C: G9 SETACL INBOX bob lr
    S: G9 OK ...
    5C: Ga GETQUOTAROOT "Other users/alice/INBOX"
    5S: * QUOTAROOT "Other users/alice/INBOX" "#user/alice@acme.example"
    5S: * QUOTA "#user/alice@acme.example" (STORAGE 2 10 MESSAGE 1 2)
    5S: Ga OK Quota shown
    5C: Gb GETQUOTAROOT INBOX
    5S: * QUOTAROOT INBOX "#user/bob@acme.example"
    5S: * QUOTA "#user/bob@acme.example" ()
    5S: Gb OK Quota shown
  )",
       limit);
}

TEST_CASE("quotas refuse", "[imap]") {
  play(R"(
    C: a APPEND INBOX {4+}
    C: text
    S: a OK ...
    C: b APPEND INBOX {4+}
    C: text
    S: b NO [OVERQUOTA] ...
    C: c SELECT INBOX
    S: ...
    S: c OK ...
    C: d COPY 1 Drafts
    S: d NO [OVERQUOTA] ...
  )",
       limit);
}

TEST_CASE("administrators set quotas", "[imap]") {
  play(R"(
    C: a CAPABILITY
    S: * CAPABILITY ... QUOTASET ...
    S: a OK ...
    C: S0 SETQUOTA "#user/bob@acme.example" (STORAGE 510 MESSAGE 1000)
    S: * QUOTA "#user/bob@acme.example" (STORAGE 0 510 MESSAGE 0 1000)
    S: S0 OK Quota set
    C: S1 SETQUOTA "#user/bob@acme.example" (STORAGE 512)
    S: * QUOTA "#user/bob@acme.example" (STORAGE 0 512)
    S: S1 OK Quota set
    C: S2 SETQUOTA "#user/bob@acme.example" ()
    S: * QUOTA "#user/bob@acme.example" ()
    S: S2 OK Quota set
    C: S2a SETQUOTA "#user/bob@acme.example" (STORAGE 0)
    S: * QUOTA "#user/bob@acme.example" (STORAGE 0 0)
    S: S2a OK Quota set
    5C: S2b APPEND INBOX {4+}
    5C: text
    5S: S2b NO [OVERQUOTA] ...
    C: S2c SETQUOTA "#user/bob@acme.example" (MESSAGE 0)
    S: S2c NO [CANNOT] ...
    C: S2d GETQUOTA "#user/bob@acme.example"
    S: * QUOTA "#user/bob@acme.example" (STORAGE 0 0)
    S: S2d OK Quota shown
    C: S3 SETQUOTA "#user/nobody@acme.example" (STORAGE 1)
    S: S3 NO [NONEXISTENT] ...
    C: S4 SETQUOTA "#user/bob@acme.example" (MAILBOX 5)
    S: S4 NO [CANNOT] ...
    C: S5 SETQUOTA "#user/bob@acme.example" (STORAGE 99999999999999999999)
    S: S5 BAD Syntax error...
    C: S6 SETQUOTA "#user/bob@acme.example" STORAGE 5
    S: S6 BAD Syntax error...
  )",
       [](World& world) { world.options.administrators = {"alice@acme.example"}; });
}

}  // namespace mailscope::imap::test
