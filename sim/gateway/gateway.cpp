#include "sim/gateway/gateway.hpp"

#include <algorithm>

namespace mailscope::gateway {

/// Two connections, each the other's echo: bytes, FIN, back-pressure and resets.
class StreamGateway::Pair {
 public:
  Pair(StreamGateway& gateway, std::unique_ptr<net::Connection> outside, net::Endpoint target,
       std::string_view preface)
      : gateway_(gateway),
        share_(gateway.memory_,
               [this] {
                 gateway_.turn_.after([this, gateway = &gateway_] {
                   if (gateway->pairs_.contains(this)) evict();
                 });
               }),
        outside_(*this),
        inside_(*this) {
    outside_.connection = std::move(outside);
    outside_.other = &inside_;
    inside_.other = &outside_;
    outside_.connection->set_events(outside_);
    inside_.connection = gateway.inside_.connect(target, inside_);
    if (!preface.empty()) inside_.connection->send(preface);
    weigh();
  }

 private:
  struct Side final : net::ConnectionEvents {
    explicit Side(Pair& owner) : pair(owner) {}
    void on_bytes(std::string_view bytes) override {
      if (!other->connection) return;
      other->connection->send(bytes);
      if (other->connection->unsent() > kHighWater) connection->pause_reading(true);
      pair.weigh();
    }
    void on_drained() override {
      if (other->connection) other->connection->pause_reading(false);
      pair.weigh();
    }
    void on_end() override {
      if (other->connection) other->connection->finish();
    }
    void on_closed(net::CloseReason reason) override {
      over = true;
      if (reason != net::CloseReason::finished && other->connection && !other->over)
        other->connection->abort();
      pair.side_over(reason);
    }
    Pair& pair;
    std::unique_ptr<net::Connection> connection;
    Side* other = nullptr;
    bool over = false;
  };

  void side_over(net::CloseReason reason) {
    // In order: the other side may still have bytes on their way. After a reset it was reset too,
    // and its on_closed may not come any more.
    if (reason == net::CloseReason::finished && !(outside_.over && inside_.over)) return;
    gateway_.turn_.after([this, gateway = &gateway_] {
      if (gateway->pairs_.contains(this)) gateway->drop(*this);
    });
  }

  void weigh() {
    std::size_t octets = kPairOctets;
    for (const Side* side : {&outside_, &inside_}) {
      if (side->connection && !side->over) octets += side->connection->unsent();
    }
    share_.hold(octets);
  }
  /// What it holds is the most of all, and there is no more memory.
  void evict() {
    for (Side* side : {&outside_, &inside_}) {
      if (side->connection && !side->over) side->connection->abort();
    }
    gateway_.drop(*this);
  }

  StreamGateway& gateway_;
  net::MemoryBudget::Share share_;
  Side outside_, inside_;
};

StreamGateway::StreamGateway(net::Network& inside, net::Turn& turn, net::MemoryBudget& memory)
    : inside_(inside), turn_(turn), memory_(memory) {}

StreamGateway::~StreamGateway() = default;

void StreamGateway::join(std::unique_ptr<net::Connection> outside, net::Endpoint target,
                         std::string_view preface) {
  auto pair = std::make_unique<Pair>(*this, std::move(outside), target, preface);
  const Pair* key = pair.get();
  pairs_.emplace(key, std::move(pair));
}

void StreamGateway::drop(Pair& pair) {
  pairs_.erase(&pair);
}

void DatagramGateway::pass(net::Endpoint from, std::string_view payload) {
  Client& client = clients_[from];
  client.used = ++clock_;
  if (!client.socket) {
    client.socket = inside_.bind(0, [this, from](net::Endpoint source, std::string_view answer) {
      if (source == target_) answer_(from, answer);
    });
  }
  client.socket->send_to(target_, payload);
  make_room();
}

void DatagramGateway::make_room() {
  if (clients_.size() <= kMaxDatagramClients) return;
  const auto oldest =
      std::min_element(clients_.begin(), clients_.end(),
                       [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
  clients_.erase(oldest);
}

}  // namespace mailscope::gateway
