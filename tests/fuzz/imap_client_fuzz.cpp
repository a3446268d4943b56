// The IMAP client told anything by its server: it must stay in bounds, and end with clear words or
// go on.
#include "server/imap/client.hpp"

using namespace mailscope;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t cut = data[1] == 0 ? size : data[1];
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  imap::ClientOptions options;
  options.user = "a";
  options.password = "b\"c";
  options.allow_plaintext_auth = true;
  options.tls =
      data[0] % 2 == 0 ? imap::ClientOptions::Tls::opportunistic : imap::ClientOptions::Tls::none;
  imap::ClientEngine client(options);
  const auto message = std::make_shared<const std::string>("Subject: x\r\n\r\n");
  for (auto action : {imap::Action::list(), imap::Action::select("INBOX"), imap::Action::sync(),
                      imap::Action::set_flags({1, 2}, store::FlagChange::add, {"\\Seen"}),
                      imap::Action::move({1}, "Trash"),
                      imap::Action::append("Sent", {"\\Seen"}, message), imap::Action::remove({2}),
                      imap::Action::idle(), imap::Action::fetch_new(2), imap::Action::logout()}) {
    client.add(std::move(action));
  }
  net::Time now{};
  client.start(now);
  for (std::size_t at = 0; at < input.size(); at += cut) {
    client.receive(now, input.substr(at, cut));
    if (client.take_output().wish == net::Wish::start_tls) client.tls_started(now, {});
    now += std::chrono::milliseconds(100);
    if (client.deadline() <= now) client.expire(now);
  }
  client.closed(now, net::CloseReason::finished, {});
  if (client.state() != imap::ClientState::closed) __builtin_trap();
  return 0;
}
