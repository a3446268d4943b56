// The grammar of NOTIFY and of mailbox filters (RFC 5465 sections 6 and 8, RFC 7377 section 2.2).
#include "server/imap/notify_program.hpp"
#include "tests/catch.hpp"

namespace mailscope::imap {
namespace {

NotifyParse parse(std::string_view text, NotifyProgram* program = nullptr) {
  NotifyProgram own;
  Cursor cursor(text);
  return parse_notify(cursor, program != nullptr ? *program : own);
}

}  // namespace

TEST_CASE("NOTIFY is read", "[imap]") {
  CHECK(parse("NONE") == NotifyParse::none);
  NotifyProgram program;
  REQUIRE(parse("SET STATUS (selected (MessageNew (uid body.peek[header.fields (from to subject)])"
                " MessageExpunge)) (subtree Lists (MessageNew MessageExpunge))",
                &program) == NotifyParse::set);
  CHECK(program.status);
  REQUIRE(program.groups.size() == 2);
  CHECK(program.groups[0].filter.kind == MailboxFilter::Kind::selected);
  REQUIRE(program.groups[0].fetch);
  CHECK(program.groups[0].fetch->items.size() == 2);
  CHECK(program.groups[1].filter.names == std::vector<std::string>{"Lists"});
  CHECK(program.groups[1].events.has(NotifyEvent::message_expunge));
  CHECK_FALSE(program.groups[1].events.has(NotifyEvent::flag_change));
}

TEST_CASE("the examples of RFC 5465 section 6", "[imap]") {
  CHECK(parse("set (mailboxes INBOX (Messagenew messageExpunge))"
              " (personal (SubscriptionChange))") == NotifyParse::set);
  CHECK(parse("set (selected (Messagenew (uid flags) messageExpunge))"
              " (personal (MessageNew FlagChange MessageExpunge))") == NotifyParse::set);
  CHECK(parse("SET (inboxes NONE)") == NotifyParse::set);
  CHECK(parse("SET (mailboxes (INBOX \"Two words\") (MailboxName))") == NotifyParse::set);
  CHECK(parse("SET (selected MessageNew (uid) MessageExpunge)") == NotifyParse::set);
}

TEST_CASE("what NOTIFY refuses", "[imap]") {
  struct Row {
    std::string_view text;
    NotifyParse result;
  };
  static constexpr Row kRows[] = {
      {"", NotifyParse::syntax},
      {"SET", NotifyParse::syntax},
      {"SET STATUS", NotifyParse::syntax},
      {"NONE x", NotifyParse::syntax},
      {"SET (selected ())", NotifyParse::syntax},
      {"SET (nowhere (MessageNew MessageExpunge))", NotifyParse::syntax},
      {"SET (subtree (MessageNew MessageExpunge))", NotifyParse::syntax},
      {"SET (subtree-one A (MessageNew MessageExpunge))", NotifyParse::syntax},
      {"SET (personal (MessageNew))", NotifyParse::bad_together},
      {"SET (personal (MessageExpunge))", NotifyParse::bad_together},
      {"SET (personal (FlagChange))", NotifyParse::bad_together},
      {"SET (selected (MailboxName))", NotifyParse::bad_together},
      {"SET (personal (MessageNew (uid) MessageExpunge))", NotifyParse::bad_together},
      {"SET (selected NONE) (selected-delayed NONE)", NotifyParse::bad_together},
      {"SET (personal (MessageNew MessageExpunge AnnotationChange))", NotifyParse::bad_event},
      {"SET (personal (Vendor.Event))", NotifyParse::bad_event},
  };
  for (const Row& row : kRows) {
    INFO(row.text);
    CHECK(parse(row.text) == row.result);
  }
  std::string many = "SET";
  for (int i = 0; i < 1'000; ++i) many += " (personal NONE)";
  CHECK(parse(many) == NotifyParse::syntax);
}

TEST_CASE("mailbox filters match", "[imap]") {
  const auto matches = [](std::string_view filter, std::string_view name, bool personal = true,
                          bool subscribed = false) {
    Cursor cursor(filter);
    MailboxFilter parsed;
    REQUIRE(parse_mailbox_filter(cursor, FilterUse::esearch, 10, parsed));
    return filter_matches(parsed, name, personal, subscribed);
  };
  CHECK(matches("personal", "INBOX"));
  CHECK_FALSE(matches("personal", "Other users/bob/INBOX", false));
  CHECK(matches("inboxes", "INBOX"));
  CHECK(matches("subscribed", "A", true, true));
  CHECK_FALSE(matches("subscribed", "A"));
  CHECK(matches("mailboxes (A B)", "B"));
  CHECK_FALSE(matches("mailboxes (A B)", "B/C"));
  CHECK(matches("subtree A", "A"));
  CHECK(matches("subtree A", "A/B/C"));
  CHECK_FALSE(matches("subtree A", "AB"));
  CHECK(matches("subtree-one A", "A/B"));
  CHECK_FALSE(matches("subtree-one A", "A/B/C"));
  CHECK_FALSE(matches("selected", "INBOX"));
}

}  // namespace mailscope::imap
