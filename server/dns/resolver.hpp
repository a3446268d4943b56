// How everyone asks the DNS: a question now, an answer later.
//
//   lookup_ = resolver.query("acme.example", dns::Type::mx, [this](const dns::Answer& answer) {
//     if (answer.outcome == dns::Outcome::ok)
//       for (const dns::Mx& mx : answer.all<dns::Mx>()) ...
//   });
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/dns/name.hpp"
#include "server/dns/record.hpp"
#include "server/net/address.hpp"
#include "server/trace/event.hpp"

namespace mailscope::dns {

enum class Outcome : std::uint8_t {
  ok,        // there are records of the type
  nxdomain,  // the name does not exist (RFC 2308 section 2.1)
  nodata,    // the name exists, but not with this type (RFC 2308 section 2.2)
  servfail,  // the servers answered, but not with anything usable; trying later may help
  timeout,   // nobody answered in time; trying later may help
};
/// "ok", "nxdomain", "nodata", "servfail", "timeout": the words of the trace.
std::string_view to_string(Outcome outcome);

struct Answer {
  Outcome outcome = Outcome::servfail;
  Name name;  // what was asked
  Type type = Type::none;
  /// The answer section, in order: CNAMEs from `name` on, then the records of the type. With
  /// nxdomain and nodata only the CNAMEs that led there.
  std::vector<Record> records;
  std::optional<Record> soa;  // with nxdomain and nodata: the zone that said so, when known
  bool from_cache = false;
  std::uint32_t ttl = 0;     // seconds for which the outcome, good or bad, may be kept
  std::string detail;        // with servfail and timeout: why, in words
  trace::EventId event = 0;  // the dns_result event: cause of what follows

  /// The answer is there and will not change soon: ok, nxdomain or nodata.
  bool definite() const { return outcome <= Outcome::nodata; }
  /// True for servfail and timeout: a mail server tries again later.
  bool temporary() const { return !definite(); }

  /// The data of every record of the kind T (A, Mx, Txt...), in order of the answer.
  template <typename T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const Record& record : records)
      if (const T* data = std::get_if<T>(&record.data)) found.push_back(*data);
    return found;
  }
  /// The addresses of the A and AAAA records.
  std::vector<net::Address> addresses() const;
  /// The name at the end of the chain of CNAMEs; `name` when there is none.
  Name canonical_name() const;
};

using Callback = std::function<void(const Answer&)>;

/// A question under way. Destroying or replacing it cancels: the callback is not called any more.
/// May be destroyed inside its own callback, and may outlive the resolver.
class Lookup {
 public:
  struct State {
    Callback callback;  // empty once called or cancelled
    /// Ends the question with `answer`, unless it was cancelled.
    void finish(const Answer& answer);
    bool waiting() const { return static_cast<bool>(callback); }
  };

  Lookup() = default;
  explicit Lookup(std::shared_ptr<State> state) : state_(std::move(state)) {}
  ~Lookup() { cancel(); }
  Lookup(Lookup&& other) noexcept = default;
  Lookup& operator=(Lookup&& other) noexcept;
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;

  /// No answer yet.
  bool pending() const { return state_ && state_->waiting(); }
  void cancel();

 private:
  std::shared_ptr<State> state_;
};

class Resolver {
 public:
  virtual ~Resolver() = default;
  /// Asks for the records of `name`; follows CNAMEs. `done` is called once, never from inside this
  /// call. The trace's cause at the time of the call is the cause of the lookup, and during `done`
  /// the cause is the lookup's result.
  [[nodiscard]] virtual Lookup query(const Name& name, Type type, Callback done) = 0;
  /// As above for text; text that can be no domain name is answered with nxdomain.
  [[nodiscard]] Lookup query(std::string_view name, Type type, Callback done);
  [[nodiscard]] Lookup query(const char* name, Type type, Callback done) {
    return query(std::string_view(name), type, std::move(done));
  }
  [[nodiscard]] Lookup query(const std::string& name, Type type, Callback done) {
    return query(std::string_view(name), type, std::move(done));
  }

 protected:
  /// Gives `answer` to `done` as soon as possible, but not from inside this call.
  virtual Lookup answer_later(Answer answer, Callback done) = 0;
};

}  // namespace mailscope::dns
