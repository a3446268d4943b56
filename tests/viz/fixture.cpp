#include "tests/viz/fixture.hpp"

#include <initializer_list>
#include <string>
#include <vector>

namespace mailscope::fixture {
namespace {

using trace::ConnectionId;
using trace::EventId;
using trace::HostId;
using trace::Kind;
using trace::Log;
using trace::MessageNumber;
using trace::Origin;
using trace::Value;

constexpr const char* kNames[] = {"acme", "globex", "initech", "umbrella", "hooli", "stark"};
constexpr const char* kUsers[] = {"alice", "bob", "carol", "dave", "erin", "frank"};

class Writer {
 public:
  EventId record(Kind kind, Origin origin, std::initializer_list<Value> values) {
    const std::vector<Value> list(values);
    time_ += net::Duration(2'000'000);
    last_ = log_.append(time_, kind, origin, cause_, list.data(), list.size());
    return last_;
  }
  EventId cause(Kind kind, Origin origin, std::initializer_list<Value> values) {
    return cause_ = record(kind, origin, values);
  }
  void wait(int milliseconds) { time_ += net::Duration(std::int64_t{milliseconds} * 1'000'000); }
  HostId host(const std::string& name) { return log_.host(name); }
  ConnectionId connection() { return ++connections_; }
  MessageNumber message() { return ++messages_; }
  Log take() { return std::move(log_); }
  void set_cause(EventId id) { cause_ = id; }

 private:
  Log log_;
  net::Time time_{net::Duration(1'767'254'400'000'000'000)};
  EventId cause_ = 0;
  EventId last_ = 0;
  ConnectionId connections_ = 0;
  MessageNumber messages_ = 0;
};

struct Site {
  std::string domain, user, person;
  HostId client, mail, mx2, ns;
  std::string address() const { return user + "@" + domain; }
  std::string mx() const { return "mx1." + domain; }
};

class Play {
 public:
  Play(const std::string& title, int domains) {
    w_.record(Kind::lesson_scenario, {},
              {title, 4, 1'767'254'400'000'000'000, "0.1.0",
               "A message crosses from one organisation to another."});
    for (int i = 0; i < domains; ++i) {
      const std::string domain = std::string(kNames[i]) + ".example";
      w_.record(Kind::lesson_domain, {}, {domain, story_name(kUsers[i]) + "'s organisation"});
    }
    root_ = infrastructure("a.root-servers.example", "root", "dns-root", "198.51.100.1");
    tld_ = infrastructure("ns.example", ".example", "dns-tld", "198.51.100.2");
    resolver_ = infrastructure("resolver.example", "Resolver", "resolver", "198.51.100.3");
    for (int i = 0; i < domains; ++i) sites_.push_back(site(i));
  }

  Site& at(std::size_t i) { return sites_[i]; }
  Log take() { return w_.take(); }

  MessageNumber submit(Site& from, const std::string& to, const std::string& subject) {
    w_.set_cause(0);
    w_.cause(Kind::lesson_act, {from.client, 0, 0, 0},
             {from.person, "send", "to " + to + ": " + subject});
    const ConnectionId c = open(from.client, from.mail, "10.1.0.5:587");
    const Origin o{from.mail, from.client, c, 0};
    w_.cause(Kind::smtp_connected, o, {"submission", "clear"});
    reply(o, 220, "", "mail." + from.domain + " ESMTP Mailscope");
    command(o, "EHLO", "EHLO laptop." + from.domain);
    reply(o, 250, "",
          "mail." + from.domain +
              "\nPIPELINING\nSIZE 26214400\nSTARTTLS\n8BITMIME\nENHANCEDSTATUSCODES");
    start_tls(o, "mail." + from.domain);
    command(o, "EHLO", "EHLO laptop." + from.domain);
    reply(o, 250, "",
          "mail." + from.domain +
              "\nPIPELINING\nAUTH PLAIN LOGIN SCRAM-SHA-256\nENHANCEDSTATUSCODES");
    command(o, "AUTH", "AUTH PLAIN [redacted]");
    w_.record(Kind::policy_auth, o, {from.address(), "PLAIN", 1, ""});
    reply(o, 235, "2.7.0", "Authentication successful");
    command(o, "MAIL", "MAIL FROM:<" + from.address() + "> SIZE=1482");
    reply(o, 250, "2.1.0", "Ok");
    command(o, "RCPT", "RCPT TO:<" + to + ">");
    w_.record(Kind::policy_recipient, o, {to, "relay", "authenticated"});
    reply(o, 250, "2.1.5", "Ok");
    command(o, "DATA", "DATA");
    reply(o, 354, "", "End data with <CR><LF>.<CR><LF>");
    const MessageNumber m = w_.message();
    content_ =
        "Message-ID: <4f2a91@acme.example>\r\nDate: Thu, 1 Jan 2026 08:00:00 +0000\r\nFrom: " +
        story_name(from.user) + " <" + from.address() +
        ">\r\nTo: " + story_name(to.substr(0, to.find('@'))) + " <" + to +
        ">\r\nSubject: " + subject + "\r\n\r\nShall we meet at noon?\r\n";
    w_.cause(Kind::smtp_data, o, {1482});
    w_.record(Kind::mail_accepted, {from.mail, 0, 0, m},
              {"4F2A91", "<4f2a91@acme.example>", from.address(), to, 1482, content_});
    reply(o, 250, "2.0.0", "Ok: queued as 4F2A91");
    command(o, "QUIT", "QUIT");
    reply(o, 221, "2.0.0", "Bye");
    w_.record(Kind::smtp_closed, o, {"quit"});
    return m;
  }

  void relay(Site& from, Site& to, MessageNumber m, const std::string& rcpt, bool known) {
    resolve(from.mail, to, "MX", to.domain,
            to.domain + ". 3600 IN MX 10 mx1." + to.domain + ".\n" + to.domain +
                ". 3600 IN MX 20 mx2." + to.domain + ".");
    w_.record(Kind::policy_mx, {from.mail, 0, 0, m},
              {to.domain, "mx1." + to.domain + ", mx2." + to.domain});
    w_.cause(Kind::smtp_attempt, {from.mail, 0, 0, m}, {"4F2A91", to.domain, to.mx(), 1});
    resolve(from.mail, to, "A", to.mx(), to.mx() + ". 3600 IN A 10.2.0.25", true);
    const ConnectionId c = open(from.mail, w_.host(to.mx()), "10.2.0.25:25");
    const Origin o{w_.host(to.mx()), from.mail, c, 0};
    w_.cause(Kind::smtp_connected, o, {"mx", "clear"});
    reply(o, 220, "", to.mx() + " ESMTP Mailscope");
    command(o, "EHLO", "EHLO mail." + from.domain);
    reply(o, 250, "",
          to.mx() + "\nPIPELINING\nSIZE 26214400\nSTARTTLS\n8BITMIME\nENHANCEDSTATUSCODES");
    start_tls(o, to.mx());
    command(o, "EHLO", "EHLO mail." + from.domain);
    reply(o, 250, "", to.mx() + "\nPIPELINING\nSIZE 26214400\n8BITMIME\nENHANCEDSTATUSCODES");
    command(o, "MAIL", "MAIL FROM:<" + from.address() + "> SIZE=1482");
    reply(o, 250, "2.1.0", "Ok");
    command(o, "RCPT", "RCPT TO:<" + rcpt + ">");
    w_.record(Kind::policy_recipient, o,
              {rcpt, known ? "local" : "unknown", known ? "" : "no such user"});
    if (!known) {
      const EventId refused = reply(o, 550, "5.1.1", "User unknown");
      command(o, "QUIT", "QUIT");
      reply(o, 221, "2.0.0", "Bye");
      w_.set_cause(refused);
      w_.record(Kind::smtp_outcome, {from.mail, o.host, c, m},
                {"4F2A91", to.mx(), "failed", "550 5.1.1 User unknown"});
      w_.cause(Kind::mail_failed, {from.mail, 0, 0, m},
               {"4F2A91", rcpt, "5.1.1", "550 5.1.1 User unknown"});
      bounce(from, m);
      return;
    }
    reply(o, 250, "2.1.5", "Ok");
    command(o, "DATA", "DATA");
    reply(o, 354, "", "End data with <CR><LF>.<CR><LF>");
    w_.cause(Kind::smtp_data, o, {1690});
    w_.record(Kind::mail_accepted, {o.host, 0, 0, m},
              {"7C31E0", "<4f2a91@acme.example>", from.address(), rcpt, 1690, content_});
    w_.record(Kind::mail_delivered, {o.host, 0, 0, m}, {"7C31E0", rcpt, "INBOX", 1});
    w_.record(Kind::store_appended, {o.host, 0, 0, m}, {rcpt, "INBOX", 1, 1690, ""});
    const EventId done = reply(o, 250, "2.0.0", "Ok: queued as 7C31E0");
    w_.set_cause(done);
    w_.record(Kind::smtp_outcome, {from.mail, o.host, c, m},
              {"4F2A91", to.mx(), "delivered", "250 2.0.0 Ok"});
    w_.record(Kind::mail_relayed, {from.mail, o.host, c, m}, {"4F2A91", rcpt, to.mx()});
    command(o, "QUIT", "QUIT");
    reply(o, 221, "2.0.0", "Bye");
    w_.record(Kind::smtp_closed, o, {"quit"});
  }

  void read(Site& site) {
    w_.wait(3000);
    w_.set_cause(0);
    w_.cause(Kind::lesson_act, {site.client, 0, 0, 0},
             {site.person, "fetch", "opens the mail app"});
    const HostId server = w_.host(site.mx());
    const ConnectionId c = open(site.client, server, "10.2.0.25:993");
    const Origin o{server, site.client, c, 0};
    w_.record(Kind::tls_hello, o, {site.mx(), "TLS 1.3, TLS 1.2"});
    w_.record(
        Kind::tls_established, o,
        {"TLS 1.3", "TLS_AES_256_GCM_SHA384", "X25519", site.mx(), "Mailscope Test CA", 1, ""});
    w_.cause(Kind::imap_connected, o, {"tls"});
    response(o, "*", "OK [CAPABILITY IMAP4rev2 AUTH=PLAIN] Mailscope ready");
    imap(o, "a1", "LOGIN", "LOGIN " + site.user + " [redacted]");
    w_.record(Kind::policy_auth, o, {site.address(), "LOGIN", 1, ""});
    response(o, "a1", "OK LOGIN completed");
    imap(o, "a2", "SELECT", "SELECT INBOX");
    response(o, "*", "1 EXISTS");
    response(o, "*", "FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)");
    response(o, "*", "OK [UIDVALIDITY 1767254400] UIDs valid");
    response(o, "a2", "OK [READ-WRITE] SELECT completed");
    imap(o, "a3", "FETCH", "FETCH 1 (FLAGS BODY[])");
    response(o, "*", "1 FETCH (FLAGS (\\Seen) BODY[] {1690}");
    w_.record(Kind::store_flags, o, {site.address(), "INBOX", "1", "+\\Seen"});
    response(o, "a3", "OK FETCH completed");
    imap(o, "a4", "LOGOUT", "LOGOUT");
    response(o, "*", "BYE see you");
    response(o, "a4", "OK LOGOUT completed");
    w_.record(Kind::imap_closed, o, {"logout"});
  }

 private:
  static std::string story_name(std::string text) {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
  }

  HostId infrastructure(const std::string& name, const std::string& label, const std::string& roles,
                        const std::string& address) {
    w_.record(Kind::lesson_host, {}, {name, label, "", roles, address});
    return w_.host(name);
  }

  Site site(int i) {
    Site s;
    s.domain = std::string(kNames[i]) + ".example";
    s.user = kUsers[i];
    s.person = story_name(s.user);
    const std::string net = "10." + std::to_string(i + 1) + ".0.";
    const auto host = [&](const std::string& name, const std::string& label,
                          const std::string& roles, const std::string& last) {
      w_.record(Kind::lesson_host, {}, {name + "." + s.domain, label, s.domain, roles, net + last});
      return w_.host(name + "." + s.domain);
    };
    s.client = host("laptop", s.person, "client", "5");
    s.mail = host("mail", "", "submission", "25");
    host("mx1", "", "mx imap pop3", "26");
    s.mx2 = i % 2 == 1 ? host("mx2", "", "mx", "27") : 0;
    s.ns = host("ns1", "", "dns-auth", "53");
    w_.record(Kind::lesson_person, {}, {s.person, s.address(), "laptop." + s.domain, "laptop"});
    return s;
  }

  ConnectionId open(HostId from, HostId to, const std::string& endpoint) {
    w_.wait(8);
    const ConnectionId c = w_.connection();
    w_.cause(Kind::transport_open, {from, to, c, 0}, {"10.1.0.25:40001", endpoint});
    w_.record(Kind::transport_segment, {from, to, c, 0}, {"SYN", 0, 0, 65535, 0, ""});
    w_.record(Kind::transport_segment, {to, from, c, 0}, {"SYN ACK", 0, 1, 65535, 0, ""});
    w_.record(Kind::transport_established, {from, to, c, 0}, {"10.1.0.25:40001", endpoint});
    return c;
  }

  void command(Origin o, const std::string& verb, const std::string& line) {
    w_.wait(10);
    w_.record(Kind::transport_segment, {o.peer, o.host, o.connection, 0},
              {"ACK PSH", 1, 1, 65535, static_cast<int>(line.size()) + 2, line});
    w_.cause(Kind::smtp_command, o, {verb, line});
  }
  EventId reply(Origin o, int code, const std::string& enhanced, const std::string& text) {
    w_.wait(6);
    return w_.record(Kind::smtp_reply, o, {code, enhanced, text});
  }
  void imap(Origin o, const std::string& tag, const std::string& verb, const std::string& line) {
    w_.wait(10);
    w_.cause(Kind::imap_command, o, {tag, verb, line});
  }
  void response(Origin o, const std::string& tag, const std::string& text) {
    w_.wait(2);
    w_.record(Kind::imap_response, o, {tag, text, static_cast<int>(text.size())});
  }

  void start_tls(Origin o, const std::string& name) {
    command(o, "STARTTLS", "STARTTLS");
    reply(o, 220, "2.0.0", "Ready to start TLS");
    w_.wait(10);
    w_.record(Kind::tls_hello, o, {name, "TLS 1.3, TLS 1.2"});
    w_.wait(10);
    for (int side = 0; side < 2; ++side) {
      const Origin at = side == 0 ? o : Origin{o.peer, o.host, o.connection, 0};
      w_.record(Kind::tls_established, at,
                {"TLS 1.3", "TLS_AES_256_GCM_SHA384", "X25519", name, "Mailscope Test CA", 1, ""});
    }
  }

  void hop(HostId server, const std::string& name, const std::string& type,
           const std::string& answer, const std::string& authority) {
    w_.wait(12);
    w_.record(Kind::dns_query, {resolver_, server, 0, 0},
              {++dns_id_, name, type, "198.51.100.9:53", "udp", 0, 1});
    w_.wait(12);
    w_.record(Kind::dns_response, {server, resolver_, 0, 0},
              {dns_id_, name, type, "NOERROR", answer.empty() ? "qr" : "qr aa", answer, authority,
               "", 120});
  }

  void resolve(HostId asker, const Site& about, const std::string& type, const std::string& name,
               const std::string& answer, bool warm = false) {
    w_.wait(5);
    w_.cause(Kind::dns_lookup, {asker, 0, 0, 0}, {name, type});
    w_.record(Kind::dns_query, {asker, resolver_, 0, 0},
              {++dns_id_, name, type, "198.51.100.3:53", "udp", 1, 1});
    if (!warm) {
      hop(root_, name, type, "", "example. 172800 IN NS ns.example.");
      hop(tld_, name, type, "", about.domain + ". 172800 IN NS ns1." + about.domain + ".");
    }
    hop(about.ns, name, type, answer, "");
    w_.record(Kind::dns_response, {resolver_, asker, 0, 0},
              {dns_id_, name, type, "NOERROR", "qr ra", answer, "", "", 120});
    w_.record(Kind::dns_result, {asker, 0, 0, 0}, {name, type, "ok", answer});
  }

  void bounce(Site& from, MessageNumber failed) {
    const MessageNumber m = w_.message();
    w_.cause(Kind::mail_bounced, {from.mail, 0, 0, failed},
             {"4F2A91", "4F2A92", "failed", from.address()});
    w_.record(
        Kind::mail_accepted, {from.mail, 0, 0, m},
        {"4F2A92", "<dsn1@mail." + from.domain + ">", "", from.address(), 2210,
         "From: Mail Delivery System <postmaster@" + from.domain + ">\r\nTo: " + from.address() +
             "\r\nSubject: Your message could not be delivered\r\n\r\nUser unknown\r\n"});
    w_.record(Kind::mail_delivered, {from.mail, 0, 0, m}, {"4F2A92", from.address(), "INBOX", 1});
    w_.record(Kind::store_appended, {from.mail, 0, 0, m}, {from.address(), "INBOX", 1, 2210, ""});
  }

  Writer w_;
  HostId root_ = 0, tld_ = 0, resolver_ = 0;
  std::vector<Site> sites_;
  std::string content_;
  int dns_id_ = 4096;
};

}  // namespace

Log delivery() {
  Play play("Direct delivery with STARTTLS", 2);
  const MessageNumber m = play.submit(play.at(0), play.at(1).address(), "Lunch on Friday?");
  play.relay(play.at(0), play.at(1), m, play.at(1).address(), true);
  play.read(play.at(1));
  return play.take();
}

Log unknown_user() {
  Play play("The address that does not exist", 2);
  const MessageNumber m = play.submit(play.at(0), "bbo@globex.example", "Lunch?");
  play.relay(play.at(0), play.at(1), m, "bbo@globex.example", false);
  return play.take();
}

Log ring(int domains) {
  Play play("Round the ring", domains);
  for (int i = 0; i < domains; ++i) {
    Site& from = play.at(static_cast<std::size_t>(i));
    Site& to = play.at(static_cast<std::size_t>((i + 1) % domains));
    const MessageNumber m = play.submit(from, to.address(), "Pass it on");
    play.relay(from, to, m, to.address(), true);
  }
  return play.take();
}

}  // namespace mailscope::fixture
