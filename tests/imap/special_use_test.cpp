// Special uses (RFC 6154), \Important (RFC 8457).
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

constexpr const char* kAlice = "alice@acme.example";

// The mailboxes of RFC 6154 section 5.4.
void mailboxes(World& world) {
  for (const auto& info : world.store.mailboxes(kAlice)) {
    if (info.name != "INBOX") (void)world.store.remove_mailbox(kAlice, info.name);
  }
  for (const auto& [name, use] :
       {std::pair("SentMail", "\\Sent"), std::pair("MyDrafts", "\\Drafts"),
        std::pair("SavedDrafts", ""), std::pair("Trash", "\\Trash")})
    (void)world.store.create_mailbox(kAlice, name, use);
}

}  // namespace

TEST_CASE("the examples of RFC 6154 sections 5.2 and 5.3", "[imap][special-use]") {
  play(R"(
    C: t1 LIST "" "%" RETURN (SPECIAL-USE)
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * LIST (\HasNoChildren \Drafts) "/" MyDrafts
    S: * LIST (\HasNoChildren) "/" SavedDrafts
    S: * LIST (\HasNoChildren \Sent) "/" SentMail
    S: * LIST (\HasNoChildren \Trash) "/" Trash
    S: t1 OK Listed
    C: t3 LIST (SPECIAL-USE) "" "*"
    S: * LIST (\HasNoChildren \Drafts) "/" MyDrafts
    S: * LIST (\HasNoChildren \Sent) "/" SentMail
    S: * LIST (\HasNoChildren \Trash) "/" Trash
    S: t3 OK Listed
    C: t4 CREATE MySpecial (USE (\Drafts \SENT \Drafts))
    S: t4 OK [MAILBOXID ...] Created
    C: t5 CREATE Everything (USE (\All))
    S: t5 NO [USEATTR] This special use is not supported
    C: t6 CREATE Everything (USE (\Drafts \All))
    S: t6 NO [USEATTR] ...
    C: t7 LIST "" (MySpecial Everything)
    S: * LIST (\HasNoChildren \Drafts \Sent) "/" MySpecial
    S: t7 OK Listed
    C: t8 CREATE None (USE ())
    S: t8 OK [MAILBOXID ...] Created
  )",
       mailboxes);
}

TEST_CASE("the example of RFC 6154 section 5.4", "[imap][special-use]") {
  play(R"(
    C: t2 GETMETADATA "MyDrafts" /private/specialuse
    S: * METADATA MyDrafts (/private/specialuse "\\Drafts")
    S: t2 OK Annotations shown
    C: t3 SETMETADATA "SavedDrafts" (/private/specialuse "\\Drafts")
    S: * METADATA MyDrafts (/private/specialuse NIL)
    S: t3 OK Annotations set
    C: t4 SETMETADATA "SentMail" (/private/specialuse NIL)
    S: t4 OK Annotations set
    C: t5 LIST "" "%" RETURN (SPECIAL-USE)
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * LIST (\HasNoChildren) "/" MyDrafts
    S: * LIST (\HasNoChildren \Drafts) "/" SavedDrafts
    S: * LIST (\HasNoChildren) "/" SentMail
    S: * LIST (\HasNoChildren \Trash) "/" Trash
    S: t5 OK Listed
    C: t6 SETMETADATA Trash (/private/specialuse "\\Trash \\Junk \\Sent")
    S: t6 OK Annotations set
    C: t7 SETMETADATA MyDrafts (/private/specialuse "\\junk")
    S: * METADATA Trash (/private/specialuse "\\Trash \\Sent")
    S: t7 OK Annotations set
    C: t8 SETMETADATA MyDrafts (/private/comment "x" /private/specialuse "\\All")
    S: t8 NO [USEATTR] This special use is not supported
    C: t9 GETMETADATA MyDrafts (/private/comment /private/specialuse)
    S: * METADATA MyDrafts (/private/comment NIL /private/specialuse "\\Junk")
    S: t9 OK Annotations shown
  )",
       mailboxes);
}

TEST_CASE("uses that IMAP does not know stay where they are", "[imap][special-use]") {
  play(R"(
    C: a SETMETADATA MyDrafts (/private/specialuse "\\Sent")
    S: * METADATA SentMail (/private/specialuse NIL)
    S: a OK Annotations set
    C: b GETMETADATA Odd /private/specialuse
    S: * METADATA Odd (/private/specialuse "\\Odd")
    S: b OK Annotations shown
  )",
       [](World& world) {
         mailboxes(world);
         (void)world.store.create_mailbox(kAlice, "Odd", "\\Odd");
       });
}

TEST_CASE("a use is its owner's", "[imap][special-use]") {
  play(R"(
    C: a SETACL Sent bob lrswi
    S: a OK ...
    5C: b SETMETADATA "Other users/alice/Sent" (/private/specialuse "\\Sent")
    5S: b NO [USEATTR] Special uses are for one's own mailboxes
    5C: c GETMETADATA "Other users/alice/Sent" /private/specialuse
    5S: * METADATA "Other users/alice/Sent" (/private/specialuse NIL)
    5S: c OK ...
  )");
}

TEST_CASE("the examples of RFC 8457 section 3.2", "[imap][special-use]") {
  play(R"(
    C: t1 CREATE "Important Messages" (USE (\Important))
    S: t1 OK [MAILBOXID ...] Created
    C: t2 CREATE "Imported Wine"
    S: t2 OK [MAILBOXID ...] Created
    C: t3 LIST "" "Imp*"
    S: * LIST (\HasNoChildren \Important) "/" "Important Messages"
    S: * LIST (\HasNoChildren) "/" "Imported Wine"
    S: t3 OK Listed
  )");
}

}  // namespace mailscope::imap::test
