#include "server/dns/client.hpp"

#include <algorithm>
#include <utility>

#include "server/dns/framing.hpp"
#include "server/dns/interpret.hpp"

namespace mailscope::dns {
namespace {

/// For the handshake and the answer together; lets one lost SYN be sent again after its second
/// (RFC 6298 section 2.1).
constexpr net::Duration kTcpTimeout = std::chrono::seconds(5);
/// For the end of a TCP connection whose answer is in hand.
constexpr net::Duration kLinger = std::chrono::seconds(5);

}  // namespace

/// One question on its way.
class Client::Exchange final : public net::ConnectionEvents {
 public:
  Exchange(Client& client, AskId id, Ask ask, std::function<void(const Reply&)> done)
      : client_(client),
        environment_(client.environment_),
        id_(id),
        ask_(std::move(ask)),
        done_(std::move(done)),
        timer_(environment_.timers) {}

  void start() {
    started_ = environment_.timers.now();
    query_ = make_query(draw_id(), ask_.question.name, ask_.question.type, ask_.recursion_desired);
    if (!ask_.edns) query_.edns.reset();
    try {
      socket_ = environment_.network.bind(
          0, [this](net::Endpoint from, std::string_view payload) { on_datagram(from, payload); });
    } catch (const net::NetworkError&) {
      // No port is left; it tells the caller nothing else than an unreachable server would.
      timer_.set(started_, [this] { end({Reply::Kind::unreachable, {}, {}}); });
      return;
    }
    record_query(Transport::udp, 0);
    {
      const trace::CauseScope scope(environment_.sink, query_event_);
      socket_->send_to(ask_.server, encode(query_));
    }
    timer_.set(started_ + ask_.timeout, [this] { on_timeout(); });
  }

  /// Gives up without a word. Keeps what must not be destroyed now.
  void abandon() {
    done_ = nullptr;
    timer_.cancel();
    if (connection_ && !closed_) {
      connection_->abort();
      closed_ = true;
    }
    finished_ = true;
  }
  /// Nothing can happen here any more.
  bool over() const { return finished_ && (!connection_ || closed_); }

  void on_connected() override {
    if (finished_) return;
    record_query(Transport::tcp, connection_->id());
    const trace::CauseScope scope(environment_.sink, query_event_);
    connection_->send(frame(encode(query_)));
  }
  void on_bytes(std::string_view bytes) override {
    if (finished_) return;
    deframer_.feed(bytes);
    while (const auto message = deframer_.next()) {
      on_message(*message, Transport::tcp);
      if (finished_) return;
    }
  }
  void on_end() override {
    if (!finished_) end({Reply::Kind::unreachable, {}, {}});
  }
  void on_closed(net::CloseReason) override {
    closed_ = true;
    if (!finished_) {
      end({Reply::Kind::unreachable, {}, {}});
    } else {
      timer_.cancel();
      client_.sweep_soon();
    }
  }

 private:
  std::uint16_t draw_id() {
    return static_cast<std::uint16_t>(client_.entropy_->below(std::uint64_t{1} << 16));
  }

  void record_query(Transport transport, net::ConnectionId connection) {
    trace::Origin origin = environment_.origin(ask_.server.address);
    origin.connection = connection;
    query_event_ = environment_.sink.record(
        trace::Kind::dns_query, origin,
        {query_.id, trace_name(ask_.question.name), to_string(ask_.question.type),
         ask_.server.address.to_string(), to_string(transport), ask_.recursion_desired ? 1 : 0,
         ask_.attempt});
  }

  void on_datagram(net::Endpoint from, std::string_view payload) {
    // RFC 5452 section 9.1: only what comes from where the query went, to the port that it left
    // from, with its id and its question, is its answer. Everything else is not even an error.
    if (finished_ || connection_ || from != ask_.server) return;
    round_trip_ = environment_.timers.now() - started_;
    on_message(payload, Transport::udp);
  }

  void on_message(std::string_view wire, Transport transport) {
    const auto header = decode_header(wire);
    if (!header || !header->response || header->id != query_.id) return;
    auto parsed = decode(wire);
    if (!parsed && !header->truncated) return end({Reply::Kind::malformed, {}, {}});
    if (parsed && !answers_question(*parsed)) return;
    if (header->truncated && transport == Transport::udp) return start_tcp();
    if (!parsed) return end({Reply::Kind::malformed, {}, {}});
    end({Reply::Kind::message, *std::move(parsed.value), round_trip_});
  }

  bool answers_question(const Message& message) const {
    // A server that could not read the question need not repeat it.
    if (message.questions.empty()) return message.rcode != Rcode::noerror;
    return message.questions.size() == 1 && message.questions.front() == ask_.question;
  }

  /// RFC 7766 section 5: a truncated answer is asked for again on TCP.
  void start_tcp() {
    query_.id = draw_id();
    connection_ = environment_.network.connect(ask_.server, *this);
    timer_.set(environment_.timers.now() + kTcpTimeout, [this] { on_timeout(); });
  }

  void on_timeout() {
    const trace::CauseScope scope(environment_.sink, query_event_);
    const auto event =
        environment_.sink.record(trace::Kind::dns_timeout, environment_.origin(ask_.server.address),
                                 {trace_name(ask_.question.name), to_string(ask_.question.type),
                                  ask_.server.address.to_string(), ask_.attempt});
    environment_.sink.set_cause(event);
    end({Reply::Kind::timeout, {}, {}});
  }

  void end(Reply reply) {
    finished_ = true;
    timer_.cancel();
    if (connection_ && !closed_) {
      if (reply.kind == Reply::Kind::message) {
        connection_->finish();
        timer_.set(environment_.timers.now() + kLinger, [this] { drop_connection(); });
      } else {
        connection_->abort();
        closed_ = true;
      }
    }
    const auto done = std::exchange(done_, nullptr);
    client_.retire(id_);
    if (done) done(reply);
  }

  void drop_connection() {
    connection_->abort();
    closed_ = true;
    client_.sweep_soon();
  }

  Client& client_;
  const Environment& environment_;
  AskId id_;
  Ask ask_;
  std::function<void(const Reply&)> done_;
  Message query_;
  trace::EventId query_event_ = 0;
  net::Time started_{};
  net::Duration round_trip_{};
  net::Timer timer_;
  std::unique_ptr<net::DatagramSocket> socket_;
  std::unique_ptr<net::Connection> connection_;
  Deframer deframer_;
  bool closed_ = false;    // the connection is over
  bool finished_ = false;  // the caller has its reply, or wants none
};

Client::Client(const Environment& environment, std::string_view label)
    : environment_(environment),
      entropy_(environment.entropy.fork(label)),
      sweep_(environment.timers) {}

Client::~Client() = default;

AskId Client::ask(Ask ask, std::function<void(const Reply&)> done) {
  const AskId id = ++last_;
  auto& exchange = exchanges_[id];
  exchange = std::make_unique<Exchange>(*this, id, std::move(ask), std::move(done));
  exchange->start();
  return id;
}

void Client::cancel(AskId id) {
  const auto found = exchanges_.find(id);
  if (found == exchanges_.end()) return;
  found->second->abandon();
  retire(id);
}

void Client::retire(AskId id) {
  const auto found = exchanges_.find(id);
  if (found == exchanges_.end()) return;
  retired_.push_back(std::move(found->second));
  exchanges_.erase(found);
  sweep_soon();
}

void Client::sweep_soon() {
  sweep_.set(environment_.timers.now(), [this] {
    std::erase_if(retired_, [](const auto& exchange) { return exchange->over(); });
  });
}

}  // namespace mailscope::dns
