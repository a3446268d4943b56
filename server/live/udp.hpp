// UDP over real sockets.
#pragma once

#include <memory>

#include "server/live/loop.hpp"
#include "server/net/network.hpp"

namespace mailscope::live {

/// Binds a real port (0: a free one). Throws net::NetworkError when that is not possible.
std::unique_ptr<net::DatagramSocket> bind_udp(LiveLoop& loop, net::Endpoint at,
                                              net::Network::DatagramHandler handler);

}  // namespace mailscope::live
