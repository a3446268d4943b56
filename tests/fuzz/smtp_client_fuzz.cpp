// The SMTP client engine against a server that says anything. Whatever it hears, in whatever cut,
// every recipient is decided in the end, and none is delivered without a 2yz after the content.
#include <cstdlib>

#include "server/smtp/client.hpp"

using namespace mailscope;
using namespace mailscope::smtp;

namespace {

struct Outcome {
  std::string said;
  std::vector<std::vector<RecipientResult>> results;
};

Transaction letter(std::initializer_list<const char*> recipients) {
  Transaction t;
  t.reverse_path = {"a", "x.example"};
  for (const char* r : recipients) t.recipients.emplace_back(mail::Mailbox{r, "y.example"});
  t.recipients[0].orcpt = "rfc822;old@y.example";
  t.recipients[0].notify.add(Notify::success);
  t.asked.ret = Return::full;
  t.asked.envid = "id";
  t.content = std::make_shared<const std::string>("A: b\r\n\r\n.\r\nlong enough\r\n");
  return t;
}

Outcome play(std::uint8_t choice, std::string_view input, std::size_t cut) {
  ClientOptions options;
  options.helo_name = "x";
  options.pipelining = (choice & 1) != 0;
  if ((choice & 2) != 0) options.tls = ClientOptions::Tls::opportunistic;
  if ((choice & 4) != 0) options.credentials = {"u", "p"};
  options.allow_plaintext_auth = true;
  options.recipients = (choice & 8) != 0 ? 1 : 100;
  options.chunking = (choice & 0x80) != 0;
  ClientEngine engine(options, {letter({"b", "c"}), letter({"d"})});
  int finished = 0;
  engine.on_finished([&] { ++finished; });
  const net::Time now{};
  engine.start(now);
  Outcome out;
  constexpr std::string_view prefixes[] = {"",
                                           "220 x\r\n",
                                           "220 x\r\n250-x\r\n250-PIPELINING\r\n250 SIZE\r\n",
                                           "220 x\r\n250-x\r\n250-CHUNKING\r\n250-DSN\r\n"
                                           "250 LIMITS RCPTMAX=1\r\n250 ok\r\n",
                                           "220 x\r\n250-x\r\n250 AUTH PLAIN LOGIN\r\n",
                                           "220 x\r\n250 x\r\n250 ok\r\n250 ok\r\n",
                                           "220 x\r\n250 x\r\n250 ok\r\n250 ok\r\n250 ok\r\n"
                                           "354 go\r\n",
                                           "220 x\r\n250 x\r\n250 ok\r\n250 ok\r\n250 ok\r\n"
                                           "354 go\r\n250 ok\r\n"};
  const std::string all = std::string(prefixes[(choice >> 4) & 7]) + std::string(input);
  std::string_view rest = all;
  while (!rest.empty()) {
    const std::string piece(rest.substr(0, cut));
    rest.remove_prefix(piece.size());
    engine.receive(now, piece);
    const net::Output output = engine.take_output();
    out.said += output.bytes;
    // Behind STARTTLS the session deals with the rest of the input, not the engine.
    if (output.wish != net::Wish::go_on) break;
  }
  engine.closed(now, net::CloseReason::reset, {});
  if (finished != 1 || !engine.finished()) std::abort();
  for (const auto& results : engine.results()) {
    for (const RecipientResult& r : results) {
      if (r.fate == Fate::pending) std::abort();
      const bool handed_over = r.at == ClientState::end_of_data && r.reply.code / 100 == 2;
      if ((r.fate == Fate::delivered) != handed_over) std::abort();
    }
  }
  out.results = engine.results();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  // Without STARTTLS, whose reply ends the input at a place that depends on the cut.
  const std::uint8_t choice = data[0];
  const Outcome whole = play(choice, input, SIZE_MAX);
  const Outcome pieces = play(choice, input, 1);
  if ((choice & 2) != 0) return 0;
  if (whole.results.size() != pieces.results.size()) std::abort();
  for (std::size_t i = 0; i < whole.results.size(); ++i) {
    for (std::size_t k = 0; k < whole.results[i].size(); ++k) {
      if (whole.results[i][k].fate != pieces.results[i][k].fate) std::abort();
    }
  }
  return 0;
}
