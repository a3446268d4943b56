// The client of tests/bench/peers: does one thing to an IMAP or POP3 server and prints how long
// that took, one line each: "search subject<tab>0.0123<tab>10000". Reads with large buffers and
// takes answers apart only as far as their ends must be found, so that the server is the slower
// side.
//
//   mail_client PORT USER PASSWORD imap MESSAGES MAILBOX OCTETS [fill | empty]
//   mail_client PORT USER PASSWORD pop3 MESSAGES
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

/// Commands sent before the first of their answers is read; small enough for any socket buffer.
constexpr int kPipelined = 100;
/// Messages asked for one after the other: enough for a steady figure, few enough for a short run.
constexpr int kOneByOne = 3'000;
/// Messages of one MULTIAPPEND, and of the row that measures it.
constexpr int kAppendGroup = 100;
constexpr int kAppended = 2'000;
/// Every so many messages have the word that the searches look for.
constexpr int kWordEvery = 100;
constexpr std::string_view kWord = "heliotrope";

class Connection {
 public:
  explicit Connection(std::uint16_t port) {
    descriptor_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (descriptor_ < 0 ||
        connect(descriptor_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      throw std::runtime_error(std::string("cannot connect: ") + std::strerror(errno));
    }
    const int on = 1;
    setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~Connection() { close(descriptor_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) throw std::runtime_error("the server does not take our commands");
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  /// The next line without CRLF; valid until the next call.
  std::string_view line() {
    for (std::size_t looked = begin_;;) {
      const void* found = std::memchr(buffer_.data() + looked, '\n', end_ - looked);
      if (found != nullptr) {
        const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
        std::string_view line(buffer_.data() + begin_, end - begin_);
        begin_ = end + 1;
        if (line.ends_with('\r')) line.remove_suffix(1);
        return line;
      }
      const std::size_t held = end_ - begin_;
      more();
      looked = begin_ + held;
    }
  }

  void skip(std::size_t octets) {
    while (octets > 0) {
      if (begin_ == end_) more();
      const std::size_t part = std::min(octets, end_ - begin_);
      begin_ += part;
      octets -= part;
    }
  }

 private:
  void more() {
    if (begin_ > 0) {
      std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
                buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
      end_ -= std::exchange(begin_, 0);
    }
    if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
    const ssize_t got = recv(descriptor_, buffer_.data() + end_, buffer_.size() - end_, 0);
    if (got <= 0) throw std::runtime_error("the server closed the connection");
    end_ += static_cast<std::size_t>(got);
  }

  int descriptor_ = -1;
  std::vector<char> buffer_ = std::vector<char>(1 << 20);
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

void measure(const char* what, int count, const std::function<void()>& deed) {
  const auto begin = std::chrono::steady_clock::now();
  deed();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%s\t%.6f\t%d\n", what, took.count(), count);
  std::fflush(stdout);
}

/// A message of `octets` octets: a usual header, lines of text, the word in some of them.
std::string message(int number, std::size_t octets) {
  const bool marked = number % kWordEvery == 0;
  const std::string n = std::to_string(number);
  std::string text = "Return-Path: <alice@acme.example>\r\nReceived: from mail.acme.example";
  text += " ([192.0.2.1]) by mail.globex.example\r\n\twith ESMTP id " + n +
          " for <bob@globex.example>;";
  text += " Sun, 22 Nov 2026 04:40:14 +0000\r\nFrom: Alice Adams <alice@acme.example>\r\n";
  text += "To: Bob Brown <bob@globex.example>\r\nSubject: Message number " + n;
  if (marked) text.append(" about ").append(kWord);
  text += "\r\nDate: Sun, 22 Nov 2026 04:40:14 +0000\r\nMessage-ID: <" + n + "@acme.example>\r\n";
  text += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n";
  if (marked) text.append("The ").append(kWord).append(" is in bloom.\r\n");
  constexpr std::string_view line = "The quick brown fox jumps over the lazy dog by the river.\r\n";
  while (text.size() + line.size() + 2 <= octets) text += line;
  while (text.size() + 2 < octets) text += 'x';
  return text + "\r\n";
}

// ---- IMAP ----

class Imap {
 public:
  Imap(std::uint16_t port, const std::string& user, const std::string& password)
      : connection_(port) {
    greeting_ = connection_.line();
    command("LOGIN " + user + " " + password);
    command("CAPABILITY");
    multiappend_ = capabilities_.find(" MULTIAPPEND") != std::string::npos;
  }

  void send(const std::string& text) { connection_.send("a " + text + "\r\n"); }
  void send_raw(std::string_view text) { connection_.send(text); }

  /// Reads up to the tagged answer; literals are skipped. False unless it is OK.
  bool read() {
    for (;;) {
      const std::string_view line = connection_.line();
      if (line.starts_with("a ")) {
        last_ = line;
        return line.starts_with("a OK");
      }
      if (line.starts_with("* CAPABILITY")) capabilities_ = line;
      if (line.starts_with("* SEARCH")) {
        found_ = static_cast<int>(std::count(line.begin(), line.end(), ' ')) - 1;
      }
      if (line.ends_with('}')) skip_literal(line);
    }
  }
  void command(const std::string& text) {
    send(text);
    if (!read()) throw std::runtime_error(text.substr(0, 60) + ": " + last_);
  }
  /// Puts `count` messages into `mailbox`, as many in one command as the server allows.
  void append(const std::string& mailbox, int first, int count, std::size_t octets) {
    for (int done = 0; done < count; done += kAppendGroup) {
      const int group = std::min(kAppendGroup, count - done);
      std::string text;
      for (int i = 0; i < group; ++i) {
        const std::string content = message(first + done + i, octets);
        if (i == 0 || !multiappend_) text += "a APPEND " + mailbox;
        text += " {" + std::to_string(content.size()) + "+}\r\n" + content;
        if (i + 1 == group || !multiappend_) text += "\r\n";
      }
      send_raw(text);
      for (int i = 0; i < (multiappend_ ? 1 : group); ++i)
        if (!read()) throw std::runtime_error("APPEND: " + last_);
    }
  }
  int found() const { return found_; }

 private:
  void skip_literal(std::string_view line) {
    const std::size_t open = line.rfind('{');
    if (open == std::string_view::npos) return;
    connection_.skip(std::strtoull(line.data() + open + 1, nullptr, 10));
  }

  Connection connection_;
  std::string greeting_, capabilities_, last_;
  bool multiappend_ = false;
  int found_ = 0;
};

void expect_found(const Imap& imap, int messages) {
  const int expected = (messages + kWordEvery - 1) / kWordEvery;
  if (imap.found() != expected) {
    throw std::runtime_error("the search found " + std::to_string(imap.found()) +
                             " messages instead of " + std::to_string(expected));
  }
}

void imap_rows(std::uint16_t port, const std::string& user, const std::string& password,
               const std::string& mailbox, int messages, std::size_t octets) {
  measure("login + SELECT", 1, [&] { Imap(port, user, password).command("SELECT " + mailbox); });
  Imap imap(port, user, password);
  imap.command("SELECT " + mailbox);
  const std::string all = "UID FETCH 1:* ";
  measure("flags of all", messages, [&] { imap.command(all + "(FLAGS)"); });
  measure("header list of all", messages, [&] {
    imap.command(all +
                 "(FLAGS INTERNALDATE RFC822.SIZE"
                 " BODY.PEEK[HEADER.FIELDS (DATE FROM TO CC SUBJECT MESSAGE-ID)])");
  });
  measure("envelopes of all", messages,
          [&] { imap.command(all + "(FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)"); });
  measure("all bodies", messages, [&] { imap.command(all + "(BODY.PEEK[])"); });
  const int single = std::min(kOneByOne, messages);
  measure("bodies one by one", single, [&] {
    for (int i = 1; i <= single; ++i) imap.command("FETCH " + std::to_string(i) + " (BODY.PEEK[])");
  });
  measure("SEARCH SUBJECT", messages,
          [&] { imap.command("SEARCH SUBJECT " + std::string(kWord)); });
  expect_found(imap, messages);
  measure("SEARCH BODY", messages, [&] { imap.command("SEARCH BODY " + std::string(kWord)); });
  expect_found(imap, messages);
  measure("STORE of all flags", messages, [&] { imap.command("STORE 1:* +FLAGS (\\Seen)"); });
  measure("STORE of all flags, silent", messages,
          [&] { imap.command("STORE 1:* -FLAGS.SILENT (\\Seen)"); });
  imap.command("CREATE appended");
  measure("MULTIAPPEND, or APPEND with LITERAL+", kAppended,
          [&] { imap.append("appended", 0, kAppended, octets); });
  imap.command("DELETE appended");
}

// ---- POP3 ----

class Pop3 {
 public:
  Pop3(std::uint16_t port, const std::string& user, const std::string& password)
      : connection_(port) {
    expect_ok();
    command("USER " + user);
    command("PASS " + password);
  }
  void send(const std::string& text) { connection_.send(text); }
  void expect_ok() {
    const std::string_view line = connection_.line();
    if (!line.starts_with("+OK")) throw std::runtime_error("POP3: " + std::string(line));
  }
  void command(const std::string& text) {
    send(text + "\r\n");
    expect_ok();
  }
  void read_message() {
    expect_ok();
    while (connection_.line() != ".") {
    }
  }

 private:
  Connection connection_;
};

void pop3_rows(std::uint16_t port, const std::string& user, const std::string& password,
               int messages) {
  measure("login + STAT", 1, [&] { Pop3(port, user, password).command("STAT"); });
  {
    Pop3 pop3(port, user, password);
    const int single = std::min(kOneByOne, messages);
    measure("RETR one at a time", single, [&] {
      for (int i = 1; i <= single; ++i) {
        pop3.send("RETR " + std::to_string(i) + "\r\n");
        pop3.read_message();
      }
    });
    pop3.command("QUIT");
  }
  Pop3 pop3(port, user, password);
  measure("RETR pipelined", messages, [&] {
    const auto ask = [&](int first) {
      std::string text;
      for (int i = first; i < std::min(first + kPipelined, messages + 1); ++i)
        text += "RETR " + std::to_string(i) + "\r\n";
      if (!text.empty()) pop3.send(text);
    };
    ask(1);
    for (int i = 1; i <= messages; ++i) {
      // The next group is on its way before this one has been read.
      if (i % kPipelined == 1) ask(i + kPipelined);
      pop3.read_message();
    }
  });
  pop3.command("QUIT");
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.size() < 6) throw std::runtime_error("too few arguments");
  const auto port = static_cast<std::uint16_t>(std::stoi(arguments[1]));
  const std::string &user = arguments[2], &password = arguments[3];
  const int messages = std::stoi(arguments[5]);
  if (arguments[4] == "pop3") {
    pop3_rows(port, user, password, messages);
    return 0;
  }
  const std::string mailbox = arguments.at(6);
  const auto octets = static_cast<std::size_t>(std::stoul(arguments.at(7)));
  if (arguments.size() > 8) {
    Imap imap(port, user, password);
    if (arguments[8] == "empty") {
      imap.command("SELECT " + mailbox);
      imap.command("UID STORE 1:* +FLAGS.SILENT (\\Deleted)");
      imap.command("EXPUNGE");
      return 0;
    }
    if (mailbox != "INBOX") imap.command("CREATE " + mailbox);
    measure("fill", messages, [&] { imap.append(mailbox, 0, messages, octets); });
    return 0;
  }
  imap_rows(port, user, password, mailbox, messages, octets);
  return 0;
}

}  // namespace

int main(int count, char** values) {
  try {
    return run({values, values + count});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mail_client: %s\n", error.what());
    return 1;
  }
}
