// A client engine and what it said; the test plays the server.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/smtp/client.hpp"
#include "tests/catch.hpp"
#include "tests/smtp/fixture.hpp"

namespace mailscope::smtp::test {

inline std::shared_ptr<const std::string> text(std::string content) {
  return std::make_shared<const std::string>(std::move(content));
}

inline Transaction to(std::vector<std::string> recipients,
                      std::string content = "Subject: x\r\n\r\nhi\r\n") {
  Transaction t;
  t.reverse_path = *mail::Mailbox::parse("alice@acme.example");
  for (const std::string& r : recipients) t.recipients.push_back(*mail::Mailbox::parse(r));
  t.needs_8bitmime = has_eight_bit(content);
  t.content = text(std::move(content));
  return t;
}

struct Client {
  explicit Client(std::vector<Transaction> transactions, ClientOptions options = {})
      : engine(
            [&] {
              options.helo_name = "mail.acme.example";
              return options;
            }(),
            std::move(transactions)) {
    engine.on_finished([this] { ++finished; });
    engine.start(now);
  }
  /// The server says `bytes`; returns what the client says to it.
  std::string say(std::string_view bytes) {
    engine.receive(now, bytes);
    return said();
  }
  std::string said() {
    net::Output out = engine.take_output();
    if (out.wish != net::Wish::go_on) wish = out.wish;
    return out.bytes;
  }
  /// Fate and reply of recipient i of the first transaction.
  std::string fate(std::size_t i = 0, std::size_t transaction = 0) const {
    const RecipientResult& r = engine.results()[transaction][i];
    return std::string(to_string(r.fate)) + " " + std::string(to_string(r.at)) + " " +
           r.reply.to_string();
  }
  /// Time passes.
  void wait(net::Duration d) {
    now += d;
    if (now >= engine.deadline()) engine.expire(now);
  }

  net::Time now = kStart;
  ClientEngine engine;
  net::Wish wish = net::Wish::go_on;
  int finished = 0;
};

inline constexpr std::string_view kPlainHello = "250 mx\r\n";
inline constexpr std::string_view kHello =
    "250-mx\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 1000\r\n";

}  // namespace mailscope::smtp::test
