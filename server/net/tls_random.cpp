#include "server/net/tls_random.hpp"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include "server/net/openssl.hpp"

namespace mailscope::net {

namespace {

thread_local Entropy* current_stream = nullptr;

constexpr char kProviderName[] = "mailscope";
constexpr char kGeneratorName[] = "MAILSCOPE-STREAM";
/// Octets of one request; OpenSSL splits what is longer. As its own generators have it.
constexpr std::size_t kMaxRequest = 65536;
/// Bits of security that we claim, the most that OpenSSL ever asks for.
constexpr unsigned int kStrength = 256;

// The generator has no state of its own, but OpenSSL takes a null context for a failure.
char generator_context;

void* new_context(void*, void*, const OSSL_DISPATCH*) {
  return &generator_context;
}
void free_context(void*) {}

int instantiate(void*, unsigned int, int, const unsigned char*, std::size_t, const OSSL_PARAM*) {
  return 1;
}

int uninstantiate(void*) {
  return 1;
}

int generate(void*, unsigned char* out, std::size_t size, unsigned int, int, const unsigned char*,
             std::size_t) {
  if (!current_stream) return 0;
  current_stream->fill(reinterpret_cast<char*>(out), size);
  return 1;
}

int reseed(void*, int, const unsigned char*, std::size_t, const unsigned char*, std::size_t) {
  return 1;
}

// Streams are per thread, so there is nothing to lock.
int enable_locking(void*) {
  return 1;
}
int lock(void*) {
  return 1;
}
void unlock(void*) {}

int get_context_params(void*, OSSL_PARAM params[]) {
  if (OSSL_PARAM* p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STATE);
      p && !OSSL_PARAM_set_int(p, EVP_RAND_STATE_READY)) {
    return 0;
  }
  if (OSSL_PARAM* p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STRENGTH);
      p && !OSSL_PARAM_set_uint(p, kStrength)) {
    return 0;
  }
  if (OSSL_PARAM* p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_MAX_REQUEST);
      p && !OSSL_PARAM_set_size_t(p, kMaxRequest)) {
    return 0;
  }
  return 1;
}

template <typename F>
constexpr auto function(F* f) {
  return reinterpret_cast<void (*)()>(f);
}

const OSSL_DISPATCH* generator_functions() {
  static const OSSL_DISPATCH functions[] = {
      {OSSL_FUNC_RAND_NEWCTX, function(new_context)},
      {OSSL_FUNC_RAND_FREECTX, function(free_context)},
      {OSSL_FUNC_RAND_INSTANTIATE, function(instantiate)},
      {OSSL_FUNC_RAND_UNINSTANTIATE, function(uninstantiate)},
      {OSSL_FUNC_RAND_GENERATE, function(generate)},
      {OSSL_FUNC_RAND_RESEED, function(reseed)},
      {OSSL_FUNC_RAND_ENABLE_LOCKING, function(enable_locking)},
      {OSSL_FUNC_RAND_LOCK, function(lock)},
      {OSSL_FUNC_RAND_UNLOCK, function(unlock)},
      {OSSL_FUNC_RAND_GET_CTX_PARAMS, function(get_context_params)},
      {0, nullptr},
  };
  return functions;
}

const OSSL_ALGORITHM* query_operation(void*, int operation, int* no_store) {
  static const OSSL_ALGORITHM generators[] = {
      {kGeneratorName, "provider=mailscope", generator_functions(), "octets of a net::Entropy"},
      {nullptr, nullptr, nullptr, nullptr},
  };
  *no_store = 0;
  return operation == OSSL_OP_RAND ? generators : nullptr;
}

int provider_init(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** out,
                  void** context) {
  static const OSSL_DISPATCH functions[] = {
      {OSSL_FUNC_PROVIDER_QUERY_OPERATION, function(query_operation)},
      {0, nullptr},
  };
  *out = functions;
  *context = &generator_context;
  return 1;
}

OSSL_LIB_CTX* make_library() {
  // The machine's openssl.cnf must not change what goes over a simulated wire.
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  OSSL_LIB_CTX* library = OSSL_LIB_CTX_new();
  if (!library || !OSSL_PROVIDER_add_builtin(library, kProviderName, provider_init) ||
      !OSSL_PROVIDER_load(library, "default") || !OSSL_PROVIDER_load(library, kProviderName) ||
      !RAND_set_DRBG_type(library, kGeneratorName, "provider=mailscope", nullptr, nullptr)) {
    openssl::fail("OpenSSL's providers do not load");
  }
  return library;
}

}  // namespace

OSSL_LIB_CTX* tls_library() {
  static OSSL_LIB_CTX* const library = make_library();
  return library;
}

TlsRandomScope::TlsRandomScope(Entropy& entropy) : before_(current_stream) {
  tls_library();
  current_stream = &entropy;
}

TlsRandomScope::~TlsRandomScope() {
  current_stream = before_;
}

}  // namespace mailscope::net
