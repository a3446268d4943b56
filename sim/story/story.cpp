#include "sim/story/story.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "sim/story/wire.hpp"

namespace mailscope::story {
namespace {

/// Verdicts about a recipient (policy.recipient) by which the mail is not taken.
bool refuses(std::string_view verdict) {
  constexpr std::string_view kRefusals[] = {"unknown", "denied", "full"};
  return std::ranges::find(kRefusals, verdict) != std::end(kRefusals);
}

using trace::ConnectionId;
using trace::Event;
using trace::EventId;
using trace::HostId;
using trace::Kind;
using trace::Layer;
using trace::Log;

/// What most kinds are in the story. `fold` never makes a step at the grain of wire lines.
struct Rule {
  Kind kind;
  bool fold;
  Mover mover;
  Lane lane;
};

constexpr Rule kRules[] = {
    {Kind::lesson_act, false, Mover::person, Lane::none},
    {Kind::lesson_fault, false, Mover::note, Lane::none},
    {Kind::lesson_note, false, Mover::note, Lane::none},
    {Kind::link_lost, false, Mover::pill, Lane::none},
    {Kind::transport_retransmit, false, Mover::pill, Lane::none},
    {Kind::link_state, false, Mover::note, Lane::none},
    {Kind::link_host, false, Mover::note, Lane::none},
    {Kind::transport_open, false, Mover::handshake, Lane::smtp},
    {Kind::tls_hello, false, Mover::handshake, Lane::tls},
    {Kind::tls_established, false, Mover::handshake, Lane::tls},
    {Kind::tls_failed, false, Mover::handshake, Lane::tls},
    {Kind::dns_lookup, false, Mover::diamond, Lane::dns},
    {Kind::dns_query, false, Mover::diamond, Lane::dns},
    {Kind::dns_response, false, Mover::diamond, Lane::dns},
    {Kind::dns_cache_hit, false, Mover::note, Lane::dns},
    {Kind::dns_timeout, false, Mover::note, Lane::dns},
    {Kind::dns_result, false, Mover::diamond, Lane::dns},
    {Kind::smtp_command, false, Mover::pill, Lane::smtp},
    {Kind::smtp_reply, false, Mover::pill, Lane::smtp},
    {Kind::smtp_data, false, Mover::envelope, Lane::smtp},
    {Kind::smtp_attempt, false, Mover::note, Lane::smtp},
    {Kind::smtp_outcome, false, Mover::note, Lane::smtp},
    {Kind::mail_accepted, false, Mover::ring, Lane::store},
    {Kind::mail_deferred, false, Mover::note, Lane::store},
    {Kind::mail_failed, false, Mover::note, Lane::store},
    {Kind::mail_bounced, false, Mover::ring, Lane::store},
    {Kind::mail_discarded, false, Mover::note, Lane::store},
    {Kind::mail_waits, false, Mover::note, Lane::store},
    {Kind::mail_expanded, false, Mover::note, Lane::store},
    {Kind::store_appended, false, Mover::ring, Lane::store},
    {Kind::store_flags, false, Mover::ring, Lane::store},
    {Kind::store_expunged, false, Mover::ring, Lane::store},
    {Kind::store_copied, false, Mover::ring, Lane::store},
    {Kind::store_mailbox, false, Mover::ring, Lane::store},
    {Kind::store_refused, false, Mover::note, Lane::store},
    {Kind::pop3_command, false, Mover::pill, Lane::read},
    {Kind::pop3_reply, false, Mover::pill, Lane::read},
    {Kind::imap_command, false, Mover::pill, Lane::read},
    {Kind::imap_response, false, Mover::pill, Lane::read},
    {Kind::sieve_command, false, Mover::pill, Lane::read},
    {Kind::sieve_reply, false, Mover::pill, Lane::read},
    {Kind::sieve_run, false, Mover::ring, Lane::store},
    {Kind::sieve_failed, false, Mover::note, Lane::store},
    {Kind::sieve_answer, false, Mover::note, Lane::store},
    {Kind::policy_auth, false, Mover::triangle, Lane::auth},
    {Kind::policy_recipient, false, Mover::ring, Lane::store},
    {Kind::policy_limit, false, Mover::note, Lane::auth},
    {Kind::policy_proxy, false, Mover::note, Lane::auth},
    // Shown packet by packet only.
    {Kind::transport_established, true, Mover::handshake, Lane::none},
    {Kind::transport_segment, true, Mover::pill, Lane::none},
    {Kind::transport_closed, true, Mover::note, Lane::none},
    {Kind::transport_datagram, true, Mover::pill, Lane::none},
};

const Rule* rule_of(Kind kind) {
  const auto* it = std::ranges::find(kRules, kind, &Rule::kind);
  return it == std::end(kRules) ? nullptr : it;
}

bool ends_with_port(std::string_view endpoint, std::string_view port) {
  return endpoint.size() > port.size() && endpoint.ends_with(port) &&
         endpoint[endpoint.size() - port.size() - 1] == ':';
}

struct Connection {
  std::string imap_verb;     // of the command under way, "" for none
  std::uint32_t folded = 0;  // untagged responses since
  bool encrypted = false;
};

class Teller {
 public:
  Teller(const World& world, const Log& log, Granularity granularity)
      : world_(world), log_(log), granularity_(granularity) {}

  std::vector<Step> tell() {
    for (EventId id = 1; id <= log_.size(); ++id) visit(id);
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      steps_[i].last = i + 1 < steps_.size() ? steps_[i + 1].event - 1 : log_.size();
    }
    return std::move(steps_);
  }

 private:
  void visit(EventId id) {
    const Kind kind = log_.at(id).kind;
    const Rule* rule = rule_of(kind);
    if (rule == nullptr) return;
    if (rule->fold && granularity_ != Granularity::packet && !broke(id)) return;
    if (skip(id)) return;
    add(id, *rule);
  }

  /// A connection that ended badly is worth a step.
  bool broke(EventId id) const {
    if (log_.at(id).kind != Kind::transport_closed) return false;
    const std::string_view reason = log_.text(id, "reason");
    return reason.find("timeout") != std::string_view::npos ||
           reason.find("timed out") != std::string_view::npos ||
           reason.find("refused") != std::string_view::npos ||
           reason.find("reset") != std::string_view::npos ||
           reason.find("unreachable") != std::string_view::npos;
  }

  bool skip(EventId id) {
    const Event& event = log_.at(id);
    const bool exchange = granularity_ == Granularity::exchange;
    Connection& connection = connections_[event.connection];
    switch (event.kind) {
      case Kind::dns_query:
        return from_stub(event);
      case Kind::dns_response:
        return to_stub(event);
      case Kind::transport_open:
        return ends_with_port(log_.text(id, "to"), "53");
      case Kind::tls_established: {
        // Both ends record it; the story tells it once.
        const bool again = connection.encrypted;
        connection.encrypted = true;
        return again && event.connection != 0;
      }
      case Kind::smtp_command:
      case Kind::pop3_command:
      case Kind::sieve_command:
        return exchange;
      case Kind::imap_command:
        connection.imap_verb = log_.text(id, "verb");
        connection.folded = 0;
        return exchange;
      case Kind::imap_response:
        return skip_response(id, connection);
      case Kind::smtp_outcome:
        return log_.text(id, "result") == "delivered" || log_.text(id, "result") == "deferred" ||
               log_.text(id, "result") == "failed";
      case Kind::policy_recipient:
        return log_.text(id, "verdict") == "relay";
      case Kind::link_lost:
      case Kind::transport_retransmit:
        return !steps_.empty() && steps_.back().kind == event.kind;
      case Kind::link_host:
      case Kind::link_state:
        return !steps_.empty() && log_.at(steps_.back().event).kind == Kind::lesson_fault &&
               log_.at(steps_.back().event).time_ns == event.time_ns;
      default:
        return false;
    }
  }

  /// The question of a host to its resolver is told by the lookup, the answer by its result.
  bool from_stub(const Event& event) const {
    const Host* peer = world_.host(event.peer);
    return peer != nullptr && peer->has("resolver") && !peer->is_name_server();
  }
  bool to_stub(const Event& event) const {
    const Host* host = world_.host(event.host);
    return host != nullptr && host->has("resolver") && !host->is_name_server();
  }

  bool skip_response(EventId id, Connection& connection) {
    const std::string_view tag = log_.text(id, "tag");
    if (tag == "*" && !connection.imap_verb.empty() && connection.imap_verb != "IDLE") {
      ++connection.folded;
      return true;
    }
    return false;
  }

  void add(EventId id, const Rule& rule) {
    const Event& event = log_.at(id);
    Step step;
    step.event = id;
    step.time_ns = event.time_ns - log_.at(1).time_ns;
    step.kind = event.kind;
    const Ends where = ends(log_, id);
    step.from = where.from;
    step.to = where.to;
    step.connection = event.connection;
    step.message = event.message;
    step.mover = rule.mover;
    step.lane = rule.lane;
    step.label = label(world_, log_, id);
    judge(id, step);
    complete_dns(id, step);
    if (event.kind == Kind::imap_response && log_.text(id, "tag") != "*" &&
        log_.text(id, "tag") != "+") {
      Connection& connection = connections_[event.connection];
      step.folded = connection.folded;
      connection.imap_verb.clear();
      connection.folded = 0;
    }
    if (granularity_ == Granularity::exchange && is_reply(event.kind)) {
      const std::string_view verb = verb_answered(log_, id);
      if (!verb.empty() && verb != "DOT" && verb != "CONNECT")
        step.label = std::string(verb) + ": " + step.label;
    }
    steps_.push_back(std::move(step));
  }

  void judge(EventId id, Step& step) const {
    switch (step.kind) {
      case Kind::smtp_reply: {
        const std::int64_t digit = log_.number(id, "code") / 100;
        step.failure = digit == 5;
        step.trouble = digit == 4;
        break;
      }
      case Kind::pop3_reply:
      case Kind::sieve_reply:
        step.failure = log_.number(id, "ok") == 0;
        break;
      case Kind::imap_response:
        step.failure = step.label.find(" NO ") < 10 || step.label.find(" BAD ") < 10;
        break;
      case Kind::policy_auth:
        step.failure = log_.number(id, "ok") == 0;
        break;
      case Kind::policy_recipient:
        step.failure = refuses(log_.text(id, "verdict"));
        break;
      case Kind::dns_response:
        step.failure = log_.text(id, "rcode") == "NXDOMAIN" || log_.text(id, "rcode") == "SERVFAIL";
        break;
      case Kind::dns_result:
        step.failure = log_.text(id, "outcome") == "nxdomain" ||
                       log_.text(id, "outcome") == "servfail" ||
                       log_.text(id, "outcome") == "timeout";
        break;
      case Kind::link_lost:
      case Kind::sieve_failed:
      case Kind::tls_failed:
      case Kind::mail_failed:
      case Kind::mail_discarded:
      case Kind::store_refused:
      case Kind::transport_closed:
        step.failure = true;
        break;
      case Kind::dns_timeout:
      case Kind::mail_deferred:
      case Kind::smtp_outcome:
      case Kind::policy_limit:
        step.trouble = true;
        break;
      case Kind::link_host:
      case Kind::link_state:
        step.failure = log_.number(id, "up") == 0;
        break;
      case Kind::lesson_fault:
        step.failure = log_.number(id, "on") != 0;
        break;
      default:
        break;
    }
  }

  /// A lookup knows who asks; whom it asks is the resolver that the next query goes to.
  void complete_dns(EventId id, Step& step) {
    if (step.kind == Kind::dns_lookup) {
      if (step.to == 0) step.to = resolver_of(step.from, id);
      resolvers_[step.from] = step.to;
    } else if (step.kind == Kind::dns_result) {
      // ends() gives (peer, host); the asker is the event's host.
      const HostId asker = log_.at(id).host;
      step.to = asker;
      if (step.from == 0) step.from = resolvers_[asker];
      if (step.from == 0) {
        step.from = asker;
        step.to = 0;
      }
    }
  }

  HostId resolver_of(HostId asker, EventId id) const {
    constexpr EventId kAhead = 12;  // the query follows its lookup at once
    for (EventId next = id + 1; next <= log_.size() && next <= id + kAhead; ++next) {
      const Event& event = log_.at(next);
      if (event.kind == Kind::dns_query && event.host == asker && from_stub(event))
        return event.peer;
    }
    for (const Host& host : world_.hosts) {
      if (host.is_resolver()) return host.id;
    }
    return 0;
  }

  const World& world_;
  const Log& log_;
  Granularity granularity_;
  std::vector<Step> steps_;
  std::map<ConnectionId, Connection> connections_;
  std::map<HostId, HostId> resolvers_;
};

}  // namespace

std::size_t Story::step_of(EventId event) const {
  const auto after = std::ranges::upper_bound(steps, event, {}, &Step::event);
  return after == steps.begin() ? 0 : static_cast<std::size_t>(after - steps.begin()) - 1;
}

Story tell(const World& world, const Log& log, Granularity granularity) {
  Story story;
  story.steps = Teller(world, log, granularity).tell();
  divide(world, log, story);
  return story;
}

}  // namespace mailscope::story
