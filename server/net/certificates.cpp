#include "server/net/certificates.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>

#include "server/net/openssl.hpp"
#include "server/net/tls_random.hpp"

namespace mailscope::net {

using namespace openssl;

namespace {

/// RFC 5280 section 4.1.2.2 allows 20; 16 random ones never meet twice.
constexpr int kSerialOctets = 16;
/// ub-common-name of RFC 5280 appendix A.1.
constexpr std::size_t kCommonNameLimit = 64;
constexpr long kX509v3 = 2;  // the version field counts from 0

void require(bool done, std::string_view what) {
  if (!done) fail(what);
}

KeyPtr new_key() {
  KeyPtr key(EVP_PKEY_Q_keygen(tls_library(), nullptr, "EC", "P-256"));
  require(key != nullptr, "making a P-256 key");
  return key;
}

/// A certificate without names and extensions, valid as given.
CertificatePtr new_certificate(Entropy& entropy, EVP_PKEY* key, const Validity& validity) {
  CertificatePtr certificate(X509_new_ex(tls_library(), nullptr));
  require(certificate != nullptr, "making a certificate");
  unsigned char serial[kSerialOctets];
  entropy.fill(reinterpret_cast<char*>(serial), sizeof serial);
  serial[0] = static_cast<unsigned char>((serial[0] & 0x3f) | 0x40);  // positive, always 16 octets
  std::unique_ptr<BIGNUM, Deleter<BN_free>> number(BN_bin2bn(serial, sizeof serial, nullptr));
  const auto seconds = [](Time t) { return static_cast<time_t>(unix_seconds(t)); };
  require(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get())) &&
              X509_set_version(certificate.get(), kX509v3) &&
              ASN1_TIME_set(X509_getm_notBefore(certificate.get()), seconds(validity.from)) &&
              ASN1_TIME_set(X509_getm_notAfter(certificate.get()), seconds(validity.until)) &&
              X509_set_pubkey(certificate.get(), key),
          "filling a certificate");
  return certificate;
}

void set_common_name(X509* certificate, const std::string& name) {
  // Clients look at the alternative names only (RFC 6125 section 6.4.4), so a long one may go.
  if (name.size() > kCommonNameLimit) return;
  require(
      X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(name.data()),
                                 static_cast<int>(name.size()), -1, 0),
      "naming a certificate");
}

void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  require(extension && X509_add_ext(certificate, extension.get(), -1), "certificate extension");
}

/// subjectAltName (RFC 5280 section 4.2.1.6). Built piece by piece: a text for the extension parser
/// would let a comma in a name add another one.
void add_alternative_names(X509* certificate, const CertificateNames& names) {
  std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES_free>> list(GENERAL_NAMES_new());
  require(list != nullptr, "alternative names");
  const auto add = [&list](int type, ASN1_STRING* string, std::string_view bytes) {
    GENERAL_NAME* name = GENERAL_NAME_new();
    require(name && string &&
                ASN1_STRING_set(string, bytes.data(), static_cast<int>(bytes.size())) &&
                sk_GENERAL_NAME_push(list.get(), name),
            "alternative name");
    GENERAL_NAME_set0_value(name, type, string);
  };
  for (const std::string& host : names.hosts) add(GEN_DNS, ASN1_IA5STRING_new(), host);
  for (const Address& address : names.addresses) {
    add(GEN_IPADD, ASN1_OCTET_STRING_new(), address.bytes());
  }
  require(X509_add1_ext_i2d(certificate, NID_subject_alt_name, list.get(), 0, X509V3_ADD_DEFAULT),
          "alternative names");
}

void add_server_extensions(X509* certificate, X509* issuer, const CertificateNames& names) {
  add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature");
  add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth");
  add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
  if (issuer != certificate) {
    add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
  }
  add_alternative_names(certificate, names);
}

void sign(X509* certificate, EVP_PKEY* key) {
  require(X509_sign(certificate, key, EVP_sha256()) > 0, "signing a certificate");
}

std::string to_pem(X509* certificate) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  require(out && PEM_write_bio_X509(out.get(), certificate), "writing a certificate");
  return contents(out.get());
}

std::string to_pem(EVP_PKEY* key) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  require(out && PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr),
          "writing a key");
  return contents(out.get());
}

/// Names the stream that a certificate is made from.
std::string label(std::string_view kind, const CertificateNames& names) {
  std::string text(kind);
  for (const std::string& host : names.hosts) text.append(" ").append(host);
  for (const Address& address : names.addresses) text.append(" ").append(address.to_string());
  return text;
}

std::string first_name(const CertificateNames& names) {
  if (!names.hosts.empty()) return names.hosts.front();
  if (!names.addresses.empty()) return names.addresses.front().to_string();
  throw std::runtime_error("a certificate needs a name");
}

}  // namespace

struct WorldCa::Root {
  KeyPtr key;
  CertificatePtr certificate;
  std::string pem;
};

WorldCa::WorldCa(std::unique_ptr<Entropy> entropy, Time now, std::string name)
    : entropy_(std::move(entropy)), now_(now), name_(std::move(name)) {}

WorldCa::WorldCa(std::unique_ptr<Entropy> entropy, const RootPem& root_pem)
    : entropy_(std::move(entropy)), root_(std::make_unique<Root>()) {
  const auto stream = entropy_->fork("root");
  const TlsRandomScope random(*stream);
  const BioPtr certificate = reader(root_pem.certificate);
  const BioPtr key = reader(root_pem.key);
  root_->certificate = read_certificate(certificate.get(), tls_library());
  require(root_->certificate != nullptr, "the root's certificate");
  root_->key.reset(
      PEM_read_bio_PrivateKey_ex(key.get(), nullptr, nullptr, nullptr, tls_library(), nullptr));
  require(root_->key != nullptr, "the root's key");
  require(X509_check_private_key(root_->certificate.get(), root_->key.get()),
          "the root's certificate and key do not belong together");
  root_->pem = to_pem(root_->certificate.get());
}

WorldCa::~WorldCa() = default;

WorldCa::Root& WorldCa::root() {
  if (root_) return *root_;
  const auto stream = entropy_->fork("root");
  const TlsRandomScope random(*stream);
  auto made = std::make_unique<Root>();
  made->key = new_key();
  made->certificate =
      new_certificate(*stream, made->key.get(), {now_ - kCertificateHeadStart, now_ + kRootLife});
  X509* certificate = made->certificate.get();
  set_common_name(certificate, name_);
  require(X509_set_issuer_name(certificate, X509_get_subject_name(certificate)), "issuer");
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
  sign(certificate, made->key.get());
  made->pem = to_pem(certificate);
  root_ = std::move(made);
  return *root_;
}

const std::string& WorldCa::certificate_pem() {
  return root().pem;
}

RootPem WorldCa::export_root() {
  return {root().pem, to_pem(root().key.get())};
}

TlsIdentity WorldCa::issue(const CertificateNames& names, const Validity& validity) {
  Root& issuer = root();
  const auto stream = entropy_->fork(label("issue", names));
  const TlsRandomScope random(*stream);
  const KeyPtr key = new_key();
  const CertificatePtr certificate = new_certificate(*stream, key.get(), validity);
  set_common_name(certificate.get(), first_name(names));
  require(X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.certificate.get())),
          "issuer");
  add_server_extensions(certificate.get(), issuer.certificate.get(), names);
  if (!revocation_url_.empty()) {
    add_extension(certificate.get(), issuer.certificate.get(), NID_crl_distribution_points,
                  ("URI:" + revocation_url_).c_str());
  }
  sign(certificate.get(), issuer.key.get());
  return {to_pem(certificate.get()), to_pem(key.get())};
}

std::string WorldCa::revocation_list(Time now) {
  Root& issuer = root();
  const auto stream = entropy_->fork("revocation list");
  const TlsRandomScope random(*stream);
  const std::unique_ptr<X509_CRL, Deleter<X509_CRL_free>> list(
      X509_CRL_new_ex(tls_library(), nullptr));
  require(list != nullptr, "making a revocation list");
  using TimePtr = std::unique_ptr<ASN1_TIME, Deleter<ASN1_TIME_free>>;
  const auto seconds = [](Time t) { return static_cast<time_t>(unix_seconds(t)); };
  const TimePtr from(ASN1_TIME_set(nullptr, seconds(now - kRevocationHeadStart)));
  const TimePtr until(ASN1_TIME_set(nullptr, seconds(now + kRevocationLife)));
  // RFC 5280 section 5.2.3: the number rises; the time does.
  const std::unique_ptr<ASN1_INTEGER, Deleter<ASN1_INTEGER_free>> number(ASN1_INTEGER_new());
  constexpr long kVersion2 = 1;  // counts from 0
  require(
      from && until && number && X509_CRL_set_version(list.get(), kVersion2) &&
          X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer.certificate.get())) &&
          X509_CRL_set1_lastUpdate(list.get(), from.get()) &&
          X509_CRL_set1_nextUpdate(list.get(), until.get()) &&
          ASN1_INTEGER_set_int64(number.get(), unix_seconds(now)) &&
          X509_CRL_add1_ext_i2d(list.get(), NID_crl_number, number.get(), 0, X509V3_ADD_DEFAULT),
      "filling a revocation list");
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer.certificate.get(), nullptr, nullptr, list.get(), 0);
  const std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>> key(
      X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always"));
  require(key && X509_CRL_add_ext(list.get(), key.get(), -1) && X509_CRL_sort(list.get()) &&
              X509_CRL_sign(list.get(), issuer.key.get(), EVP_sha256()) > 0,
          "signing a revocation list");
  unsigned char* octets = nullptr;
  const int size = i2d_X509_CRL(list.get(), &octets);
  require(size > 0, "writing a revocation list");
  std::string der(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(size));
  OPENSSL_free(octets);
  return der;
}

TlsIdentity WorldCa::self_signed(const CertificateNames& names, const Validity& validity) {
  const auto stream = entropy_->fork(label("self-signed", names));
  const TlsRandomScope random(*stream);
  const KeyPtr key = new_key();
  const CertificatePtr certificate = new_certificate(*stream, key.get(), validity);
  set_common_name(certificate.get(), first_name(names));
  require(X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get())),
          "issuer");
  add_server_extensions(certificate.get(), certificate.get(), names);
  sign(certificate.get(), key.get());
  return {to_pem(certificate.get()), to_pem(key.get())};
}

}  // namespace mailscope::net
