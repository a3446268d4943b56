#include "sim/world/invariants.hpp"

#include <map>
#include <sstream>

#include "sim/world/world.hpp"

namespace mailscope::world {
namespace {

/// What became of one recipient of one message at one host.
struct Fate {
  int delivered = 0, relayed = 0, failed = 0, expanded = 0, queued = 0;
  int ends() const { return delivered + relayed + failed + expanded; }
};

using Key = std::pair<std::string, std::string>;  // host and queue id

/// Addresses of an event: with spaces or ", " between them.
std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> list;
  std::istringstream in{std::string(text)};
  for (std::string word; in >> word;) {
    if (word.ends_with(',')) word.pop_back();
    list.push_back(word);
  }
  return list;
}

}  // namespace

std::vector<std::string> broken_invariants(World& world) {
  const trace::Log& log = world.log();
  std::map<Key, std::map<std::string, Fate>> messages;
  std::map<Key, bool> answered;  // a notification was made, or there was nobody to tell
  std::vector<std::string> broken;
  Fate nobody;  // of what was never accepted
  auto key = [&log](trace::EventId id) {
    return Key(log.host_name(log.at(id).host), log.text(id, "queue_id"));
  };
  auto fate = [&](trace::EventId id, std::string_view recipient) -> Fate& {
    const auto known = messages.find(key(id));
    if (known == messages.end() || !known->second.contains(std::string(recipient))) {
      broken.push_back("event " + std::to_string(id) + " is about " + std::string(recipient) +
                       " of a message that " + key(id).first + " never accepted");
      return nobody;
    }
    return known->second.at(std::string(recipient));
  };
  for (trace::EventId id = 1; id <= log.size(); ++id) {
    switch (log.at(id).kind) {
      case trace::Kind::mail_accepted:
        if (messages.contains(key(id)))
          broken.push_back("the queue id " + key(id).second + " was used twice at " +
                           key(id).first);
        for (const std::string& recipient : words(log.text(id, "recipients")))
          messages[key(id)][recipient];
        break;
      case trace::Kind::mail_delivered:
        ++fate(id, log.text(id, "recipient")).delivered;
        break;
      case trace::Kind::mail_relayed:
        for (const std::string& recipient : words(log.text(id, "recipients")))
          ++fate(id, recipient).relayed;
        break;
      case trace::Kind::mail_failed:
        ++fate(id, log.text(id, "recipient")).failed;
        break;
      case trace::Kind::mail_expanded:
        // Others take its place: mailboxes here in the same message, the rest in a message of
        // their own, which is accepted anew.
        ++fate(id, log.text(id, "recipient")).expanded;
        if (log.text(id, "how") != "alias") break;
        for (const std::string& place : words(log.text(id, "to"))) {
          const HostPlan* host = world.plan().find(key(id).first);
          if (host != nullptr && place.ends_with("@" + host->domain)) messages[key(id)][place];
        }
        break;
      case trace::Kind::sieve_run:
        // A filter that keeps no copy has ended it: thrown away, sent on, or refused.
        if (log.number(id, "ends") != 0) ++fate(id, log.text(id, "recipient")).delivered;
        break;
      case trace::Kind::mail_bounced:
      case trace::Kind::mail_discarded:
        answered[key(id)] = true;
        break;
      default:
        break;
    }
  }
  for (const HostPlan& plan : world.plan().hosts) {
    host::MailHost* host = world.mail_host(plan.name);
    if (host == nullptr || host->queue() == nullptr) continue;
    for (const auto& [queue_id, entry] : host->queue()->entries()) {
      for (const auto& recipient : entry.recipients) {
        if (recipient.state == queue::QueueRecipient::State::waiting) {
          ++messages[Key(plan.name, queue_id)][recipient.mailbox.to_string()].queued;
        }
      }
    }
  }
  for (const auto& [where, recipients] : messages) {
    for (const auto& [recipient, f] : recipients) {
      const std::string about =
          "message " + where.second + " at " + where.first + " for " + recipient;
      const host::MailHost* host = world.mail_host(where.first);
      const bool off =
          host != nullptr && !host->is_on();  // its queue is on its disk: not looked at
      if (f.ends() + f.queued == 0 && !off) broken.push_back(about + " is lost");
      if (f.ends() > 1) broken.push_back(about + " ended " + std::to_string(f.ends()) + " times");
      if (f.ends() == 1 && f.queued > 0)
        broken.push_back(about + " has ended and is still in the queue");
      if (f.failed > 0 && !answered[where])
        broken.push_back(about + " failed, and nobody was told");
    }
  }
  return broken;
}

}  // namespace mailscope::world
