// Plays the dialogues in transcripts/*.txt, each in three cuts: line group by line group, octet by
// octet, and everything that the client says at once where no handshake stands between.
//
//   set plaintext | starttls      options of the server
//   greeting                      the greeting is whatever it is
//   C: a line of the client       several in a row are sent together (pipelining)
//   S: a line of the server       all that it says must be there, in this order
//   tls                           the TLS handshake succeeds
//   wait 600                      seconds pass
//   eof                           the client sends no more
//   wish finish | starttls | abort | go_on
//   trace <event>                 an event that was recorded
#include <filesystem>
#include <fstream>
#include <optional>

#include "tests/managesieve/fixture.hpp"
#include "tests/places.hpp"

using namespace mailscope;
using namespace mailscope::managesieve;
using namespace mailscope::managesieve::test;

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
  constexpr std::string_view kNames[] = {"go_on", "starttls", "finish", "abort"};
  return kNames[static_cast<std::size_t>(wish)];
}

enum class Cut { groups, octets, at_once };

class Player {
 public:
  Player(const std::vector<Step>& steps, Cut cut) : steps_(steps), cut_(cut) {
    for (const Step& step : steps_) {
      if (step.word != "set") continue;
      fixture_.options.allow_plaintext_auth = step.rest.find("plaintext") != std::string::npos;
      fixture_.options.starttls = step.rest.find("starttls") != std::string::npos;
    }
    engine_.emplace(fixture_.engine());
    engine_->start(now_);
    take();
    for (const Step& step : steps_) {
      if (cut_ == Cut::at_once && step.word == "C:") sent_ += step.rest + "\r\n";
    }
  }
  void play() {
    for (at_ = 0; at_ < steps_.size(); ++at_) {
      const Step& step = steps_[at_];
      INFO("step " << at_ << ": " << step.word << ' ' << step.rest);
      if (step.word == "C:") {
        if (cut_ != Cut::at_once) sent_ += step.rest + "\r\n";
        if (at_ + 1 == steps_.size() || steps_[at_ + 1].word != "C:") flush();
      } else if (step.word == "S:") {
        const std::string expected = step.rest + "\r\n";
        REQUIRE(said_.substr(0, said_.find('\n') + 1) == expected);
        said_.erase(0, expected.size());
        const bool last = at_ + 1 == steps_.size() || steps_[at_ + 1].word != "S:";
        if (last && cut_ != Cut::at_once) REQUIRE(said_.empty());
      } else {
        other(step);
      }
    }
    CHECK(said_.empty());
  }

 private:
  void flush() {
    for (const char c : sent_) {
      if (cut_ != Cut::octets) break;
      engine_->receive(now_, {&c, 1});
      take();
    }
    if (cut_ != Cut::octets) engine_->receive(now_, sent_);
    take();
    sent_.clear();
  }
  void take() {
    for (int i = 0; i < 2; ++i) {
      net::Output output = engine_->take_output();
      said_ += output.bytes;
      if (output.wish != net::Wish::go_on) wish_ = output.wish;
      engine_->drained(now_);
    }
  }
  void other(const Step& step) {
    if (step.word == "greeting") {
      CHECK(said_.ends_with("OK \"mail.b.example ManageSieve ready\"\r\n"));
      said_.clear();
    } else if (step.word == "tls") {
      wish_ = net::Wish::go_on;
      net::TlsInfo info;
      info.version = "TLSv1.3";
      engine_->tls_started(now_, info);
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

  const std::vector<Step>& steps_;
  Cut cut_;
  Fixture fixture_;
  std::optional<ServerEngine> engine_;
  net::Time now_ = kStart;
  std::size_t at_ = 0;
  std::string sent_, said_;
  net::Wish wish_ = net::Wish::go_on;
};

}  // namespace

TEST_CASE("transcripts") {
  std::size_t played = 0;
  for (const auto& entry : std::filesystem::directory_iterator(
           mailscope::test::source_path("tests/managesieve/transcripts"))) {
    INFO(entry.path().filename().string());
    const std::vector<Step> steps = read_steps(entry.path());
    REQUIRE_FALSE(steps.empty());
    Player(steps, Cut::groups).play();
    Player(steps, Cut::octets).play();
    const bool whole = std::ranges::none_of(steps, [](const Step& step) {
      return step.word == "tls" || step.word == "wait" || step.word == "eof";
    });
    if (whole) Player(steps, Cut::at_once).play();
    ++played;
  }
  CHECK(played >= 8);
}
