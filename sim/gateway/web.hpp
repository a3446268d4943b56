// The web door of `mailscope serve`: what clients must be told, as a page, as JSON and as
// autoconfig XML, and what is broken now, to read and to change. HTTP itself is Boost.Beast's.
//
//   GET  /                            a page for people
//   GET  /settings.json  /ca.pem      for programs
//   GET  /ca.crl                      which certificates of this authority are revoked
//   GET  /mail/config-v1.1.xml?emailaddress=bob@globex.example     Thunderbird's autoconfig
//   GET  /faults                      [{"fault": 0, "what": "mail.globex.example: down"}]
//   POST /faults                      an entry of a scenario's "faults" -> {"fault": 3}
//   DELETE /faults/3
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/net/network.hpp"
#include "server/net/turn.hpp"
#include "sim/gateway/settings.hpp"

namespace mailscope::gateway {

struct WebRequest {
  std::string method;  // "GET"
  std::string path;    // without the query, percent signs undone
  std::map<std::string, std::string> query;
  std::string content_type, host;  // of the header fields, as sent
  std::string body;
};

struct WebResponse {
  unsigned status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
};

/// What the pages tell of and change.
struct WebSite {
  const Settings& settings;
  std::string title;
  std::string ca_pem;
  std::function<std::string()> revocation_list;  // DER
  std::function<std::vector<std::pair<std::size_t, std::string>>()> faults;
  /// Takes the JSON of a fault; gives its number. Throws std::runtime_error with the reason.
  std::function<std::size_t(const std::string& json)> add_fault;
  std::function<bool(std::size_t)> end_fault;
};

/// The answer to a request: a table of paths.
WebResponse answer(const WebRequest& request, const WebSite& site);

/// Thunderbird's configuration file format 1.1 for one address; empty when the domain is not here.
std::string autoconfig_xml(const Settings& settings, std::string_view email_address);

/// Speaks HTTP/1.1 on connections that are handed to it: one request each.
class WebServer {
 public:
  using Handler = std::function<WebResponse(const WebRequest&)>;
  /// `timers` and `turn` outlive the server.
  WebServer(net::Timers& timers, net::Turn& turn, Handler handler);
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  void accept(std::unique_ptr<net::Connection> connection);

 private:
  class Visit;
  void leave(const Visit& visit);

  net::Timers& timers_;
  net::Turn& turn_;
  Handler handler_;
  std::map<const Visit*, std::unique_ptr<Visit>> visits_;  // looked up, never walked
};

}  // namespace mailscope::gateway
