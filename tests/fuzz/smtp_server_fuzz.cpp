// The SMTP server engine against any input, from several states: greeted, in a transaction, in the
// content, in a SASL exchange, with TLS. The first octet chooses. The same input in another cut
// must give the same replies, or one of the two could be fooled.
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
    if (content.find('\0') != std::string::npos) std::abort();
    return by(envelope.reverse_path);
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

Outcome play(std::uint8_t choice, std::string_view input, std::size_t cut) {
  static const NoAccounts accounts;
  static trace::NullSink sink;
  ServerOptions options;
  options.hostname = "mx";
  options.starttls = (choice & 1) != 0;
  options.role = (choice & 2) != 0 ? Role::submission : Role::mx;
  options.accounts = (choice & 4) != 0 ? &accounts : nullptr;
  options.allow_plaintext_auth = true;
  options.require_tls = options.require_auth = (choice & 8) != 0;
  options.limits.message = 4'000;
  options.limits.held_input = 1'000'000;
  Host host;
  ServerEngine engine(options, host, trace::Tracer(sink, {}), net::Address());
  const net::Time now{};
  engine.start(now);
  constexpr std::string_view prefixes[] = {
      "",
      "EHLO x\r\n",
      "EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\n",
      "EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n",
      "EHLO x\r\nAUTH PLAIN\r\n",
      "EHLO x\r\nAUTH LOGIN\r\n",
      "EHLO x\r\nMAIL FROM:<l@x.example>\r\n",
      "EHLO x\r\nSTARTTLS\r\n",
  };
  engine.receive(now, prefixes[(choice >> 4) & 7]);
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
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  const Outcome whole = play(data[0], input, SIZE_MAX);
  for (const std::size_t cut : {std::size_t{1}, std::size_t{7}}) {
    const Outcome pieces = play(data[0], input, cut);
    if (pieces.said != whole.said || pieces.state != whole.state || pieces.wish != whole.wish) {
      std::abort();
    }
  }
  return 0;
}
