// The client against scripted servers, kind and hostile.
#include "server/pop3/client.hpp"

#include "tests/catch.hpp"

using namespace mailscope;
using namespace mailscope::pop3;

namespace {

constexpr net::Time kStart{std::chrono::seconds(1'000'000)};

ClientOptions plain() {
  ClientOptions options;
  options.user = "bob";
  options.password = "secret";
  options.allow_plaintext_auth = true;
  options.login = ClientOptions::Login::user_pass;
  return options;
}

/// Feeds `lines` one after the other; each must be asked for by the command that stands before it.
struct Script {
  explicit Script(ClientOptions options) : client(std::move(options)) { client.start(kStart); }

  std::string server(std::string_view bytes) {
    client.receive(kStart, bytes);
    const net::Output output = client.take_output();
    wish = output.wish;
    return output.bytes;
  }
  /// Up to the reply to STAT.
  void log_in() {
    CHECK(server("+OK ready\r\n") == "CAPA\r\n");
    CHECK(server("-ERR what?\r\n") == "USER bob\r\n");
    CHECK(server("+OK\r\n") == "PASS secret\r\n");
    CHECK(server("+OK\r\n") == "STAT\r\n");
  }
  ClientError error() const { return client.result().error; }

  ClientEngine client;
  net::Wish wish = net::Wish::go_on;
};

}  // namespace

TEST_CASE("a session that fetches what is new") {
  ClientOptions options = plain();
  options.seen = {"a"};
  Script s(options);
  bool told = false;
  s.client.on_finished([&] { told = true; });
  s.log_in();
  CHECK(s.server("+OK 3 300 and more\r\n") == "LIST\r\n");
  CHECK(s.server("+OK\r\n1 100\r\n2 100\r\n4 100 x\r\n.\r\n") == "UIDL\r\n");
  CHECK(s.server("+OK\r\n1 a\r\n2 b\r\n4 c\r\n.\r\n") == "RETR 2\r\n");
  CHECK(s.server("+OK\r\nA: b\r\n\r\n..x\r\n.\r\n") == "RETR 4\r\n");
  CHECK(s.server("+OK\r\n").empty());
  CHECK(s.server("..").empty());
  CHECK(s.server("\r\nlf only\n.\n") == "QUIT\r\n");
  CHECK_FALSE(told);
  CHECK(s.server("+OK\r\n").empty());
  CHECK(s.wish == net::Wish::finish);
  CHECK(told);
  const ClientResult& result = s.client.result();
  CHECK(result.error == ClientError::none);
  CHECK(result.messages == 3);
  CHECK(result.octets == 300);
  REQUIRE(result.fetched.size() == 2);
  CHECK(result.fetched[0].content == "A: b\r\n\r\n.x\r\n");
  CHECK(result.fetched[0].unique_id == "b");
  CHECK(result.fetched[1].content == ".\r\nlf only\r\n");
  CHECK(result.listed.at(4).unique_id == "c");
  CHECK(result.deleted.empty());
}

TEST_CASE("deleting: only what was fetched, and certain only with the reply to QUIT") {
  ClientOptions options = plain();
  options.seen = {"a"};
  options.leave_on_server = false;
  Script s(options);
  s.log_in();
  s.server("+OK 3 300\r\n");
  s.server("+OK\r\n1 100\r\n2 100\r\n3 100\r\n.\r\n");
  CHECK(s.server("+OK\r\n1 a\r\n2 b\r\n3 c\r\n.\r\n") == "RETR 2\r\n");
  CHECK(s.server("-ERR gone\r\n") == "RETR 3\r\n");
  CHECK(s.server("+OK\r\nx\r\n.\r\n") == "DELE 1\r\n");
  CHECK(s.server("+OK\r\n") == "DELE 3\r\n");
  CHECK(s.server("+OK\r\n") == "QUIT\r\n");
  CHECK(s.client.result().skipped == std::vector<std::uint32_t>{2});
  SECTION("+OK") {
    s.server("+OK\r\n");
    CHECK(s.client.result().deleted == std::vector<std::uint32_t>{1, 3});
    CHECK(s.error() == ClientError::none);
  }
  SECTION("-ERR") {
    s.server("-ERR some deleted messages not removed\r\n");
    CHECK(s.client.result().deleted.empty());
    CHECK(s.error() == ClientError::refused);
  }
  SECTION("lost") {
    s.client.closed(kStart, net::CloseReason::reset, "");
    CHECK(s.client.result().deleted.empty());
    CHECK(s.error() == ClientError::connection);
    CHECK(s.client.result().fetched.size() == 1);
  }
}

TEST_CASE("without UIDL nobody knows what is new") {
  ClientOptions options = plain();
  SECTION("left on the server: given up") {
    Script s(options);
    s.log_in();
    s.server("+OK 1 100\r\n");
    s.server("+OK\r\n1 100\r\n.\r\n");
    CHECK(s.server("-ERR what?\r\n") == "QUIT\r\n");
    s.server("+OK\r\n");
    CHECK(s.error() == ClientError::refused);
  }
  SECTION("emptied each time: all are fetched") {
    options.leave_on_server = false;
    Script s(options);
    s.log_in();
    s.server("+OK 1 100\r\n");
    s.server("+OK\r\n1 100\r\n.\r\n");
    CHECK(s.server("-ERR what?\r\n") == "RETR 1\r\n");
  }
}

TEST_CASE("TOP fetches headers and deletes nothing") {
  ClientOptions options = plain();
  options.top = 5;
  options.leave_on_server = false;
  Script s(options);
  s.log_in();
  s.server("+OK 1 100\r\n");
  s.server("+OK\r\n1 100\r\n.\r\n");
  CHECK(s.server("+OK\r\n1 a\r\n.\r\n") == "TOP 1 5\r\n");
  CHECK(s.server("+OK\r\nA: b\r\n\r\n.\r\n") == "QUIT\r\n");
  CHECK_FALSE(s.client.result().fetched.at(0).whole);
}

TEST_CASE("messages go to whoever wants them as they come") {
  std::vector<std::string> got;
  Script s(plain());
  s.client.on_message([&](Fetched f) { got.push_back(f.content); });
  s.log_in();
  s.server("+OK 1 100\r\n");
  s.server("+OK\r\n1 100\r\n.\r\n");
  s.server("+OK\r\n1 a\r\n.\r\n");
  s.server("+OK\r\nx\r\n.\r\n");
  CHECK(got == std::vector<std::string>{"x\r\n"});
  CHECK(s.client.result().fetched.empty());
}

TEST_CASE("an empty maildrop") {
  Script s(plain());
  s.log_in();
  CHECK(s.server("+OK 0 0\r\n") == "QUIT\r\n");
  s.client.peer_finished(kStart);  // no reply to QUIT: nothing depends on it
  CHECK(s.error() == ClientError::none);
  CHECK(s.client.finished());
}

TEST_CASE("STLS") {
  ClientOptions options = plain();
  options.tls = ClientOptions::Tls::required;
  options.allow_plaintext_auth = false;
  options.login = ClientOptions::Login::automatic;
  SECTION("before any password") {
    Script s(options);
    CHECK(s.server("+OK\r\n") == "CAPA\r\n");
    CHECK(s.server("+OK\r\nSTLS\r\nSASL LOGIN PLAIN\r\n.\r\n") == "STLS\r\n");
    CHECK(s.server("+OK go\r\n").empty());
    CHECK(s.wish == net::Wish::start_tls);
    CHECK(s.client.state() == ClientState::handshake);
    s.client.tls_started(kStart, {});
    CHECK(s.client.take_output().bytes == "CAPA\r\n");
    CHECK(s.server("+OK\r\nSASL PLAIN\r\n.\r\n") == "AUTH PLAIN AGJvYgBzZWNyZXQ=\r\n");
    CHECK(s.server("+OK\r\n") == "STAT\r\n");
  }
  SECTION("not offered") {
    Script s(options);
    s.server("+OK\r\n");
    CHECK(s.server("+OK\r\nUSER\r\n.\r\n") == "QUIT\r\n");
    CHECK(s.error() == ClientError::tls);
  }
  SECTION("an old server is asked all the same") {
    Script s(options);
    s.server("+OK\r\n");
    CHECK(s.server("-ERR\r\n") == "STLS\r\n");
    CHECK(s.server("-ERR\r\n") == "QUIT\r\n");
    CHECK(s.error() == ClientError::tls);
  }
  SECTION("words slipped in behind the answer") {
    Script s(options);
    s.server("+OK\r\n");
    s.server("+OK\r\nSTLS\r\n.\r\n");
    CHECK(s.server("+OK\r\n+OK you are in\r\n").empty());
    CHECK(s.error() == ClientError::protocol);
    CHECK(s.wish == net::Wish::abort);
  }
  SECTION("the handshake fails") {
    Script s(options);
    s.server("+OK\r\n");
    s.server("+OK\r\nSTLS\r\n.\r\n");
    s.server("+OK\r\n");
    s.client.closed(kStart, net::CloseReason::reset, "TLS: certificate verify failed");
    CHECK(s.error() == ClientError::tls);
    CHECK(s.client.result().detail == "TLS: certificate verify failed");
  }
}

TEST_CASE("logins") {
  ClientOptions options = plain();
  options.login = ClientOptions::Login::automatic;
  SECTION("no password in clear text") {
    options.allow_plaintext_auth = false;
    Script s(options);
    s.server("+OK\r\n");
    CHECK(s.server("+OK\r\nUSER\r\n.\r\n") == "QUIT\r\n");
    CHECK(s.error() == ClientError::insecure);
  }
  SECTION("implicit TLS is enough") {
    options.allow_plaintext_auth = false;
    ClientEngine client(options);
    client.tls_started(kStart, {});
    client.start(kStart);
    client.receive(kStart, "+OK\r\n");
    client.take_output();
    client.receive(kStart, "-ERR\r\n");
    CHECK(client.take_output().bytes == "USER bob\r\n");
  }
  SECTION("no way that we know") {
    Script s(options);
    s.server("+OK\r\n");
    CHECK(s.server("+OK\r\nSASL GSSAPI\r\n.\r\n") == "QUIT\r\n");
    CHECK(s.error() == ClientError::login);
  }
  SECTION("a long password goes without initial response") {
    options.password = std::string(240, 'p');
    Script s(options);
    s.server("+OK\r\n");
    CHECK(s.server("+OK\r\nSASL PLAIN\r\n.\r\n") == "AUTH PLAIN\r\n");
    CHECK(s.server("+ \r\n").size() > 300);
    CHECK(s.server("+ \r\n") == "*\r\n");  // PLAIN has nothing more to say
    CHECK(s.server("-ERR cancelled\r\n") == "QUIT\r\n");
    CHECK(s.error() == ClientError::login);
  }
  SECTION("a password that would be two lines") {
    options.password = "x\r\nDELE 1";
    Script s(options);
    s.server("+OK\r\n");
    CHECK(s.server("+OK\r\nUSER\r\n.\r\n") == "QUIT\r\n");
    CHECK(s.error() == ClientError::login);
  }
}

TEST_CASE("refused logins are told apart") {
  const std::pair<std::string_view, ClientError> rows[] = {
      {"-ERR [AUTH] no\r\n", ClientError::login},
      {"-ERR no\r\n", ClientError::login},
      {"-ERR [IN-USE] busy\r\n", ClientError::in_use},
      {"-ERR [sys/temp] later\r\n", ClientError::temporary},
      {"-ERR [LOGIN-DELAY] later\r\n", ClientError::temporary},
  };
  for (const auto& [line, error] : rows) {
    Script s(plain());
    s.server("+OK\r\n");
    s.server("-ERR\r\n");
    s.server("+OK\r\n");
    CHECK(s.server(line) == "QUIT\r\n");
    s.server("+OK\r\n");
    CHECK(s.error() == error);
    CHECK(s.client.result().at == ClientState::pass);
  }
}

TEST_CASE("hostile servers") {
  ClientOptions options = plain();
  options.limits.message = 1'000;
  options.limits.messages = 3;
  options.limits.capabilities = 3;
  options.limits.line = 100;
  Script s(options);
  ClientError expected = ClientError::protocol;
  SECTION("another protocol") {
    s.server("220 smtp.example ESMTP\r\n");
  }
  SECTION("+OKAY") {
    s.server("+OKAY\r\n");
  }
  SECTION("no line end") {
    s.server(std::string(101, '+'));
    expected = ClientError::limit;
  }
  SECTION("capabilities without end") {
    s.server("+OK\r\n");
    s.server("+OK\r\nA\r\nB\r\nC\r\nD\r\n");
    expected = ClientError::limit;
  }
  SECTION("more than was asked for") {
    s.server("+OK\r\n+OK\r\n");
  }
  SECTION("STAT that is no number") {
    s.log_in();
    s.server("+OK many\r\n");
  }
  SECTION("STAT beyond 32 bits") {
    s.log_in();
    s.server("+OK 99999999999 1\r\n");
  }
  SECTION("LIST") {
    s.log_in();
    s.server("+OK 3 300\r\n");
    s.server("+OK\r\n");
    SECTION("rubbish") {
      s.server("x\r\n");
    }
    SECTION("zero") {
      s.server("0 1\r\n");
    }
    SECTION("negative") {
      s.server("1 -1\r\n");
    }
    SECTION("twice") {
      s.server("1 1\r\n1 1\r\n");
    }
    SECTION("too many") {
      s.server("1 1\r\n2 1\r\n3 1\r\n4 1\r\n");
      expected = ClientError::limit;
    }
  }
  SECTION("UIDL") {
    s.log_in();
    s.server("+OK 1 300\r\n");
    s.server("+OK\r\n1 300\r\n.\r\n");
    s.server("+OK\r\n");
    SECTION("of a message that is not there") {
      s.server("2 a\r\n");
    }
    SECTION("twice") {
      s.server("1 a\r\n1 b\r\n");
    }
    SECTION("empty") {
      s.server("1\r\n");
    }
    SECTION("too long") {
      s.server("1 " + std::string(71, 'a') + "\r\n");
    }
    SECTION("with control characters") {
      s.server("1 a\tb\r\n");
    }
  }
  SECTION("RETR") {
    s.log_in();
    s.server("+OK 2 3000\r\n");
    s.server("+OK\r\n1 2000\r\n2 10\r\n.\r\n");
    CHECK(s.server("+OK\r\n1 a\r\n2 b\r\n.\r\n") == "RETR 2\r\n");  // 1 is too large
    CHECK(s.client.result().skipped == std::vector<std::uint32_t>{1});
    s.server("+OK\r\n");
    expected = ClientError::limit;
    SECTION("many lines") {
      for (int i = 0; i < 200 && !s.client.finished(); ++i) s.server("0123456789\r\n");
    }
    SECTION("one line") {
      for (int i = 0; i < 200 && !s.client.finished(); ++i) s.server("0123456789");
    }
  }
  CHECK(s.error() == expected);
  CHECK(s.client.finished());
  CHECK(s.client.deadline() == net::kNever);
  s.server("+OK\r\n");
  CHECK(s.client.state() == ClientState::closed);
}

TEST_CASE("silent servers") {
  Script s(plain());
  CHECK(s.client.deadline() == kStart + std::chrono::minutes(1));
  s.client.expire(kStart + std::chrono::seconds(59));
  CHECK_FALSE(s.client.finished());
  SECTION("no greeting") {
    s.client.expire(kStart + std::chrono::minutes(1));
  }
  SECTION("no reply") {
    s.server("+OK\r\n");
    CHECK(s.client.deadline() == kStart + std::chrono::minutes(2));
    s.client.expire(kStart + std::chrono::minutes(2));
    CHECK(s.client.result().at == ClientState::capa);
  }
  CHECK(s.error() == ClientError::timeout);
  CHECK(s.client.take_output().wish == net::Wish::finish);
}

TEST_CASE("a connection that never was") {
  ClientEngine client(plain());
  client.closed(kStart, net::CloseReason::refused, "");
  CHECK(client.result().error == ClientError::connection);
  CHECK(client.result().detail == net::to_string(net::CloseReason::refused));
  CHECK(client.result().at == ClientState::connecting);
  CHECK_FALSE(client.has_output());
}
