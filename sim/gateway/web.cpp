#include "sim/gateway/web.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http.hpp>
#include <sstream>

#include "server/mail/encoding.hpp"

namespace mailscope::gateway {
namespace {

namespace http = boost::beast::http;

constexpr std::uint32_t kMaxHeader = 8'192;  // octets; browsers send about one thousand
constexpr std::uint64_t kMaxBody = 65'536;   // octets; a fault has some hundred
constexpr std::size_t kMaxVisits = 100;      // at once: this door is for one classroom
constexpr net::Duration kPatience = std::chrono::seconds(10);  // for a whole request

WebRequest read(const http::request<http::string_body>& from) {
  WebRequest out;
  const auto view = [](auto text) { return std::string_view(text.data(), text.size()); };
  out.method = view(from.method_string());
  out.content_type = view(from[http::field::content_type]);
  out.host = view(from[http::field::host]);
  out.body = from.body();
  const std::string_view target = view(from.target());
  const std::size_t mark = target.find('?');
  out.path = mail::percent_decode(target.substr(0, mark));
  std::string_view query = mark == std::string_view::npos ? "" : target.substr(mark + 1);
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos)
      out.query.emplace(pair.substr(0, equals), mail::percent_decode(pair.substr(equals + 1)));
  }
  return out;
}

std::string written(const WebResponse& from) {
  http::response<http::string_body> out;
  out.version(11);
  out.result(from.status);
  out.set(http::field::content_type, from.type);
  out.set(http::field::cache_control, "no-store");
  // Passwords of a lesson are on these pages: no other site's script may read or frame them.
  out.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  out.set("X-Content-Type-Options", "nosniff");
  out.keep_alive(false);
  out.body() = from.body;
  out.prepare_payload();
  std::ostringstream text;
  text << out;
  return text.str();
}

}  // namespace

/// One connection: a request, an answer, the end.
class WebServer::Visit final : public net::ConnectionEvents {
 public:
  Visit(WebServer& server, std::unique_ptr<net::Connection> connection)
      : server_(server), connection_(std::move(connection)), patience_(server.timers_) {
    parser_.header_limit(kMaxHeader);
    parser_.body_limit(kMaxBody);
    parser_.eager(true);
    connection_->set_events(*this);
    patience_.set(server.timers_.now() + kPatience, [this] { end(true); });
  }

  void on_bytes(std::string_view bytes) override {
    if (answered_) return;
    input_ += bytes;
    boost::system::error_code error;
    input_.erase(0, parser_.put(boost::asio::buffer(input_), error));
    if (error == http::error::need_more) return;
    if (error)
      return say({400, "text/plain", std::string("No HTTP request: ") + error.message() + "\n"});
    if (parser_.is_done()) say(server_.handler_(read(parser_.get())));
  }
  void on_end() override {
    if (!answered_) end(true);
  }
  void on_drained() override {}
  void on_closed(net::CloseReason) override { server_.leave(*this); }

 private:
  void say(const WebResponse& response) {
    answered_ = true;
    connection_->send(written(response));
    connection_->finish();
  }
  void end(bool reset) {
    if (reset) connection_->abort();
    server_.leave(*this);
  }

  WebServer& server_;
  std::unique_ptr<net::Connection> connection_;
  net::Timer patience_;
  http::request_parser<http::string_body> parser_;
  std::string input_;
  bool answered_ = false;
};

WebServer::WebServer(net::Timers& timers, net::Turn& turn, Handler handler)
    : timers_(timers), turn_(turn), handler_(std::move(handler)) {}

WebServer::~WebServer() = default;

void WebServer::accept(std::unique_ptr<net::Connection> connection) {
  if (visits_.size() >= kMaxVisits) return;  // destroying the connection resets it
  auto visit = std::make_unique<Visit>(*this, std::move(connection));
  const Visit* key = visit.get();
  visits_.emplace(key, std::move(visit));
}

void WebServer::leave(const Visit& visit) {
  turn_.after([this, key = &visit] { visits_.erase(key); });
}

}  // namespace mailscope::gateway
