#include "server/live/endpoint.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>

namespace mailscope::live {

namespace asio = boost::asio;

asio::ip::address to_asio(const net::Address& address) {
  const std::string_view bytes = address.bytes();
  if (address.is_v6()) {
    asio::ip::address_v6::bytes_type octets;
    std::copy(bytes.begin(), bytes.end(), octets.begin());
    return asio::ip::address_v6(octets);
  }
  asio::ip::address_v4::bytes_type octets;
  std::copy(bytes.begin(), bytes.end(), octets.begin());
  return asio::ip::address_v4(octets);
}

net::Address from_asio(const asio::ip::address& address) {
  if (address.is_v4()) return net::Address::v4(address.to_v4().to_uint());
  std::array<std::uint8_t, 16> octets;
  std::ranges::copy(address.to_v6().to_bytes(), octets.begin());
  return net::Address::v6(octets);
}

net::CloseReason close_reason(const boost::system::error_code& error) {
  if (error == asio::error::connection_refused) return net::CloseReason::refused;
  if (error == asio::error::timed_out) return net::CloseReason::timed_out;
  if (error == asio::error::host_unreachable || error == asio::error::network_unreachable ||
      error == asio::error::network_down || error == asio::error::access_denied) {
    return net::CloseReason::unreachable;
  }
  return net::CloseReason::reset;
}

void fail(std::string_view deed, net::Endpoint at, const boost::system::error_code& error) {
  throw net::NetworkError("cannot " + std::string(deed) + " " + at.to_string() + ": " +
                          error.message());
}

}  // namespace mailscope::live
