// TLS between two engines: what gets through, what is refused and in which words, and that the
// octets on the wire depend on the seed and on nothing else.
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>

#include "server/net/tls.hpp"
#include "tests/catch.hpp"
#include "tests/tls/support.hpp"

using namespace mailscope::net;
using namespace mailscope::tests;

namespace {

struct World {
  WorldCa ca = make_ca(1);
  TlsIdentity identity =
      ca.issue({{"mx.acme.example"}, {Address::v4(192, 0, 2, 1)}}, Validity::at(kNow));

  std::shared_ptr<TlsContext> server(std::string min = "TLSv1.2", std::string max = "TLSv1.3") {
    TlsServerOptions options;
    options.identity = identity;
    options.min_version = std::move(min);
    options.max_version = std::move(max);
    return make_tls_server_context(options);
  }
  std::shared_ptr<TlsContext> client(bool verify = true, std::string min = "TLSv1.2",
                                     std::string max = "TLSv1.3") {
    TlsClientOptions options;
    options.ca_pem = ca.certificate_pem();
    options.verify = verify;
    options.min_version = std::move(min);
    options.max_version = std::move(max);
    return make_tls_client_context(options);
  }
};

/// Handshake, a line each way, close; both directions of the wire.
std::string conversation(std::uint64_t seed, const std::string& version) {
  World world;
  TlsPair pair(world.server(version, version), world.client(true, version, version),
               "mx.acme.example", seed);
  pair.shake_hands();
  pair.client.send("EHLO client.example\r\n");
  pair.carry();
  pair.server.send("250 mx.acme.example\r\n");
  pair.carry();
  pair.client.finish();
  pair.carry();
  REQUIRE(pair.server.peer_finished());
  return pair.to_server + pair.to_client;
}

/// FNV-1a, in decimal.
std::string digest(const std::string& bytes) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return std::to_string(hash);
}

}  // namespace

TEST_CASE("a handshake lets both sides talk", "[tls]") {
  World world;
  const std::string version = GENERATE("TLSv1.2", "TLSv1.3");
  TlsPair pair(world.server("TLSv1.2", version), world.client(), "mx.acme.example");
  pair.client.send("early");  // kept until the handshake is done
  pair.shake_hands();
  REQUIRE(pair.client.established());
  REQUIRE(pair.server.established());
  CHECK(pair.server.take_plaintext() == "early");
  CHECK(pair.client.info().version == version);
  CHECK(pair.client.info().cipher ==
        (version == "TLSv1.3" ? "TLS_AES_256_GCM_SHA384" : "ECDHE-ECDSA-AES256-GCM-SHA384"));
  CHECK(pair.client.info().group == "X25519");
  CHECK(pair.client.info().verified);
  CHECK(pair.client.info().peer_subject == "CN=mx.acme.example");
  CHECK(pair.client.certificate_issuer() == "CN=Mailscope world CA");
  CHECK(pair.server.info().server_name == "mx.acme.example");
  CHECK(pair.server.certificate_subject() == "CN=mx.acme.example");
  CHECK_FALSE(pair.server.info().verified);

  const auto hello = pair.server.take_client_hello();
  REQUIRE(hello);
  CHECK(hello->server_name == "mx.acme.example");
  CHECK(hello->versions == "TLSv1.2 TLSv1.3");
  CHECK_FALSE(pair.server.take_client_hello());

  const std::string big(300000, 'x');
  pair.server.send(big);
  pair.carry();
  CHECK(pair.client.take_plaintext() == big);

  pair.server.finish();
  pair.carry();
  CHECK(pair.client.peer_finished());
  CHECK_FALSE(pair.client.error());
  CHECK_FALSE(pair.server.error());
  CHECK(pair.client.take_key_log().find(version == "TLSv1.3"
                                            ? "SERVER_TRAFFIC_SECRET_0 "
                                            : "CLIENT_RANDOM ") != std::string::npos);
  CHECK_FALSE(pair.server.take_key_log().empty());
}

TEST_CASE("both sides have the same channel bindings, and no other session has", "[tls]") {
  World world;
  const std::string version = GENERATE("TLSv1.2", "TLSv1.3");
  std::string before;
  for (const std::uint64_t seed : {1, 2}) {
    TlsPair pair(world.server(version, version), world.client(), "mx.acme.example", seed);
    pair.shake_hands();
    const ChannelBindings& client = pair.client.info().bindings;
    const ChannelBindings& server = pair.server.info().bindings;
    CHECK(client.exporter.size() == 32);  // RFC 9266
    CHECK(client.exporter == server.exporter);
    CHECK(client.exporter != before);
    before = client.exporter;
    CHECK(client.end_point.size() == 32);  // SHA-256 of the certificate
    CHECK(client.end_point == server.end_point);
    // RFC 5929 section 3: not defined for TLS 1.3.
    CHECK(client.unique.size() == (version == "TLSv1.2" ? 12 : 0));
    CHECK(client.unique == server.unique);
    CHECK((client.find("tls-unique") != nullptr) == (version == "TLSv1.2"));
    CHECK(client.find("tls-imagined") == nullptr);
  }
}

TEST_CASE("the handshake survives any cut", "[tls]") {
  World world;
  TlsPair pair(world.server(), world.client(), "mx.acme.example");
  pair.client.start();
  for (int round = 0; round < 10; ++round) {
    for (const char c : pair.client.take_ciphertext()) pair.server.receive({&c, 1});
    for (const char c : pair.server.take_ciphertext()) pair.client.receive({&c, 1});
  }
  CHECK(pair.client.established());
  CHECK(pair.server.established());
}

TEST_CASE("the same seed gives the same octets", "[tls][determinism]") {
  const std::string version = GENERATE("TLSv1.2", "TLSv1.3");
  const std::string first = conversation(7, version);
  CHECK(conversation(8, version) != first);
  CHECK(conversation(7, version) == first);

  // And so in another process, with other addresses and another history.
  std::array<char, 4096> path{};
  REQUIRE(readlink("/proc/self/exe", path.data(), path.size() - 1) > 0);
  const std::string command = "'" + std::string(path.data()) + "' '[.wire]'";
  FILE* child = popen(command.c_str(), "r");
  REQUIRE(child);
  std::string output;
  std::array<char, 4096> buffer{};
  while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), child)) {
    output.append(buffer.data(), n);
  }
  CHECK(pclose(child) == 0);
  CHECK_THAT(output, Catch::Contains(version + " " + digest(first)));
}

TEST_CASE("prints a digest of the wire for the test above", "[.wire]") {
  for (const char* version : {"TLSv1.3", "TLSv1.2"}) {
    std::printf("%s %s\n", version, digest(conversation(7, version)).c_str());
  }
}

TEST_CASE("other sessions in between change nothing", "[tls][determinism]") {
  World world;
  const auto server = world.server();
  const auto client = world.client();
  const auto run = [&](std::uint64_t seed) {
    TlsPair pair(server, client, "mx.acme.example", seed);
    pair.shake_hands();
    return pair.to_server + pair.to_client;
  };
  const std::string alone = run(1);
  TlsPair interleaved(server, client, "mx.acme.example", 1);
  interleaved.client.start();
  run(2);
  interleaved.server.receive(interleaved.to_server += interleaved.client.take_ciphertext());
  run(3);
  interleaved.carry();
  CHECK(interleaved.to_server + interleaved.to_client == alone);
}

TEST_CASE("what is wrong with a certificate is said", "[tls]") {
  World world;
  WorldCa stranger = make_ca(99);
  struct Row {
    const char* what;
    TlsIdentity identity;
    std::string name;
    Time now;
    std::string problem;
  };
  const CertificateNames names{{"mx.acme.example"}, {}};
  const std::vector<Row> rows = {
      {"wrong name", world.identity, "mx.globex.example", kNow, "hostname mismatch"},
      {"wrong address", world.identity, "192.0.2.2", kNow, "IP address mismatch"},
      {"expired", world.identity, "mx.acme.example",
       kNow + kCertificateLife + std::chrono::hours(1), "certificate has expired"},
      {"not yet valid", world.identity, "mx.acme.example", kNow - std::chrono::hours(48),
       "certificate is not yet valid"},
      {"unknown CA", stranger.issue(names, Validity::at(kNow)), "mx.acme.example", kNow,
       "unable to get local issuer certificate"},
      {"self-signed", world.ca.self_signed(names, Validity::at(kNow)), "mx.acme.example", kNow,
       "self-signed certificate"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    world.identity = row.identity;
    SECTION(std::string(row.what) + ", strict") {
      TlsPair pair(world.server(), world.client(), row.name, 1, row.now);
      pair.shake_hands();
      CHECK_FALSE(pair.client.established());
      REQUIRE(pair.client.error());
      CHECK(*pair.client.error() == "certificate verify failed: " + row.problem);
      REQUIRE(pair.server.error());
      CHECK(pair.server.error()->find("alert") != std::string::npos);
    }
    SECTION(std::string(row.what) + ", opportunistic") {
      TlsPair pair(world.server(), world.client(false), row.name, 1, row.now);
      pair.shake_hands();
      REQUIRE(pair.client.established());
      CHECK_FALSE(pair.client.info().verified);
      CHECK(pair.client.info().verify_error == row.problem);
    }
  }
}

TEST_CASE("names are compared as RFC 6125 says", "[tls]") {
  World world;
  world.identity = world.ca.issue(
      {{"mx.acme.example", "*.pool.example"}, {Address::v4(192, 0, 2, 1)}}, Validity::at(kNow));
  const auto server = world.server();
  const auto client = world.client();
  const std::vector<std::pair<std::string, bool>> rows = {
      {"mx.acme.example", true}, {"MX.Acme.Example", true},   {"mx.acme.example.", true},
      {"a.pool.example", true},  {"a.b.pool.example", false}, {"pool.example", false},
      {"192.0.2.1", true},       {"192.0.2.9", false},        {"acme.example", false},
  };
  for (const auto& [name, holds] : rows) {
    INFO(name);
    TlsPair pair(server, client, name);
    pair.shake_hands();
    CHECK(pair.client.established() == holds);
  }
  TlsPair nameless(server, client, "");
  nameless.shake_hands();
  REQUIRE(nameless.client.error());
}

TEST_CASE("SNI chooses the identity", "[tls]") {
  World world;
  TlsServerOptions options;
  options.identity = world.identity;
  options.by_name = {
      {"imap.globex.example", world.ca.issue({{"imap.globex.example"}, {}}, Validity::at(kNow))}};
  const auto server = make_tls_server_context(options);
  const auto subject = [&](std::string_view name) {
    TlsPair pair(server, world.client(false), name);
    pair.shake_hands();
    return pair.client.info().peer_subject +
           " as seen by the server: " + pair.server.certificate_subject();
  };
  const std::string first = "CN=mx.acme.example as seen by the server: CN=mx.acme.example";
  const std::string second = "CN=imap.globex.example as seen by the server: CN=imap.globex.example";
  CHECK(subject("imap.globex.example") == second);
  CHECK(subject("IMAP.globex.example") == second);
  CHECK(subject("nobody.example") == first);
  CHECK(subject("192.0.2.1") == first);
}

TEST_CASE("versions that do not meet end the handshake", "[tls]") {
  World world;
  TlsPair pair(world.server("TLSv1.3", "TLSv1.3"), world.client(true, "TLSv1.2", "TLSv1.2"),
               "mx.acme.example");
  pair.shake_hands();
  REQUIRE(pair.server.error());
  REQUIRE(pair.client.error());
  CHECK(pair.client.error()->find("protocol version") != std::string::npos);
  CHECK(pair.server.take_client_hello()->versions == "TLSv1.2");
}

TEST_CASE("plaintext to a TLS port is an error", "[tls]") {
  World world;
  TlsEngine server(world.server(), TlsEngine::Role::server, {}, std::make_unique<TestEntropy>(1),
                   kNow);
  server.receive("EHLO client.example\r\n");
  REQUIRE(server.error());
  server.receive("more");  // does no harm
}

TEST_CASE("a flipped bit anywhere is an error, never a crash and never other plaintext", "[tls]") {
  World world;
  const std::string version = GENERATE("TLSv1.2", "TLSv1.3");
  const auto server_context = world.server(version, version);
  const auto client_context = world.client();

  std::string flight;
  {
    TlsPair clean(server_context, client_context, "mx.acme.example");
    clean.client.start();
    clean.server.receive(clean.client.take_ciphertext());
    flight = clean.server.take_ciphertext();
  }
  for (std::size_t i = 0; i < flight.size(); ++i) {
    TlsPair pair(server_context, client_context, "mx.acme.example");
    pair.client.start();
    pair.server.receive(pair.client.take_ciphertext());
    std::string bent = pair.server.take_ciphertext();
    bent[i] = static_cast<char>(bent[i] ^ 0x20);
    pair.client.receive(bent);
    pair.carry();
    INFO("octet " << i << " of the server's flight");
    // RFC 8446 section 5.1: the first record's version "MUST be ignored for all purposes".
    const bool ignored = i == 2;
    CHECK((pair.client.established() && pair.server.established()) == ignored);
  }

  TlsPair pair(server_context, client_context, "mx.acme.example");
  pair.shake_hands();
  pair.client.send("RCPT TO:<bob@acme.example>\r\n");
  std::string record = pair.client.take_ciphertext();
  record[record.size() - 3] = static_cast<char>(record[record.size() - 3] ^ 1);
  pair.server.receive(record);
  REQUIRE(pair.server.error());
  CHECK_THAT(*pair.server.error(), Catch::Contains("bad record mac"));
  CHECK(pair.server.take_plaintext().empty());
  pair.carry();
  REQUIRE(pair.client.error());
  CHECK_THAT(*pair.client.error(), Catch::Contains("alert bad record mac"));
}

TEST_CASE("unusable identities are refused with words", "[tls]") {
  World world;
  TlsServerOptions options;
  CHECK_THROWS_WITH(make_tls_server_context(options), Catch::Contains("no PEM certificate"));
  options.identity = world.identity;
  options.identity.key_pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  CHECK_THROWS_WITH(make_tls_server_context(options), Catch::Contains("private key"));
  options.identity.key_pem = world.ca.issue({{"other.example"}, {}}, Validity::at(kNow)).key_pem;
  CHECK_THROWS_WITH(make_tls_server_context(options), Catch::Contains("key values mismatch"));
  options.identity = world.identity;
  options.max_version = "SSLv3";
  CHECK_THROWS_WITH(make_tls_server_context(options), Catch::Contains("SSLv3"));
}

TEST_CASE("handshakes are cheap", "[.bench]") {
  World world;
  const auto server = world.server();
  const auto client = world.client();
  const auto begin = std::chrono::steady_clock::now();
  constexpr int count = 500;
  for (int i = 0; i < count; ++i) {
    TlsPair pair(server, client, "mx.acme.example", static_cast<std::uint64_t>(i));
    pair.shake_hands();
    REQUIRE(pair.server.established());
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%.0f handshakes/s\n", count / took.count());
}
