// IMAP URLs (RFC 5092), with its examples.
#include "server/imap/imap_url.hpp"

#include "tests/catch.hpp"

namespace mailscope::imap {

TEST_CASE("IMAP URLs are read", "[imap]") {
  auto url = parse_imap_url(
      "imap://minbari.example.org/gray-council;UIDVALIDITY=385759045/;UID=20/;PARTIAL=0.1024");
  REQUIRE(url);
  CHECK(url->host == "minbari.example.org");
  CHECK(url->mailbox == "gray-council");
  CHECK(url->uid_validity == 385759045);
  CHECK(url->uid == 20);
  REQUIRE(url->partial);
  CHECK(url->partial->offset == 0);
  CHECK(url->partial->length == 1024u);

  url = parse_imap_url("imap://psicorp.example.org/~peter/%E6%97%A5%E6%9C%AC%E8%AA%9E/%E5%8F%B0");
  REQUIRE(url);
  CHECK(url->mailbox == "~peter/日本語/台");

  url = parse_imap_url("imap://;AUTH=GSSAPI@minbari.example.org/gray-council/;uid=20/;section=1.2");
  REQUIRE(url);
  CHECK(url->auth == "GSSAPI");
  CHECK(url->user.empty());
  CHECK(url->section == "1.2");

  url = parse_imap_url("imap://;AUTH=*@minbari.example.org/gray%20council?SUBJECT%20shadows");
  REQUIRE(url);
  CHECK(url->mailbox == "gray council");
  CHECK(url->search == "SUBJECT shadows");

  url = parse_imap_url("imap://john;AUTH=*@minbari.example.org:1143/babylon5/personel?charset%20");
  REQUIRE(url);
  CHECK(url->user == "john");
  CHECK(url->port == 1143);
  CHECK(url->mailbox == "babylon5/personel");

  url = parse_imap_url("/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER");
  REQUIRE(url);
  CHECK_FALSE(url->has_server);
  CHECK(url->mailbox == "Drafts");
  CHECK(url->section == "HEADER");
  url = parse_imap_url(";UID=20/;section=1.MIME");
  REQUIRE(url);
  CHECK(url->mailbox.empty());
  CHECK(url->uid == 20);
  CHECK(parse_imap_url("imap://minbari.example.org"));
  CHECK(parse_imap_url("imap://minbari.example.org/"));
  CHECK(parse_imap_url("imap://[::1]:143/a")->host == "[::1]");
}

TEST_CASE("authorized IMAP URLs are read", "[imap]") {
  auto url = parse_imap_url(
      "imap://joe@example.com/INBOX/;uid=20/;section=1.2;urlauth=submit+fred:internal:"
      "91354a473744909de610943775f92038");
  REQUIRE(url);
  CHECK(url->user == "joe");
  CHECK(url->section == "1.2");
  CHECK(url->access == "submit+");
  CHECK(url->access_user == "fred");
  CHECK(url->mechanism == "internal");
  CHECK(url->token == "91354a473744909de610943775f92038");
  CHECK(url->rump == "imap://joe@example.com/INBOX/;uid=20/;section=1.2;urlauth=submit+fred");

  url = parse_imap_url(
      "imap://joe@example.com/INBOX/;uid=20;expire=2005-12-31T23:59:59Z;urlauth=anonymous");
  REQUIRE(url);
  CHECK(url->mechanism.empty());
  REQUIRE(url->expire);
  CHECK(*url->expire == net::Time(std::chrono::sys_days(std::chrono::year(2006) / 1 / 1)) -
                            std::chrono::seconds(1));
  CHECK(parse_imap_url("imap://a@b/c/;uid=1;expire=2006-01-01T01:00:00.25+01:00;urlauth=authuser")
            ->expire == net::Time(std::chrono::sys_days(std::chrono::year(2006) / 1 / 1)));
}

TEST_CASE("what is no IMAP URL", "[imap]") {
  for (const std::string_view text : {
           "",
           "imap:",
           "imap:/",
           "http://a/b",
           "imap:///INBOX",
           "imap://@host/a",
           "imap://a:b@h:x/",
           "imap://host:0/",
           "imap://host:65536/",
           "imap://host/a;UID=1",
           "imap://host/a/;UID=0",
           "imap://host/a/;UID=4294967296",
           "imap://host/a;UIDVALIDITY=0",
           "imap://host/a%2",
           "imap://host/a%zz",
           "imap://host/a%00",
           "imap://host/a%0d%0a",
           "imap://host/a b",
           "imap://host/a/;UID=1/;SECTION=",
           "imap://host/a/;UID=1/;PARTIAL=",
           "imap://h/a/;UID=1x",
           "imap://host/a/;UID=1/;PARTIAL=1.0",
           "imap://host/a;UIDVALIDITY=1;UIDVALIDITY=2",
           "imap://h/a/;UID=1;URLAUTH=everybody",
           "imap://h/a/;UID=1;URLAUTH=user+",
           "imap://h/a/;UID=1;URLAUTH=anonymous:internal:12",
           "imap://h/a/;UID=1;URLAUTH=anonymous:",
           "imap://h/a/;UID=1;EXPIRE=2005-13-01T00:00:00Z;URLAUTH=anonymous",
           "imap://h/a/;UID=1;EXPIRE=soon;URLAUTH=anonymous",
           "INBOX/;UID=1",
           "imap://h/a;URLAUTH=anonymous",
           "imap://h/;UID=1",
       }) {
    INFO(text);
    CHECK_FALSE(parse_imap_url(text));
  }
}

TEST_CASE("mailbox names in URLs", "[imap]") {
  CHECK(url_encode_mailbox("Other users/bob") == "Other%20users/bob");
  CHECK(url_encode_mailbox("a;b?c#d%") == "a%3Bb%3Fc%23d%25");
  CHECK(url_decode(url_encode_mailbox("日本")) == "日本");
}

}  // namespace mailscope::imap
