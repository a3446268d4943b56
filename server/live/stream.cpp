#include "server/live/stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/socket_base.hpp>
#include <utility>

#include "server/live/endpoint.hpp"

namespace mailscope::live {

namespace asio = boost::asio;
using boost::system::error_code;

class Stream::Handle final : public net::Connection {
 public:
  explicit Handle(std::shared_ptr<Stream> stream) : stream_(std::move(stream)) {}
  ~Handle() override {
    stream_->events_ = nullptr;
    stream_->close();
  }
  void set_events(net::ConnectionEvents& events) override { stream_->events_ = &events; }
  void send(std::string_view bytes) override { stream_->send(bytes); }
  std::size_t unsent() const override { return stream_->out_.size() - stream_->out_begin_; }
  void pause_reading(bool paused) override { stream_->set_paused(paused); }
  void finish() override { stream_->finish(); }
  void abort() override { stream_->abort(); }
  net::Endpoint local() const override { return stream_->local_; }
  net::Endpoint remote() const override { return stream_->remote_; }
  net::ConnectionId id() const override { return stream_->id_; }

 private:
  std::shared_ptr<Stream> stream_;
};

std::unique_ptr<net::Connection> Stream::connection(std::shared_ptr<Stream> stream) {
  return std::make_unique<Handle>(std::move(stream));
}

/// Calls the user from the event loop, never from inside one of his own calls.
template <typename Call>
void Stream::deliver(Call call) {
  asio::post(loop_.io, [self = shared_from_this(), call] {
    self->loop_.enter();
    if (self->events_) call(*self->events_);
  });
}

void Stream::connect(net::Endpoint to) {
  remote_ = to;
  socket_.async_connect(to_asio<asio::ip::tcp>(to),
                        [self = shared_from_this()](const error_code& error) {
                          if (self->closed_) return;
                          if (error) {
                            self->lose(close_reason(error));
                            return;
                          }
                          if (!self->open()) {
                            self->lose(net::CloseReason::reset);
                            return;
                          }
                          self->loop_.enter();
                          if (self->events_) self->events_->on_connected();
                          self->write();
                        });
}

bool Stream::open() {
  error_code error;
  const auto remote = socket_.remote_endpoint(error);
  if (!error) remote_ = from_asio(remote);
  if (!error) local_ = from_asio(socket_.local_endpoint(error));
  if (!error) socket_.non_blocking(true, error);
  // Answers are written whole, once a turn: Nagle's algorithm would only hold them back.
  if (!error) socket_.set_option(asio::ip::tcp::no_delay(true), error);
  if (error) return false;
  open_ = true;
  wait_readable();
  return true;
}

void Stream::send(std::string_view bytes) {
  if (closed_ || fin_wanted_) return;
  out_ += bytes;
  if (open_ && !waiting_to_write_) write();
}

void Stream::write() {
  while (!closed_ && out_begin_ < out_.size()) {
    error_code error;
    const std::size_t written =
        socket_.write_some(asio::buffer(out_.data() + out_begin_, out_.size() - out_begin_), error);
    out_begin_ += written;
    if (error == asio::error::would_block || error == asio::error::try_again) {
      // What has left is given back when it is at least half, so that each octet moves once at
      // most.
      if (out_begin_ > out_.size() / 2) out_.erase(0, std::exchange(out_begin_, 0));
      wait_writable();
      return;
    }
    if (error == asio::error::interrupted) continue;
    if (error) {
      lose(close_reason(error));
      return;
    }
  }
  if (closed_) return;
  if (!out_.empty()) {
    out_ = {};
    out_begin_ = 0;
    announce_drained();
  }
  if (fin_wanted_) send_fin();
}

void Stream::wait_writable() {
  waiting_to_write_ = true;
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const error_code& error) {
    self->waiting_to_write_ = false;
    if (self->closed_ || error == asio::error::operation_aborted) return;
    self->loop_.enter();
    self->write();
  });
}

void Stream::announce_drained() {
  if (std::exchange(drained_posted_, true)) return;
  asio::post(loop_.io, [self = shared_from_this()] {
    self->drained_posted_ = false;
    self->loop_.enter();
    if (self->events_ && !self->closed_ && self->out_.empty()) self->events_->on_drained();
  });
}

void Stream::finish() {
  if (closed_ || std::exchange(fin_wanted_, true)) return;
  if (open_ && !waiting_to_write_) write();
}

void Stream::send_fin() {
  if (std::exchange(fin_sent_, true)) return;
  error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  if (error) {
    lose(close_reason(error));
    return;
  }
  check_finished();
}

void Stream::check_finished() {
  if (fin_sent_ && end_seen_) lose(net::CloseReason::finished);
}

void Stream::set_paused(bool paused) {
  paused_ = paused;
  if (!paused && open_) wait_readable();
}

void Stream::wait_readable() {
  if (closed_ || paused_ || end_seen_ || std::exchange(waiting_to_read_, true)) return;
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const error_code& error) {
    self->waiting_to_read_ = false;
    if (self->closed_ || self->paused_ || error == asio::error::operation_aborted) return;
    self->read();
  });
}

void Stream::read() {
  error_code error;
  const std::size_t size = socket_.read_some(asio::buffer(loop_.read_buffer), error);
  if (error == asio::error::would_block || error == asio::error::try_again ||
      error == asio::error::interrupted) {
    wait_readable();
    return;
  }
  loop_.enter();
  if (error == asio::error::eof) {
    end_seen_ = true;
    if (events_) events_->on_end();
    check_finished();
    return;
  }
  if (error) {
    lose(close_reason(error));
    return;
  }
  if (events_) events_->on_bytes({loop_.read_buffer.data(), size});
  wait_readable();
}

void Stream::lose(net::CloseReason reason) {
  if (closed_) return;
  close();
  deliver([reason](net::ConnectionEvents& events) { events.on_closed(reason); });
}

void Stream::abort() {
  if (closed_) return;
  error_code ignored;  // the socket goes in any case
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  close();
}

void Stream::close() {
  if (std::exchange(closed_, true)) return;
  error_code ignored;
  socket_.close(ignored);
  out_ = {};
  out_begin_ = 0;
  seat_.reset();
}

}  // namespace mailscope::live
