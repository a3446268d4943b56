#include "server/dns/stub.hpp"

#include "server/dns/interpret.hpp"

namespace mailscope::dns {

/// One question of the host's.
struct StubResolver::Pending {
  std::shared_ptr<Lookup::State> state;
  Question question;
  trace::EventId lookup = 0;  // the dns_lookup event
  int asked = 0;              // queries sent; tells whose turn it is
  bool edns = true;
  std::vector<bool> gave_up;  // servers that answered, but with nothing usable
  std::string detail;
};

StubResolver::StubResolver(const Environment& environment, StubOptions options)
    : options_(std::move(options)),
      client_(environment, "dns stub"),
      deferred_(environment.timers, environment.sink) {}

StubResolver::~StubResolver() = default;

Lookup StubResolver::query(const Name& name, Type type, Callback done) {
  const Environment& environment = client_.environment();
  const auto lookup = environment.sink.record(trace::Kind::dns_lookup, {environment.self, 0, 0, 0},
                                              {trace_name(name), to_string(type)});
  auto pending = std::make_unique<Pending>();
  pending->state = std::make_shared<Lookup::State>(Lookup::State{std::move(done)});
  pending->question = {name, type, Class::in};
  pending->lookup = lookup;
  pending->gave_up.resize(options_.servers.size());
  Lookup handle(pending->state);
  const std::uint64_t number = ++last_;
  pending_.emplace(number, std::move(pending));
  const trace::CauseScope scope(environment.sink, lookup);
  if (options_.servers.empty()) {
    deferred_.add([this, number] {
      const auto found = pending_.find(number);
      if (found == pending_.end()) return;
      found->second->detail = "no resolver is configured";
      ask_next(number);
    });
  } else {
    ask_next(number);
  }
  return handle;
}

Lookup StubResolver::answer_later(Answer answer, Callback done) {
  auto state = std::make_shared<Lookup::State>(Lookup::State{std::move(done)});
  deferred_.add([state, answer = std::move(answer)] { state->finish(answer); });
  return Lookup(state);
}

void StubResolver::ask_next(std::uint64_t number) {
  Pending& pending = *pending_.at(number);
  const auto servers = static_cast<int>(options_.servers.size());
  const int last = servers * options_.attempts;
  while (pending.asked < last &&
         pending.gave_up[static_cast<std::size_t>(pending.asked % servers)]) {
    ++pending.asked;
  }
  if (pending.asked >= last) {
    Answer answer;
    answer.outcome = pending.detail.empty() ? Outcome::timeout : Outcome::servfail;
    answer.detail = pending.detail.empty() ? "no answer from the resolver" : pending.detail;
    return finish(number, std::move(answer));
  }
  Ask ask;
  ask.server = options_.servers[static_cast<std::size_t>(pending.asked % servers)];
  ask.question = pending.question;
  ask.recursion_desired = true;
  ask.edns = pending.edns;
  ask.attempt = ++pending.asked;
  ask.timeout = options_.timeout;
  client_.ask(std::move(ask), [this, number](const Reply& reply) { replied(number, reply); });
}

void StubResolver::replied(std::uint64_t number, const Reply& reply) {
  Pending& pending = *pending_.at(number);
  if (!pending.state->waiting()) {
    pending_.erase(number);
    return;
  }
  if (reply.kind == Reply::Kind::timeout) return ask_next(number);
  const auto server = static_cast<std::size_t>(pending.asked - 1) % options_.servers.size();
  const std::string who = options_.servers[server].address.to_string();
  if (reply.kind == Reply::Kind::message) {
    const Rcode rcode = reply.message.rcode;
    if (rcode == Rcode::noerror || rcode == Rcode::nxdomain) {
      return finish(number, interpret(pending.question, reply.message));
    }
    // RFC 6891 section 7: a server of old may not know EDNS; it is asked once more without.
    if (pending.edns && (rcode == Rcode::formerr || rcode == Rcode::notimp)) {
      pending.edns = false;
      --pending.asked;
      return ask_next(number);
    }
    pending.detail = who + " answered " + to_string(rcode);
  } else {
    pending.detail = reply.kind == Reply::Kind::malformed
                         ? who + " sent something that is no DNS message"
                         : who + " cannot be reached on TCP";
  }
  pending.gave_up[server] = true;
  ask_next(number);
}

void StubResolver::finish(std::uint64_t number, Answer answer) {
  const auto node = pending_.extract(number);
  const Pending& pending = *node.mapped();
  const Environment& environment = client_.environment();
  if (!pending.state->waiting()) return;
  answer.name = pending.question.name;
  answer.type = pending.question.type;
  const trace::CauseScope scope(environment.sink, pending.lookup);
  answer.event = environment.sink.record(trace::Kind::dns_result, {environment.self, 0, 0, 0},
                                         {trace_name(answer.name), to_string(answer.type),
                                          to_string(answer.outcome), section_text(answer.records)});
  environment.sink.set_cause(answer.event);
  pending.state->finish(answer);
}

}  // namespace mailscope::dns
