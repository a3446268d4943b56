// Hostile octets for both TLS engines. The input's first octet says who gets them and when (bit 0:
// the client, else the server; bit 1: behind a finished handshake; bit 2: TLS 1.2), the second how
// they are cut. Nothing may crash, an error stays an error, and behind a handshake no forged octet
// may come out as plaintext.
#include <cstdlib>

#include "server/net/certificates.hpp"
#include "server/net/tls.hpp"
#include "tests/tls/support.hpp"

using namespace mailscope::net;
using namespace mailscope::tests;

namespace {

struct Contexts {
  std::shared_ptr<TlsContext> server;
  std::shared_ptr<TlsContext> client;
};

Contexts make_contexts(const char* version) {
  WorldCa ca = make_ca(1);
  TlsServerOptions server;
  server.identity = ca.issue({{"mx.acme.example"}, {}}, Validity::at(kNow));
  server.max_version = version;
  TlsClientOptions client;
  client.ca_pem = ca.certificate_pem();
  client.max_version = version;
  return {make_tls_server_context(server), make_tls_client_context(client)};
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static const Contexts thirteen = make_contexts("TLSv1.3");
  static const Contexts twelve = make_contexts("TLSv1.2");
  const bool to_client = data[0] & 1;
  const bool late = data[0] & 2;
  const Contexts& contexts = data[0] & 4 ? twelve : thirteen;
  const std::size_t cut = data[1] == 0 ? size : data[1];
  std::string_view input(reinterpret_cast<const char*>(data + 2), size - 2);

  TlsPair pair(contexts.server, contexts.client, "mx.acme.example");
  pair.client.start();
  if (late) {
    pair.carry();
    require(pair.server.established() && pair.client.established());
  }
  TlsEngine& target = to_client ? pair.client : pair.server;
  target.send("waiting");
  while (!input.empty()) {
    const bool dead = target.error().has_value();
    target.receive(input.substr(0, cut));
    require(!dead || target.error());
    input.remove_prefix(std::min(cut, input.size()));
    target.take_client_hello();
    target.take_ciphertext();
    require(target.take_plaintext().empty());
  }
  target.finish();
  target.take_ciphertext();
  target.take_key_log();
  return 0;
}
