#include "server/dns/recursive.hpp"

#include "server/dns/interpret.hpp"
#include "server/dns/task.hpp"

namespace mailscope::dns {
namespace {

/// Questions worked on at a time; beyond it new ones fail. Each holds a socket and some kilobytes.
constexpr std::size_t kMaxTasks = 1000;
/// Tasks that find servers for tasks that find servers... Deeper chains of glueless delegations do
/// not occur; hostile ones do.
constexpr int kMaxDepth = 6;
/// Queries for one question of a client's, with all that is asked to find servers.
constexpr int kMaxQueries = 100;
/// Servers whose speed is remembered; beyond it memory starts afresh.
constexpr std::size_t kMaxServers = 10'000;

}  // namespace

RecursiveResolver::RecursiveResolver(const Environment& environment, RecursiveOptions options)
    : options_(std::move(options)),
      client_(environment, "dns resolver"),
      cache_(options_.cache),
      deferred_(environment.timers, environment.sink) {}

RecursiveResolver::~RecursiveResolver() = default;

Lookup RecursiveResolver::query(const Name& name, Type type, Callback done) {
  const Environment& environment = client_.environment();
  const auto lookup = environment.sink.record(trace::Kind::dns_lookup, {environment.self, 0, 0, 0},
                                              {trace_name(name), to_string(type)});
  const trace::CauseScope scope(environment.sink, lookup);
  return resolve(name, type, [&environment, lookup, call = std::move(done)](const Answer& result) {
    const trace::CauseScope lookup_scope(environment.sink, lookup);
    Answer answer = result;
    answer.event =
        environment.sink.record(trace::Kind::dns_result, {environment.self, 0, 0, 0},
                                {trace_name(answer.name), to_string(answer.type),
                                 to_string(answer.outcome), section_text(answer.records)});
    environment.sink.set_cause(answer.event);
    call(answer);
  });
}

Lookup RecursiveResolver::resolve(const Name& name, Type type, Callback done) {
  if (auto cached = from_cache(name, type)) {
    return answer_later(*std::move(cached), std::move(done));
  }
  Task* task = task_for(name, type, 0, std::make_shared<int>(kMaxQueries));
  if (task == nullptr) {
    Answer answer;
    answer.name = name;
    answer.type = type;
    answer.detail = "the resolver is too busy";
    return answer_later(std::move(answer), std::move(done));
  }
  auto state = std::make_shared<Lookup::State>(Lookup::State{std::move(done)});
  task->listen(nullptr, [state](const Answer& answer) { state->finish(answer); });
  return Lookup(state);
}

Lookup RecursiveResolver::answer_later(Answer answer, Callback done) {
  auto state = std::make_shared<Lookup::State>(Lookup::State{std::move(done)});
  deferred_.add([state, answer = std::move(answer)] { state->finish(answer); });
  return Lookup(state);
}

std::optional<Answer> RecursiveResolver::from_cache(const Name& name, Type type) {
  const Environment& environment = client_.environment();
  const auto now = environment.timers.now();
  Answer answer;
  answer.name = name;
  answer.type = type;
  answer.from_cache = true;
  Name current = name;
  while (answer.records.size() <= kMaxAliases) {
    const Cache::Entry* entry = cache_.find(now, current, type);
    if (entry == nullptr || entry->trust != Trust::answer) {
      entry = type == Type::any ? nullptr : cache_.find(now, current, Type::cname);
      if (entry == nullptr || entry->outcome != Outcome::ok || entry->trust != Trust::answer) {
        return std::nullopt;
      }
      answer.records.push_back(Cache::aged(*entry, now).front());
      const auto* cname = std::get_if<Cname>(&answer.records.back().data);
      if (cname == nullptr) return std::nullopt;
      current = cname->target;
      continue;
    }
    answer.outcome = entry->outcome;
    answer.detail = entry->detail;
    answer.soa = entry->soa;
    answer.ttl = Cache::ttl_left(*entry, now);
    if (answer.soa) answer.soa->ttl = answer.ttl;
    const auto records = Cache::aged(*entry, now);
    answer.records.insert(answer.records.end(), records.begin(), records.end());
    for (const auto& record : answer.records) answer.ttl = std::min(answer.ttl, record.ttl);
    if (environment.sink.wants(trace::Kind::dns_cache_hit)) {
      environment.sink.record(
          trace::Kind::dns_cache_hit, {environment.self, 0, 0, 0},
          {trace_name(name), to_string(type), answer.ttl, to_string(answer.outcome)});
    }
    return answer;
  }
  return std::nullopt;
}

Task* RecursiveResolver::task_for(const Name& name, Type type, int depth,
                                  std::shared_ptr<int> budget) {
  const TaskKey key{name, type};
  if (const auto found = tasks_.find(key); found != tasks_.end()) return found->second.get();
  if (tasks_.size() >= kMaxTasks || depth > kMaxDepth) return nullptr;
  auto task = std::make_unique<Task>(*this, name, type, depth, std::move(budget));
  Task* begun = task.get();
  tasks_.emplace(key, std::move(task));
  // Not from inside the call: the cache may end it at once. A task that is found in tasks_ has not
  // finished, so it is still there then.
  deferred_.add([begun] { begun->start(); });
  return begun;
}

void RecursiveResolver::task_over(Task& task) {
  const auto found = tasks_.find(TaskKey{task.name(), task.type()});
  if (found == tasks_.end() || found->second.get() != &task) return;
  finished_.push_back(std::move(found->second));
  tasks_.erase(found);
  if (finished_.size() == 1) deferred_.add([this] { finished_.clear(); });
}

RecursiveResolver::ServerState& RecursiveResolver::server(const net::Address& address) {
  if (servers_.size() >= kMaxServers && !servers_.contains(address)) servers_.clear();
  return servers_[address];
}

}  // namespace mailscope::dns
