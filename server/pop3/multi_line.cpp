#include "server/pop3/multi_line.hpp"

#include <algorithm>

#include "server/store/wire_size.hpp"

namespace mailscope::pop3 {
namespace {

class MessageLines final : public MultiLine {
 public:
  MessageLines(store::Body body, std::size_t octets)
      : body_(std::move(body)),
        text_(std::string_view(*body_).substr(0, octets)),
        octets_(store::wire_size(text_)) {}

  bool produce(std::string& out, std::size_t limit) override {
    while (at_ < text_.size()) {
      if (out.size() >= limit) return false;
      if (octets_ == text_.size()) {
        canonical(out, limit - out.size());
      } else {
        piece(out, limit - out.size());
      }
    }
    if (!at_line_start_) out += "\r\n";
    out += ".\r\n";
    return true;
  }
  std::uint64_t octets() const override { return octets_; }
  std::size_t memory() const override { return body_->capacity(); }

 private:
  /// Of a text whose lines end with CRLF, all of them: only dots are looked for.
  void canonical(std::string& out, std::size_t room) {
    if (at_line_start_ && text_[at_] == '.') out += '.';
    const std::string_view rest = text_.substr(at_, room);
    const std::size_t dot = rest.find("\n.");
    const std::size_t size = dot == std::string_view::npos ? rest.size() : dot + 1;
    out += rest.substr(0, size);
    at_ += size;
    at_line_start_ = rest[size - 1] == '\n';
  }
  /// A line with its end, or as much of it as there is room for. A bare LF leaves as CRLF: some
  /// clients take it for a line end and would take "LF . CRLF" for the end of the message.
  void piece(std::string& out, std::size_t room) {
    if (at_line_start_ && text_[at_] == '.') out += '.';
    const std::string_view rest = text_.substr(at_);
    const std::size_t end = rest.substr(0, room).find('\n');
    if (end == std::string_view::npos) {
      std::size_t size = std::min(room, rest.size());
      // A CR stays with the LF behind it.
      if (size > 1 && rest[size - 1] == '\r') --size;
      out += rest.substr(0, size);
      at_ += size;
      at_line_start_ = false;
      last_ = rest[size - 1];
      return;
    }
    const bool cr = end > 0 ? rest[end - 1] == '\r' : !at_line_start_ && last_ == '\r';
    out += rest.substr(0, end);
    out += cr ? "\n" : "\r\n";
    at_ += end + 1;
    at_line_start_ = true;
  }

  store::Body body_;
  std::string_view text_;
  std::uint64_t octets_;  // on the wire
  std::size_t at_ = 0;
  bool at_line_start_ = true;
  char last_ = '\0';  // what was written last, when that was not a line end
};

class Listing final : public MultiLine {
 public:
  Listing(std::uint32_t first, std::uint32_t last, std::function<std::string(std::uint32_t)> line)
      : next_(first), last_(last), line_(std::move(line)) {}

  bool produce(std::string& out, std::size_t limit) override {
    for (; next_ <= last_; ++next_) {
      if (out.size() >= limit) return false;
      const std::string line = line_(next_);
      if (!line.empty()) (out += line) += "\r\n";
    }
    out += ".\r\n";
    return true;
  }
  std::uint64_t octets() const override {
    std::uint64_t octets = 0;
    for (std::uint32_t i = next_; i <= last_; ++i) {
      const std::string line = line_(i);
      if (!line.empty()) octets += line.size() + 2;
    }
    return octets;
  }

 private:
  std::uint32_t next_, last_;
  std::function<std::string(std::uint32_t)> line_;
};

}  // namespace

std::unique_ptr<MultiLine> message_lines(store::Body body, std::size_t octets) {
  return std::make_unique<MessageLines>(std::move(body), octets);
}

std::unique_ptr<MultiLine> listing(std::uint32_t first, std::uint32_t last,
                                   std::function<std::string(std::uint32_t)> line) {
  return std::make_unique<Listing>(first, last, std::move(line));
}

std::size_t top_end(std::string_view message, std::uint32_t lines) {
  std::size_t at = 0;
  bool in_header = true;
  while (at < message.size() && (in_header || lines > 0)) {
    const std::size_t end = message.find('\n', at);
    if (end == std::string_view::npos) return message.size();
    const std::string_view line = message.substr(at, end - at);
    if (!in_header) --lines;
    if (line.empty() || line == "\r") in_header = false;
    at = end + 1;
  }
  return at;
}

}  // namespace mailscope::pop3
