// The world's certificate authority: what it issues is what was asked for, the same for the same
// seed.
#include "server/net/certificates.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "server/net/openssl.hpp"
#include "tests/catch.hpp"
#include "tests/tls/support.hpp"

using namespace mailscope::net;
using namespace mailscope::tests;

namespace {

/// As `openssl x509 -text` shows it.
std::string text_of(const std::string& pem) {
  const auto in = openssl::reader(pem);
  const openssl::CertificatePtr certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  REQUIRE(certificate);
  const openssl::BioPtr out(BIO_new(BIO_s_mem()));
  X509_print(out.get(), certificate.get());
  return openssl::contents(out.get());
}

const CertificateNames kNames{{"mx.acme.example", "imap.acme.example"},
                              {Address::v4(192, 0, 2, 1), *Address::parse("2001:db8::1")}};

}  // namespace

TEST_CASE("a host's certificate carries its names and dates", "[certificates]") {
  WorldCa ca = make_ca(1);
  const std::string text = text_of(ca.issue(kNames, Validity::at(kNow)).chain_pem);
  for (const char* part :
       {"Version: 3", "Issuer: CN=Mailscope world CA", "Not Before: Feb 28 12:00:00 2026 GMT",
        "Not After : Apr  2 12:00:00 2027 GMT", "Subject: CN=mx.acme.example", "NIST CURVE: P-256",
        "DNS:mx.acme.example, DNS:imap.acme.example, IP Address:192.0.2.1, "
        "IP Address:2001:DB8:0:0:0:0:0:1",
        "CA:FALSE", "TLS Web Server Authentication", "Digital Signature",
        "Authority Key Identifier", "ecdsa-with-SHA256"}) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
  }
}

TEST_CASE("the root may sign hosts and nothing below them", "[certificates]") {
  WorldCa ca = make_ca(1);
  const std::string text = text_of(ca.certificate_pem());
  for (const char* part :
       {"CA:TRUE, pathlen:0", "Certificate Sign, CRL Sign", "Subject: CN=Mailscope world CA",
        "Not After : Feb 27 12:00:00 2036 GMT"}) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
  }
}

TEST_CASE("certificates depend on the seed and their own names alone", "[certificates]") {
  WorldCa one = make_ca(5);
  WorldCa two = make_ca(5);
  WorldCa three = make_ca(6);
  two.issue({{"other.example"}, {}}, Validity::at(kNow));  // an earlier one moves nothing
  const TlsIdentity a = one.issue(kNames, Validity::at(kNow));
  const TlsIdentity b = two.issue(kNames, Validity::at(kNow));
  const TlsIdentity c = three.issue(kNames, Validity::at(kNow));
  CHECK(a.chain_pem == b.chain_pem);
  CHECK(a.key_pem == b.key_pem);
  CHECK(a.chain_pem != c.chain_pem);
  CHECK(a.key_pem != c.key_pem);
  CHECK(one.certificate_pem() == two.certificate_pem());
}

TEST_CASE("a root goes on after export and import", "[certificates]") {
  WorldCa before = make_ca(1);
  const RootPem kept = before.export_root();
  WorldCa after(std::make_unique<TestEntropy>(2), kept);
  CHECK(after.certificate_pem() == before.certificate_pem());
  TlsServerOptions server;
  server.identity = after.issue(kNames, Validity::at(kNow));
  TlsClientOptions client;
  client.ca_pem = before.certificate_pem();
  TlsPair pair(make_tls_server_context(server), make_tls_client_context(client),
               "imap.acme.example");
  pair.shake_hands();
  CHECK(pair.client.established());

  WorldCa other = make_ca(3);
  CHECK_THROWS_WITH(
      WorldCa(std::make_unique<TestEntropy>(2), RootPem{kept.certificate, other.export_root().key}),
      Catch::Contains("do not belong together"));
  CHECK_THROWS_WITH(WorldCa(std::make_unique<TestEntropy>(2), RootPem{"", ""}),
                    Catch::Contains("certificate"));
}

TEST_CASE("odd names", "[certificates]") {
  WorldCa ca = make_ca(1);
  CHECK_THROWS(ca.issue({}, Validity::at(kNow)));
  // A comma adds no second name, and a common name of more than 64 octets is left out.
  const std::string tricky = "a.example,DNS:b.example";
  CHECK(text_of(ca.issue({{tricky}, {}}, Validity::at(kNow)).chain_pem).find("DNS:" + tricky) !=
        std::string::npos);
  const std::string longest = std::string(60, 'x') + ".acme.example";
  CHECK(text_of(ca.issue({{longest}, {}}, Validity::at(kNow)).chain_pem).find("DNS:" + longest) !=
        std::string::npos);
}

TEST_CASE("certificates name the list of revoked ones where there is one", "[certificates]") {
  WorldCa ca = make_ca(1);
  CHECK(text_of(ca.issue(kNames, Validity::at(kNow)).chain_pem).find("CRL Distribution") ==
        std::string::npos);
  const std::string url = GENERATE("http://127.0.0.1:20080/ca.crl", "http://[::1]:80/ca.crl");
  ca.set_revocation_url(url);
  const std::string text = text_of(ca.issue(kNames, Validity::at(kNow)).chain_pem);
  CHECK(text.find("URI:" + url) != std::string::npos);
}

TEST_CASE("the list of revoked certificates is the root's, dated, and empty", "[certificates]") {
  WorldCa ca = make_ca(1);
  const std::string der = ca.revocation_list(kNow);
  CHECK(der == make_ca(1).revocation_list(kNow));
  const auto* octets = reinterpret_cast<const unsigned char*>(der.data());
  const std::unique_ptr<X509_CRL, openssl::Deleter<X509_CRL_free>> list(
      d2i_X509_CRL(nullptr, &octets, static_cast<long>(der.size())));
  REQUIRE(list);
  const std::string root_pem = ca.certificate_pem();
  const auto in = openssl::reader(root_pem);
  const openssl::CertificatePtr root(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  REQUIRE(root);
  CHECK(X509_CRL_verify(list.get(), X509_get0_pubkey(root.get())) == 1);
  const openssl::BioPtr out(BIO_new(BIO_s_mem()));
  X509_CRL_print(out.get(), list.get());
  const std::string text = openssl::contents(out.get());
  INFO(text);
  for (const char* part :
       {"Version 2", "Issuer: CN=Mailscope world CA", "Last Update: Mar  1 11:00:00 2026 GMT",
        "Next Update: Mar  8 12:00:00 2026 GMT", "Authority Key Identifier", "CRL Number",
        "No Revoked Certificates", "ecdsa-with-SHA256"}) {
    CHECK(text.find(part) != std::string::npos);
  }
}
