// The outbound queue of a host: messages that it is responsible for and that must go elsewhere. It
// tries, waits longer each time, tries again, and in the end tells the sender (RFC 5321
// section 4.5.4).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/net/network.hpp"
#include "server/net/tls.hpp"
#include "server/net/turn.hpp"
#include "server/queue/attempt.hpp"
#include "server/queue/dsn.hpp"
#include "server/queue/lanes.hpp"
#include "server/queue/queue_store.hpp"
#include "server/smtp/envelope.hpp"
#include "server/trace/sink.hpp"

namespace mailscope::queue {

/// When to try again, when to warn, when to give up.
struct Schedule {
  /// Wait after the first, second, ... failed attempt; the last one repeats. RFC 5321 section
  /// 4.5.4.1 asks for 30 minutes at least in general, sooner for the first tries being common.
  std::vector<net::Duration> waits = {std::chrono::minutes(1),  std::chrono::minutes(5),
                                      std::chrono::minutes(15), std::chrono::minutes(30),
                                      std::chrono::hours(1),    std::chrono::hours(2),
                                      std::chrono::hours(4)};
  net::Duration warn_after = std::chrono::hours(4);      // once; zero: never
  net::Duration expire_after = std::chrono::hours(120);  // five days (RFC 5321 section 4.5.4.1)
};

struct QueueOptions {
  AttemptOptions attempt;  // how to deliver: names, TLS, smart host, limits
  Schedule schedule;
  std::size_t max_attempts = 20;      // deliveries running at a time, so that sockets stay bounded
  DestinationLimits per_destination;  // of these to one domain, and how fast
  /// For domains that want less, or bear more; by name.
  std::map<std::string, DestinationLimits> destinations;
  std::string postmaster;             // whom answers to notifications reach; empty: nobody
  std::size_t max_returned = 51'200;  // octets: larger messages come back as their header only
};

/// What the queue stands on. Everything outlives the queue.
struct QueueEnvironment {
  AttemptEnvironment base;
  QueueStore& store;
};

class OutboundQueue {
 public:
  /// Takes a notification that the queue wrote: the host delivers it locally or queues it again.
  using Submit = std::function<void(smtp::Envelope envelope, std::string content)>;
  /// Name for a new message.
  using NewId = std::function<std::string()>;

  OutboundQueue(QueueEnvironment environment, QueueOptions options, Submit submit, NewId new_id);
  ~OutboundQueue();
  OutboundQueue(const OutboundQueue&) = delete;
  OutboundQueue& operator=(const OutboundQueue&) = delete;

  /// Takes a message that was held for future release (RFC 4865) when its time has come; without
  /// one the queue sends it on itself.
  void on_release(Submit release) { release_ = std::move(release); }
  /// Takes up what the store holds: at the start of the host, also after a crash.
  void start();
  /// Puts a message into the queue, for the recipients of the envelope that go elsewhere, and into
  /// the store; the first attempt starts at the end of the turn. Uses queue_id, reverse_path,
  /// recipients, message_id and message of the envelope.
  void add(const smtp::Envelope& envelope, std::shared_ptr<const std::string> content);
  /// Tries everything that waits, now ("postqueue -f"). Empty: all destinations.
  void flush(std::string_view domain = {});
  /// Messages that are held for future release (RFC 4865), of those that `is_theirs` says.
  std::size_t held(const std::function<bool(const QueueEntry&)>& is_theirs) const;
  /// Messages that wait for the domain, or with `below` for one under it; for ETRN, which then
  /// sends them.
  std::size_t waiting_for(std::string_view domain, bool below) const;
  void flush_for(std::string_view domain, bool below);

  /// For display: the entries in order of id, and the deliveries that are running.
  const std::map<std::string, QueueEntry, std::less<>>& entries() const { return entries_; }
  std::vector<const DeliveryAttempt*> attempts() const;
  bool empty() const { return entries_.empty(); }
  /// When the queue wants to act next; kNever: nothing waits.
  net::Time next_due() const;

 private:
  struct Running;
  /// What is known of an entry beyond what is stored.
  struct Facts {
    trace::MessageNumber message = 0;
    trace::EventId cause = 0;  // of its next attempt
    bool eight_bit = false;
    bool binary = false;
    bool utf8_header = false;
    bool tls_optional = false;    // TLS-Required: No (RFC 8689 section 5)
    net::Time due = net::kNever;  // its place in due_
  };
  using Place = std::pair<net::Time, std::string>;  // when, and the entry's id

  void take_up(QueueEntry entry);
  net::Time due(const QueueEntry& entry) const;  // when something is to be done about it
  void place(const std::string& id);             // in due_
  void unplace(const std::string& id);
  void tend(const std::string& id, std::vector<Lanes::Turn>& entered);
  net::Time begin_of(const QueueEntry& entry) const;  // of its life in the queue
  void set_timer();
  void later();  // run() at the end of the turn
  void run();    // warns, and starts what is due
  void enter_lanes(const QueueEntry& entry, std::vector<Lanes::Turn>& entered);
  void leave_lanes(const QueueEntry& entry);
  void start_turns();
  void tell_why(const Lanes::Turn& waiting);
  DestinationLimits limits_of(const std::string& destination) const;
  Running& make_running(const QueueEntry& entry, std::vector<std::size_t> recipients,
                        const std::string& destination);
  std::vector<std::size_t> startable(const QueueEntry& entry, const std::string& destination) const;
  bool go_on(Running& running);  // with the next message over the same connection
  bool release(const std::string& id);
  void forget(const std::string& id);
  std::size_t open_attempts() const;
  const std::string& destination_of(const QueueRecipient& recipient) const;
  bool busy(const QueueEntry& entry, const QueueRecipient& recipient) const;
  bool in_lane(const QueueEntry& entry, const QueueRecipient& recipient) const;

  // queue_results.cpp
  void decided(Running& running);
  void apply(QueueEntry& entry, const Running& running);
  void defer(QueueEntry& entry, QueueRecipient& recipient);
  void give_up(QueueEntry& entry, std::size_t recipient, smtp::EnhancedStatus status);
  void over(Running& running);
  void warn(QueueEntry& entry);
  smtp::Reply waits_for_turn(const std::string& destination) const;
  void overdue(QueueEntry& entry);
  void tell_passed_on(QueueEntry& entry, const Running& running);
  void notify(QueueEntry& entry, const std::vector<std::size_t>& recipients, DsnAction action,
              smtp::EnhancedStatus status = {});
  void save(const std::string& id);  // or removes what is done with
  net::Duration wait_after(std::uint32_t attempts) const;
  trace::EventId record(const QueueEntry& entry, trace::Kind kind,
                        std::initializer_list<trace::Value> values);

  QueueEnvironment environment_;
  QueueOptions options_;
  Submit submit_;
  NewId new_id_;
  net::Timer timer_;
  std::map<std::string, QueueEntry, std::less<>> entries_;
  std::map<std::string, Facts, std::less<>> facts_;
  Submit release_;
  std::set<Place> due_;
  Lanes lanes_;
  HostMemory memory_;
  std::vector<std::unique_ptr<Running>> running_;
  bool run_wanted_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace mailscope::queue
