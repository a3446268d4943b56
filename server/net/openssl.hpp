// Small helpers around OpenSSL's C interface: owning pointers and its errors in words. For the few
// .cpp files that use OpenSSL; not for other headers.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

namespace mailscope::net::openssl {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free>>;
using CertificatePtr = std::unique_ptr<X509, Deleter<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, Deleter<SSL_free>>;
using SslContextPtr = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;

/// The error of this thread's queue that says most, in words ("no error was given" when it is
/// empty). Empties the queue.
std::string take_error();
/// Throws std::runtime_error: `what`, and OpenSSL's words.
[[noreturn]] void fail(std::string_view what);

/// A BIO that reads `text`, which must outlive it.
BioPtr reader(std::string_view text);
/// The next PEM certificate of `pem`; null when there is none or it is broken (see take_error).
CertificatePtr read_certificate(BIO* pem, OSSL_LIB_CTX* library);
/// Everything that was written to a memory BIO.
std::string contents(BIO* memory);
/// "CN=mx.acme.example,O=Acme" (RFC 2253 order and escapes, UTF-8 kept).
std::string to_string(const X509_NAME* name);

}  // namespace mailscope::net::openssl
