// SSL_CTX objects: what all connections of one server or one client share.
#include "server/net/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <stdexcept>

#include "server/net/tls_random.hpp"

namespace mailscope::net {

using namespace openssl;

namespace {

// RFC 8446 section 9.1 and RFC 9325 section 4.2: authenticated encryption with forward secrecy
// only.
constexpr char kCiphersuites13[] =
    "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";
constexpr char kCiphers12[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
// P-256 is needed by TLS 1.2 for the certificate's own curve (RFC 8422 section 5.1).
constexpr char kGroups[] = "X25519:P-256";
/// 112 bits of security: RSA from 2048 bits, no SHA-1.
constexpr int kSecurityLevel = 2;

/// SSL_CTX_new draws keys for tickets and for stateless cookies. Both are off here, so their keys
/// are never used and may be anything.
class UnusedKeys final : public Entropy {
 public:
  std::uint64_t next() override { return ++last_; }
  std::unique_ptr<Entropy> fork(std::string_view) const override {
    return std::make_unique<UnusedKeys>();
  }

 private:
  std::uint64_t last_ = 0;
};

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

int protocol_version(const std::string& name) {
  if (name == "TLSv1.2") return TLS1_2_VERSION;
  if (name == "TLSv1.3") return TLS1_3_VERSION;
  throw std::runtime_error("\"" + name + "\" is not a TLS version: TLSv1.2 or TLSv1.3");
}

void keep_key_log(const SSL* ssl, const char* line) {
  if (auto* notes = static_cast<TlsNotes*>(SSL_get_app_data(ssl))) {
    notes->key_log += line;
    notes->key_log += '\n';
  }
}

SslContextPtr new_context(const SSL_METHOD* method, const std::string& min_version,
                          const std::string& max_version) {
  SslContextPtr context(SSL_CTX_new_ex(tls_library(), nullptr, method));
  if (!context) fail("SSL_CTX_new");
  const int lowest = protocol_version(min_version);
  const int highest = protocol_version(max_version);
  if (lowest > highest) {
    throw std::runtime_error("no TLS version from " + min_version + " to " + max_version);
  }
  if (!SSL_CTX_set_min_proto_version(context.get(), lowest) ||
      !SSL_CTX_set_max_proto_version(context.get(), highest) ||
      !SSL_CTX_set_ciphersuites(context.get(), kCiphersuites13) ||
      !SSL_CTX_set_cipher_list(context.get(), kCiphers12) ||
      !SSL_CTX_set1_groups_list(context.get(), kGroups)) {
    fail("TLS settings");
  }
  SSL_CTX_set_security_level(context.get(), kSecurityLevel);
  // Stateless tickets carry wall time, and resumption would hide handshakes from the learner.
  SSL_CTX_set_options(context.get(),
                      SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_keylog_callback(context.get(), keep_key_log);
  return context;
}

/// The next certificate of a PEM text; null at its end.
CertificatePtr next_certificate(BIO* pem) {
  if (CertificatePtr certificate = read_certificate(pem, tls_library())) return certificate;
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) fail("certificate");
  ERR_clear_error();
  return nullptr;
}

void use_identity(SSL_CTX* context, const TlsIdentity& identity) {
  const BioPtr chain = reader(identity.chain_pem);
  const CertificatePtr leaf = next_certificate(chain.get());
  if (!leaf) throw std::runtime_error("the certificate chain holds no PEM certificate");
  if (!SSL_CTX_use_certificate(context, leaf.get())) fail("certificate");
  while (const CertificatePtr issuer = next_certificate(chain.get())) {
    if (!SSL_CTX_add1_chain_cert(context, issuer.get())) fail("certificate chain");
  }
  const BioPtr key_pem = reader(identity.key_pem);
  const KeyPtr key(
      PEM_read_bio_PrivateKey_ex(key_pem.get(), nullptr, nullptr, nullptr, tls_library(), nullptr));
  if (!key) fail("private key");
  if (!SSL_CTX_use_PrivateKey(context, key.get())) fail("private key");
  if (!SSL_CTX_check_private_key(context)) fail("private key and certificate");
}

/// Octets of an extension, read front to back; every accessor gives 0 or nothing behind the end.
class Octets {
 public:
  Octets(const unsigned char* data, std::size_t size) : data_(data), size_(size) {}
  bool empty() const { return size_ == 0; }
  unsigned take8() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }
  unsigned take16() {
    const unsigned high = take8();
    return high << 8 | take8();
  }
  std::string_view take(std::size_t count) {
    count = std::min(count, size_);
    const std::string_view result(reinterpret_cast<const char*>(data_), count);
    data_ += count;
    size_ -= count;
    return result;
  }

 private:
  const unsigned char* data_;
  std::size_t size_;
};

/// Host name of the server_name extension (RFC 6066 section 3).
std::string offered_name(SSL* ssl) {
  const unsigned char* data = nullptr;
  std::size_t size = 0;
  if (!SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &size)) return {};
  Octets octets(data, size);
  octets.take16();  // length of the list: one entry is all that was ever defined
  if (octets.take8() != TLSEXT_NAMETYPE_host_name) return {};
  const unsigned length = octets.take16();
  return std::string(octets.take(length));
}

std::string_view version_name(unsigned version) {
  switch (version) {
    case TLS1_VERSION:
      return "TLSv1.0";
    case TLS1_1_VERSION:
      return "TLSv1.1";
    case TLS1_2_VERSION:
      return "TLSv1.2";
    case TLS1_3_VERSION:
      return "TLSv1.3";
    default:
      return {};  // SSL 3 and older, or GREASE (RFC 8701)
  }
}

/// The versions of supported_versions (RFC 8446 section 4.2.1) in ascending order, or, from clients
/// without that extension, the highest one.
std::string offered_versions(SSL* ssl) {
  std::vector<unsigned> versions;
  const unsigned char* data = nullptr;
  std::size_t size = 0;
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_versions, &data, &size)) {
    Octets octets(data, size);
    octets.take8();
    while (!octets.empty()) versions.push_back(octets.take16());
    std::sort(versions.begin(), versions.end());
  } else {
    versions.push_back(SSL_client_hello_get0_legacy_version(ssl));
  }
  std::string text;
  for (const unsigned version : versions) {
    const std::string_view name = version_name(version);
    if (name.empty()) continue;
    if (!text.empty()) text += ' ';
    text += name;
  }
  return text;
}

int note_client_hello(SSL* ssl, int*, void*) {
  if (auto* notes = static_cast<TlsNotes*>(SSL_get_app_data(ssl))) {
    notes->client_hello = TlsClientHello{offered_name(ssl), offered_versions(ssl)};
  }
  return SSL_CLIENT_HELLO_SUCCESS;
}

int choose_identity(SSL* ssl, int*, void* argument) {
  const auto* self = static_cast<const OpensslContext*>(argument);
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (!name) return SSL_TLSEXT_ERR_NOACK;
  // RFC 6066 section 3 lets a server go on with its default identity when it knows no such name.
  const auto found = self->by_name.find(lower_case(name));
  if (found == self->by_name.end()) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_SSL_CTX(ssl, found->second.get());
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

std::shared_ptr<TlsContext> make_tls_server_context(const TlsServerOptions& options) {
  UnusedKeys unused;
  const TlsRandomScope random(unused);
  ERR_clear_error();
  auto result = std::make_shared<OpensslContext>();
  result->role = TlsEngine::Role::server;
  const auto identity_context = [&options](const TlsIdentity& identity) {
    SslContextPtr context =
        new_context(TLS_server_method(), options.min_version, options.max_version);
    use_identity(context.get(), identity);
    return context;
  };
  result->context = identity_context(options.identity);
  for (const auto& [name, identity] : options.by_name) {
    result->by_name[lower_case(name)] = identity_context(identity);
  }
  SSL_CTX_set_client_hello_cb(result->context.get(), note_client_hello, nullptr);
  SSL_CTX_set_tlsext_servername_callback(result->context.get(), choose_identity);
  SSL_CTX_set_tlsext_servername_arg(result->context.get(), result.get());
  return result;
}

std::shared_ptr<TlsContext> make_tls_client_context(const TlsClientOptions& options) {
  UnusedKeys unused;
  const TlsRandomScope random(unused);
  ERR_clear_error();
  auto result = std::make_shared<OpensslContext>();
  result->role = TlsEngine::Role::client;
  result->verify = options.verify;
  result->context = new_context(TLS_client_method(), options.min_version, options.max_version);
  const BioPtr anchors = reader(options.ca_pem);
  X509_STORE* store = SSL_CTX_get_cert_store(result->context.get());
  while (const CertificatePtr anchor = next_certificate(anchors.get())) {
    if (!X509_STORE_add_cert(store, anchor.get())) fail("trust anchor");
  }
  // Without SSL_VERIFY_PEER the chain is checked all the same, and only the result is kept.
  SSL_CTX_set_verify(result->context.get(), options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
                     nullptr);
  return result;
}

}  // namespace mailscope::net
