#include "server/net/tls.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cassert>

#include "server/net/tls_context.hpp"
#include "server/net/tls_random.hpp"

namespace mailscope::net {

using namespace openssl;

namespace {

/// Octets that one SSL_read can give: the largest record (RFC 8446 section 5.1).
constexpr std::size_t kRecordOctets = 16 * 1024;
/// Octets of one SSL_write; its length is an int.
constexpr std::size_t kWriteOctets = 1 << 20;

std::string group_name(SSL* ssl) {
  switch (const int nid = static_cast<int>(SSL_get_negotiated_group(ssl))) {
    case NID_X25519:
      return "X25519";
    case NID_X9_62_prime256v1:
      return "P-256";
    default: {
      const char* name = OBJ_nid2sn(nid);
      return name ? name : "unknown";
    }
  }
}

/// RFC 9266 section 4.2: 32 octets under this label, from a context that is there and empty.
/// TLS 1.2 has it only with an extended master secret (RFC 7627), without which two sessions may
/// share it.
std::string exporter_binding(SSL* ssl) {
  constexpr std::string_view kLabel = "EXPORTER-Channel-Binding";
  if (SSL_version(ssl) < TLS1_3_VERSION && SSL_get_extms_support(ssl) != 1) return {};
  std::string out(32, '\0');
  const unsigned char nothing = 0;
  const int ok =
      SSL_export_keying_material(ssl, reinterpret_cast<unsigned char*>(out.data()), out.size(),
                                 kLabel.data(), kLabel.size(), &nothing, 0, 1);
  return ok == 1 ? out : std::string();
}

/// RFC 5929 section 4.1: the certificate's hash, by the hash function of its signature, but SHA-256
/// for the weak ones.
std::string end_point_binding(const X509* certificate) {
  if (!certificate) return {};
  int digest_nid = NID_undef;
  X509_get_signature_info(const_cast<X509*>(certificate), &digest_nid, nullptr, nullptr, nullptr);
  if (digest_nid == NID_md5 || digest_nid == NID_sha1) digest_nid = NID_sha256;
  const EVP_MD* digest = EVP_get_digestbynid(digest_nid);
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (!digest || !X509_digest(certificate, digest, out, &size)) return {};
  return {reinterpret_cast<const char*>(out), size};
}

/// RFC 5929 section 3.1: the first Finished message, which in a full handshake is the client's.
/// There are no others here: no resumption, no renegotiation.
std::string unique_binding(SSL* ssl, bool client) {
  if (SSL_version(ssl) >= TLS1_3_VERSION || SSL_get_extms_support(ssl) != 1) return {};
  std::string out(EVP_MAX_MD_SIZE, '\0');
  out.resize(client ? SSL_get_finished(ssl, out.data(), out.size())
                    : SSL_get_peer_finished(ssl, out.data(), out.size()));
  return out;
}

}  // namespace

struct TlsEngine::Impl {
  std::shared_ptr<OpensslContext> context;
  std::unique_ptr<Entropy> entropy;
  std::string name;  // client: what the certificate must be for
  SslPtr ssl;
  BIO* from_peer = nullptr;  // owned by ssl
  BIO* to_peer = nullptr;    // owned by ssl
  TlsNotes notes;
  std::string waiting;  // plaintext for the peer from before the end of the handshake
  std::string plaintext;
  std::optional<std::string> error;
  TlsInfo info;
  std::string subject;
  std::string issuer;
  bool established = false;
  bool peer_finished = false;
  bool finish_wanted = false;
  bool finish_sent = false;

  void set_name(std::string_view server_name);
  void advance();
  void shake_hands();
  void learn();
  void read();
  void write(std::string_view bytes);
  void close();
  void check(int result);
};

TlsEngine::TlsEngine(std::shared_ptr<TlsContext> context, Role role, std::string_view server_name,
                     std::unique_ptr<Entropy> entropy, Time now)
    : impl_(std::make_unique<Impl>()) {
  Impl& self = *impl_;
  self.context = std::static_pointer_cast<OpensslContext>(std::move(context));
  assert(self.context && self.context->role == role);
  self.entropy = std::move(entropy);
  const TlsRandomScope random(*self.entropy);
  ERR_clear_error();
  self.ssl.reset(SSL_new(self.context->context.get()));
  BioPtr from_peer(BIO_new(BIO_s_mem()));
  BioPtr to_peer(BIO_new(BIO_s_mem()));
  if (!self.ssl || !from_peer || !to_peer) fail("SSL_new");
  self.from_peer = from_peer.get();
  self.to_peer = to_peer.get();
  SSL_set_bio(self.ssl.get(), from_peer.release(), to_peer.release());
  SSL_set_app_data(self.ssl.get(), &self.notes);
  X509_VERIFY_PARAM_set_time(SSL_get0_param(self.ssl.get()),
                             static_cast<time_t>(unix_seconds(now)));
  if (role == Role::client) {
    self.set_name(server_name);
    SSL_set_connect_state(self.ssl.get());
  } else {
    SSL_set_accept_state(self.ssl.get());
  }
}

TlsEngine::~TlsEngine() = default;

void TlsEngine::Impl::set_name(std::string_view server_name) {
  if (server_name.ends_with('.')) server_name.remove_suffix(1);
  name = server_name;
  X509_VERIFY_PARAM* checks = SSL_get0_param(ssl.get());
  if (const auto address = Address::parse(name)) {
    const std::string_view bytes = address->bytes();
    X509_VERIFY_PARAM_set1_ip(checks, reinterpret_cast<const unsigned char*>(bytes.data()),
                              bytes.size());
    return;  // RFC 6066 section 3: a literal address is no server name
  }
  if (name.empty()) return;
  // RFC 6125 section 6.4.3: a wildcard stands for a whole label only.
  X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (!X509_VERIFY_PARAM_set1_host(checks, name.data(), name.size()) ||
      !SSL_set_tlsext_host_name(ssl.get(), name.c_str())) {
    error = "\"" + name + "\" cannot be a server name: " + take_error();
  }
}

void TlsEngine::start() {
  Impl& self = *impl_;
  if (self.context->role == Role::server || self.error) return;
  if (self.context->verify && self.name.empty()) {
    self.error = "there is no name to verify the server's certificate against";
    return;
  }
  self.advance();
}

void TlsEngine::receive(std::string_view ciphertext) {
  if (impl_->error || impl_->peer_finished) return;
  while (!ciphertext.empty()) {
    const std::string_view part = ciphertext.substr(0, kWriteOctets);
    BIO_write(impl_->from_peer, part.data(), static_cast<int>(part.size()));
    ciphertext.remove_prefix(part.size());
  }
  impl_->advance();
}

void TlsEngine::send(std::string_view plaintext) {
  if (impl_->error || impl_->finish_wanted) return;
  if (!impl_->established) {
    impl_->waiting += plaintext;
    return;
  }
  const TlsRandomScope random(*impl_->entropy);
  impl_->write(plaintext);
}

void TlsEngine::finish() {
  impl_->finish_wanted = true;
  if (impl_->established) {
    const TlsRandomScope random(*impl_->entropy);
    impl_->close();
  }
}

void TlsEngine::Impl::advance() {
  const TlsRandomScope random(*entropy);
  if (!established) shake_hands();
  if (established) read();
}

void TlsEngine::Impl::shake_hands() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl.get());
  if (result != 1) {
    check(result);
    return;
  }
  established = true;
  learn();
  if (!waiting.empty()) write(std::exchange(waiting, {}));
  if (finish_wanted) close();
}

void TlsEngine::Impl::learn() {
  const bool client = context->role == Role::client;
  info.version = SSL_get_version(ssl.get());
  info.cipher = SSL_get_cipher_name(ssl.get());
  info.group = group_name(ssl.get());
  if (const char* sni = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name)) {
    info.server_name = sni;
  }
  const X509* peer = SSL_get0_peer_certificate(ssl.get());
  if (peer) info.peer_subject = to_string(X509_get_subject_name(peer));
  if (const X509* server = client ? peer : SSL_get_certificate(ssl.get())) {
    subject = to_string(X509_get_subject_name(server));
    issuer = to_string(X509_get_issuer_name(server));
    info.bindings.end_point = end_point_binding(server);
  }
  info.bindings.exporter = exporter_binding(ssl.get());
  info.bindings.unique = unique_binding(ssl.get(), client);
  if (!client) return;
  const long result = SSL_get_verify_result(ssl.get());
  if (!peer) {
    info.verify_error = "the server showed no certificate";
  } else if (result != X509_V_OK) {
    info.verify_error = X509_verify_cert_error_string(result);
  } else if (name.empty()) {
    info.verify_error = "there was no name to verify the certificate against";
  }
  info.verified = info.verify_error.empty();
}

void TlsEngine::Impl::read() {
  while (!peer_finished && !error) {
    const std::size_t before = plaintext.size();
    plaintext.resize(before + kRecordOctets);
    ERR_clear_error();
    const int result = SSL_read(ssl.get(), plaintext.data() + before, kRecordOctets);
    plaintext.resize(before + static_cast<std::size_t>(std::max(result, 0)));
    if (result <= 0) {
      check(result);
      return;
    }
  }
}

void TlsEngine::Impl::write(std::string_view bytes) {
  while (!bytes.empty() && !error) {
    const std::string_view part = bytes.substr(0, kWriteOctets);
    ERR_clear_error();
    const int result = SSL_write(ssl.get(), part.data(), static_cast<int>(part.size()));
    if (result <= 0) {
      check(result);
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(result));
  }
}

void TlsEngine::Impl::close() {
  if (finish_sent || error) return;
  finish_sent = true;
  ERR_clear_error();
  SSL_shutdown(ssl.get());
}

/// What a call that did not succeed means.
void TlsEngine::Impl::check(int result) {
  switch (SSL_get_error(ssl.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return;
    case SSL_ERROR_ZERO_RETURN:
      peer_finished = true;
      return;
    default:
      break;
  }
  const long verified = SSL_get_verify_result(ssl.get());
  std::string words = take_error();
  if (context->verify && verified != X509_V_OK) {
    words += std::string(": ") + X509_verify_cert_error_string(verified);
  }
  error = std::move(words);
}

std::string TlsEngine::take_ciphertext() {
  // Read rather than reset: BIO_reset clears the whole buffer, as large as it ever was.
  std::string bytes(BIO_ctrl_pending(impl_->to_peer), '\0');
  if (!bytes.empty()) BIO_read(impl_->to_peer, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

std::string TlsEngine::take_plaintext() {
  return std::exchange(impl_->plaintext, {});
}
bool TlsEngine::established() const {
  return impl_->established;
}
bool TlsEngine::peer_finished() const {
  return impl_->peer_finished;
}
std::optional<TlsClientHello> TlsEngine::take_client_hello() {
  return std::exchange(impl_->notes.client_hello, std::nullopt);
}
const std::optional<std::string>& TlsEngine::error() const {
  return impl_->error;
}
const TlsInfo& TlsEngine::info() const {
  return impl_->info;
}
std::string TlsEngine::certificate_subject() const {
  return impl_->subject;
}
std::string TlsEngine::certificate_issuer() const {
  return impl_->issuer;
}
std::string TlsEngine::take_key_log() {
  return std::exchange(impl_->notes.key_log, {});
}

}  // namespace mailscope::net
