// Endpoints and errors between the seam and Boost.Asio. Private to server/live.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>
#include <string_view>

#include "server/net/network.hpp"

namespace mailscope::live {

boost::asio::ip::address to_asio(const net::Address& address);
net::Address from_asio(const boost::asio::ip::address& address);

template <typename Protocol>
typename Protocol::endpoint to_asio(const net::Endpoint& endpoint) {
  return {to_asio(endpoint.address), endpoint.port};
}
template <typename AsioEndpoint>
net::Endpoint from_asio(const AsioEndpoint& endpoint) {
  return {from_asio(endpoint.address()), endpoint.port()};
}

/// What the system's error means to the users of a connection.
net::CloseReason close_reason(const boost::system::error_code& error);
/// Throws net::NetworkError: "cannot listen on 127.0.0.1:25: Permission denied".
[[noreturn]] void fail(std::string_view deed, net::Endpoint at,
                       const boost::system::error_code& error);

}  // namespace mailscope::live
