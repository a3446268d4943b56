#include "tests/imap/dialogue.hpp"

#include <algorithm>

#include "tests/catch.hpp"

namespace mailscope::imap::test {

std::optional<std::string> TwoAccounts::verify(std::string_view user,
                                               std::string_view password) const {
  if ((user != "alice" && user != "bob") || password != "secret") return std::nullopt;
  return std::string(user) + "@acme.example";
}

trace::EventId EventList::record(trace::Kind kind, const trace::Origin&,
                                 std::initializer_list<trace::Value> values) {
  const trace::KindInfo& info = trace::info(kind);
  REQUIRE(values.size() == info.fields.size());
  std::string line(info.name);
  for (const trace::Value& value : values) {
    line += '|';
    line += value.is_number ? std::to_string(value.number) : std::string(value.text);
  }
  events.push_back({std::move(line), cause()});
  return static_cast<trace::EventId>(events.size());
}

std::vector<std::string> EventList::of(std::string_view kind) const {
  std::vector<std::string> out;
  for (const Event& event : events) {
    if (event.text.starts_with(std::string(kind) + '|')) out.push_back(event.text);
  }
  return out;
}

World::World() {
  options.hostname = "mail.acme.example";
  options.allow_plaintext_auth = true;
  for (const char* account : {"alice@acme.example", "bob@acme.example"})
    store.create_account(account);
}

void World::hide(std::string capability) {
  policy::Switch hidden;
  hidden.protocol = policy::Protocol::imap;
  hidden.capability = std::move(capability);
  switches.add(std::move(hidden));
}

void World::answer(std::string command, std::string text) {
  policy::Switch added;
  added.protocol = policy::Protocol::imap;
  added.command = std::move(command);
  added.act = policy::Switch::Act::reply;
  added.text = std::move(text);
  switches.add(std::move(added));
}

store::MailboxId World::mailbox(std::string_view name) const {
  return store.mailbox("alice@acme.example", name).value().id;
}

store::Uid World::append(std::string_view name, std::string_view octets, store::Flags flags) {
  return store.append(mailbox(name), octets, flags, now).value;
}

std::string crlf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

Line::Line(World& world, bool tls)
    : world_(world),
      engine_(world.options, world.accounts, world.store,
              trace::Tracer(world.trace, trace::Origin{}), world.session_switches()) {
  engine_.set_wake([this] { woken_ = true; });
  if (tls) engine_.tls_started(world.now, {});
  engine_.start(world.now);
  collect();
}

void Line::collect() {
  for (int guard = 0; guard < 100'000; ++guard) {
    if (engine_.deadline() <= world_.now) engine_.expire(world_.now);
    if (!engine_.has_output()) {
      if (engine_.deadline() <= world_.now) continue;  // a long command goes on turn by turn
      return;
    }
    net::Output output = engine_.take_output();
    received_ += output.bytes;
    if (output.wish != net::Wish::go_on) wish_ = output.wish;
    if (wish_ == net::Wish::go_on) engine_.drained(world_.now);
  }
  FAIL("the engine does not come to rest");
}

void Line::send(std::string_view bytes, bool octet_by_octet) {
  if (!octet_by_octet) {
    engine_.receive(world_.now, bytes);
    collect();
    return;
  }
  for (const char c : bytes) {
    engine_.receive(world_.now, {&c, 1});
    collect();
  }
}

std::string Line::take() {
  collect();
  return std::exchange(received_, {});
}

std::string Line::take_if_woken() {
  return std::exchange(woken_, false) ? take() : std::string();
}

void Line::wait(net::Duration duration) {
  world_.now += duration;
  collect();
}

void Line::tls() {
  REQUIRE(wish_ == net::Wish::start_tls);
  wish_ = net::Wish::go_on;
  engine_.tls_started(world_.now, {});
  collect();
}

bool line_matches(std::string_view pattern, std::string_view line) {
  const std::size_t dots = pattern.find("...");
  if (dots == std::string_view::npos) return pattern == line;
  const std::string_view head = pattern.substr(0, dots), rest = pattern.substr(dots + 3);
  if (!line.starts_with(head)) return false;
  for (std::size_t at = head.size(); at <= line.size(); ++at) {
    if (line_matches(rest, line.substr(at))) return true;
  }
  return false;
}

namespace {

class Player {
 public:
  Player(World& world, bool octet_by_octet, bool logged_in)
      : world_(world), octet_by_octet_(octet_by_octet), logged_in_(logged_in) {}

  void step(std::string_view line) {
    INFO("script line: " << line);
    if (line.starts_with("-- ")) {
      direct(line.substr(3));
      return;
    }
    char who = '1';
    if (line[0] >= '1' && line[0] <= '9') {
      who = line[0];
      line.remove_prefix(1);
    }
    const char side = line[0];
    const bool whole_line = line[1] == ':';
    std::string text(line.substr(std::min<std::size_t>(3, line.size())));
    Peer& peer = at(who);
    if (side == 'C') {
      // The store tells other connections of changes; they are heard at the end of the turn.
      peer.line->send(whole_line ? text + "\r\n" : text, octet_by_octet_);
      peer.heard += peer.line->take();
      for (auto& [name, other] : peers_) other.heard += other.line->take_if_woken();
    } else {
      expect(peer, text);
    }
  }

  void finish() {
    for (auto& [name, peer] : peers_) {
      INFO("connection " << name << " has said more");
      CHECK(peer.heard == "");
    }
  }

 private:
  struct Peer {
    std::unique_ptr<Line> line;
    std::string heard;
    bool skipping = false;  // any lines until the one that is expected next
  };

  Peer& at(char who) {
    Peer& peer = peers_[who];
    if (peer.line) return peer;
    peer.line = std::make_unique<Line>(world_);
    if (logged_in_) {
      peer.line->take();
      const std::string user = who < '5' ? "alice" : "bob";
      peer.line->send("login LOGIN " + user + " secret\r\n", false);
      REQUIRE(peer.line->take().starts_with("login OK"));
    } else {
      peer.heard = peer.line->take();
    }
    return peer;
  }

  void expect(Peer& peer, const std::string& wanted) {
    if (wanted == "...") {
      peer.skipping = true;
      return;
    }
    while (std::exchange(peer.skipping, false) && !peer.heard.empty()) {
      const std::size_t end = peer.heard.find("\r\n");
      if (end == std::string::npos || line_matches(wanted, peer.heard.substr(0, end))) break;
      peer.heard.erase(0, end + 2);
      peer.skipping = true;
    }
    const std::size_t end = peer.heard.find("\r\n");
    if (end == std::string::npos) {
      FAIL("nothing heard, wanted: " << wanted << ", rest: " << peer.heard);
    }
    const std::string line = peer.heard.substr(0, end);
    peer.heard.erase(0, end + 2);
    INFO("heard: " << line);
    if (line_matches(wanted, line)) {
      SUCCEED();
      return;
    }
    FAIL("wanted: " << wanted);
  }

  void direct(std::string_view what) {
    Peer& first = at('1');
    if (what == "tls") {
      first.line->tls();
      first.heard += first.line->take();
    } else if (what == "closed") {
      CHECK(first.line->wish() == net::Wish::finish);
    } else if (what.starts_with("wait ")) {
      const int count = std::stoi(std::string(what.substr(5)));
      const net::Duration unit =
          what.back() == 'm' ? net::Duration(std::chrono::minutes(1)) : std::chrono::seconds(1);
      first.line->wait(unit * count);
      for (auto& [name, other] : peers_) other.heard += other.line->take();
    } else {
      FAIL("no such direction: " << what);
    }
  }

  World& world_;
  bool octet_by_octet_;
  bool logged_in_;
  std::map<char, Peer> peers_;
};

}  // namespace

void play_in(World& world, std::string_view script, bool octet_by_octet, bool logged_in) {
  Player player(world, octet_by_octet, logged_in);
  while (!script.empty()) {
    const std::size_t end = std::min(script.find('\n'), script.size());
    std::string_view line = script.substr(0, end);
    script.remove_prefix(std::min(end + 1, script.size()));
    const std::size_t text = line.find_first_not_of(' ');
    if (text == std::string_view::npos) continue;
    player.step(line.substr(text));
  }
  player.finish();
}

void play(std::string_view script, const std::function<void(World&)>& set_up, bool logged_in) {
  for (const bool octet_by_octet : {false, true}) {
    INFO((octet_by_octet ? "octet by octet" : "whole lines"));
    World world;
    if (set_up) set_up(world);
    play_in(world, script, octet_by_octet, logged_in);
  }
}

}  // namespace mailscope::imap::test
