// The web door: its pages, who is let in, and HTTP in any cut.
#include "sim/gateway/web.hpp"

#include "tests/catch.hpp"
#include "tests/net/fake_network.hpp"

namespace mailscope::gateway {
namespace {

struct Site {
  Site() {
    settings.host = "127.0.0.1";
    DomainSettings domain;
    domain.domain = "acme.example";
    domain.services[host::Service::imaps] = {net::Address::v4(127, 0, 0, 1), 9993};
    domain.services[host::Service::submission] = {net::Address::v4(127, 0, 0, 1), 9587};
    domain.users = {{"alice@acme.example", "<&\">"}};
    settings.domains.push_back(domain);
  }
  WebResponse ask(std::string method, std::string path, std::string body = {},
                  std::string type = "application/json", std::string host = "127.0.0.1:8080") {
    WebRequest request;
    request.method = std::move(method);
    const auto mark = path.find("?emailaddress=");
    if (mark != std::string::npos) request.query["emailaddress"] = path.substr(mark + 14);
    request.path = path.substr(0, mark);
    request.body = std::move(body);
    request.content_type = std::move(type);
    request.host = std::move(host);
    return answer(request, site);
  }

  Settings settings;
  std::map<std::size_t, std::string> broken;
  WebSite site{settings,
               "A lesson",
               "-----BEGIN",
               [] { return std::string("\x30\x82", 2); },
               [this] {
                 return std::vector<std::pair<std::size_t, std::string>>(broken.begin(),
                                                                         broken.end());
               },
               [this](const std::string& json) -> std::size_t {
                 if (json == "bad") throw std::runtime_error("fault:1:1: no JSON");
                 broken[7] = json;
                 return 7;
               },
               [this](std::size_t number) { return broken.erase(number) == 1; }};
};

}  // namespace

TEST_CASE("what breaks is read and changed", "[web]") {
  Site site;
  CHECK(site.ask("GET", "/faults").body == "[]\n");
  const WebResponse made = site.ask("POST", "/faults", "{}");
  CHECK(made.status == 201);
  CHECK(made.body == "{\"fault\":7}\n");
  CHECK(site.ask("GET", "/faults").body.find("\"fault\": 7") != std::string::npos);
  CHECK(site.ask("DELETE", "/faults/8").status == 404);
  CHECK(site.ask("DELETE", "/faults/7x").status == 404);
  CHECK(site.ask("DELETE", "/faults/7").status == 200);
  CHECK(site.broken.empty());
  const WebResponse refused = site.ask("POST", "/faults", "bad");
  CHECK(refused.status == 400);
  CHECK(refused.body == "fault:1:1: no JSON\n");
}

TEST_CASE("other sites' scripts stay out", "[web]") {
  Site site;
  CHECK(site.ask("POST", "/faults", "{}", "text/plain").status == 415);
  CHECK(site.ask("GET", "/settings.json", "", "", "evil.example").status == 421);
  CHECK(site.ask("GET", "/settings.json", "", "", "evil.example:8080").status == 421);
  CHECK(site.ask("GET", "/settings.json", "", "", "").status == 421);
  for (const char* own : {"localhost", "localhost:80", "[::1]:80", "[::1]", "10.0.0.1",
                          "autoconfig.acme.example", "acme.example:81"}) {
    CAPTURE(own);
    CHECK(site.ask("GET", "/settings.json", "", "", own).status == 200);
  }
}

TEST_CASE("pages and what is none", "[web]") {
  Site site;
  const WebResponse page = site.ask("GET", "/");
  CHECK(page.status == 200);
  CHECK(page.body.find("alice@acme.example <code>&lt;&amp;&quot;&gt;</code>") != std::string::npos);
  CHECK(site.ask("GET", "/ca.pem").body == "-----BEGIN");
  CHECK(site.ask("GET", "/ca.crl").body == "\x30\x82");
  CHECK(site.ask("GET", "/ca.crl").type == "application/pkix-crl");
  CHECK(site.ask("GET", "/nothing").status == 404);
  CHECK(site.ask("PUT", "/faults").status == 405);
  CHECK(site.ask("GET", "/faults/7").status == 405);
}

TEST_CASE("autoconfig tells of one domain", "[web]") {
  Site site;
  const std::string xml =
      site.ask("GET", "/mail/config-v1.1.xml?emailaddress=alice@ACME.example").body;
  CHECK(xml.find("<emailProvider id=\"acme.example\">") != std::string::npos);
  CHECK(xml.find("<port>9993</port>\n      <socketType>SSL</socketType>") != std::string::npos);
  CHECK(xml.find("<port>9587</port>\n      <socketType>STARTTLS</socketType>") !=
        std::string::npos);
  CHECK(xml.find("pop3") == std::string::npos);
  site.settings.domains[0].tls = false;
  CHECK(autoconfig_xml(site.settings, "x@acme.example").find("<socketType>plain") !=
        std::string::npos);
  site.settings.domains[0].tls = true;
  CHECK(site.ask("GET", "/autoconfig/acme.example").body == xml);
  CHECK(site.ask("GET", "/autoconfig/other.example").status == 404);
  CHECK(site.ask("GET", "/mail/config-v1.1.xml?emailaddress=").status == 404);
}

namespace {

/// A browser that says `text` and gathers what comes back.
struct Browser final : net::ConnectionEvents {
  void on_bytes(std::string_view bytes) override { heard += bytes; }
  void on_end() override { connection->finish(); }
  void on_closed(net::CloseReason reason) override { closed = reason; }
  std::unique_ptr<net::Connection> connection;
  std::string heard;
  std::optional<net::CloseReason> closed;
};

std::string visit(const std::string& text, std::size_t cut, Browser& browser) {
  tests::FakeWorld world{net::Time{}};
  world.cut = cut;
  tests::FakeNetwork network(world);
  WebServer server(world, world.turn, [](const WebRequest& request) {
    return WebResponse{200, "text/plain",
                       request.method + " " + request.path + " " + request.host + " " +
                           (request.query.empty() ? "" : request.query.begin()->second) + " " +
                           request.body};
  });
  const auto listener = network.listen(80, [&](std::unique_ptr<net::Connection> connection) {
    server.accept(std::move(connection));
  });
  browser.connection = network.connect({network.address(), 80}, browser);
  browser.connection->send(text);
  world.run(std::chrono::seconds(30));
  browser.connection.reset();
  return browser.heard.substr(std::min(browser.heard.size(), browser.heard.find("\r\n\r\n") + 4));
}

}  // namespace

TEST_CASE("HTTP in any cut", "[web]") {
  for (const std::size_t cut : {std::size_t{1}, std::size_t{7}, std::size_t{100'000}}) {
    CAPTURE(cut);
    Browser browser;
    CHECK(visit("POST /a%20b%zz?e=x%40y HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", cut,
                browser) == "POST /a b%zz h x@y hello");
    CHECK(browser.heard.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(browser.closed == net::CloseReason::finished);
  }
}

TEST_CASE("HTTP that is none, too long, or never ends", "[web]") {
  struct Row {
    std::string said, starts;
  };
  const Row rows[] = {
      {"EHLO a.example\r\n\r\n", "HTTP/1.1 400"},
      {"GET / HTTP/1.1\r\nX: " + std::string(9'000, 'x') + "\r\n\r\n", "HTTP/1.1 400"},
      {"POST / HTTP/1.1\r\nContent-Length: 70000\r\n\r\n" + std::string(70'000, 'x'),
       "HTTP/1.1 400"},
      {"GET / HTTP/1.1\r\n", ""},  // reset after a while
  };
  for (const Row& row : rows) {
    CAPTURE(row.said.substr(0, 60));
    Browser browser;
    visit(row.said, 4'096, browser);
    CHECK(browser.heard.substr(0, row.starts.size()) == row.starts);
    if (row.starts.empty()) CHECK(browser.heard.empty());
    CHECK(browser.closed.has_value());
  }
}

}  // namespace mailscope::gateway
