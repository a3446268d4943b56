// The client engine against the server engine, and against servers that misbehave.
#include "server/imap/client.hpp"
#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

ClientOptions alice() {
  ClientOptions options;
  options.user = "alice";
  options.password = "secret";
  options.allow_plaintext_auth = true;
  return options;
}

// A client and a server with nothing but time between them.
class Pair {
 public:
  explicit Pair(World& world, ClientOptions options = alice())
      : world_(world),
        server_(world.options, world.accounts, world.store,
                trace::Tracer(world.trace, trace::Origin{}), world.session_switches()),
        client_(std::move(options)) {
    client_.on_result([this](const Action& action, const ActionResult& result) {
      results.emplace_back(action.kind, result);
    });
  }
  void start() {
    server_.start(world_.now);
    client_.start(world_.now);
    run();
  }
  /// Carries octets to and fro until nobody has anything to say.
  void run() {
    for (int guard = 0; guard < 10'000; ++guard) {
      if (server_.deadline() <= world_.now) server_.expire(world_.now);
      if (client_.deadline() <= world_.now) client_.expire(world_.now);
      if (!server_.has_output() && !client_.has_output()) return;
      net::Output down = server_.take_output();
      net::Output up = client_.take_output();
      if (!down.bytes.empty()) client_.receive(world_.now, down.bytes);
      if (!up.bytes.empty()) server_.receive(world_.now, up.bytes);
      server_.drained(world_.now);
      if (down.wish == net::Wish::start_tls) {
        server_.tls_started(world_.now, {});
        client_.tls_started(world_.now, {});
      }
      if (down.wish == net::Wish::finish) client_.peer_finished(world_.now);
    }
    FAIL("they never stop talking");
  }
  ActionResult act(Action action) {
    client_.add(std::move(action));
    run();
    return results.empty() ? ActionResult{} : results.back().second;
  }
  void wait(net::Duration duration) {
    world_.now += duration;
    run();
  }
  ClientEngine& client() { return client_; }
  std::vector<std::pair<Action::Kind, ActionResult>> results;

 private:
  World& world_;
  ServerEngine server_;
  ClientEngine client_;
};

// A client that hears `said` after its first command, each line in turn.
ClientEngine& told(ClientEngine& client, std::string_view said) {
  client.start({});
  client.receive({}, said);
  return client;
}

}  // namespace

TEST_CASE("a person's mail program at work", "[imap]") {
  World world;
  world.append("INBOX",
               crlf("Subject: one\nFrom: bob@globex.example\nMessage-ID: <1@x>\n\nfirst\n"));
  world.append("INBOX", crlf("Subject: two\n\nsecond\n"), {store::kSeen, {}});
  Pair pair(world);
  pair.client().add(Action::list());
  pair.client().add(Action::select("INBOX"));
  pair.client().add(Action::sync());
  pair.start();
  REQUIRE(pair.results.size() == 4);
  for (const auto& [kind, result] : pair.results) {
    INFO(to_string(kind) << ": " << result.error);
    CHECK(result.ok);
  }
  CHECK(pair.results[3].second.uids == std::vector<store::Uid>{1, 2});
  CHECK(pair.client().mailboxes().size() == 6);
  const ClientMailbox* inbox = pair.client().mailbox();
  REQUIRE(inbox != nullptr);
  CHECK(inbox->uid_validity == 1);
  CHECK(inbox->messages.at(1).envelope.subject == "one");
  CHECK(inbox->messages.at(1).envelope.from == std::vector<std::string>{"bob@globex.example"});
  CHECK(*inbox->messages.at(2).octets == crlf("Subject: two\n\nsecond\n"));
  CHECK(inbox->messages.at(2).has_flag("\\Seen"));

  CHECK(pair.act(Action::set_flags({1}, store::FlagChange::add, {"\\Seen", "$Junk"})).ok);
  CHECK(inbox->messages.at(1).has_flag("$junk"));
  const ActionResult moved = pair.act(Action::move({2}, "Archive"));
  CHECK(moved.ok);
  CHECK(moved.uids == std::vector<store::Uid>{1});
  CHECK(inbox->exists == 1);
  CHECK(inbox->messages.count(2) == 0);

  const auto sent = std::make_shared<const std::string>(std::string(10'000, 'x'));
  CHECK(pair.act(Action::append("Sent", {"\\Seen"}, sent)).uids == std::vector<store::Uid>{1});
  const ActionResult refused = pair.act(Action::append("Nowhere", {}, sent));
  CHECK_FALSE(refused.ok);
  CHECK(refused.code == "TRYCREATE");
  CHECK(refused.error == "the server refused APPEND: No such mailbox: create it first");
  CHECK(pair.act(Action::create("Entw\xc3\xbcrfe/\"x\"")).ok);
  CHECK(world.store.mailbox("alice@acme.example", "Entw\xc3\xbcrfe/\"x\"")->subscribed);

  CHECK(pair.act(Action::remove({1})).ok);
  CHECK(inbox->exists == 0);
  CHECK(world.store.mailbox("alice@acme.example", "INBOX")->messages == 0);
  CHECK(pair.act(Action::logout()).ok);
  CHECK(pair.client().state() == ClientState::closed);
  CHECK_FALSE(pair.act(Action::check()).ok);
}

TEST_CASE("IDLE brings news and ends when there is work", "[imap]") {
  World world;
  Pair pair(world);
  int news = 0;
  pair.client().on_news([&] { ++news; });
  pair.start();
  pair.act(Action::select("INBOX"));
  pair.act(Action::idle());
  CHECK(pair.client().state() == ClientState::idling);
  const int before = news;
  world.append("INBOX", "Subject: new\r\n\r\n");
  pair.run();
  CHECK(news == before + 1);
  CHECK(pair.client().mailbox()->exists == 1);
  const ActionResult fetched = pair.act(Action::fetch_new(0));
  CHECK(fetched.uids == std::vector<store::Uid>{1});
  pair.act(Action::idle());
  for (int i = 0; i < 4; ++i) pair.wait(std::chrono::minutes(29));
  CHECK(pair.client().state() == ClientState::idling);
  pair.client().stop_idle();
  pair.run();
  CHECK(pair.client().state() == ClientState::ready);
}

TEST_CASE("STARTTLS is used, or insisted on", "[imap]") {
  World world;
  world.options.allow_plaintext_auth = false;
  world.options.starttls = true;
  ClientOptions options = alice();
  options.allow_plaintext_auth = false;
  options.tls = ClientOptions::Tls::required;
  {
    Pair pair(world, options);
    pair.start();
    CHECK(pair.results.at(0).second.ok);
    CHECK(pair.client().tls());
  }
  world.options.starttls = false;
  Pair pair(world, options);
  pair.start();
  CHECK(pair.results.at(0).second.error == "the server does not offer STARTTLS");
  options.tls = ClientOptions::Tls::none;
  Pair open(world, options);
  open.start();
  CHECK(open.client().failure() == "the password would be sent in the clear");
}

TEST_CASE("passwords that need quotes or literals", "[imap]") {
  World world;
  world.hide("AUTH=PLAIN");
  world.hide("AUTH=LOGIN");
  for (const bool literal_plus : {true, false}) {
    if (!literal_plus) world.hide("LITERAL+");
    ClientOptions options = alice();
    options.password = "p\xc3\xa4ss \"word\"";
    Pair pair(world, options);
    pair.client().add(Action::check());
    pair.start();
    pair.wait(std::chrono::seconds(1));
    REQUIRE(pair.results.size() == 2);
    CHECK(pair.results[0].second.error ==
          "the server refused the login: Wrong user name or password");
    CHECK(pair.results[0].second.code == "AUTHENTICATIONFAILED");
    CHECK_FALSE(pair.results[1].second.ok);
  }
}

TEST_CASE("servers that misbehave", "[imap]") {
  struct Row {
    std::string said;
    std::string_view failure;
  };
  const std::string hello = "* OK [CAPABILITY IMAP4rev1] hi\r\n";
  const Row rows[] = {
      {"220 mx ESMTP\r\n", "the greeting is not IMAP"},
      {"* BYE go away\r\n", "the server does not want us: go away"},
      {"* PREAUTH hi\r\n* BYE\r\n", "the server ended the session: "},
      {hello + "A1 NO [AUTHENTICATIONFAILED] no\r\n", "the server refused the login: no"},
      {hello + "A9 OK what\r\n", "the server answers a command that was not given"},
      {hello + "A1 MAYBE\r\n",
       "the server sent what is not IMAP: a tagged response that is none of OK, NO and BAD"},
      {hello + "* LIST " + std::string(200, '(') + "\r\n",
       "the server sent what is not IMAP: lists are nested too deep at octet 108"},
      {hello + "* LIST \"abc\r\n",
       "the server sent what is not IMAP: a quoted string has no end at octet 12"},
      {hello + "* 1 FETCH (BODY[] {999999999999}\r\n",
       "the server sent a response that is too long"},
      {hello + "\r\n", "the server sent what is not IMAP: not a response line"},
      {hello + "* OK this is text {5}\r\nA1 NO x {3}\r\n", "the server refused the login: x {3}"},
  };
  for (const Row& row : rows) {
    INFO(row.said.substr(0, 80));
    for (const bool octets : {false, true}) {
      ClientEngine client(alice());
      if (!octets) {
        told(client, row.said);
      } else {
        client.start({});
        for (const char c : row.said) client.receive({}, {&c, 1});
      }
      CHECK(client.failure() == row.failure);
      CHECK(client.state() == ClientState::closed);
    }
  }
  ClientEngine slow(alice());
  slow.start({});
  slow.expire(net::Time{} + std::chrono::minutes(1));
  CHECK(slow.failure() == "no greeting within 60 s");
  ClientEngine silent(alice());
  told(silent, hello);
  silent.expire(net::Time{} + std::chrono::minutes(1));
  CHECK(silent.failure() == "no answer to LOGIN within 60 s");
  ClientEngine greedy(alice());
  greedy.add(Action::select("INBOX"));
  told(greedy, "* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n* 4294967295 EXISTS\r\n");
  CHECK(greedy.failure() == "the server claims 4294967295 messages in one mailbox");
}

TEST_CASE("responses", "[imap]") {
  std::string problem;
  auto response = parse_response(
      "* 12 FETCH (FLAGS (\\Seen) BODY[HEADER.FIELDS (From To)]<0> {3}\r\na)b UID 7 X NIL)",
      problem);
  REQUIRE(response);
  CHECK(response->number == 12u);
  CHECK(response->name == "FETCH");
  REQUIRE(response->values.at(0).items.size() == 8);
  CHECK(response->values[0].items[2].text == "BODY[HEADER.FIELDS (From To)]<0>");
  CHECK(response->values[0].items[3].text == "a)b");
  CHECK(response->values[0].items[5].number() == 7u);
  CHECK(response->values[0].items[7].kind == Value::Kind::nil);
  response = parse_response("A3 NO [BADCHARSET (UTF-8 US-ASCII)] sorry", problem);
  REQUIRE(response);
  CHECK(response->tag == "A3");
  CHECK(response->code == "BADCHARSET");
  CHECK(response->code_arguments.at(0).items.size() == 2);
  CHECK(response->text == "sorry");
  response = parse_response("* OK [broken text", problem);
  REQUIRE(response);
  CHECK(response->code.empty());
  CHECK(response->text == "[broken text");
  CHECK(parse_response("+ go", problem)->kind == Response::Kind::continuation);
  CHECK(parse_response("* SEARCH", problem)->values.empty());
}

}  // namespace mailscope::imap::test
