#include "tests/sim/random_world.hpp"

#include <random>
#include <vector>

namespace mailscope::test {
namespace {

/// Draws that are the same with every standard library: the engine is standardised, the
/// distributions are not.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  int upto(int n) {
    return n <= 0 ? 0 : static_cast<int>(engine_() % static_cast<std::uint64_t>(n));
  }
  int between(int a, int b) { return a + upto(b - a + 1); }
  bool chance(int percent) { return upto(100) < percent; }
  template <typename T>
  const T& one_of(const std::vector<T>& list) {
    return list[static_cast<std::size_t>(upto(static_cast<int>(list.size())))];
  }

 private:
  std::mt19937_64 engine_;
};

struct Org {
  std::string name;
  std::vector<std::string> users, exchangers;
  bool takes_mail = true;
};

class Writer {
 public:
  Writer(std::uint64_t seed, Weather weather) : dice_(seed), seed_(seed), weather_(weather) {}

  std::string write() {
    std::string text = "{\"title\": \"Random world " + std::to_string(seed_) +
                       "\", \"seed\": " + std::to_string(seed_) + ",\n\"domains\": {\n";
    const int domains = dice_.between(2, 6);
    for (int i = 0; i < domains; ++i) text += (i == 0 ? "  " : ",\n  ") + domain(i);
    text += "\n},\n\"network\": " + network() + ",\n\"script\": [\n";
    const int acts = dice_.between(3, 14);
    for (int i = 0; i < acts; ++i) text += (i == 0 ? "  " : ",\n  ") + act();
    text += "\n],\n\"faults\": [\n";
    const int faults = weather_ == Weather::calm ? 0 : dice_.upto(9);
    for (int i = 0; i < faults; ++i) text += (i == 0 ? "  " : ",\n  ") + fault();
    return text + "\n]}\n";
  }

 private:
  static std::string quoted(const std::string& text) { return "\"" + text + "\""; }
  std::string seconds(int most) { return quoted(std::to_string(dice_.upto(most * 1000)) + "ms"); }
  const Org& org() {
    return orgs_[static_cast<std::size_t>(dice_.upto(static_cast<int>(orgs_.size())))];
  }
  /// An organisation that has users; the first one always has.
  const Org& peopled() {
    const Org& found = org();
    return found.users.empty() ? orgs_[0] : found;
  }

  std::string domain(int number) {
    static const std::vector<std::string> tlds = {"example", "test", "co.example"};
    Org org;
    org.name = "d" + std::to_string(number) + "." + dice_.one_of(tlds);
    std::string text = quoted(org.name) + ": {\"users\": [";
    const int users = number == 0 ? dice_.between(1, 3) : dice_.upto(4);
    for (int i = 0; i < users; ++i) {
      org.users.push_back("u" + std::to_string(i));
      text += (i == 0 ? "" : ", ") + user(org.users.back());
    }
    text += "]";
    const int kind = dice_.upto(10);
    if (kind < 3) {
      text += ", \"mx\": [\"mx1\", {\"host\": \"mx2\", \"preference\": " +
              std::string(dice_.chance(50) ? "10" : "20") + "}]";
      org.exchangers = {"mx1." + org.name, "mx2." + org.name};
    } else if (kind == 3) {
      text += ", \"mx\": \"none\"";
    } else if (kind == 4 && number > 0) {
      text += ", \"mx\": \"null\"";
      org.takes_mail = false;
    }
    if (dice_.chance(15))
      text += ", \"tls\": \"none\"";
    else if (dice_.chance(10))
      text += ", \"tls\": \"required\"";
    if (dice_.chance(10)) text += ", \"maxMessage\": \"20kB\"";
    if (dice_.chance(50)) text += ", \"ttl\": " + std::to_string(dice_.upto(300));
    if (dice_.chance(80)) {
      text += ", \"queue\": {\"retry\": [\"" + std::to_string(dice_.between(1, 90)) +
              "s\", \"5m\"], \"warnAfter\": \"" + std::to_string(dice_.between(1, 60)) +
              "m\", \"expireAfter\": \"" + std::to_string(dice_.between(1, 5)) + "h\"}";
    }
    orgs_.push_back(std::move(org));
    return text + "}";
  }

  std::string user(const std::string& name) {
    if (dice_.chance(50)) return quoted(name);
    std::string text = "{\"name\": " + quoted(name);
    if (dice_.chance(30)) text += ", \"quota\": \"" + std::to_string(dice_.between(1, 20)) + "kB\"";
    if (dice_.chance(50)) {
      text += ", \"devices\": [{\"protocol\": " +
              std::string(dice_.chance(50) ? "\"pop3\"" : "\"imap\"");
      if (dice_.chance(30)) text += ", \"security\": \"tls\"";
      if (dice_.chance(30)) text += ", \"leaveOnServer\": true";
      text += "}]";
    }
    return text + "}";
  }

  std::string network() {
    std::string text = "{\"latency\": \"" + std::to_string(dice_.between(0, 200)) + "ms\"";
    if (dice_.chance(30)) text += ", \"jitter\": \"" + std::to_string(dice_.upto(50)) + "ms\"";
    if (dice_.chance(20)) text += ", \"loss\": \"" + std::to_string(dice_.upto(5)) + "%\"";
    if (dice_.chance(20))
      text += ", \"bandwidth\": \"" + std::to_string(dice_.between(64, 5000)) + "kbps\"";
    return text + "}";
  }

  std::string recipient() {
    const int kind = dice_.upto(12);
    if (kind == 0) return quoted("nobody@" + org().name);
    if (kind == 1) return quoted("who@no-such-" + org().name);
    if (kind == 2) return quoted("postmaster@" + org().name);
    const Org& to = peopled();
    return quoted(dice_.one_of(to.users) + "@" + to.name);
  }

  std::string recipients() {
    std::string text = "[";
    const int count = dice_.chance(50) ? 1 : dice_.between(2, 6);
    for (int i = 0; i < count; ++i) text += (i == 0 ? "" : ", ") + recipient();
    return text + "]";
  }

  std::string act() {
    const Org& home = peopled();
    const std::string who = quoted(dice_.one_of(home.users) + "@" + home.name);
    const std::string at = "{\"at\": " + seconds(600) + ", ";
    const int kind = dice_.upto(10);
    if (kind == 0) return at + "\"read\": {\"who\": " + who + "}}";
    if (kind == 1) return at + "\"delete\": {\"who\": " + who + "}}";
    std::string text = at + "\"send\": {\"from\": " + who + ", \"to\": " + recipients() +
                       ", \"subject\": \"S" + std::to_string(++sent_) + "\"";
    if (dice_.chance(20)) text += ", \"cc\": " + recipients();
    if (dice_.chance(10)) text += ", \"bcc\": " + recipients();
    if (dice_.chance(20))
      text += ", \"attachments\": [{\"name\": \"a\", \"size\": \"" +
              std::to_string(dice_.between(1, 40'000)) + "B\"}]";
    return text + "}}";
  }

  std::string mail_host(const Org& org) {
    return !org.exchangers.empty() && dice_.chance(60) ? dice_.one_of(org.exchangers)
                                                       : "mail." + org.name;
  }

  std::string fault() {
    const std::string head =
        "{\"at\": " + seconds(600) + ", \"for\": " + seconds(dice_.chance(80) ? 900 : 9'000) + ", ";
    const Org& hit = org();
    const Org& other = org();
    switch (dice_.upto(9)) {
      case 0:
      case 1:
        return head + "\"host\": " + quoted(mail_host(hit)) + ", \"down\": true}";
      case 2:
        return head + "\"host\": " + quoted((dice_.chance(50) ? "ns1." : "resolver.") + hit.name) +
               ", \"down\": true}";
      case 3:
        if (hit.name == other.name)
          return head + "\"link\": " + quoted(mail_host(hit)) + ", \"down\": true}";
        return head + "\"link\": [" + quoted(hit.name) + ", " + quoted(other.name) +
               "], \"down\": true}";
      case 4:
        return head + "\"link\": " + quoted(mail_host(hit)) +
               (dice_.chance(50)
                    ? ", \"loss\": \"" + std::to_string(dice_.between(1, 60)) + "%\"}"
                    : ", \"latency\": \"" + std::to_string(dice_.between(1, 3000)) + "ms\"}");
      case 5:
        return head + "\"dns\": {\"name\": " + quoted(hit.name) + ", \"type\": \"MX\", " +
               (dice_.chance(50) ? "\"missing\": true}}"
                                 : "\"values\": [\"5 " + mail_host(other) + ".\"]}}");
      case 6:
        if (hit.users.empty())
          return head + "\"host\": " + quoted(mail_host(hit)) + ", \"down\": true}";
        return head + "\"mailboxFull\": " + quoted(dice_.one_of(hit.users) + "@" + hit.name) + "}";
      default:
        return head + "\"host\": " + quoted(mail_host(hit)) + ", \"answer\": " + answer() + "}";
    }
  }

  std::string answer() {
    static const std::vector<std::string> commands = {
        "CONNECT", "EHLO", "STARTTLS", "MAIL", "RCPT", "DATA", "END-OF-DATA", "QUIT", "AUTH"};
    static const std::vector<std::string> replies = {"450 4.2.0 Later",   "451 4.3.0 Busy",
                                                     "421 4.3.2 Closing", "550 5.7.1 No",
                                                     "552 5.3.4 Too big", "554 5.0.0 Never"};
    std::string text = "{\"command\": " + quoted(dice_.one_of(commands));
    if (dice_.chance(30))
      text += ", \"drop\": true";
    else
      text += ", \"reply\": " + quoted(dice_.one_of(replies));
    if (dice_.chance(60)) text += ", \"times\": " + std::to_string(dice_.between(1, 4));
    return text + "}";
  }

  Dice dice_;
  std::uint64_t seed_;
  Weather weather_;
  std::vector<Org> orgs_;
  int sent_ = 0;
};

}  // namespace

std::string random_scenario(std::uint64_t seed, Weather weather) {
  return Writer(seed, weather).write();
}

}  // namespace mailscope::test
