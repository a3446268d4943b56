// The POP3 client under any server, from each of its states: it ends, keeps its limits, and says
// one line at a time. The first octet says how far all goes well.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

#include "server/pop3/client.hpp"

using namespace mailscope;
using namespace mailscope::pop3;

namespace {

constexpr net::Time kNow{std::chrono::seconds(1'000'000)};

/// What a server says to the commands, one after the other.
constexpr std::string_view kAnswers[] = {"+OK hi\r\n",
                                         "+OK\r\nUSER\r\nUIDL\r\n.\r\n",
                                         "+OK\r\n",
                                         "+OK\r\n",
                                         "+OK 2 20\r\n",
                                         "+OK\r\n1 10\r\n2 10\r\n.\r\n",
                                         "+OK\r\n1 a\r\n2 b\r\n.\r\n",
                                         "+OK\r\nA: b\r\n\r\n..x\r\n.\r\n",
                                         "+OK\r\n"};

void require(bool holds) {
  if (!holds) std::abort();
}

/// One line of the input answers one command, so that the fuzzer gets far.
ClientResult play(std::string_view input, bool leave, bool tls, std::size_t cut) {
  ClientOptions options;
  options.user = "bob";
  options.password = "x";
  options.allow_plaintext_auth = true;
  options.leave_on_server = leave;
  options.tls = tls ? ClientOptions::Tls::required : ClientOptions::Tls::none;
  options.seen = {"a"};
  options.limits = {
      .line = 200, .message = 1'000, .session = 5'000, .messages = 50, .capabilities = 20};
  ClientEngine client(options);
  client.start(kNow);
  while (!input.empty() && !client.finished()) {
    const std::size_t end = std::min(input.find('\n'), input.size() - 1) + 1;
    const std::string_view line = input.substr(0, end);
    input.remove_prefix(end);
    for (std::size_t at = 0; at < line.size(); at += cut)
      client.receive(kNow, line.substr(at, cut));
    const net::Output output = client.take_output();
    require(std::ranges::count(output.bytes, '\n') <= 1);
    if (output.wish != net::Wish::start_tls) continue;
    client.tls_started(kNow, {});
    require(client.take_output().bytes == "CAPA\r\n");
  }
  require(client.finished() || client.deadline() != net::kNever);
  client.expire(kNow + std::chrono::hours(1));
  require(client.finished());
  std::size_t octets = 0;
  for (const Fetched& fetched : client.result().fetched) octets += fetched.content.size();
  require(octets <= options.limits.session);
  require(client.result().listed.size() <= options.limits.messages + 1);
  return client.result();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string input;
  for (std::size_t i = 0; i < data[0] % (std::size(kAnswers) + 1); ++i) input += kAnswers[i];
  input.append(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const bool leave : {true, false}) {
    for (const bool tls : {true, false}) {
      const ClientResult lines = play(input, leave, tls, size + 1);
      const ClientResult octets = play(input, leave, tls, 1);
      require(lines.error == octets.error && lines.fetched.size() == octets.fetched.size() &&
              lines.deleted == octets.deleted);
    }
  }
  return 0;
}
