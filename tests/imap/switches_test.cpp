// Lesson switches as an IMAP client meets them.
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

policy::Switch about(std::string capability, policy::Switch::Act act, std::string text = {}) {
  policy::Switch out;
  out.protocol = policy::Protocol::imap;
  out.capability = std::move(capability);
  out.act = act;
  out.text = std::move(text);
  return out;
}

TEST_CASE("a broken capability is announced and refused", "[imap]") {
  play(R"(
    C: a IDLE
    S: a BAD Not possible now
    C: b STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 0)
    S: b OK ...
  )",
       [](World& world) { world.switches.add(about("IDLE", policy::Switch::Act::reply)); });
}

TEST_CASE("a capability with an answer of its own, for one user", "[imap]") {
  play(R"(
    C: a NAMESPACE
    S: a NO [SERVERBUG] Not today
    C: b UNSELECT
    S: b BAD ...
  )",
       [](World& world) {
         auto reply = about("NAMESPACE", policy::Switch::Act::reply, "NO [SERVERBUG] Not today");
         reply.user = "alice@acme.example";
         world.switches.add(std::move(reply));
         auto others = about("UNSELECT", policy::Switch::Act::reply, "NO Never");
         others.user = "bob@acme.example";
         world.switches.add(std::move(others));
       });
}

TEST_CASE("an argument that belongs to a hidden capability is a syntax error", "[imap]") {
  play(R"(
    C: a LIST "" "*" RETURN (STATUS (MESSAGES))
    S: a BAD Syntax error: LIST-STATUS is not offered
  )",
       [](World& world) { world.hide("LIST-STATUS"); });
}

}  // namespace
}  // namespace mailscope::imap::test
