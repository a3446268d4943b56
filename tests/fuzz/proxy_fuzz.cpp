// The header of a proxy, of either version, as any octets: it is found in every cut alike, nothing
// behind it matters, and what it tells can be written and read again.
#include <cstdlib>
#include <string>

#include "server/net/proxy_header.hpp"

using namespace mailscope::net;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const ProxyHeader whole = parse_proxy_header(input);
  using Status = ProxyHeader::Status;
  require((whole.status == Status::broken) == !whole.problem.empty());
  if (whole.status == Status::need_more) {
    require(size < kMaxProxyHeader);
    return 0;
  }
  if (whole.status == Status::complete) {
    require(whole.size >= 15 && whole.size <= size);
    const ProxyHeader alone = parse_proxy_header(input.substr(0, whole.size));
    require(alone.status == Status::complete && alone.size == whole.size &&
            alone.ends == whole.ends);
    const std::string more = std::string(input.substr(0, whole.size)) + "EHLO x\r\n";
    require(parse_proxy_header(more).size == whole.size);
  }
  // Every beginning needs more, or is broken already.
  const std::size_t end = whole.status == Status::complete ? whole.size : size;
  for (std::size_t cut = 0; cut < end; ++cut)
    require(parse_proxy_header(input.substr(0, cut)).status != Status::complete);
  if (!whole.ends) return 0;
  const Endpoint client = whole.ends->client, server = whole.ends->server;
  if (client.address.is_v6() != server.address.is_v6()) return 0;  // one was IPv4 inside IPv6
  const std::string line = std::string("PROXY ") + (client.address.is_v6() ? "TCP6 " : "TCP4 ") +
                           client.address.to_string() + " " + server.address.to_string() + " " +
                           std::to_string(client.port) + " " + std::to_string(server.port) + "\r\n";
  const ProxyHeader again = parse_proxy_header(line);
  // The system writes some IPv6 addresses with an IPv4 address at their end, which is refused.
  const bool quad = client.address.is_v6() && line.find('.') != std::string::npos;
  require(quad || (again.size == line.size() && again.ends == whole.ends));
  return 0;
}
