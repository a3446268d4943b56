// mbox and JUnit XML.
#include "server/store/memory_store.hpp"
#include "sim/export/junit.hpp"
#include "sim/export/mbox.hpp"
#include "tests/catch.hpp"
#include "tests/export/sample_log.hpp"

namespace mailscope::exporting {

TEST_CASE("a mailbox becomes an mbox file") {
  store::MemoryStore store;
  store.create_account("bob@x.example");
  const auto inbox = store.mailbox("bob@x.example", "INBOX")->id;
  const auto append = [&](std::string_view text, net::Time time) {
    REQUIRE(store.append(inbox, text, {}, time));
  };
  append(
      "Return-Path: <alice@acme.example>\r\nSubject: one\r\n\r\nFrom here\r\n>From there\r\n"
      ">>From x\r\nFromage\r\n>no\r\nlast line",
      kNine + std::chrono::days(12));
  append("Return-Path: <>\r\n\r\n\r\n", kNine);
  append("no header", kNine);
  CHECK(write_mbox(store, inbox) ==
        "From alice@acme.example Sat Mar 14 09:00:00 2026\n"
        "Return-Path: <alice@acme.example>\nSubject: one\n\n"
        ">From here\n>>From there\n>>>From x\nFromage\n>no\nlast line\n\n"
        "From MAILER-DAEMON Mon Mar  2 09:00:00 2026\nReturn-Path: <>\n\n\n\n"
        "From MAILER-DAEMON Mon Mar  2 09:00:00 2026\nno header\n\n");
  CHECK(write_mbox(store, 999) == "");
}

TEST_CASE("a sender cannot forge the From line") {
  std::string out;
  store::MemoryStore store;
  store.create_account("bob@x.example");
  const auto inbox = store.mailbox("bob@x.example", "INBOX")->id;
  REQUIRE(store.append(inbox, "Return-Path: <\"a b\"@x>\r\n\r\n", {}, kNine));
  CHECK(write_mbox(store, inbox).starts_with("From \"ab\"@x Mon Mar"));
}

TEST_CASE("results become JUnit XML") {
  CHECK(write_junit("scenarios & more", {{"it <works>", "a.json", 0.0125, ""},
                                         {"it \"fails\"", "b.json", 1.5,
                                          "expected 1\nfound 2 \x01 \xFF \xEF\xBF\xBE."}}) ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites name=\"scenarios &amp; more\" tests=\"2\" failures=\"1\" time=\"1.512\">\n"
        "  <testsuite name=\"scenarios &amp; more\" tests=\"2\" failures=\"1\" time=\"1.512\">\n"
        "    <testcase name=\"it &lt;works&gt;\" classname=\"a.json\" time=\"0.013\"/>\n"
        "    <testcase name=\"it &quot;fails&quot;\" classname=\"b.json\" time=\"1.500\">\n"
        "      <failure message=\"expected 1\">expected 1&#10;found 2 \xEF\xBF\xBD \xEF\xBF\xBD "
        "\xEF\xBF\xBD.</failure>\n"
        "    </testcase>\n"
        "  </testsuite>\n</testsuites>\n");
  CHECK(write_junit("none", {}).find("tests=\"0\" failures=\"0\"") != std::string::npos);
}

}  // namespace mailscope::exporting
