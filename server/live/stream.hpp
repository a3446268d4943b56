// One TCP socket and the rules of net::Connection: nothing is delivered from inside a call, reads
// stop while they are paused, FIN leaves behind the last octet. Private to server/live.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "server/live/loop_impl.hpp"

namespace mailscope::live {

class Stream : public std::enable_shared_from_this<Stream> {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  Stream(LiveLoop::Impl& loop, Socket socket, net::ConnectionId id)
      : loop_(loop), socket_(std::move(socket)), id_(id) {}

  /// A connection for the user, who owns it; the stream lives on while a handler needs it.
  static std::unique_ptr<net::Connection> connection(std::shared_ptr<Stream> stream);

  /// The socket is connected: reads from now on. False: the peer is gone already.
  bool open();
  void connect(net::Endpoint to);
  /// Kept until the socket is closed, then dropped.
  void set_seat(std::shared_ptr<void> seat) { seat_ = std::move(seat); }

 private:
  class Handle;

  void send(std::string_view bytes);
  void write();
  void wait_writable();
  void announce_drained();
  void send_fin();
  void set_paused(bool paused);
  void wait_readable();
  void read();
  void finish();
  void check_finished();
  /// Over, by the peer's or the system's doing: on_closed() follows.
  void lose(net::CloseReason reason);
  void abort();
  void close();
  template <typename Call>
  void deliver(Call call);

  LiveLoop::Impl& loop_;
  Socket socket_;
  net::ConnectionId id_;
  net::ConnectionEvents* events_ = nullptr;
  net::Endpoint local_;
  net::Endpoint remote_;
  std::shared_ptr<void> seat_;
  std::string out_;
  std::size_t out_begin_ = 0;
  bool open_ = false;
  bool closed_ = false;
  bool paused_ = false;
  bool waiting_to_read_ = false;
  bool waiting_to_write_ = false;
  bool drained_posted_ = false;
  bool fin_wanted_ = false;
  bool fin_sent_ = false;
  bool end_seen_ = false;
};

}  // namespace mailscope::live
