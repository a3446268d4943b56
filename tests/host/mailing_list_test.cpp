// What a list adds, takes away and refuses.
#include "server/host/mailing_list.hpp"

#include "tests/catch.hpp"

namespace mailscope::host {
namespace {

MailingList team() {
  MailingList list;
  list.name = "team";
  list.title = "Das Team fürs Ganze";
  return list;
}

const mail::Mailbox kAlice{"alice", "a.example"};

}  // namespace

TEST_CASE("a list marks its copies and leaves the rest alone", "[host][list]") {
  const std::string copy = list_copy(team(), "a.example",
                                     "Return-Path: <x@y>\r\n"
                                     "Received: from a\r\n by b\r\n"
                                     "List-Id: <other.b.example>\r\n"
                                     "Subject: caf\xc3\xa9\r\n"
                                     "list-post: NO\r\n"
                                     "From: alice@a.example\r\n"
                                     "\r\n"
                                     "List-Id: in the body\r\n.\r\n");
  CHECK(copy ==
        "Received: from a\r\n by b\r\n"
        "Subject: caf\xc3\xa9\r\n"
        "From: alice@a.example\r\n"
        "List-Id: =?UTF-8?Q?Das_Team_f=C3=BCrs_Ganze?= <team.a.example>\r\n"
        "List-Post: <mailto:team@a.example>\r\n"
        "List-Help: <mailto:team-request@a.example>\r\n"
        "List-Owner: <mailto:team-owner@a.example>\r\n"
        "List-Unsubscribe: <mailto:team-request@a.example?subject=unsubscribe>\r\n"
        "Precedence: list\r\n"
        "Sender: team-bounces@a.example\r\n"
        "\r\n"
        "List-Id: in the body\r\n.\r\n");
}

TEST_CASE("what is no contribution", "[host][list]") {
  const auto why = [](const mail::Mailbox& sender, std::string_view header) {
    return not_for_list(team(), "a.example", sender, std::string(header) + "\r\nhello\r\n");
  };
  CHECK_FALSE(why(kAlice, "Subject: x\r\n"));
  CHECK_FALSE(why(kAlice, "List-Id: <other.a.example>\r\nAuto-Submitted: no\r\n"));
  CHECK(why({}, "Subject: x\r\n"));
  CHECK(why(kAlice, "Auto-Submitted: auto-replied\r\n"));
  CHECK(why(kAlice, "Auto-Submitted: note; by=hand\r\n"));
  CHECK_FALSE(why(kAlice, "Auto-Submitted: (by hand) no; x=y\r\n"));
  CHECK(why(kAlice, "List-Id: <x.b.example>\r\nList-ID: Team <TEAM.a.example>\r\n"));
}

TEST_CASE("a message that is all header", "[host][list]") {
  CHECK(list_copy(team(), "a.example", "Subject: x\r\n").starts_with("Subject: x\r\nList-Id: "));
  CHECK(list_copy(team(), "a.example", "").starts_with("List-Id: "));
}

}  // namespace mailscope::host
