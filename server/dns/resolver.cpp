#include "server/dns/resolver.hpp"

#include <utility>

namespace mailscope::dns {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      return "ok";
    case Outcome::nxdomain:
      return "nxdomain";
    case Outcome::nodata:
      return "nodata";
    case Outcome::servfail:
      return "servfail";
    case Outcome::timeout:
      return "timeout";
  }
  return "servfail";
}

std::vector<net::Address> Answer::addresses() const {
  std::vector<net::Address> found;
  for (const auto& record : records) {
    if (const auto* a = std::get_if<A>(&record.data)) found.push_back(a->address);
    if (const auto* aaaa = std::get_if<Aaaa>(&record.data)) found.push_back(aaaa->address);
  }
  return found;
}

Name Answer::canonical_name() const {
  Name end = name;
  if (type == Type::cname) return end;
  for (const auto& record : records) {
    const auto* cname = std::get_if<Cname>(&record.data);
    if (cname != nullptr && record.name == end) end = cname->target;
  }
  return end;
}

void Lookup::State::finish(const Answer& answer) {
  // Taken out first: the callback may destroy the Lookup, or ask again with it.
  const Callback call = std::exchange(callback, nullptr);
  if (call) call(answer);
}

Lookup& Lookup::operator=(Lookup&& other) noexcept {
  if (this != &other) {
    cancel();
    state_ = std::move(other.state_);
  }
  return *this;
}

void Lookup::cancel() {
  if (state_) state_->callback = nullptr;
  state_.reset();
}

Lookup Resolver::query(std::string_view text, Type type, Callback done) {
  if (const auto parsed = Name::parse(text)) return query(*parsed, type, std::move(done));
  Answer answer;
  answer.outcome = Outcome::nxdomain;
  answer.type = type;
  answer.detail = "\"" + std::string(text) + "\" cannot be a domain name";
  return answer_later(std::move(answer), std::move(done));
}

}  // namespace mailscope::dns
