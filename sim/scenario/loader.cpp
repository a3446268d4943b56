#include "sim/scenario/loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>

#include "server/mail/encoding.hpp"
#include "server/trace/event.hpp"
#include "sim/scenario/document.hpp"
#include "sim/scenario/shape.hpp"
#include "sim/scenario/units.hpp"

namespace mailscope::scenario {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string capital(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

/// A JSON value and where it stands. The document has been validated, so types are right; what is
/// left to check here is what only the whole tells: names, doubles, combinations.
class Node {
 public:
  Node(const Document& document, const Json& json, std::string pointer)
      : document_(document), json_(&json), pointer_(std::move(pointer)) {}

  bool has(const char* key) const { return json_->contains(key); }
  Node operator[](const std::string& key) const {
    return {document_, json_->at(key), pointer_ + pointer_step(key)};
  }
  std::vector<Node> items() const {
    std::vector<Node> list;
    for (std::size_t i = 0; i < json_->size(); ++i) {
      list.emplace_back(document_, (*json_)[i], pointer_ + "/" + std::to_string(i));
    }
    return list;
  }
  std::vector<std::pair<std::string, Node>> members() const {
    std::vector<std::pair<std::string, Node>> list;
    for (const auto& [key, child] : json_->items()) {
      list.emplace_back(key, Node(document_, child, pointer_ + pointer_step(key)));
    }
    return list;
  }
  const Json& json() const { return *json_; }
  std::string text() const { return json_->get<std::string>(); }
  std::string text(const char* key, std::string otherwise = {}) const {
    return has(key) ? (*json_)[key].get<std::string>() : otherwise;
  }
  bool boolean(const char* key, bool otherwise) const {
    return has(key) ? (*json_)[key].get<bool>() : otherwise;
  }
  template <typename T>
  T integer(const char* key, T otherwise) const {
    return has(key) ? (*json_)[key].get<T>() : otherwise;
  }
  template <typename Parse>
  auto unit(Parse parse) const {
    const auto value = parse(text());
    if (!value) fail(fmt::format("{} is too large", text()));
    return *value;
  }
  Duration duration(const char* key, Duration otherwise = {}) const {
    return has(key) ? (*this)[key].unit(parse_duration) : otherwise;
  }
  Place place() const { return document_.place(pointer_); }
  [[noreturn]] void fail(std::string_view message) const { document_.fail(pointer_, message); }
  [[noreturn]] void fail_at_key(std::string_view message) const {
    document_.fail_at_key(pointer_, message);
  }

 private:
  const Document& document_;
  const Json* json_;
  std::string pointer_;
};

class Loader {
 public:
  explicit Loader(const Document& document) : root_(document, document.root(), "") {
    scenario_.file = document.file();
  }

  Scenario load() {
    head();
    for (const auto& [name, node] : root_["domains"].members()) domain(name, node);
    name_hosts();
    if (root_.has("network"))
      network(root_["network"]);
    else
      default_network();
    if (root_.has("script")) script(root_["script"]);
    if (root_.has("faults"))
      for (const Node& node : root_["faults"].items()) fault(node);
    if (root_.has("expect"))
      for (const Node& node : root_["expect"].items()) expectation(node);
    if (root_.has("lesson")) lesson(root_["lesson"]);
    return std::move(scenario_);
  }

 private:
  void head() {
    scenario_.title = root_.text("title");
    scenario_.description = root_.text("description");
    if (root_.has("goals"))
      for (const Node& goal : root_["goals"].items()) scenario_.goals.push_back(goal.text());
    scenario_.seed = root_.integer<std::uint64_t>("seed", 1);
    scenario_.start = start();
    if (root_.has("duration")) scenario_.duration = root_.duration("duration");
    scenario_.capture_payloads = root_.boolean("capture", false);
    scenario_.show_secrets = root_.boolean("showSecrets", false);
  }

  net::Time start() const {
    int y = 2026, mo = 3, d = 2, h = 9, mi = 0, s = 0;
    if (root_.has("start")) {
      std::sscanf(root_.text("start").c_str(), "%4d-%2d-%2dT%2d:%2d:%2dZ", &y, &mo, &d, &h, &mi,
                  &s);
    }
    const std::chrono::year_month_day date{std::chrono::year(y),
                                           std::chrono::month(static_cast<unsigned>(mo)),
                                           std::chrono::day(static_cast<unsigned>(d))};
    if (!date.ok() || h > 23 || mi > 59 || s > 59 || y < 1990 || y > 2200) {
      root_["start"].fail("there is no such date and time between 1990 and 2200");
    }
    return std::chrono::sys_days(date) + std::chrono::hours(h) + std::chrono::minutes(mi) +
           std::chrono::seconds(s);
  }

  // Domains.

  void domain(const std::string& written, const Node& node) {
    Domain out;
    out.name = lower(written);
    if (scenario_.find_domain(out.name) != nullptr)
      node.fail_at_key(fmt::format("the domain {} is there twice", out.name));
    out.label = node.text("label");
    std::set<std::string> seen;
    for (const Node& entry : node["users"].items()) {
      User person = user(entry);
      if (!seen.insert(person.name).second) {
        entry.fail(fmt::format("the user {}@{} is there twice", person.name, out.name));
      }
      out.users.push_back(std::move(person));
    }
    exchangers(node, out);
    const std::string tls = node.text("tls", "offered");
    out.tls = tls == "none" ? TlsUse::none : tls == "required" ? TlsUse::required : TlsUse::offered;
    out.plaintext_auth = node.boolean("plaintextAuth", false);
    out.ttl_s = node.integer<std::uint32_t>("ttl", 3600);
    out.max_message_octets =
        node.has("maxMessage") ? node["maxMessage"].unit(parse_size) : 25'000'000;
    if (node.has("records")) {
      for (const Node& entry : node["records"].items()) {
        RecordText record;
        record.name = lower(entry.text("name"));
        if (record.name == "@")
          record.name = out.name;
        else if (!within(record.name, out.name))
          record.name += "." + out.name;
        record.type = entry.text("type");
        record.value = entry.text("value");
        record.ttl_s = entry.integer<std::uint32_t>("ttl", out.ttl_s);
        out.records.push_back(std::move(record));
      }
    }
    queue(node, out);
    if (out.tls == TlsUse::none) {
      // No certificate, no STARTTLS: the devices of the domain cannot ask for it, and servers must
      // then take passwords as they come.
      out.plaintext_auth = true;
      for (User& person : out.users) {
        for (Device& device : person.devices) device.security = Security::none;
      }
    }
    scenario_.domains.push_back(std::move(out));
  }

  static bool within(std::string_view name, std::string_view domain) {
    return name == domain || (name.size() > domain.size() && name.ends_with(domain) &&
                              name[name.size() - domain.size() - 1] == '.');
  }

  static User user(const Node& node) {
    User out;
    if (node.json().is_string()) {
      out.name = lower(node.text());
    } else {
      out.name = lower(node.text("name"));
      out.label = node.text("label");
      out.password = node.text("password");
      if (node.has("quota")) out.quota_octets = node["quota"].unit(parse_size);
      if (node.has("devices")) {
        std::set<std::string> seen;
        for (const Node& entry : node["devices"].items()) {
          Device device;
          device.name = lower(entry.text("name", "laptop"));
          device.protocol =
              entry.text("protocol", "imap") == "pop3" ? Protocol::pop3 : Protocol::imap;
          const std::string security = entry.text("security", "starttls");
          device.security = security == "none"  ? Security::none
                            : security == "tls" ? Security::tls
                                                : Security::starttls;
          device.leave_on_server = entry.boolean("leaveOnServer", false);
          if (!seen.insert(device.name).second)
            entry.fail(fmt::format("the device {} is there twice", device.name));
          out.devices.push_back(std::move(device));
        }
      }
    }
    if (out.label.empty()) out.label = capital(out.name);
    if (out.devices.empty()) out.devices.emplace_back();
    return out;
  }

  void exchangers(const Node& node, Domain& out) const {
    if (!node.has("mx")) {
      out.mx.push_back({out.mail_host(), 10});
      return;
    }
    const Node mx = node["mx"];
    if (mx.json().is_string()) {
      out.null_mx = mx.text() == "null";
      out.publish_mx = false;
      return;
    }
    int preference = 10;
    for (const Node& entry : mx.items()) {
      MailExchanger server;
      const bool plain = entry.json().is_string();
      server.host = lower(plain ? entry.text() : entry.text("host"));
      if (server.host.find('.') == std::string::npos) server.host += "." + out.name;
      server.preference = plain ? preference : entry.integer<int>("preference", preference);
      preference += 10;
      for (const auto& other : out.mx) {
        if (other.host == server.host)
          entry.fail(fmt::format("the mail exchanger {} is there twice", server.host));
      }
      out.mx.push_back(std::move(server));
    }
  }

  static void queue(const Node& node, Domain& out) {
    using namespace std::chrono_literals;
    out.queue.retry = {1min, 5min, 15min, 30min, 1h, 2h, 4h};
    out.queue.warn_after = 4h;
    out.queue.expire_after = 24h * 5;
    if (!node.has("queue")) return;
    const Node times = node["queue"];
    if (times.has("retry")) {
      out.queue.retry.clear();
      for (const Node& entry : times["retry"].items()) {
        const Duration wait = entry.unit(parse_duration);
        if (wait < 1s) entry.fail("a queue waits at least 1s before it tries again");
        out.queue.retry.push_back(wait);
      }
    }
    out.queue.warn_after = times.duration("warnAfter", out.queue.warn_after);
    out.queue.expire_after = times.duration("expireAfter", out.queue.expire_after);
    if (out.queue.expire_after < out.queue.warn_after && times.has("warnAfter")) {
      times["warnAfter"].fail("the warning comes after the message was given up (expireAfter)");
    }
    out.queue.warn_after = std::min(out.queue.warn_after, out.queue.expire_after);
  }

  /// A host of the world gets its name; two cannot share one.
  void claim(const Node& at, const std::string& name, const std::string& what) {
    const auto [place, is_new] = claimed_.emplace(name, what);
    if (!is_new) at.fail(fmt::format("{} would be both {} and {}", name, place->second, what));
    hosts_.insert(name);
  }

  /// Every host name of the world: servers, devices, resolvers, the DNS itself.
  void name_hosts() {
    constexpr std::size_t kMaxTopLevelDomains =
        240;  // their servers share one network with the root
    std::set<std::string> tops;
    for (const auto& [written, node] : root_["domains"].members()) {
      const Domain& domain = *scenario_.find_domain(lower(written));
      hosts_.insert(domain.name);  // a domain stands for all of its hosts on a link
      claim(node, domain.mail_host(), "the mail server of " + domain.name);
      claim(node, "ns1." + domain.name, "the name server of " + domain.name);
      claim(node, "resolver." + domain.name, "the resolver of " + domain.name);
      for (std::size_t i = 0; i < domain.mx.size(); ++i) {
        const std::string& server = domain.mx[i].host;
        if (server == domain.mail_host() || !within(server, domain.name)) continue;
        claim(node["mx"].items()[i], server, "a mail exchanger of " + domain.name);
      }
      const auto users = node["users"].items();
      for (std::size_t i = 0; i < users.size(); ++i) {
        const User& user = domain.users[i];
        for (const Device& device : user.devices) {
          claim(users[i], device_host(user, device, domain),
                "a device of " + user.name + "@" + domain.name);
        }
      }
      if (tops.insert(domain.name.substr(domain.name.rfind('.') + 1)).second &&
          tops.size() > kMaxTopLevelDomains) {
        node.fail_at_key(
            fmt::format("a scenario has at most {} top-level domains", kMaxTopLevelDomains));
      }
    }
    hosts_.insert("a.root-servers.net");
    for (const std::string& top : tops) hosts_.insert("a.nic." + top);
    for (const auto& [written, node] : root_["domains"].members()) {
      const auto host = claimed_.find(lower(written));
      if (host != claimed_.end()) {
        node.fail_at_key(fmt::format("{} is {}; a domain cannot have the name of a host",
                                     host->first, host->second));
      }
    }
    for (const auto& [name, node] : root_["domains"].members()) {
      const Domain* domain = scenario_.find_domain(lower(name));
      for (std::size_t i = 0; i < domain->mx.size(); ++i) {
        const std::string& host = domain->mx[i].host;
        if (!hosts_.contains(host))
          node["mx"].fail(fmt::format("the mail exchanger {} is no host of this scenario", host));
      }
    }
  }

  static std::string device_host(const User& user, const Device& device, const Domain& domain) {
    std::string label = user.name;
    for (char& c : label)
      if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-') c = '-';
    return label + "-" + device.name + "." + domain.name;
  }

  /// Full name of a host as written; fails when the world has none of that name.
  std::string host(const Node& node, bool domains_too = false) const {
    const std::string name = lower(node.text());
    std::vector<std::string> found;
    if (hosts_.contains(name) && (domains_too || scenario_.find_domain(name) == nullptr))
      return name;
    if (name.find('.') == std::string::npos) {
      for (const Domain& domain : scenario_.domains) {
        if (hosts_.contains(name + "." + domain.name)) found.push_back(name + "." + domain.name);
      }
    }
    if (found.size() == 1) return found[0];
    if (found.size() > 1)
      node.fail(
          fmt::format("\"{}\" may be {} or {}: give the full name", name, found[0], found[1]));
    if (scenario_.find_domain(name) != nullptr) {
      node.fail(fmt::format("{} is a domain; a host is meant here, such as mail.{}", name, name));
    }
    node.fail(fmt::format("the world has no host {}; it has {}", name, some_hosts()));
  }

  std::string some_hosts() const {
    std::string text;
    int count = 0;
    for (const auto& name : hosts_) {
      if (scenario_.find_domain(name) != nullptr) continue;
      if (++count > 12) return text + ", ...";
      text += (text.empty() ? "" : ", ") + name;
    }
    return text;
  }

  std::string user_address(const Node& node) const {
    const std::string address = lower(node.text());
    if (scenario_.find_user(address) != nullptr) return address;
    const std::string domain = address.substr(address.find('@') + 1);
    node.fail(scenario_.find_domain(domain) == nullptr
                  ? fmt::format("the world has no domain {}", domain)
                  : fmt::format("the domain {} has no user {}", domain,
                                address.substr(0, address.find('@'))));
  }

  /// Name of the device that acts: as given, or the user's first one.
  std::string device(const Node& act, const std::string& address, bool needs_imap = false) const {
    const User& user = *scenario_.find_user(address);
    const std::string wanted = lower(act.text("device"));
    for (const Device& candidate : user.devices) {
      if (!wanted.empty() && candidate.name != wanted) continue;
      if (needs_imap && candidate.protocol != Protocol::imap) {
        if (wanted.empty()) continue;
        act["device"].fail(fmt::format("{} reads by POP3, which cannot do this; IMAP can", wanted));
      }
      return candidate.name;
    }
    if (wanted.empty())
      act.fail(fmt::format("{} has no device with IMAP, which this needs", address));
    act["device"].fail(fmt::format("{} has no device {}", address, wanted));
  }

  // Network.

  void default_network() {
    using namespace std::chrono_literals;
    scenario_.network.between_domains.latency = 20ms;
    scenario_.network.inside_domain.latency = 1ms;
  }

  static LinkQuality quality(const Node& node, LinkQuality out) {
    out.latency = node.duration("latency", out.latency);
    out.jitter = node.duration("jitter", out.jitter);
    if (node.has("bandwidth")) out.bandwidth_bps = node["bandwidth"].unit(parse_rate);
    if (node.has("loss")) out.loss = node["loss"].unit(parse_percent);
    return out;
  }

  void network(const Node& node) {
    default_network();
    Network& out = scenario_.network;
    out.between_domains = quality(node, out.between_domains);
    out.inside_domain.latency = node.duration("localLatency", out.inside_domain.latency);
    if (!node.has("links")) return;
    for (const Node& entry : node["links"].items()) {
      Link link;
      const auto ends = entry["between"].items();
      link.a = host(ends[0], true);
      link.b = host(ends[1], true);
      if (link.a == link.b) entry.fail("a link needs two different ends");
      link.quality = quality(entry, out.between_domains);
      link.place = entry.place();
      out.links.push_back(std::move(link));
    }
  }

  // Script.

  void script(const Node& list) {
    Duration now{};
    for (const Node& entry : list.items()) {
      now = entry.duration("at", now);
      if (entry.has("wait")) {
        now += entry.duration("wait");
        continue;
      }
      ScriptEntry out;
      out.at = now;
      out.place = entry.place();
      if (entry.has("send"))
        out.act = send(entry["send"]);
      else if (entry.has("read"))
        out.act = read(entry["read"]);
      else if (entry.has("delete"))
        out.act = selection<Delete>(entry["delete"]);
      else if (entry.has("move")) {
        auto act = selection<Move>(entry["move"]);
        act.to = entry["move"].text("to");
        out.act = std::move(act);
      } else {
        auto act = selection<Flag>(entry["flag"]);
        act.add = entry["flag"].text("add");
        act.remove = entry["flag"].text("remove");
        out.act = std::move(act);
      }
      scenario_.script.push_back(std::move(out));
    }
    std::stable_sort(scenario_.script.begin(), scenario_.script.end(),
                     [](const ScriptEntry& a, const ScriptEntry& b) { return a.at < b.at; });
  }

  static std::vector<std::string> addresses(const Node& node, const char* key) {
    if (!node.has(key)) return {};
    const Node list = node[key];
    if (list.json().is_string()) return {list.text()};
    std::vector<std::string> out;
    for (const Node& entry : list.items()) out.push_back(entry.text());
    return out;
  }

  Send send(const Node& node) const {
    Send out;
    out.from = user_address(node["from"]);
    out.device = device(node, out.from);
    out.to = addresses(node, "to");
    out.cc = addresses(node, "cc");
    out.bcc = addresses(node, "bcc");
    out.subject = node.text("subject", "Hello");
    out.text = node.text(
        "text", node.has("html") ? "" : "Hello,\n\nthis is a message sent with Mailscope.\n");
    out.html = node.text("html");
    if (node.has("attachments"))
      for (const Node& entry : node["attachments"].items())
        out.attachments.push_back(attachment(entry));
    if (node.has("headers")) {
      for (const auto& [name, value] : node["headers"].members())
        out.headers.emplace_back(name, value.text());
    }
    return out;
  }

  static Attachment attachment(const Node& node) {
    constexpr std::uint64_t kMaxMadeUp = 50'000'000;  // octets; larger than any server here takes
    Attachment out;
    out.name = node.text("name");
    out.type = node.text("type", "application/octet-stream");
    if (node.has("text")) {
      out.content = node.text("text");
    } else if (node.has("base64")) {
      auto content = mail::base64_decode_strict(node.text("base64"));
      if (!content) node["base64"].fail("this is not base64");
      out.content = std::move(*content);
    } else {
      const std::uint64_t size = node["size"].unit(parse_size);
      if (size > kMaxMadeUp)
        node["size"].fail(fmt::format("an attachment has at most {} octets", kMaxMadeUp));
      out.content.reserve(size);
      for (std::uint64_t i = 0, x = 0x2545f491; i < size; ++i) {
        x = x * 6364136223846793005u +
            1442695040888963407u;  // any octets do; they need not be random
        out.content += static_cast<char>(x >> 56);
      }
    }
    return out;
  }

  Read read(const Node& node) const {
    Read out;
    out.who = user_address(node["who"]);
    out.device = device(node, out.who);
    out.mailbox = node.text("mailbox", "INBOX");
    return out;
  }

  template <typename T>
  T selection(const Node& node) const {
    T out;
    out.who = user_address(node["who"]);
    out.device = device(node, out.who, !std::is_same_v<T, Delete>);
    out.mailbox = node.text("mailbox", "INBOX");
    out.subject = node.text("subject");
    return out;
  }

  // Faults.

  void fault(const Node& node) {
    Fault out;
    out.at = node.duration("at");
    if (node.has("for")) out.lasts = node.duration("for");
    out.place = node.place();
    bool down = false;
    if (node.has("down")) {
      const Node value = node["down"];
      if (value.json().is_string()) {
        if (node.has("for")) value.fail("\"down\" and \"for\" both say how long; one is enough");
        out.lasts = value.unit(parse_duration);
        down = true;
      } else {
        down = value.json().get<bool>();
        if (!down) value.fail("\"down\" is true or a duration; leave it out when nothing is down");
      }
    }
    if (!node.has("host"))
      for (const char* key : {"answer", "capability"}) refuse(node, key, "belongs to a \"host\"");
    if (!node.has("link"))
      for (const char* key : {"latency", "bandwidth", "loss"})
        refuse(node, key, "belongs to a \"link\"");
    if (!node.has("host") && !node.has("link"))
      refuse(node, "down", "belongs to a \"host\" or a \"link\"");
    if (node.has("host"))
      out.kind = host_fault(node, down);
    else if (node.has("link"))
      out.kind = link_fault(node, down);
    else if (node.has("dns"))
      out.kind = dns_fault(node["dns"]);
    else
      out.kind = MailboxFull{user_address(node["mailboxFull"])};
    scenario_.faults.push_back(std::move(out));
  }

  static void refuse(const Node& node, const char* key, std::string_view why) {
    if (node.has(key)) node[key].fail_at_key(fmt::format("\"{}\" {}", key, why));
  }

  FaultKind host_fault(const Node& node, bool down) const {
    const std::string name = host(node["host"]);
    const bool answer = node.has("answer");
    const bool capability = node.has("capability");
    if (down + answer + capability != 1)
      node.fail("a fault of a host needs one of \"down\", \"answer\" and \"capability\"");
    if (down) return HostDown{name};
    return SwitchFault{
        name, answer ? chosen_answer(node["answer"]) : capability_switch(node["capability"])};
  }

  /// What both kinds of switches have: for whom, how often, with which reply.
  policy::Switch any_switch(const Node& node) const {
    policy::Switch out;
    out.protocol = *policy::parse_protocol(node.text("protocol", "smtp"));
    if (node.has("user")) out.user = user_address(node["user"]);
    if (node.has("clients")) {
      out.clients = net::Prefix::parse(node.text("clients"));
      if (!out.clients) node["clients"].fail("not an address or a range such as 198.18.1.0/24");
    }
    out.times = node.integer<int>("times", 0);
    out.text = node.text("reply");
    if (out.protocol == policy::Protocol::smtp && node.has("reply")) check_reply(node["reply"]);
    return out;
  }

  static void check_reply(const Node& node) {
    const std::string& text = node.text();
    const bool code =
        text.size() >= 3 && std::all_of(text.begin(), text.begin() + 3,
                                        [](unsigned char c) { return std::isdigit(c) != 0; });
    if (!code || text[0] < '2' || text[0] > '5' || (text.size() > 3 && text[3] != ' ')) {
      node.fail(
          "an SMTP reply begins with three digits, 200 to 599, and a space: \"451 4.3.0 Try "
          "again later\"");
    }
  }

  static std::string upper(std::string text) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
  }

  policy::Switch chosen_answer(const Node& node) const {
    policy::Switch out = any_switch(node);
    out.command = upper(node.text("command"));
    if (out.command == "END-OF-DATA") out.command = ".";
    out.act = node.boolean("drop", false)   ? policy::Switch::Act::drop
              : node.boolean("lose", false) ? policy::Switch::Act::lose
                                            : policy::Switch::Act::reply;
    return out;
  }

  policy::Switch capability_switch(const Node& node) const {
    policy::Switch out = any_switch(node);
    out.capability = upper(node.text("name"));
    if (node.has("announce")) {
      out.act = policy::Switch::Act::announce;
      out.text = node.text("announce");
    } else if (node.boolean("drop", false)) {
      out.act = policy::Switch::Act::drop;
    } else if (node.has("reply") || node.boolean("broken", false)) {
      out.act = policy::Switch::Act::reply;
    } else {
      out.act = policy::Switch::Act::hide;
    }
    return out;
  }

  FaultKind link_fault(const Node& node, bool down) const {
    LinkFault out;
    const Node ends = node["link"];
    if (ends.json().is_string()) {
      out.a = host(ends, true);
    } else {
      out.a = host(ends.items()[0], true);
      out.b = host(ends.items()[1], true);
    }
    out.down = down;
    if (node.has("latency")) out.latency = node.duration("latency");
    if (node.has("bandwidth")) out.bandwidth_bps = node["bandwidth"].unit(parse_rate);
    if (node.has("loss")) out.loss = node["loss"].unit(parse_percent);
    if (!down && !out.latency && !out.bandwidth_bps && !out.loss) {
      node.fail("a fault of a link needs \"down\", \"latency\", \"bandwidth\" or \"loss\"");
    }
    return out;
  }

  FaultKind dns_fault(const Node& node) const {
    DnsFault out;
    out.name = lower(node.text("name"));
    out.type = node.text("type");
    const Domain* owner = nullptr;
    for (const Domain& domain : scenario_.domains)
      if (within(out.name, domain.name)) owner = &domain;
    if (owner == nullptr)
      node["name"].fail(fmt::format("{} is in no domain of this scenario", out.name));
    if (node.has("missing") && !node.boolean("missing", true))
      node["missing"].fail("\"missing\" is true or left out");
    if (node.has("values"))
      for (const Node& value : node["values"].items()) out.values.push_back(value.text());
    out.ttl_s = node.integer<std::uint32_t>("ttl", owner->ttl_s);
    return out;
  }

  // Expectations.

  void expectation(const Node& node) {
    Expectation out;
    if (node.has("by")) out.by = node.duration("by");
    out.place = node.place();
    const bool about_messages = node.has("mailbox") || node.has("device");
    if (!about_messages)
      for (const char* key : {"has", "hasNot"})
        refuse(node, key, "belongs to a \"mailbox\" or a \"device\"");
    if (!about_messages && !node.has("queue"))
      refuse(node, "count", "belongs to a \"mailbox\", a \"device\" or a \"queue\"");
    if (about_messages)
      out.kind = mailbox(node);
    else if (node.has("queue")) {
      if (!node.has("count"))
        node.fail("\"count\" is missing: how many messages are in the queue?");
      out.kind = ExpectQueue{host(node["queue"]), node.integer<int>("count", 0)};
    } else if (node.has("reply")) {
      out.kind = ExpectEvents{{reply(node["reply"])}, false};
    } else {
      ExpectEvents events;
      events.never = node.has("never");
      for (const Node& entry : node[events.never ? "never" : "events"].items())
        events.sequence.push_back(event(entry));
      if (events.sequence[0].caused && !events.never)
        node["events"].items()[0].fail("\"caused\" needs an event before this one");
      out.kind = std::move(events);
    }
    scenario_.expect.push_back(std::move(out));
  }

  ExpectKind mailbox(const Node& node) const {
    ExpectMailbox out;
    const Node path = node[node.has("mailbox") ? "mailbox" : "device"];
    const std::string whole = path.text();
    const auto slash = whole.find('/', whole.find('@'));
    out.account = lower(whole.substr(0, slash));
    const std::string rest = slash == std::string::npos ? "" : whole.substr(slash + 1);
    const User* user = scenario_.find_user(out.account);
    if (user == nullptr) path.fail(fmt::format("the world has no user {}", out.account));
    if (node.has("device")) {
      out.device = rest.empty() ? user->devices[0].name : lower(rest);
      const bool known = std::any_of(user->devices.begin(), user->devices.end(),
                                     [&](const Device& d) { return d.name == out.device; });
      if (!known) path.fail(fmt::format("{} has no device {}", out.account, out.device));
      out.mailbox = "INBOX";
    } else {
      out.mailbox = rest.empty() ? "INBOX" : rest;
    }
    if (node.has("count")) out.count = node.integer<int>("count", 0);
    if (node.has("has")) out.has = message(node["has"]);
    if (node.has("hasNot")) out.has_not = message(node["hasNot"]);
    if (!out.count && !out.has && !out.has_not)
      node.fail("what is expected? \"has\", \"hasNot\" or \"count\" is missing");
    return out;
  }

  static MessageMatch message(const Node& node) {
    MessageMatch out;
    out.from = node.text("from");
    out.to = node.text("to");
    out.subject = node.text("subject");
    out.text = node.text("text");
    if (node.has("flags"))
      for (const Node& flag : node["flags"].items()) out.flags.push_back(flag.text());
    if (node.has("dsn")) {
      const Node dsn = node["dsn"];
      out.dsn = DsnMatch{dsn.text("action"), dsn.text("status"), dsn.text("recipient")};
    }
    return out;
  }

  EventMatch reply(const Node& node) const {
    EventMatch out;
    out.kind = "smtp.reply";
    if (node.has("host")) out.host = host(node["host"]);
    out.fields.emplace_back("code", node.integer<std::int64_t>("code", 0));
    if (node.has("enhanced")) out.fields.emplace_back("enhanced", node.text("enhanced"));
    if (node.has("text")) out.fields.emplace_back("text", node.text("text"));
    return out;
  }

  EventMatch event(const Node& node) const {
    EventMatch out;
    out.kind = node.text("kind");
    const trace::KindInfo* kind = trace::find_kind(out.kind);
    if (kind == nullptr)
      node["kind"].fail(fmt::format("there is no kind of event \"{}\"", out.kind));
    if (node.has("host")) out.host = host(node["host"]);
    if (node.has("peer")) out.peer = host(node["peer"]);
    if (node.has("fields")) {
      for (const auto& [name, value] : node["fields"].members()) {
        const auto field =
            std::find_if(kind->fields.begin(), kind->fields.end(),
                         [&name = name](const trace::FieldInfo& f) { return f.name == name; });
        if (field == kind->fields.end()) {
          std::string known;
          for (const auto& f : kind->fields)
            known += (known.empty() ? "" : ", ") + std::string(f.name);
          value.fail_at_key(
              fmt::format("{} has no field \"{}\"; it has {}", out.kind, name, known));
        }
        const bool number = field->type == trace::FieldType::integer;
        if (number != value.json().is_number())
          value.fail(fmt::format("the field {} is a {}", name, number ? "number" : "text"));
        if (number)
          out.fields.emplace_back(name, value.json().get<std::int64_t>());
        else
          out.fields.emplace_back(name, value.text());
      }
    }
    if (node.has("caused")) out.caused = node.boolean("caused", false);
    if (node.has("after")) out.after = node.duration("after");
    if (node.has("before")) out.before = node.duration("before");
    return out;
  }

  // Lesson.

  void lesson(const Node& node) {
    Lesson& out = scenario_.lesson;
    if (node.has("chapters")) {
      for (const Node& entry : node["chapters"].items())
        out.chapters.push_back({entry.text("title"), entry.duration("at")});
    }
    if (node.has("notes")) {
      for (const Node& entry : node["notes"].items()) {
        out.notes.push_back(
            {event(entry["when"]), entry.text("say"), entry.text("more"), entry.text("rfc")});
      }
    }
    if (!node.has("questions")) return;
    for (const Node& entry : node["questions"].items()) {
      Question question{event(entry["when"]),
                        entry.text("ask"),
                        {},
                        entry.integer<int>("right", 0),
                        entry.text("because")};
      for (const Node& answer : entry["answers"].items()) question.answers.push_back(answer.text());
      if (question.right >= static_cast<int>(question.answers.size()))
        entry["right"].fail("there is no such answer; the first one is 0");
      out.questions.push_back(std::move(question));
    }
  }

  Node root_;
  Scenario scenario_;
  std::set<std::string> hosts_;
  std::map<std::string, std::string> claimed_;  // host name -> what it is
};

}  // namespace

const Domain* Scenario::find_domain(std::string_view name) const {
  const auto found =
      std::find_if(domains.begin(), domains.end(), [&](const Domain& d) { return d.name == name; });
  return found == domains.end() ? nullptr : &*found;
}

const User* Scenario::find_user(std::string_view address) const {
  const auto at = address.find('@');
  if (at == std::string_view::npos) return nullptr;
  const Domain* domain = find_domain(address.substr(at + 1));
  if (domain == nullptr) return nullptr;
  const auto found =
      std::find_if(domain->users.begin(), domain->users.end(),
                   [&](const User& user) { return user.name == address.substr(0, at); });
  return found == domain->users.end() ? nullptr : &*found;
}

Scenario load_scenario(std::string_view json, const std::string& file_name) {
  if (json.size() > kMaxScenarioOctets) {
    throw ScenarioError(
        file_name, {},
        fmt::format("the file has more than {} octets, the most that a scenario has",
                    kMaxScenarioOctets));
  }
  const Document document(json, file_name);
  validate(document, scenario_shape());
  return Loader(document).load();
}

Scenario load_scenario_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw ScenarioError(path, {}, "the file cannot be read");
  std::string text;
  char buffer[65536];
  while (file.read(buffer, sizeof buffer) || file.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxScenarioOctets) break;  // load_scenario says what is wrong
  }
  if (file.bad()) throw ScenarioError(path, {}, "the file cannot be read");
  return load_scenario(text, path);
}

}  // namespace mailscope::scenario
