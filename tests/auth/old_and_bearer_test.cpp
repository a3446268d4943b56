// CRAM-MD5 (RFC 2195), OAUTHBEARER (RFC 7628), XOAUTH2, tokens, SASLprep (RFC 4013).
#include "server/auth/prepare.hpp"
#include "server/auth/sasl_client.hpp"
#include "server/auth/token.hpp"
#include "tests/auth/fixed_accounts.hpp"
#include "tests/catch.hpp"

using namespace mailscope;
using namespace mailscope::auth;
using auth::test::FixedAccounts;
using Kind = SaslStep::Kind;

namespace {
constexpr net::Time kNow{std::chrono::seconds(1'000'000)};

std::unique_ptr<SaslServer> server(std::string_view name, const SaslContext& context) {
  const SaslChoice choice = choose_mechanism(name, context);
  REQUIRE(choice.refusal == SaslRefusal::none);
  return choice.mechanism->make(context);
}
}  // namespace

TEST_CASE("RFC 2195 section 2: the example of CRAM-MD5") {
  FixedAccounts accounts;
  accounts.user = "tim";
  accounts.password = "tanstaaftanstaaf";
  accounts.made_nonce = "1896";
  const SaslContext context{.accounts = accounts,
                            .now = net::Time(std::chrono::seconds(697'170'952)),
                            .host = "postoffice.reston.mci.net"};
  const auto sasl = server("CRAM-MD5", context);
  CHECK(sasl->start(std::nullopt).challenge == "<1896.697170952@postoffice.reston.mci.net>");
  CHECK(sasl->respond("tim b913a602c7eda7a495b4e6e7334d3890").kind == Kind::success);
  const char* const refused[] = {"tim b913a602c7eda7a495b4e6e7334d3891", "tim ",
                                 "tom b913a602c7eda7a495b4e6e7334d3890",
                                 "tim B913A602C7EDA7A495B4E6E7334D3890"};
  for (const char* response : refused) {
    CAPTURE(response);
    const auto again = server("CRAM-MD5", context);
    again->start(std::nullopt);
    CHECK(again->respond(response).kind == Kind::failure);
  }
  CHECK(sasl->respond("tim").kind == Kind::malformed);
  CHECK(sasl->respond(" b913a602c7eda7a495b4e6e7334d3890").kind == Kind::malformed);
  CHECK(server("CRAM-MD5", context)->start("tim x").kind == Kind::malformed);
  const auto client = make_sasl_client("CRAM-MD5", {.user = "tim", .password = "tanstaaftanstaaf"});
  CHECK(client->respond("<1896.697170952@postoffice.reston.mci.net>") ==
        "tim b913a602c7eda7a495b4e6e7334d3890");
}

TEST_CASE("HMAC-MD5 from a kept state is HMAC-MD5") {
  for (const std::size_t size : {0u, 1u, 16u, 63u, 64u, 65u, 200u}) {
    const std::string key(size, 'k');
    for (const std::size_t length : {0u, 1u, 55u, 56u, 64u, 1000u}) {
      const std::string text(length, 't');
      CAPTURE(size, length);
      CHECK(hmac_md5(hmac_md5_state(key), text) == hmac(Hash::md5, key, text));
    }
  }
}

TEST_CASE("old mechanisms are offered where their keys are kept") {
  AccountTable table("b.example");
  const net::TlsInfo tls;
  const SaslContext context{.accounts = table, .tls = &tls};
  using Names = std::vector<std::string_view>;
  CHECK(offered_mechanisms(context) ==
        Names{"SCRAM-SHA-256", "PLAIN", "LOGIN", "OAUTHBEARER", "XOAUTH2"});
  CHECK(offered_mechanisms({.accounts = table}) == Names{"SCRAM-SHA-256"});
  CHECK(choose_mechanism("plain", {.accounts = table}).refusal == SaslRefusal::needs_tls);
  CHECK(choose_mechanism("cram-md5", context).refusal == SaslRefusal::unknown);
  CHECK(choose_mechanism("GSSAPI", context).refusal == SaslRefusal::unknown);
  table.keep(Material::cram_md5);
  table.keep(Material::scram_sha1);
  CHECK(offered_mechanisms({.accounts = table}) ==
        Names{"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5"});
  table.add("bob@b.example", "secret");
  const std::string challenge = "<1@b.example>";
  const std::string right = hex(hmac(Hash::md5, "secret", challenge));
  CHECK(table.verify_cram_md5("bob", challenge, right) == "bob@b.example");
  CHECK_FALSE(table.verify_cram_md5("bob", challenge, hex(hmac(Hash::md5, "Secret", challenge))));
  CHECK_FALSE(table.verify_cram_md5("eve", challenge, hex(hmac(Hash::md5, "", challenge))));
  CHECK_FALSE(table.verify_apop("bob", challenge, hex(digest(Hash::md5, challenge + "secret"))));
  table.keep(Material::apop);
  // RFC 1939 section 7.
  table.add("mrose@b.example", "tanstaaf");
  CHECK(table.verify_apop("mrose", "<1896.697170952@dbc.mtview.ca.us>",
                          "c4c9334bac560ecc979e58001b3e22fb") == "mrose@b.example");
}

TEST_CASE("RFC 7628 section 4: exchanges of OAUTHBEARER") {
  FixedAccounts accounts;
  accounts.user = "user@example.com";
  accounts.token = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==";
  const net::TlsInfo tls;
  const SaslContext context{.accounts = accounts, .tls = &tls};
  // Section 4.1.
  const SaslStep good = server("OAUTHBEARER", context)
                            ->start(
                                "n,a=user@example.com,\x01host=server.example.com\x01port=143"
                                "\x01"
                                "auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01");
  CHECK(good.kind == Kind::success);
  CHECK(good.account == "user@example.com");
  // Section 4.3: no token is shown; the refusal is a challenge, ^A answers it, then it fails.
  const auto failing = server("OAUTHBEARER", context);
  const SaslStep why = failing->start(
      "n,a=user@example.com,\x01host=server.example.com\x01port=143"
      "\x01"
      "auth=\x01\x01");
  REQUIRE(why.kind == Kind::challenge);
  CHECK(why.challenge == R"({"status":"invalid_request","schemes":"bearer","scope":"mail"})");
  CHECK(failing->respond("\x01").kind == Kind::failure);

  struct Row {
    std::string message;
    Kind kind;
  };
  const std::string token = "auth=Bearer " + accounts.token + "\x01\x01";
  const Row rows[] = {
      {"n,,\x01" + token, Kind::success},
      {"y,,\x01" + token, Kind::success},
      {"n,a=user@example.com,\x01"
       "auth=bearer  " +
           accounts.token + "\x01\x01",
       Kind::success},
      {"n,a=other@example.com,\x01" + token, Kind::challenge},
      {"n,,\x01"
       "auth=Bearer x\x01\x01",
       Kind::challenge},
      {"n,,\x01"
       "auth=Basic " +
           accounts.token + "\x01\x01",
       Kind::challenge},
      {"n,,\x01\x01", Kind::challenge},
      {"p=tls-exporter,,\x01" + token, Kind::malformed},
      {"\x01", Kind::malformed},
      {"", Kind::malformed},
      {"n,,", Kind::malformed},
      {"n,,\x01"
       "auth=Bearer x\x01",
       Kind::malformed},  // the last separator is missing
      {"n,,\x01"
       "auth=Bearer x\x01\x01\x01",
       Kind::malformed},
      {"n,user,\x01" + token, Kind::malformed},
      {"n,a=u=ser,\x01" + token, Kind::malformed},
      {"n,,\x01=x\x01\x01", Kind::malformed},
      {"n,,\x01"
       "a1=x\x01\x01",
       Kind::malformed},
      {"n,,\x01host\x01\x01", Kind::malformed},
      {"n,,\x01"
       "auth=" +
           std::string(9'000, 'x') + "\x01\x01",
       Kind::malformed},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    CHECK(server("OAUTHBEARER", context)->start(row.message).kind == row.kind);
  }
}

TEST_CASE("XOAUTH2") {
  FixedAccounts accounts;
  accounts.user = "bob@b.example";
  accounts.token = "abc";
  const net::TlsInfo tls;
  const SaslContext context{.accounts = accounts, .tls = &tls};
  const auto kind = [&](std::string_view message) {
    return server("XOAUTH2", context)->start(message).kind;
  };
  CHECK(kind("user=bob@b.example\x01"
             "auth=Bearer abc\x01\x01") == Kind::success);
  CHECK(kind("user=bob@b.example\x01"
             "auth=Bearer abd\x01\x01") == Kind::challenge);
  CHECK(kind("user=eve@b.example\x01"
             "auth=Bearer abc\x01\x01") == Kind::challenge);
  CHECK(kind("auth=Bearer abc\x01\x01") == Kind::malformed);
  for (const char* name : {"XOAUTH2", "OAUTHBEARER"}) {
    CAPTURE(name);
    const auto client =
        make_sasl_client(name, {.user = "bob@b.example", .password = {}, .token = "abc"});
    CHECK(server(name, context)->start(*client->initial()).kind == Kind::success);
    const auto wrong =
        make_sasl_client(name, {.user = "bob@b.example", .password = {}, .token = "x"});
    const auto sasl = server(name, context);
    const SaslStep why = sasl->start(*wrong->initial());
    REQUIRE(why.kind == Kind::challenge);
    const auto answer = wrong->respond(why.challenge);
    REQUIRE(answer);
    CHECK(sasl->respond(*answer).kind == Kind::failure);
    CHECK_FALSE(wrong->respond("again"));
  }
}

TEST_CASE("tokens: signed, dated, for one account") {
  AccountTable table("b.example");
  table.add("bob@b.example", "secret");
  const std::string token = table.issue_token("bob", kNow, kNow + std::chrono::hours(1));
  CHECK(std::ranges::count(token, '.') == 2);
  CHECK(table.verify_token(token, kNow).account == "bob@b.example");
  CHECK(table.verify_token(token, kNow + std::chrono::minutes(59)).account == "bob@b.example");
  CHECK(table.verify_token(token, kNow + std::chrono::hours(1)).account.empty());
  CHECK(table.verify_token(token, kNow + std::chrono::hours(1)).problem == "the token has expired");
  for (std::size_t at = 0; at < token.size(); ++at) {
    std::string broken = token;
    broken[at] = broken[at] == 'x' ? 'y' : 'x';
    CAPTURE(broken);
    CHECK(table.verify_token(broken, kNow).account.empty());
    CHECK(table.verify_token(token.substr(0, at), kNow).account.empty());
  }
  CHECK(table.verify_token("", kNow).account.empty());
  CHECK(table.verify_token("..", kNow).account.empty());
  const AccountTable other("c.example");
  CHECK(other.verify_token(token, kNow).account.empty());
  CHECK(table.verify_token(table.issue_token("gone", kNow, kNow + std::chrono::hours(1)), kNow)
            .problem == "the account is gone");
  // Claims hold any name.
  const TokenClaims claims{
      .issuer = "a\"b\\", .subject = "\"q\"@b.example", .issued = 1, .expires = 2};
  const auto read = read_token("key", make_token("key", claims));
  REQUIRE(read);
  CHECK(read->issuer == claims.issuer);
  CHECK(read->subject == claims.subject);
  CHECK(read->expires == 2);
  CHECK_FALSE(read_token("other key", make_token("key", claims)));
}

TEST_CASE("RFC 4013 section 3: examples of SASLprep") {
  CHECK(sasl_prepare("I\xc2\xadX") == "IX");  // SOFT HYPHEN mapped to nothing
  CHECK(sasl_prepare("user") == "user");
  CHECK(sasl_prepare("USER") == "USER");   // case is kept
  CHECK(sasl_prepare("\xc2\xaa") == "a");  // NFKC, case folded by it
  CHECK(sasl_prepare("\xe2\x85\xa8") == "IX");
  CHECK_FALSE(sasl_prepare("\x07"));          // prohibited
  CHECK_FALSE(sasl_prepare("\xd8\xa7\x31"));  // bidirectional check
  CHECK(sasl_prepare("a\xc2\xa0"
                     "b") == "a b");  // RFC 4013 section 2.1: spaces
  CHECK(sasl_prepare("") == "");
  CHECK_FALSE(sasl_prepare("\xc2\xad"));  // nothing is left
  CHECK_FALSE(sasl_prepare("\xff"));
  CHECK_FALSE(sasl_prepare(std::string_view("a\0\xc2\xaa", 4)));
  std::string many;
  for (int i = 0; i < 300; ++i) many += "\xef\xb7\xba";  // the one that grows most
  CHECK(sasl_prepare(many)->size() == 300 * 33);
}
