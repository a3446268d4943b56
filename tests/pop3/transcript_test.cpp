// Plays the dialogues in transcripts/*.txt, each in three cuts: line group by line group, octet by
// octet, and everything that the client says at once where no handshake stands between.
//
//   set plaintext | stls          options of the server
//   C: a line of the client       several in a row are sent together (pipelining)
//   S: a line of the server       all that it says must be there, in this order
//   tls                           the TLS handshake succeeds
//   wait 600                      seconds pass
//   eof                           the client sends no more
//   wish finish | starttls | abort | go_on
//   trace <event>                 an event that was recorded
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/places.hpp"
#include "tests/pop3/fixture.hpp"

using namespace mailscope;
using namespace mailscope::pop3;
using namespace mailscope::pop3::test;

namespace {

struct Step {
  std::string word, rest;
};

std::vector<Step> read_steps(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<Step> steps;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    const std::size_t space = std::min(line.find(' '), line.size());
    steps.push_back({line.substr(0, space), line.substr(std::min(space + 1, line.size()))});
  }
  return steps;
}

std::string_view wish_name(net::Wish wish) {
  switch (wish) {
    case net::Wish::go_on:
      return "go_on";
    case net::Wish::start_tls:
      return "starttls";
    case net::Wish::finish:
      return "finish";
    case net::Wish::abort:
      return "abort";
  }
  return "";
}

class Player {
 public:
  Player(std::vector<Step> steps, bool octets) : steps_(std::move(steps)), octets_(octets) {
    for (const Step& step : steps_) {
      if (step.word != "set") continue;
      fixture_.options.allow_plaintext_auth = step.rest.find("plaintext") != std::string::npos;
      fixture_.options.stls = step.rest.find("stls") != std::string::npos;
    }
    engine_.emplace(fixture_.engine());
    engine_->start(now_);
    take();
  }
  void play() {
    for (at_ = 0; at_ < steps_.size(); ++at_) {
      const Step& step = steps_[at_];
      INFO("step " << at_ << ": " << step.word << ' ' << step.rest);
      if (step.word == "C:") {
        sent_ += step.rest + "\r\n";
        if (at_ + 1 == steps_.size() || steps_[at_ + 1].word != "C:") flush();
      } else if (step.word == "S:") {
        const std::string expected = step.rest + "\r\n";
        REQUIRE(said_.substr(0, said_.find('\n') + 1) == expected);
        said_.erase(0, expected.size());
        if (at_ + 1 == steps_.size() || steps_[at_ + 1].word != "S:") REQUIRE(said_.empty());
      } else {
        other(step);
      }
    }
    CHECK(said_.empty());
  }

 private:
  void flush() {
    if (octets_) {
      for (const char c : sent_) {
        engine_->receive(now_, {&c, 1});
        take();
      }
    } else {
      engine_->receive(now_, sent_);
      take();
    }
    sent_.clear();
  }
  void take() {
    net::Output output = engine_->take_output();
    said_ += output.bytes;
    if (output.wish != net::Wish::go_on) wish_ = output.wish;
    engine_->drained(now_);
    output = engine_->take_output();
    said_ += output.bytes;
    if (output.wish != net::Wish::go_on) wish_ = output.wish;
  }
  void other(const Step& step) {
    if (step.word == "tls") {
      wish_ = net::Wish::go_on;
      engine_->tls_started(now_, {.version = "TLSv1.3",
                                  .cipher = {},
                                  .group = {},
                                  .server_name = {},
                                  .peer_subject = {},
                                  .verified = true,
                                  .verify_error = {}});
      take();
    } else if (step.word == "wait") {
      now_ += std::chrono::seconds(std::stoi(step.rest));
      if (engine_->deadline() <= now_) engine_->expire(now_);
      take();
    } else if (step.word == "eof") {
      engine_->peer_finished(now_);
      take();
    } else if (step.word == "wish") {
      CHECK(wish_name(wish_) == step.rest);
    } else if (step.word == "trace") {
      std::string all;
      for (const std::string& line : fixture_.sink.lines) all += line + '\n';
      INFO(all);
      CHECK(fixture_.sink.has(step.rest));
    } else {
      REQUIRE(step.word == "set");
    }
  }

  std::vector<Step> steps_;
  bool octets_;
  Fixture fixture_;
  std::optional<ServerEngine> engine_;
  net::Time now_ = kStart;
  std::size_t at_ = 0;
  std::string sent_, said_;
  net::Wish wish_ = net::Wish::go_on;
};

/// All that the client says at once: the server must answer the same.
void play_at_once(const std::vector<Step>& steps) {
  Fixture fixture;
  std::string sent, expected;
  for (const Step& step : steps) {
    if (step.word == "tls" || step.word == "wait" || step.word == "eof") return;
    if (step.word == "set") {
      fixture.options.allow_plaintext_auth = step.rest.find("plaintext") != std::string::npos;
      fixture.options.stls = step.rest.find("stls") != std::string::npos;
    }
    if (step.word == "C:") sent += step.rest + "\r\n";
    if (step.word == "S:") expected += step.rest + "\r\n";
  }
  ServerEngine engine = fixture.engine();
  engine.start(kStart);
  engine.receive(kStart, sent);
  CHECK(drain(engine, engine.take_output().bytes) == expected);
}

}  // namespace

TEST_CASE("transcripts") {
  std::size_t played = 0;
  for (const auto& entry : std::filesystem::directory_iterator(
           mailscope::test::source_path("tests/pop3/transcripts"))) {
    INFO(entry.path().filename().string());
    const std::vector<Step> steps = read_steps(entry.path());
    REQUIRE_FALSE(steps.empty());
    Player(steps, false).play();
    Player(steps, true).play();
    play_at_once(steps);
    ++played;
  }
  CHECK(played >= 10);
}
