#include "tests/smtp/transcript.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace mailscope::smtp::test {
namespace {

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    switch (text[++i]) {
      case 'r':
        out += '\r';
        break;
      case 'n':
        out += '\n';
        break;
      case 'x':
        out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
        i += 2;
        break;
      default:
        out += text[i];
    }
  }
  return out;
}

Reply read_reply(std::string_view text) {
  ReplyReader reader;
  const std::string line = std::string(text) + "\r\n";
  std::string_view rest = line;
  reader.feed(rest);
  return reader.take();
}

class Player {
 public:
  explicit Player(std::size_t cut) : cut_(cut) {
    options_.hostname = "mx1.globex.example";
    options_.postmaster_domain = "globex.example";
  }

  void act(std::string_view line) {
    if (line.empty() || line[0] == '#') return;
    const char what = line[0];
    std::string_view text = line.substr(std::min<std::size_t>(2, line.size()));
    if (text.starts_with(' ')) text.remove_prefix(1);
    if (what == 'O') return option(text);
    if (what == 'F' && !engine_) return fault(text);
    if (what == 'K' && !engine_) return capability(text);
    begin();
    if (what == 'S') return expect(text);
    if (what == 'W') return expect_wish(text);
    if (what == 'H') return expect_whole(text);
    nothing_more(line);
    switch (what) {
      case 'C':
        return send(std::string(text) + "\r\n");
      case 'R':
        return send(unescape(text));
      case 'T':
        now_ += std::chrono::seconds(std::stoi(std::string(text)));
        if (now_ >= engine_->deadline()) engine_->expire(now_);
        return gather();
      case 'L':
        engine_->tls_started(now_,
                             {"TLSv1.3", "TLS_AES_128_GCM_SHA256", "X25519", {}, {}, false, {}});
        return gather();
      case 'E':
        engine_->peer_finished(now_);
        return gather();
      case 'A':
        engine_->resume(now_,
                        text == "accept" ? Answer::accept() : Answer::reply(read_reply(text)));
        return gather();
      case 'F':
        return fault(text);
      case 'K':
        return capability(text);
      case 'M':
        if (std::to_string(host_.messages.size()) != text) {
          problem("messages: " + std::to_string(host_.messages.size()) + ", not " +
                  std::string(text));
        }
        return;
      default:
        problem("unknown act: " + std::string(line));
    }
  }

  Played end() {
    begin();
    nothing_more("the end");
    engine_->closed(now_, net::CloseReason::finished, {});
    if (host_.closed != 1) problem("the host was not told of the end once");
    return {problems_, sink_.lines(), host_.messages};
  }

 private:
  void begin() {
    if (engine_) return;
    const auto client = net::Address::v4(192, 0, 2, 1);
    engine_ =
        std::make_unique<ServerEngine>(options_, host_, trace::Tracer(sink_, {}), client,
                                       policy::SessionSwitches(switches_, protocol(), client));
    if (options_.role == Role::submissions) {
      engine_->tls_started(now_,
                           {"TLSv1.3", "TLS_AES_128_GCM_SHA256", "X25519", {}, {}, false, {}});
    }
    engine_->start(now_);
    gather();
  }

  void option(std::string_view text) {
    while (!text.empty()) {
      const CommandLine word = split_command(text);
      text = word.argument;
      const std::size_t equals = std::min(word.verb.find('='), word.verb.size());
      const std::string name(word.verb.substr(0, equals));
      const std::string value(word.verb.substr(std::min(equals + 1, word.verb.size())));
      auto& limits = options_.limits;
      const std::map<std::string, std::size_t*> numbers = {{"line", &limits.command_line},
                                                           {"auth_line", &limits.auth_line},
                                                           {"text_line", &limits.text_line},
                                                           {"recipients", &limits.recipients},
                                                           {"transactions", &limits.transactions},
                                                           {"commands", &limits.commands},
                                                           {"errors", &limits.errors},
                                                           {"auth_failures", &limits.auth_failures},
                                                           {"received", &limits.received},
                                                           {"skipped", &limits.skipped_line},
                                                           {"held", &limits.held_input}};
      if (name == "role") {
        options_.role = value == "mx"           ? Role::mx
                        : value == "lmtp"       ? Role::lmtp
                        : value == "submission" ? Role::submission
                                                : Role::submissions;
        if (value.starts_with("submission")) options_.accounts = &accounts_;
      } else if (name == "starttls") {
        options_.starttls = true;
      } else if (name == "plaintext_auth") {
        options_.accounts = &accounts_;
        options_.allow_plaintext_auth = true;
        options_.require_tls = false;
      } else if (name == "show_secrets") {
        options_.show_secrets = true;
      } else if (name == "old") {
        hide("EHLO");
      } else if (name == "hide") {
        hide(value);
      } else if (name == "xclient") {
        options_.xclient_from.push_back(net::Address::v4(192, 0, 2, 1));
      } else if (name == "message") {
        limits.message = std::stoull(value);
      } else if (name == "refuse_connect") {
        host_.connect_answer = Answer::reply({std::stoi(value), {}, "Not you"});
      } else if (name == "connect_later") {
        host_.connect_answer = Answer::later();
      } else if (const auto it = numbers.find(name); it != numbers.end()) {
        *it->second = std::stoull(value);
      } else {
        problem("unknown option " + name);
      }
    }
  }

  policy::Protocol protocol() const {
    return options_.role == Role::lmtp ? policy::Protocol::lmtp : policy::Protocol::smtp;
  }

  void hide(std::string_view capability) {
    policy::Switch hidden;
    hidden.protocol = protocol();
    hidden.capability = capability;
    switches_.add(std::move(hidden));
  }

  void capability(std::string_view text) {
    const CommandLine name = split_command(text);
    const CommandLine kind = split_command(name.argument);
    policy::Switch added;
    added.protocol = protocol();
    added.capability = name.verb;
    added.act = kind.verb == "hide"       ? policy::Switch::Act::hide
                : kind.verb == "announce" ? policy::Switch::Act::announce
                : kind.verb == "drop"     ? policy::Switch::Act::drop
                                          : policy::Switch::Act::reply;
    added.text = kind.argument;
    switches_.add(std::move(added));
  }

  void fault(std::string_view text) {
    const CommandLine verb = split_command(text);
    const CommandLine kind = split_command(verb.argument);
    switches_.all().clear();
    if (verb.verb == "none") return;
    policy::Switch added;
    added.protocol = protocol();
    added.command = verb.verb;
    added.act = kind.verb == "drop"   ? policy::Switch::Act::drop
                : kind.verb == "lose" ? policy::Switch::Act::lose
                                      : policy::Switch::Act::reply;
    if (added.act == policy::Switch::Act::reply) added.text = kind.argument;
    switches_.add(std::move(added));
  }

  void send(std::string bytes) {
    std::string_view rest = bytes;
    while (!rest.empty()) {
      const std::size_t n = cut_ == 0 ? rest.size() : std::min(cut_, rest.size());
      // A copy of its own, so that a view kept by mistake is found by the sanitizer.
      const std::string piece(rest.substr(0, n));
      engine_->receive(now_, piece);
      rest.remove_prefix(n);
      gather();
    }
  }

  void gather() {
    net::Output output = engine_->take_output();
    said_ += output.bytes;
    if (output.wish != net::Wish::go_on) wish_ = output.wish;
  }

  void expect(std::string_view text) {
    if (text.empty()) return nothing_more("S:");
    const std::size_t end = said_.find("\r\n");
    const std::string line = said_.substr(0, end);
    if (end == std::string::npos) return problem("nothing said, expected: " + std::string(text));
    said_.erase(0, end + 2);
    const bool open = text.ends_with("...");
    if (open) text.remove_suffix(3);
    if (open ? !std::string_view(line).starts_with(text) : line != text) {
      problem("said: " + line + "\nexpected: " + std::string(text));
    }
  }

  void expect_whole(std::string_view text) {
    const CommandLine words = split_command(text);
    const std::string code(words.verb);
    std::vector<std::string> lines;
    bool more = true;
    while (more) {
      const std::size_t end = said_.find("\r\n");
      if (end == std::string::npos) return problem("no whole reply: " + std::string(text));
      more = said_.starts_with(code + "-");
      if (!more && !said_.starts_with(code + " ")) problem("said: " + said_.substr(0, end));
      lines.push_back(
          said_.substr(std::min<std::size_t>(4, end), end - std::min<std::size_t>(4, end)));
      said_.erase(0, end + 2);
    }
    for (std::string_view rest = words.argument; !rest.empty();) {
      const CommandLine word = split_command(rest);
      rest = word.argument;
      const bool absent = word.verb.starts_with('-');
      const std::string_view keyword = word.verb.substr(absent ? 1 : 0);
      const bool found = std::ranges::any_of(
          lines, [&](const std::string& line) { return split_command(line).verb == keyword; });
      if (found == absent)
        problem(std::string(absent ? "there is " : "no ") + std::string(keyword));
    }
  }

  void expect_wish(std::string_view text) {
    const std::map<net::Wish, std::string_view> names = {{net::Wish::go_on, "go_on"},
                                                         {net::Wish::start_tls, "start_tls"},
                                                         {net::Wish::finish, "finish"},
                                                         {net::Wish::abort, "abort"}};
    if (names.at(wish_) != text) {
      problem("wish: " + std::string(names.at(wish_)) + ", expected: " + std::string(text));
    }
    wish_ = net::Wish::go_on;
  }

  void nothing_more(std::string_view before) {
    if (!said_.empty()) problem("also said before " + std::string(before) + ": " + said_);
    if (wish_ != net::Wish::go_on) problem("a wish nobody expected before " + std::string(before));
    said_.clear();
    wish_ = net::Wish::go_on;
  }

  void problem(std::string text) { problems_.push_back(std::move(text)); }

  std::size_t cut_;
  OneAccount accounts_;
  ServerOptions options_;
  TestHost host_;
  LineSink sink_;
  net::Time now_ = kStart;
  policy::Switches switches_;
  std::unique_ptr<ServerEngine> engine_;
  std::string said_;
  net::Wish wish_ = net::Wish::go_on;
  std::vector<std::string> problems_;
};

}  // namespace

Played play(std::string_view transcript, std::size_t cut) {
  Player player(cut);
  while (!transcript.empty()) {
    const std::size_t end = std::min(transcript.find('\n'), transcript.size());
    player.act(transcript.substr(0, end));
    transcript.remove_prefix(std::min(end + 1, transcript.size()));
  }
  return player.end();
}

}  // namespace mailscope::smtp::test
