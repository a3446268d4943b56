// A scenario in memory: what a JSON file says, checked and with all defaults filled in. Plain data;
// sim/world builds a world from it, docs/scenario.md explains each key to its author.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "server/net/time.hpp"
#include "server/policy/switches.hpp"

namespace mailscope::scenario {

using net::Duration;

/// Where in the file something was written, for errors that show up later than loading.
struct Place {
  std::string pointer;  // JSON pointer, RFC 6901
  int line = 0, column = 0;
};

enum class Protocol : std::uint8_t { imap, pop3 };
enum class Security : std::uint8_t { none, starttls, tls };

struct Device {
  std::string name = "laptop";
  Protocol protocol = Protocol::imap;
  bool leave_on_server = false;  // POP3: do not delete after fetching
  Security security = Security::starttls;
  std::string login;  // SASL mechanism; empty: the protocol's plainest
};

struct User {
  std::string name;   // local part
  std::string label;  // "Alice"
  std::string password;
  std::uint64_t quota_octets = 0;  // 0: none
  std::vector<Device> devices;
  std::string sieve;  // filter script, checked; empty: none
};

struct MailExchanger {
  std::string host;  // full name
  int preference = 10;
};

struct RecordText {
  std::string name, type, value;
  std::uint32_t ttl_s = 0;
};

/// What the queues of a domain's servers spare one domain.
struct DestinationLimits {
  int connections = 2;          // at a time
  int messages_per_minute = 0;  // 0: no limit
};

struct Queue {
  std::vector<Duration> retry;  // waits before attempts 2, 3, ...; the last repeats
  Duration warn_after{};
  Duration expire_after{};
  int connections = 20;  // of one server, to all domains
  int messages_per_connection = 100;
  DestinationLimits per_domain;
  std::map<std::string, DestinationLimits> domains;  // that differ
};

enum class TlsUse : std::uint8_t { none, offered, required };

/// Mail for one address goes to others.
struct Alias {
  std::string name;  // local part
  std::vector<std::string> targets;
};

/// A mailing list of a domain.
struct List {
  std::string name;  // local part
  std::string title;
  std::vector<std::string> members;
  bool members_only = false;
};

struct Domain {
  std::string name;
  std::string label;  // "Alice's organisation", or empty
  std::vector<User> users;
  std::vector<Alias> aliases;
  std::vector<List> lists;
  std::string catch_all;  // local part that gets what nobody has; empty: it is refused
  std::vector<MailExchanger> mx;
  bool null_mx = false;    // RFC 7505: accepts no mail
  bool publish_mx = true;  // false: no MX record, senders fall back to the address record
  TlsUse tls = TlsUse::offered;
  bool plaintext_auth = false;
  std::vector<std::string> more_logins;  // "SCRAM-PLUS", "CRAM-MD5", "SCRAM-SHA-1", "APOP"
  Duration login_delay{};                // of POP3; 0: none
  std::uint32_t ttl_s = 3600;
  std::uint64_t max_message_octets = 0;
  std::vector<RecordText> records;
  Queue queue;
  std::string mail_host() const { return "mail." + name; }
};

struct LinkQuality {
  Duration latency{};
  Duration jitter{};
  std::uint64_t bandwidth_bps = 0;  // 0: unlimited
  double loss = 0;                  // probability of a packet
};

struct Link {
  std::string a, b;  // host or domain names
  LinkQuality quality;
  Place place;
};

struct Network {
  LinkQuality between_domains;
  LinkQuality inside_domain;
  std::vector<Link> links;
};

struct Attachment {
  std::string name, type, content;
};

struct Send {
  std::string from;
  std::vector<std::string> to, cc, bcc;
  std::string subject, text, html;
  std::vector<Attachment> attachments;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string device;
};
/// Fetch what is new, by the device's protocol.
struct Read {
  std::string who, device, mailbox;
};
/// Which messages of a mailbox: those whose subject contains the text; all when it is empty.
struct Delete {
  std::string who, device, mailbox, subject;
};
struct Move {
  std::string who, device, mailbox, subject, to;
};
struct Flag {
  std::string who, device, mailbox, subject, add, remove;
};
using Act = std::variant<Send, Read, Delete, Move, Flag>;
struct ScriptEntry {
  Duration at{};
  Act act;
  Place place;
};

struct HostDown {
  std::string host;
};
struct LinkFault {
  std::string a, b;  // b empty: every link of host a
  bool down = false;
  std::optional<Duration> latency;
  std::optional<std::uint64_t> bandwidth_bps;
  std::optional<double> loss;
};
/// Replaces the records of a name and type, or takes them away.
struct DnsFault {
  std::string name, type;
  std::vector<std::string> values;
  std::uint32_t ttl_s = 0;
};
struct MailboxFull {
  std::string account;
};
/// A lesson switch of a host's servers: a command or a capability is not what it would be.
struct SwitchFault {
  std::string host;
  policy::Switch what;
};
using FaultKind = std::variant<HostDown, LinkFault, DnsFault, MailboxFull, SwitchFault>;
struct Fault {
  Duration at{};
  std::optional<Duration> lasts;  // nullopt: until the end
  FaultKind kind;
  Place place;
};

struct DsnMatch {
  std::string action, status, recipient;
};
struct MessageMatch {
  std::string from, to, subject, text;  // contained in the field or body
  std::vector<std::string> flags;
  std::optional<DsnMatch> dsn;
};
struct ExpectMailbox {
  std::string account, mailbox;
  std::string device;  // not empty: what the device holds rather than the server
  std::optional<int> count;
  std::optional<MessageMatch> has, has_not;
};
struct ExpectQueue {
  std::string host;
  int count = 0;
};
struct EventMatch {
  std::string kind, host, peer;
  std::vector<std::pair<std::string, std::variant<std::int64_t, std::string>>> fields;
  bool caused = false;                    // the event matched before must be among its causes
  std::optional<Duration> after, before;  // virtual time
};
struct ExpectEvents {
  std::vector<EventMatch> sequence;
  bool never = false;  // none of them may happen
};
using ExpectKind = std::variant<ExpectMailbox, ExpectQueue, ExpectEvents>;
struct Expectation {
  std::optional<Duration> by;  // nullopt: at the end
  ExpectKind kind;
  Place place;
};

struct Chapter {
  std::string title;
  Duration at{};
};
/// A sentence of the author's at the first event that matches.
struct Note {
  EventMatch when;
  std::string say, more, rfc;
};
struct Question {
  EventMatch when;
  std::string ask;
  std::vector<std::string> answers;
  int right = 0;
  std::string because;
};
struct Lesson {
  std::vector<Chapter> chapters;
  std::vector<Note> notes;
  std::vector<Question> questions;
};

struct Scenario {
  std::string file;  // as given to the loader
  std::string title, description;
  std::vector<std::string> goals;
  std::uint64_t seed = 1;
  net::Time start;
  std::optional<Duration> duration;  // nullopt: until nothing is left to do
  bool capture_payloads = false;     // keep packet contents in the trace
  bool show_secrets = false;
  std::vector<Domain> domains;  // in the order of the file
  Network network;
  std::vector<ScriptEntry> script;
  std::vector<Fault> faults;
  std::vector<Expectation> expect;
  Lesson lesson;

  const Domain* find_domain(std::string_view name) const;
  const User* find_user(std::string_view address) const;
};

}  // namespace mailscope::scenario
