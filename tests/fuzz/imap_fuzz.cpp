// The IMAP server fed with anything, from each of its states: whatever comes, it must stay in
// bounds, answer in whole lines, and come to rest.
#include <cstdlib>

#include "server/imap/server.hpp"
#include "server/store/memory_store.hpp"

using namespace mailscope;

namespace {

class OneAccount final : public auth::Accounts {
 public:
  std::optional<std::string> verify(std::string_view user,
                                    std::string_view password) const override {
    if (user != "a" || password != "b") return std::nullopt;
    return "a@x.example";
  }
};

constexpr std::string_view kWays[] = {
    "",
    "l LOGIN a b\r\n",
    "l LOGIN a b\r\ns SELECT INBOX\r\n",
    "l LOGIN a b\r\ns SELECT INBOX\r\ni IDLE\r\n",
    "l LOGIN a b\r\ne ENABLE QRESYNC IMAP4rev2\r\ns SELECT INBOX\r\n",
    "l LOGIN a b\r\ne ENABLE UIDONLY UTF8=ACCEPT\r\ns SELECT INBOX\r\n",
    "l LOGIN a b\r\ns SELECT INBOX\r\nf SEARCH RETURN (SAVE) ALL\r\n",
    "l LOGIN a b\r\ns SELECT INBOX\r\nz COMPRESS DEFLATE\r\n",
    "p AUTHENTICATE PLAIN\r\n",
    "l LOGIN a b\r\np APPEND INBOX (\\Seen) {200}\r\nSubject: x\r\n",
    "l LOGIN a b\r\np APPEND INBOX CATENATE (TEXT {20}\r\n",
    "l LOGIN a b\r\ns EXAMINE INBOX\r\n",
    "l LOGIN a b\r\ns SELECT INBOX\r\nn NOTIFY SET (SELECTED (MessageNew (UID) MessageExpunge)) "
    "(PERSONAL (MessageNew MailboxName))\r\n",
    "l LOGIN a b\r\ns SELECT INBOX\r\nc SORT RETURN (ALL UPDATE) (SUBJECT) UTF-8 ALL\r\n",
    "l LOGIN a b\r\ns SELECT INBOX\r\np REPLACE 1 INBOX {100}\r\n"};

constexpr std::string_view kMessage =
    "From: =?utf-8?Q?J=C3=BCrgen?= <a@b>\r\nTo: g: c@d;\r\nSubject: x\r\nDate: Mon, 2 Mar 2026 "
    "09:00:00 +0000\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: "
    "message/rfc822\r\n\r\nSubject: in\r\n\r\nhi\r\n"
    "--b\r\nContent-Transfer-Encoding: base64\r\n\r\nSGk=\r\n--b--\r\n";

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view way = kWays[data[0] % std::size(kWays)];
  const std::size_t cut = data[1] == 0 ? size : data[1];
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);

  store::MemoryStore store;
  store.create_account("a@x.example");
  const store::MailboxId inbox = store.mailbox("a@x.example", "INBOX")->id;
  for (int i = 0; i < 3; ++i) (void)store.append(inbox, kMessage, {}, {});
  const OneAccount accounts;
  imap::ServerOptions options;
  options.hostname = "x.example";
  options.allow_plaintext_auth = true;
  options.append_limit = 1'000;
  trace::NullSink sink;
  imap::ServerEngine engine(options, accounts, store, trace::Tracer(sink, {}));
  net::Time now{};
  bool open = true;
  const auto rest = [&] {
    for (int rounds = 0; engine.has_output() || (open && engine.deadline() <= now); ++rounds) {
      check(rounds < 10'000);
      if (engine.deadline() <= now) engine.expire(now);
      const net::Output output = engine.take_output();
      check(output.bytes.size() < 16 * imap::kHighWater);
      open = open && output.wish == net::Wish::go_on;
      engine.drained(now);
    }
  };
  engine.start(now);
  engine.receive(now, way);
  rest();
  for (std::size_t at = 0; at < input.size() && open; at += cut) {
    engine.receive(now, input.substr(at, cut));
    rest();
    if (at == cut) store.expunge(inbox, {2});
    if (engine.deadline() <= now) engine.expire(now);
    rest();
    now += std::chrono::milliseconds(500);
    if (engine.deadline() <= now) engine.expire(now);
    rest();
  }
  engine.closed(now, net::CloseReason::reset, {});
  return 0;
}
