#include "sim/world/device.hpp"

#include <algorithm>

#include "sim/world/device_tasks.hpp"

namespace mailscope::world {
namespace {

std::string list(const std::vector<std::string>& addresses) {
  std::string text;
  for (const std::string& address : addresses) text += (text.empty() ? "" : ", ") + address;
  return text;
}

struct Description {
  const char* verb;
  std::string text;
};

std::string of_subject(const std::string& subject) {
  return subject.empty() ? "all messages" : "\"" + subject + "\"";
}

Description describe(const scenario::Act& act) {
  struct Visitor {
    Description operator()(const scenario::Send& a) const {
      return {"send", "\"" + a.subject + "\" to " + list(a.to)};
    }
    Description operator()(const scenario::Read& a) const { return {"read", a.mailbox}; }
    Description operator()(const scenario::Delete& a) const {
      return {"delete", of_subject(a.subject) + " in " + a.mailbox};
    }
    Description operator()(const scenario::Move& a) const {
      return {"move", of_subject(a.subject) + " from " + a.mailbox + " to " + a.to};
    }
    Description operator()(const scenario::Flag& a) const {
      return {"flag", of_subject(a.subject) + " in " + a.mailbox +
                          (a.add.empty() ? " without " + a.remove : " as " + a.add)};
    }
  };
  return std::visit(Visitor{}, act);
}

}  // namespace

Device::Device(DeviceEnvironment environment, DeviceOptions options)
    : environment_(std::move(environment)),
      options_(std::move(options)),
      ids_(environment_.entropy.fork("message-id")),
      nonces_(environment_.entropy.fork("login nonce")) {}

Device::~Device() = default;

void Device::act(const scenario::Act& act) {
  const auto [verb, text] = describe(act);
  const trace::EventId event = [&, verb = verb, &text = text] {
    const trace::CauseScope root(environment_.sink, 0);
    return environment_.sink.record(trace::Kind::lesson_act, {environment_.self, 0, 0, 0},
                                    {options_.person, verb, text});
  }();
  waiting_.push_back({act, event});
  if (running_ == nullptr) next();
}

auth::SaslWish Device::login() {
  auth::SaslWish wish;
  wish.mechanism = options_.device.login;
  if (wish.mechanism.empty()) return wish;
  wish.nonce = nonces_->hex(12);
  if (options_.token) wish.token = options_.token();
  return wish;
}

void Device::next() {
  if (waiting_.empty()) return;
  Wanted wanted = std::move(waiting_.front());
  waiting_.pop_front();
  const trace::CauseScope scope(environment_.sink, wanted.cause);
  running_ = make_task(*this, wanted.act);
  running_->start();
}

void Device::done() {
  running_.reset();
  next();
}

void Device::hold(HeldMessage message) {
  for (HeldMessage& held : held_) {
    if (held.id != message.id) continue;
    held.flags = std::move(message.flags);
    if (held.octets.empty()) held.octets = std::move(message.octets);
    return;
  }
  held_.push_back(std::move(message));
}

void Device::forget(std::string_view id) {
  std::erase_if(held_, [&](const HeldMessage& held) { return held.id == id; });
}

std::uint32_t Device::synced_up_to(const std::string& mailbox, std::uint32_t uid_validity) const {
  const auto found = synced_.find(mailbox);
  return found != synced_.end() && found->second.uid_validity == uid_validity ? found->second.uid
                                                                              : 0;
}

void Device::set_synced(const std::string& mailbox, std::uint32_t uid_validity, std::uint32_t uid) {
  Synced& synced = synced_[mailbox];
  synced.uid = synced.uid_validity == uid_validity ? std::max(synced.uid, uid) : uid;
  synced.uid_validity = uid_validity;
}

}  // namespace mailscope::world
