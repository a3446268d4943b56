// The SMTP server engine against any input, from every state that it can be in. The first octet
// chooses the server, the second one the state. The same input in another cut must give the same
// replies, or one of the two could be fooled.
#include <cstdlib>

#include "server/smtp/server.hpp"

using namespace mailscope;
using namespace mailscope::smtp;

namespace {

class NoAccounts final : public auth::Accounts {
 public:
  std::optional<std::string> verify(std::string_view user, std::string_view) const override {
    if (user != "a") return std::nullopt;
    return "a@x.example";
  }
};

/// Says yes, no or later by the first letter of the address.
class Host final : public ServerHandler {
 public:
  Answer on_mail(ServerEngine&, const PathArgument& path) override { return by(path.mailbox); }
  Answer on_rcpt(ServerEngine&, const mail::Mailbox& mailbox) override { return by(mailbox); }
  Answer on_message(ServerEngine&, const Envelope& envelope, std::string content) override {
    if (envelope.recipients.empty() || !content.starts_with("Received: ")) std::abort();
    const bool binary = envelope.asked.body == Body::binary;
    if (!binary && content.find('\0') != std::string::npos) std::abort();
    return by(envelope.reverse_path);
  }
  Answer on_connect(ServerEngine& engine) override {
    // XCLIENT can say that the client is another one, which is refused.
    if (engine.envelope().client == net::Address::v4(192, 0, 2, 9)) {
      return Answer::reply({554, {5, 7, 1}, "Not you"});
    }
    return Answer::accept();
  }
  std::string new_queue_id() override { return "Q"; }

 private:
  static Answer by(const mail::Mailbox& mailbox) {
    if (mailbox.local.starts_with("n")) return Answer::reply({550, {5, 1, 1}, "No"});
    if (mailbox.local.starts_with("l")) return Answer::later();
    return Answer::accept();
  }
};

struct Outcome {
  std::string said;
  State state = State::opening;
  net::Wish wish = net::Wish::go_on;
};

/// One for each state of the session, and for what it remembers besides.
constexpr std::string_view kPrefixes[] = {
    "",
    "EHLO x\r\n",
    "EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\n",
    "EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n",
    "EHLO x\r\nAUTH PLAIN\r\n",
    "EHLO x\r\nAUTH LOGIN\r\n",
    "EHLO x\r\nMAIL FROM:<l@x.example>\r\n",
    "EHLO x\r\nSTARTTLS\r\n",
    "EHLO x\r\nMAIL FROM:<a@x.example> BODY=BINARYMIME SMTPUTF8\r\nRCPT TO:<b@x.example>\r\n",
    "EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nBDAT 100\r\n",
    "EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nBDAT 3\r\nA: ",
    "EHLO x\r\nBDAT 100 LAST\r\n",
    "EHLO x\r\nXCLIENT ADDR=192.0.2.9 LOGIN=a@x.example\r\n",
    "LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@x.example>\r\nRCPT TO:<n@x.example>\r\n",
    "EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<l@x.example>\r\n",
    "HELO x\r\nNOOP \n",
    "EHLO x\r\nMAIL FROM:<a@x.example>\r\n",
    "EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\nA: b\r\n.",
    "EHLO x\r\nAUTH PLAIN AGEAYg==\r\nMAIL FROM:<a@x.example> RET=HDRS\r\n",
    "QUIT\r\n",
};

Outcome play(std::uint8_t choice, std::uint8_t begin, std::string_view input, std::size_t cut) {
  static const NoAccounts accounts;
  static trace::NullSink sink;
  ServerOptions options;
  options.hostname = "mx";
  options.starttls = (choice & 1) != 0;
  options.role = (choice & 16) != 0 ? Role::lmtp : (choice & 2) != 0 ? Role::submission : Role::mx;
  if ((choice & 32) != 0) options.xclient_from = {net::Address()};
  options.accounts = (choice & 4) != 0 ? &accounts : nullptr;
  options.allow_plaintext_auth = true;
  options.require_tls = options.require_auth = (choice & 8) != 0;
  options.limits.message = 4'000;
  options.limits.skipped_line = 3'000;
  options.limits.held_input = 1'000'000;
  Host host;
  ServerEngine engine(options, host, trace::Tracer(sink, {}), net::Address());
  const net::Time now{};
  engine.start(now);
  engine.receive(now, kPrefixes[begin % std::size(kPrefixes)]);
  if (engine.state() == State::handshake) {
    engine.take_output();
    engine.tls_started(now, {});
  }
  Outcome out;
  const auto gather = [&] {
    net::Output output = engine.take_output();
    if (out.wish == net::Wish::finish && output.bytes.size() > 0) std::abort();
    out.said += output.bytes;
    if (output.wish != net::Wish::go_on) out.wish = output.wish;
  };
  while (!input.empty()) {
    const std::string piece(input.substr(0, cut));
    input.remove_prefix(piece.size());
    engine.receive(now, piece);
    gather();
    // A promise is kept at once, so that the cut does not matter to what is held meanwhile.
    while (engine.waiting()) {
      engine.resume(now, Answer::accept());
      gather();
    }
  }
  out.state = engine.state();
  engine.closed(now, net::CloseReason::reset, {});
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data + 2), size - 2);
  const Outcome whole = play(data[0], data[1], input, SIZE_MAX);
  for (const std::size_t cut : {std::size_t{1}, std::size_t{7}}) {
    const Outcome pieces = play(data[0], data[1], input, cut);
    if (pieces.said != whole.said || pieces.state != whole.state || pieces.wish != whole.wish) {
      std::abort();
    }
  }
  return 0;
}
