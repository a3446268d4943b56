// The integrity check of the store on SQLite: each rule is a query that finds what breaks it.
#include <array>

#include "server/store/sqlite_store.hpp"

namespace mailscope::store {

namespace {

/// A query whose rows are violations: a name (text) and what is wrong there (text).
struct Rule {
  std::string_view what;
  std::string_view sql;
};

constexpr std::array kRules = {
    Rule{"the mailbox's counts and sums differ from its messages",
         "SELECT b.name, b.messages || '/' || b.unseen || '/' || b.octets || ' stored, '"
         " || count(m.uid) || '/' || total(m.uid IS NOT NULL AND m.system_flags & 1 = 0) || '/'"
         " || total(m.size) || ' found (messages/unseen/octets)'"
         " FROM mailbox b LEFT JOIN message m ON m.mailbox = b.id GROUP BY b.id"
         " HAVING b.messages <> count(m.uid) OR b.octets <> total(m.size)"
         " OR b.unseen <> total(m.uid IS NOT NULL AND m.system_flags & 1 = 0)"},
    Rule{"the mailbox's counts of messages marked as deleted differ from its messages",
         "SELECT b.name, b.deleted || '/' || b.deleted_octets || ' stored, ' || count(m.uid) || '/'"
         " || total(m.size) || ' found (messages/octets)' FROM mailbox b"
         " LEFT JOIN message m ON m.mailbox = b.id AND m.system_flags & 8 GROUP BY b.id"
         " HAVING b.deleted <> count(m.uid) OR b.deleted_octets <> total(m.size)"},
    Rule{"a message has a UID that was not given out yet",
         "SELECT b.name, 'UID ' || m.uid || ', next is ' || b.uid_next"
         " FROM message m JOIN mailbox b ON b.id = m.mailbox"
         " WHERE m.uid >= b.uid_next OR m.uid < 1"},
    Rule{"a message has a modification sequence above the mailbox's",
         "SELECT b.name, 'UID ' || m.uid || ', ' || m.modseq || ' > ' || b.highest_modseq"
         " FROM message m JOIN mailbox b ON b.id = m.mailbox WHERE m.modseq > b.highest_modseq"},
    Rule{"a vanished UID is in the mailbox, was not given out, or vanished in the future",
         "SELECT b.name, 'UID ' || v.uid FROM vanished v JOIN mailbox b ON b.id = v.mailbox"
         " WHERE v.uid >= b.uid_next OR v.modseq > b.highest_modseq OR EXISTS"
         " (SELECT 1 FROM message m WHERE m.mailbox = v.mailbox AND m.uid = v.uid)"},
    Rule{"the recent messages begin after the next UID",
         "SELECT name, first_recent || ' > ' || uid_next FROM mailbox"
         " WHERE first_recent > uid_next"},
    Rule{"two mailboxes have the same UIDVALIDITY",
         "SELECT group_concat(name, ' and '), uid_validity FROM mailbox GROUP BY uid_validity"
         " HAVING count(*) > 1"},
    Rule{"the account's used octets differ from the sum of its mailboxes",
         "SELECT a.name, a.used || ' stored, ' || total(b.octets) || ' found' FROM account a"
         " LEFT JOIN mailbox b ON b.account = a.id GROUP BY a.id HAVING a.used <> total(b.octets)"},
    Rule{"the account's used messages differ from the sum of its mailboxes",
         "SELECT a.name, a.used_messages || ' stored, ' || total(b.messages) || ' found'"
         " FROM account a LEFT JOIN mailbox b ON b.account = a.id GROUP BY a.id"
         " HAVING a.used_messages <> total(b.messages)"},
    Rule{"a property belongs to no account, or to a mailbox that is not the account's",
         "SELECT 'account ' || p.account || ', mailbox ' || p.mailbox, p.key FROM property p"
         " WHERE (p.account <> 0 AND p.account NOT IN (SELECT id FROM account))"
         " OR (p.mailbox <> 0 AND NOT EXISTS (SELECT 1 FROM mailbox b"
         " WHERE b.id = p.mailbox AND b.account = p.account))"},
    Rule{"the active script does not exist",
         "SELECT a.name, CAST(p.value AS TEXT) FROM property p JOIN account a ON a.id = p.account"
         " WHERE p.kind = 3 AND NOT EXISTS (SELECT 1 FROM property s WHERE s.account = p.account"
         " AND s.mailbox = 0 AND s.kind = 2 AND s.key = CAST(p.value AS TEXT))"},
    Rule{
        "a count belongs to an account or is no count",
        "SELECT 'account ' || p.account, p.key || ': ' || CAST(p.value AS TEXT) FROM property p"
        " WHERE p.kind = 5 AND (p.account <> 0 OR CAST(p.value AS TEXT) NOT GLOB '*[0-9] [1-9]*')"},
    Rule{"the account has no INBOX",
         "SELECT a.name, '' FROM account a WHERE NOT EXISTS"
         " (SELECT 1 FROM mailbox b WHERE b.account = a.id AND b.name = 'INBOX')"},
    Rule{"a body's count of uses differs from the messages that use it",
         "SELECT 'body ' || o.id, o.uses || ' stored, ' || count(m.uid) || ' found' FROM body o"
         " LEFT JOIN message m ON m.body = o.id GROUP BY o.id HAVING o.uses <> count(m.uid)"},
    Rule{"a message's size differs from its body's",
         "SELECT b.name, 'UID ' || m.uid || ', ' || m.size || ' stored, '"
         " || (length(o.header) + length(o.rest))"
         " || ' found' FROM message m JOIN mailbox b ON b.id = m.mailbox"
         " JOIN body o ON o.id = m.body WHERE m.size <> length(o.header) + length(o.rest)"},
};

}  // namespace

std::vector<std::string> SqliteStore::check() {
  std::vector<std::string> problems = database_.check();
  for (const Rule& rule : kRules) {
    SqlCursor row = database_.query(rule.sql);
    while (row.next()) {
      problems.push_back(std::string(rule.what) + ": " + std::string(row.text(0)) + ": " +
                         std::string(row.text(1)));
    }
  }
  // What is remembered must be what is stored.
  const auto remembered = known_boxes();
  for (const auto& [id, box] : remembered) {
    SqlCursor row = database_.query(
        "SELECT name, uid_next, messages, unseen, octets, highest_modseq FROM mailbox"
        " WHERE id = ?",
        {id});
    const MailboxInfo& info = box.info;
    if (!row.next() || row.text(0) != info.name || row.integer(1) != info.uid_next ||
        row.integer(2) != info.messages || row.integer(3) != info.unseen ||
        row.integer(4) != static_cast<std::int64_t>(info.octets) ||
        row.integer(5) != static_cast<std::int64_t>(info.highest_modseq)) {
      problems.push_back("the mailbox in memory differs from its row: " + info.name);
    }
  }
  return problems;
}

}  // namespace mailscope::store
