// A toy protocol of lines for testing what carries engines: a server with one verb for each thing
// an engine may wish, and a client that plays a script.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "server/net/engine.hpp"

namespace mailscope::tests {

/// Common to both sides: takes lines apart and keeps a log of what happened.
class LineEngine : public net::Engine {
 public:
  explicit LineEngine(std::vector<std::string>& log) : log_(log) {}
  void receive(net::Time now, std::string_view bytes) override {
    input_ += bytes;
    for (std::size_t end; !stopped_ && (end = input_.find("\r\n")) != std::string::npos;) {
      const std::string text = input_.substr(0, end);
      input_.erase(0, end + 2);
      log_.push_back(text.size() > 60 ? std::to_string(text.size()) + " octets" : text);
      line(now, text);
    }
  }
  void tls_started(net::Time, const net::TlsInfo& info) override {
    log_.push_back("<tls " + info.version + (info.verified ? " verified" : "") + ">");
    input_.clear();
    stopped_ = false;
  }
  void peer_finished(net::Time) override {
    log_.push_back("<end>");
    wish(net::Wish::finish);
  }
  void closed(net::Time, net::CloseReason reason, std::string_view detail) override {
    log_.push_back("<closed: " + std::string(to_string(reason)) +
                   (detail.empty() ? "" : ", " + std::string(detail)) + ">");
  }
  void expire(net::Time) override {}
  std::size_t memory() const override { return input_.capacity() + out_.bytes.capacity(); }

 protected:
  virtual void line(net::Time now, const std::string& text) = 0;
  void say(std::string_view text) { out_.bytes.append(text).append("\r\n"); }
  void wish(net::Wish wish) {
    out_.wish = wish;
    stopped_ = wish == net::Wish::start_tls;
  }
  std::vector<std::string>& log_;
  std::string input_;
  bool stopped_ = false;
};

class LineServer final : public LineEngine {
 public:
  static constexpr net::Duration kIdle = std::chrono::seconds(300);
  static constexpr std::size_t kPart = 64 * 1024;
  using LineEngine::LineEngine;

  void start(net::Time now) override {
    say("hello");
    deadline_ = now + kIdle;
  }
  void expire(net::Time) override {
    say("idle too long");
    wish(net::Wish::finish);
    deadline_ = net::kNever;
  }
  net::Time deadline() const override { return deadline_; }
  void drained(net::Time) override { produce(); }
  /// Something happened elsewhere that this client should hear of.
  void news(std::string_view text) {
    say(text);
    wake();
  }

 protected:
  void line(net::Time now, const std::string& text) override {
    deadline_ = now + kIdle;
    if (text == "STARTTLS") {
      say("go");
      wish(net::Wish::start_tls);
    } else if (text == "QUIT") {
      say("bye");
      wish(net::Wish::finish);
    } else if (text == "ABORT") {
      wish(net::Wish::abort);
    } else if (text.starts_with("BIG ")) {
      left_ = std::stoul(text.substr(4));
      produce();
    } else {
      say("you said " + text);
    }
  }

 private:
  void produce() {
    if (left_ == 0) return;
    const std::size_t part = std::min(left_, kPart);
    left_ -= part;
    out_.bytes.append(part, 'x');
    if (left_ == 0) out_.bytes += "\r\n";
  }
  net::Time deadline_ = net::kNever;
  std::size_t left_ = 0;
};

/// Sends the next line of its script for each line that it gets.
class LineClient final : public LineEngine {
 public:
  LineClient(std::vector<std::string>& log, std::deque<std::string> script)
      : LineEngine(log), script_(std::move(script)) {}
  void start(net::Time) override { log_.push_back("<start>"); }
  void tls_started(net::Time now, const net::TlsInfo& info) override {
    LineEngine::tls_started(now, info);
    if (asked_) next();
  }

 protected:
  void line(net::Time, const std::string& text) override {
    if (asked_ && text == "go") {
      wish(net::Wish::start_tls);
      return;
    }
    next();
  }

 private:
  void next() {
    if (script_.empty()) return;
    const std::string text = script_.front();
    script_.pop_front();
    asked_ = text == "STARTTLS";
    if (text == "<finish>") {
      wish(net::Wish::finish);
    } else {
      say(text);
    }
  }
  std::deque<std::string> script_;
  bool asked_ = false;
};

}  // namespace mailscope::tests
