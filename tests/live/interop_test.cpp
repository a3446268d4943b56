// Our TLS against the `openssl` program, both ways round, over loopback sockets.
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/live/support.hpp"

using namespace mailscope;
using namespace mailscope::tests;
using namespace std::chrono_literals;

namespace {

/// A shell command beside the loop.
struct Command {
  std::string output;
  bool done = false;
  std::thread thread;
  Command(live::LiveLoop& loop, const std::string& line) {
    thread = std::thread([this, &loop, line] {
      if (FILE* pipe = popen(line.c_str(), "r")) {
        std::array<char, 4096> buffer{};
        while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe)) {
          output.append(buffer.data(), n);
        }
        pclose(pipe);
      }
      loop.post([this] { done = true; });
    });
  }
  ~Command() { thread.join(); }
};

bool have_openssl() {
  return std::system("command -v openssl >/dev/null 2>&1") == 0;
}

struct Interop : LiveStage {
  net::WorldCa ca{std::make_unique<live::SystemEntropy>(), loop.now()};
  net::TlsIdentity identity =
      ca.issue({{"mx.acme.example"}, {kLoopback}}, net::Validity::at(loop.now()));
  std::filesystem::path folder;

  Interop() {
    std::string name = (std::filesystem::temp_directory_path() / "mailscope-tls-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    folder = name;
    write("ca.pem", ca.certificate_pem());
    write("cert.pem", identity.chain_pem);
    write("key.pem", identity.key_pem);
  }
  ~Interop() { std::filesystem::remove_all(folder); }
  void write(const char* name, const std::string& text) const {
    std::ofstream(folder / name) << text;
  }
  std::string file(const char* name) const { return (folder / name).string(); }
};

}  // namespace

TEST_CASE("openssl s_client talks to us", "[live][interop]") {
  if (!have_openssl()) return;
  Interop stage;
  net::TlsServerOptions options;
  options.identity = stage.identity;
  const net::Endpoint at =
      stage.serve({.context = net::make_tls_server_context(options), .implicit = true});
  struct Row {
    std::string flags;
    std::string tls;  // how the server saw it; empty: refused
  };
  const std::string verify = " -verify_return_error -verify_hostname ";
  const Row row = GENERATE_COPY(
      Row{"-tls1_3" + verify + "mx.acme.example -servername mx.acme.example", "<tls TLSv1.3>"},
      Row{"-tls1_2" + verify + "mx.acme.example -noservername", "<tls TLSv1.2>"},
      Row{"-groups P-256 -verify_return_error -verify_ip 127.0.0.1", "<tls TLSv1.3>"},
      Row{"-tls1_3" + verify + "mx.globex.example", ""}, Row{"-tls1_1", ""},
      Row{"-tls1_2 -cipher AES128-SHA", ""});
  INFO(row.flags);
  Command command(
      stage.loop,
      "(sleep 0.3; printf 'one\\r\\nQUIT\\r\\n'; sleep 0.3) | timeout 5 openssl s_client " +
          row.flags + " -quiet -connect " + at.to_string() + " -CAfile " + stage.file("ca.pem") +
          " 2>/dev/null");
  REQUIRE(stage.run([&] { return command.done && stage.over == 1; }));
  if (row.tls.empty()) {
    REQUIRE(stage.server_log.size() == 1);
    CHECK_THAT(stage.server_log[0], Catch::Contains("<closed: reset, TLS: "));
    CHECK(command.output.empty());
  } else {
    CHECK(command.output == "hello\r\nyou said one\r\nbye\r\n");
    CHECK(stage.server_log.front() == row.tls);
  }
}

TEST_CASE("we talk to openssl s_server", "[live][interop]") {
  if (!have_openssl()) return;
  Interop stage;
  net::TlsClientOptions options;
  options.ca_pem = stage.ca.certificate_pem();
  const auto context = net::make_tls_client_context(options);
  const net::Endpoint at = stage.serve({});  // finds a free port
  stage.listener.reset();
  const std::string version = GENERATE("1_2", "1_3");
  Command command(
      stage.loop,
      "(printf 'hello\\r\\n'; sleep 1; printf 'more\\r\\n'; sleep 1) | timeout 8 openssl "
      "s_server -quiet -naccept 1 -tls" +
          version + " -accept " + at.to_string() + " -cert " + stage.file("cert.pem") + " -key " +
          stage.file("key.pem") + " 2>/dev/null");
  live::AsioNetwork network(stage.loop, stage.sink, {});
  const auto try_again = [&] {
    stage.client_log.clear();
    stage
        .session(std::make_unique<LineClient>(stage.client_log,
                                              std::deque<std::string>{"one", "<finish>"}),
                 {.context = context,
                  .role = net::TlsEngine::Role::client,
                  .server_name = "mx.acme.example",
                  .implicit = true})
        .connect(network, at);
  };
  for (int i = 0; i < 50 && stage.client_log.size() < 2; ++i) {  // until it listens
    try_again();
    stage.run([&] { return stage.sessions.empty() || stage.client_log.size() >= 2; });
    if (stage.sessions.empty()) stage.run([] { return false; }, 50ms);
  }
  REQUIRE(stage.run([&] { return command.done && stage.sessions.empty(); }));
  CHECK(command.output == "one\r\n");
  REQUIRE(stage.client_log.size() >= 4);
  CHECK(stage.client_log[0] ==
        "<tls TLSv" + std::string(version == "1_2" ? "1.2" : "1.3") + " verified>");
  CHECK(stage.client_log[2] == "hello");
  CHECK(stage.client_log[3] == "more");
}
