#include "server/net/openssl.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <stdexcept>
#include <utility>

namespace mailscope::net::openssl {

std::string take_error() {
  // The first one is the deepest; TLS's own says most to a reader ("bad record mac" rather than
  // "cipher operation failed").
  unsigned long code = ERR_get_error();
  while (const unsigned long next = ERR_get_error()) {
    if (ERR_GET_LIB(code) != ERR_LIB_SSL && ERR_GET_LIB(next) == ERR_LIB_SSL) code = next;
  }
  if (code == 0) return "no error was given";
  if (const char* reason = ERR_reason_error_string(code)) return reason;
  char text[256];
  ERR_error_string_n(code, text, sizeof text);
  return text;
}

void fail(std::string_view what) {
  throw std::runtime_error(std::string(what) + ": " + take_error());
}

BioPtr reader(std::string_view text) {
  BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!bio) fail("no memory for a BIO");
  return bio;
}

CertificatePtr read_certificate(BIO* pem, OSSL_LIB_CTX* library) {
  // Filled in place, so that it belongs to `library`. A failure frees it and clears the pointer, or
  // leaves both alone, depending on how far it got.
  X509* target = X509_new_ex(library, nullptr);
  const bool done = target && PEM_read_bio_X509(pem, &target, nullptr, nullptr);
  CertificatePtr certificate(target);
  return done ? std::move(certificate) : nullptr;
}

std::string contents(BIO* memory) {
  const char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string to_string(const X509_NAME* name) {
  BioPtr out(BIO_new(BIO_s_mem()));
  if (!out) fail("no memory for a BIO");
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  return contents(out.get());
}

}  // namespace mailscope::net::openssl
