// The IMAP client told anything by its server, from each of its states: it must stay in bounds, and
// end with clear words or go on. The first octet says how far all goes well, the second how what
// follows is cut.
#include <iterator>

#include "server/imap/client.hpp"

using namespace mailscope;

namespace {

/// What a server says to the actions below, one after the other.
constexpr std::string_view kAnswers[] = {
    "* OK [CAPABILITY IMAP4rev1 LITERAL+ IDLE MOVE UIDPLUS] hi\r\n",
    "A1 OK [CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS] in\r\n",
    "* LIST (\\HasNoChildren) \"/\" INBOX\r\nA2 OK x\r\n",
    "* 2 EXISTS\r\n* OK [UIDVALIDITY 3] x\r\nA3 OK [READ-WRITE] x\r\n",
    "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n* 2 FETCH (UID 2 FLAGS ())\r\nA4 OK x\r\n",
    "* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\nA5 OK x\r\n",
    "A6 OK x\r\n",
    "* OK [COPYUID 3 1 9] x\r\n* 1 EXPUNGE\r\nA7 OK x\r\n",
    "+ go\r\n",
    "A8 OK [APPENDUID 3 9] x\r\n",
    "A9 OK x\r\n",
    "* 1 EXPUNGE\r\nA10 OK x\r\n",
    "+ idling\r\n",
};

}  // namespace

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
  const std::size_t answers = data[0] / 2 % (std::size(kAnswers) + 1);
  for (std::size_t i = 0; i < answers; ++i) {
    client.receive(now, kAnswers[i]);
    client.take_output();
  }
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
