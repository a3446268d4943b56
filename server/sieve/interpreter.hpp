// Runs a checked script for one message (RFC 5228 section 2.10). Nothing happens here: what shall
// happen is in the outcome.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/sieve/actions.hpp"
#include "server/sieve/match.hpp"
#include "server/sieve/message.hpp"
#include "server/sieve/script.hpp"

namespace mailscope::sieve {

Outcome run(const Script& script, const Input& input, const Surroundings& surroundings);

inline constexpr std::size_t kMaxErrorText = 400;  // octets of what "error" says

class Interpreter {
 public:
  Interpreter(const Script& script, const Input& input, const Surroundings& surroundings);
  Outcome run();

  // Commands and tests; named in the table of rules.
  void nothing(const Node&) {}
  void stop(const Node&) { stopped_ = true; }
  void keep(const Node& node);
  void fileinto(const Node& node);
  void redirect(const Node& node);
  void discard(const Node& node);
  void reject(const Node& node) { refuse(node, Action::Kind::reject); }
  void ereject(const Node& node) { refuse(node, Action::Kind::ereject); }
  void vacation(const Node& node);
  void set(const Node& node);
  void setflag(const Node& node);
  void addflag(const Node& node);
  void removeflag(const Node& node);
  bool address(const Node& node);
  bool allof(const Node& node);
  bool anyof(const Node& node);
  bool envelope(const Node& node);
  bool exists(const Node& node);
  bool never(const Node&) { return false; }
  bool header(const Node& node);
  bool inverse(const Node& node);
  bool size(const Node& node);
  bool always(const Node&) { return true; }
  bool string(const Node& node);
  bool hasflag(const Node& node);
  bool body(const Node& node);
  bool date(const Node& node);
  bool currentdate(const Node& node);
  bool mailboxexists(const Node& node);
  bool metadata(const Node& node);
  bool metadataexists(const Node& node);
  bool servermetadata(const Node& node);
  bool servermetadataexists(const Node& node);
  bool specialuse_exists(const Node& node);
  bool duplicate(const Node& node);
  bool environment(const Node& node);
  bool ihave(const Node& node);
  void error(const Node& node) { fail(node.at, text(node.positional[0]).substr(0, kMaxErrorText)); }
  void addheader(const Node& node);
  void deleteheader(const Node& node);
  void notify(const Node& node);
  bool valid_notify_method(const Node& node);
  bool notify_method_capability(const Node& node);

 private:
  bool running() const { return !stopped_ && !outcome_.error; }
  void fail(Place at, std::string text);
  void step(const Node& node);
  bool spend(std::uint64_t octets);
  void block(const std::vector<Node>& commands);
  bool test(const Node& node);

  // Strings and variables.
  std::string text(const Text& given);
  std::string text(const Argument& argument) { return text(argument.strings.front()); }
  std::vector<std::string> texts(const Argument& argument);
  std::string_view variable(std::string_view name) const;
  void set_variable(Place at, std::string_view name, std::string value, bool of_message);
  bool from_message(const Text& given) const;
  bool looks_at_message(const Node& node) const;
  std::optional<Mailto> notify_method(const Text& given);

  // Comparing.
  Matcher matcher(const Node& node) const;
  bool match(const Node& node, const std::vector<std::string>& values, const Argument& keys,
             bool remember = true);
  bool match_count(const Node& node, std::size_t count, const Argument& keys);
  std::vector<const mail::Field*> fields_named(std::string_view name);
  std::vector<const mail::Field*> fields(const Node& node, const Argument& names);
  bool match_addresses(const Node& node, const std::vector<TestAddress>& addresses,
                       const Argument& keys);
  std::optional<std::string> annotation(std::string_view mailbox, std::string_view entry);
  bool match_annotation(const Node& node, std::string_view mailbox, const Argument& entry,
                        const Argument& keys);
  bool annotations_exist(std::string_view mailbox, const Argument& entries);
  bool match_date(const Node& node, std::optional<std::pair<net::Time, int>> at,
                  const Argument& part, const Argument& keys);

  // Actions.
  void refuse(const Node& node, Action::Kind kind);
  bool allowed(const Node& node, Action::Kind kind);
  void file(Place at, Action action);
  void add(Place at, Action action);
  std::vector<std::string> flags_for(const Node& node);
  std::vector<std::string> flags_of(const Argument& variable) const;
  void store_flags(const Node& node, std::vector<std::string> flags);

  const Script& script_;
  const Input& input_;
  const Surroundings& surroundings_;
  Message message_;
  Outcome outcome_;
  bool stopped_ = false;
  bool implicit_keep_ = true;
  std::size_t steps_ = 0;
  std::size_t redirects_ = 0;
  std::uint64_t work_;
  std::set<std::string, std::less<>> found_;                   // extensions, by "ihave"
  std::map<std::string, std::string, std::less<>> variables_;  // by name in lower case
  std::vector<std::string> captures_;                          // of the last :matches
  bool captured_message_ = false;                              // they are of the message
  std::set<std::string, std::less<>> message_variables_;       // that hold what it says
  std::vector<mail::Mailbox> notified_;
  std::vector<std::string> flags_;  // the internal variable of flags
};

}  // namespace mailscope::sieve
