// SCRAM (RFC 5802, RFC 7677): the RFCs' own exchanges, channel binding, names, hostile messages.
#include "server/auth/scram.hpp"

#include "server/auth/sasl_client.hpp"
#include "server/mail/encoding.hpp"
#include "tests/auth/fixed_accounts.hpp"
#include "tests/catch.hpp"

using namespace mailscope;
using namespace mailscope::auth;
using auth::test::FixedAccounts;
using Kind = SaslStep::Kind;

namespace {

/// RFC 7677 section 3.
FixedAccounts example256() {
  FixedAccounts accounts;
  accounts.salt = *mail::base64_decode_strict("W22ZaJ0SNY7soEsUEjb6gQ==");
  accounts.made_nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  return accounts;
}
/// RFC 5802 section 5.
FixedAccounts example1() {
  FixedAccounts accounts;
  accounts.salt = *mail::base64_decode_strict("QSXCR+Q6sek8bf92");
  accounts.made_nonce = "3rfcNHYJY1ZVvWVs7j";
  return accounts;
}

net::TlsInfo tls_info() {
  net::TlsInfo info;
  info.bindings = {.exporter = std::string(32, 'e'), .end_point = std::string(32, 'c')};
  return info;
}

std::unique_ptr<SaslServer> server(std::string_view name, const SaslContext& context) {
  const SaslChoice choice = choose_mechanism(name, context);
  REQUIRE(choice.refusal == SaslRefusal::none);
  return choice.mechanism->make(context);
}

/// Plays both sides; true when both are content.
bool agree(std::string_view mechanism, const SaslContext& context, SaslCredentials credentials) {
  const auto client = make_sasl_client(mechanism, credentials);
  REQUIRE(client);
  const auto serving = server(mechanism, context);
  auto said = client->initial();
  SaslStep step = serving->start(said ? std::optional<std::string_view>(*said) : std::nullopt);
  for (int turns = 0; step.kind == Kind::challenge && turns < 5; ++turns) {
    said = client->respond(step.challenge);
    if (!said) return false;
    step = serving->respond(*said);
  }
  return step.kind == Kind::success && client->trusts_success();
}

}  // namespace

TEST_CASE("RFC 7677 section 3: the exchange of SCRAM-SHA-256, octet for octet") {
  const FixedAccounts accounts = example256();
  const auto sasl = server("SCRAM-SHA-256", {.accounts = accounts});
  SaslStep step = sasl->start("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  REQUIRE(step.kind == Kind::challenge);
  CHECK(step.challenge ==
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
  step = sasl->respond(
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
      "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  REQUIRE(step.kind == Kind::challenge);
  CHECK(step.challenge == "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
  step = sasl->respond("");
  CHECK(step.kind == Kind::success);
  CHECK(step.account == "user");
}

TEST_CASE("RFC 5802 section 5: the exchange of SCRAM-SHA-1, octet for octet") {
  const FixedAccounts accounts = example1();
  const auto sasl = server("SCRAM-SHA-1", {.accounts = accounts});
  SaslStep step = sasl->start("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
  CHECK(step.challenge == "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096");
  step = sasl->respond(
      "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
  CHECK(step.challenge == "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
  CHECK(sasl->respond("").kind == Kind::success);
}

TEST_CASE("the client says the same octets as the RFCs' client") {
  const auto sha256 = make_sasl_client(
      "SCRAM-SHA-256", {.user = "user", .password = "pencil", .nonce = "rOprNGfwEbeRWgbNEkqO"});
  CHECK(sha256->initial() == "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  CHECK(sha256->respond("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                        "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096") ==
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  CHECK_FALSE(sha256->trusts_success());
  CHECK(sha256->respond("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=") == "");
  CHECK(sha256->trusts_success());
  const auto sha1 = make_sasl_client(
      "SCRAM-SHA-1", {.user = "user", .password = "pencil", .nonce = "fyko+d2lbbFgONRv9qkxdawL"});
  CHECK(sha1->respond("r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096") ==
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
}

TEST_CASE("a client does not trust a server that does not prove itself") {
  const SaslCredentials credentials{.user = "user", .password = "pencil", .nonce = "abc"};
  const char* const bad_first[] = {
      "",
      "r=abc,s=W22Z,i=4096",   // the nonce is not continued
      "r=xyz1,s=W22Z,i=4096",  // not ours
      "r=abcd,s=,i=4096",      // no salt
      "r=abcd,s=W22Z,i=0",     // no rounds
      "r=abcd,s=W22Z,i=-1",
      "r=abcd,s=W22Z,i=99999999999",  // not a number for us
      "r=abcd,s=W22Z,i=2000000",      // would keep us busy
      "r=abcd,s=W22Z",
      "m=x,r=abcd,s=W22Z,i=4096",
      "r=abcd,s=W2?,i=4096",
      "e=other-error",
  };
  for (const char* message : bad_first) {
    CAPTURE(message);
    CHECK_FALSE(make_sasl_client("SCRAM-SHA-256", credentials)->respond(message));
  }
  const auto client = make_sasl_client("SCRAM-SHA-256", credentials);
  REQUIRE(client->respond("r=abcd,s=W22Z,i=4096"));
  CHECK_FALSE(client->respond("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
  CHECK_FALSE(client->trusts_success());
  CHECK_FALSE(make_sasl_client("SCRAM-SHA-256", {.user = "u", .password = "p"}));  // no nonce
  CHECK_FALSE(make_sasl_client("SCRAM-SHA-256-PLUS", credentials));                // no binding
}

TEST_CASE("first messages that a server does not take") {
  struct Row {
    const char* message;
    Kind kind;
  };
  const Row rows[] = {
      {"n,,n=user,r=abc", Kind::challenge},
      {"y,,n=user,r=abc", Kind::challenge},  // no TLS: we did not offer to bind
      {"n,a=user,n=user,r=abc", Kind::challenge},
      {"n,a=other,n=user,r=abc", Kind::challenge},     // refused at the end
      {"n,,n=user,r=abc,x=ignored", Kind::challenge},  // extensions may follow
      {"n,,n=nobody,r=abc", Kind::challenge},
      {"p=tls-unique,,n=user,r=abc", Kind::failure},  // the mechanism binds nothing
      {"", Kind::malformed},
      {"n", Kind::malformed},
      {"n,", Kind::malformed},
      {"n,,", Kind::malformed},
      {"x,,n=user,r=abc", Kind::malformed},
      {"p=,,n=user,r=abc", Kind::malformed},
      {"n,user,n=user,r=abc", Kind::malformed},
      {"n,b=,n=user,r=abc", Kind::malformed},
      {"n,a=a=b,n=user,r=abc", Kind::malformed},
      {"n,,m=must,n=user,r=abc", Kind::malformed},  // RFC 5802 section 5.1: unknown, must fail
      {"n,,r=abc,n=user", Kind::malformed},
      {"n,,n=,r=abc", Kind::malformed},
      {"n,,n=user", Kind::malformed},
      {"n,,n=user,r=", Kind::malformed},
      {"n,,n=user,r=a b", Kind::malformed},
      {"n,,n=user,r=\x7f", Kind::malformed},
      {"n,,n=us=er,r=abc", Kind::malformed},
      {"n,,n=us=2cer,r=abc", Kind::malformed},  // RFC 5802 section 7: capitals
      {"n,,n=us\xff,r=abc", Kind::malformed},
  };
  const FixedAccounts accounts = example256();
  for (const Row& row : rows) {
    CAPTURE(row.message);
    const auto sasl = server("SCRAM-SHA-256", {.accounts = accounts});
    CHECK(sasl->start(row.message).kind == row.kind);
  }
  const auto sasl = server("SCRAM-SHA-256", {.accounts = accounts});
  CHECK(sasl->start("n,,n=user,r=" + std::string(kMaxScramNonce + 1, 'x')).kind == Kind::malformed);
  const auto empty = server("SCRAM-SHA-256", {.accounts = accounts});
  CHECK(empty->start(std::nullopt).kind == Kind::challenge);  // without an initial response
  CHECK(empty->respond("n,,n=user,r=abc").kind == Kind::challenge);
}

TEST_CASE("last messages that a server does not take") {
  const std::string nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  const std::string proof = ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
  struct Row {
    std::string message;
    Kind kind;
  };
  const Row rows[] = {
      {"c=biws,r=" + nonce + proof, Kind::challenge},
      {"c=eSws,r=" + nonce + proof, Kind::failure},  // "y,,": not what came first
      {"c=biws,r=" + nonce + "x" + proof, Kind::failure},
      {"c=biws,r=" + nonce + ",x=1" + proof, Kind::failure},  // signed without it
      {"c=biws,r=" + nonce + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVR=", Kind::malformed},
      {"c=biws,r=" + nonce + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVA=", Kind::failure},
      {"c=biws,r=" + nonce + ",p=dHzb", Kind::failure},
      {"c=biws,r=" + nonce + ",p=", Kind::failure},
      {"c=biws,r=" + nonce, Kind::malformed},
      {"c=biws" + proof, Kind::malformed},
      {"r=" + nonce + ",c=biws" + proof, Kind::malformed},
      {"c=,r=" + nonce + proof, Kind::failure},
      {"", Kind::malformed},
      {"*", Kind::malformed},
      {std::string(5'000, 'x'), Kind::malformed},
  };
  const FixedAccounts accounts = example256();
  for (const Row& row : rows) {
    CAPTURE(row.message);
    const auto sasl = server("SCRAM-SHA-256", {.accounts = accounts});
    sasl->start("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    const SaslStep step = sasl->respond(row.message);
    CHECK(step.kind == row.kind);
    if (step.kind == Kind::challenge) CHECK(sasl->respond("x").kind == Kind::malformed);
  }
}

TEST_CASE("channel binding: what fits, what was taken away, what TLS does not have") {
  const FixedAccounts accounts = example256();
  const net::TlsInfo tls = tls_info();
  const SaslContext context{.accounts = accounts, .tls = &tls};
  const SaslCredentials credentials{
      .user = "user", .password = "pencil", .nonce = "abc", .tls = &tls};
  CHECK(agree("SCRAM-SHA-256-PLUS", context, credentials));
  CHECK(agree("SCRAM-SHA-1-PLUS", context, credentials));
  CHECK(agree("SCRAM-SHA-256", context, credentials));
  CHECK_FALSE(agree("SCRAM-SHA-256", context, {.user = "user", .password = "x", .nonce = "abc"}));

  // Somebody in the middle has another TLS session with each of the two.
  net::TlsInfo other = tls;
  other.bindings.exporter[0] = 'x';
  CHECK_FALSE(agree("SCRAM-SHA-256-PLUS", context,
                    {.user = "user", .password = "pencil", .nonce = "abc", .tls = &other}));

  struct Row {
    const char* mechanism;
    const char* message;
    Kind kind;
  };
  const Row rows[] = {
      {"SCRAM-SHA-256-PLUS", "p=tls-exporter,,n=user,r=abc", Kind::challenge},
      {"SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,n=user,r=abc", Kind::challenge},
      {"SCRAM-SHA-256-PLUS", "p=tls-unique,,n=user,r=abc", Kind::failure},  // TLS 1.3 has none
      {"SCRAM-SHA-256-PLUS", "p=tls-imagined,,n=user,r=abc", Kind::failure},
      {"SCRAM-SHA-256-PLUS", "n,,n=user,r=abc", Kind::failure},
      {"SCRAM-SHA-256-PLUS", "y,,n=user,r=abc", Kind::failure},
      {"SCRAM-SHA-256", "y,,n=user,r=abc", Kind::failure},  // RFC 5802 section 6: downgraded
      {"SCRAM-SHA-256", "p=tls-exporter,,n=user,r=abc", Kind::failure},
      {"SCRAM-SHA-256", "n,,n=user,r=abc", Kind::challenge},
  };
  for (const Row& row : rows) {
    CAPTURE(row.mechanism, row.message);
    CHECK(server(row.mechanism, context)->start(row.message).kind == row.kind);
  }
  // Where -PLUS is hidden, a client that says "y" was told the truth.
  SaslContext hidden = context;
  hidden.hidden = [](std::string_view name) { return name == "SCRAM-SHA-256-PLUS"; };
  CHECK(server("SCRAM-SHA-256", hidden)->start("y,,n=user,r=abc").kind == Kind::challenge);
  CHECK(choose_mechanism("SCRAM-SHA-256-PLUS", hidden).refusal == SaslRefusal::unknown);
}

TEST_CASE("names and passwords of every kind, the account table behind it") {
  AccountTable table("b.example");
  table.keep(Material::scram_sha1);
  table.add("bob@b.example", "secret");
  table.add("a=b,c@b.example", "p,=");
  table.add("j\xc3\xb6rg@b.example", "gr\xc3\xbc\xc3\x9f");
  table.add("roman@b.example", "\xe2\x85\xa8");  // ROMAN NUMERAL NINE is "IX" (RFC 4013 section 3)
  const SaslContext context{.accounts = table};
  for (const char* mechanism : {"SCRAM-SHA-256", "SCRAM-SHA-1"}) {
    CAPTURE(mechanism);
    const auto login = [&](std::string user, std::string password) {
      return agree(mechanism, context,
                   {.user = std::move(user), .password = std::move(password), .nonce = "abc"});
    };
    CHECK(login("bob", "secret"));
    CHECK(login("BOB@B.example", "secret"));
    CHECK(login("a=b,c", "p,="));
    CHECK(login("j\xc3\xb6rg", "gr\xc3\xbc\xc3\x9f"));
    CHECK(login("jo\xcc\x88rg", "gru\xcc\x88\xc3\x9f"));  // the same, decomposed
    CHECK(login("roman", "IX"));
    CHECK_FALSE(login("bob", "Secret"));
    CHECK_FALSE(login("nobody", "secret"));
    CHECK_FALSE(login("", "secret"));
  }
}

TEST_CASE("an unknown name gets a salt that stays, like everybody") {
  AccountTable table("b.example");
  table.add("bob@b.example", "secret");
  const auto salt = [&](std::string_view user) {
    return table.scram(user, Hash::sha256).keys.salt;
  };
  CHECK(salt("eve") == salt("Eve@b.example"));
  CHECK(salt("eve") != salt("mallory"));
  CHECK(salt("eve").size() == salt("bob").size());
  CHECK(table.nonce() != table.nonce());
}
