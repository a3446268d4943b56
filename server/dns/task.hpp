// One question of the iterative resolver on its way from zone to zone.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/dns/recursive.hpp"

namespace mailscope::dns {

class Task {
 public:
  using Listener = std::function<void(const Answer&)>;

  Task(RecursiveResolver& resolver, Name name, Type type, int depth, std::shared_ptr<int> budget);

  const Name& name() const { return name_; }
  Type type() const { return type_; }
  void start();
  /// `listener` gets the answer. `owner` tells who it is for: a task that waits for this one, or
  /// nullptr for a client.
  void listen(const Task* owner, Listener listener);
  void forget(const Task* owner);
  /// True when this task waits, itself or through others, for `other`.
  bool waits_for(const Task& other) const;

 private:
  /// A server of the present zone, at one of its addresses.
  struct Server {
    Name name;
    net::Address address;
    int tries = 0;
    bool useless = false;  // lame, broken, or refuses us: not asked again for this question
  };

  // Where to look next.
  void proceed();
  bool take_from_cache();
  bool choose_zone();
  bool cached_servers(const Name& zone);
  bool enter_zone(const Name& zone, const std::vector<Name>& hosts,
                  const std::vector<Record>& glue);
  void add_server(const Name& host, const net::Address& address);
  void add_cached_addresses(const Name& host);

  // Asking.
  void ask_next();
  Server* next_server();
  bool resolve_next_host();
  void ask(Server& server);
  net::Duration timeout_for(const Server& server);

  // Answers.
  void replied(const net::Address& address, const Reply& reply);
  void useless(const net::Address& address, std::string why);
  void understand(const net::Address& address, const Message& message);
  bool take_answer(const Message& message);
  bool take_negative(const Message& message);
  bool take_referral(const Message& message);
  bool alias_to(const Name& target);
  void cache_sets(const std::vector<Record>& records);

  void fail(Outcome outcome, std::string detail);
  void finish(Answer answer);

  RecursiveResolver& resolver_;
  Name name_;
  Type type_;
  int depth_;
  std::shared_ptr<int> budget_;  // queries left, shared with the tasks that work for this one

  Name current_;               // the name looked for now: name_ or where its CNAMEs led
  std::vector<Record> chain_;  // the CNAMEs so far
  Name zone_;                  // whose servers are asked
  std::vector<Server> servers_;
  std::vector<Name> hosts_;  // servers of the zone whose addresses are still to be found
  int round_ = 0;
  int hosts_resolved_ = 0;
  bool answered_ = false;  // some server said something, though nothing usable
  std::string detail_;

  AskId asking_ = 0;
  net::Time asked_at_{};
  Task* waiting_on_ = nullptr;
  net::Timer deadline_;
  std::vector<std::pair<const Task*, Listener>> listeners_;
  bool done_ = false;
};

}  // namespace mailscope::dns
