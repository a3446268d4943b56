// Everything that can be seen of a store, as text: two stores are equal when their dumps are.
#pragma once

#include <string>

#include "server/store/mail_store.hpp"

namespace mailscope::store {

inline std::string dump(const MailStore& store) {
  std::string out;
  const auto add = [&out](auto... parts) { ((out += std::to_string(parts), out += ' '), ...); };
  out += "bounces ";
  add(store.counted("bounces", net::Time{}));
  for (const auto& account : store.accounts()) {
    out += account + " ";
    add(store.quota(account), store.used(account), store.message_quota(account),
        store.used_messages(account));
    for (const auto& name : store.subscriptions(account)) out += name + ", ";
    out += '\n';
    for (const auto& [name, size, active] : store.scripts(account)) {
      out += "  script " + name + (active ? "* " : " ") + *store.script(account, name) + "\n";
    }
    for (const auto& [entry, value] : store.annotations(account, 0)) {
      out += "  annotation " + entry + " " + value + "\n";
    }
    for (const auto& b : store.mailboxes(account)) {
      out += "  " + b.name + " " + b.special_use + " ";
      add(b.id, b.uid_validity, b.uid_next, b.messages, b.unseen, b.octets, b.highest_modseq,
          b.first_recent, b.subscribed, b.deleted, b.deleted_octets);
      out += '\n';
      store.scan(b.id, {}, [&](const MessageInfo& m) {
        out += "    ";
        add(m.uid, m.modseq, m.size, m.internal_date.time_since_epoch().count(), m.flags.system,
            m.saved.time_since_epoch().count(), m.email);
        for (const auto& word : m.flags.keywords) out += word + " ";
        out += *store.body(b.id, m.uid) + "\n";
        return true;
      });
      for (const auto& [identifier, rights] : store.grants(b.id)) {
        out += "    grant " + identifier + " " + rights + "\n";
      }
      for (const auto& user : store.accounts()) {
        for (const auto& [entry, value] : store.annotations(user, b.id)) {
          out += "    annotation for " + user + ": " + entry + " " + value + "\n";
        }
      }
      const Outline outline = store.outline(b.id);
      out += "    outline ";
      add(outline.first_unseen);
      for (const Uid uid : outline.uids) add(uid);
      out += "\n    vanished ";
      for (const Uid uid : store.changes(b.id, 0).vanished) add(uid);
      out += '\n';
    }
  }
  return out;
}

}  // namespace mailscope::store
