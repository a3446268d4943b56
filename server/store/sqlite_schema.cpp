// The schema of the database. Times are nanoseconds since 1970, sizes are octets.
#include "server/store/sqlite_schema.hpp"

namespace mailscope::store {

const std::vector<std::string> kMigrations = {
    // 1: accounts, mailboxes, messages; keys and values.
    R"sql(
    CREATE TABLE key_value (
      key   TEXT PRIMARY KEY,
      value BLOB NOT NULL
    ) WITHOUT ROWID;

    CREATE TABLE account (
      id    INTEGER PRIMARY KEY,
      name  TEXT NOT NULL UNIQUE,
      quota INTEGER NOT NULL DEFAULT 0,
      used  INTEGER NOT NULL DEFAULT 0
    );

    CREATE TABLE mailbox (
      id             INTEGER PRIMARY KEY AUTOINCREMENT,
      account        INTEGER NOT NULL REFERENCES account (id),
      name           TEXT NOT NULL,
      uid_validity   INTEGER NOT NULL,
      uid_next       INTEGER NOT NULL DEFAULT 1,
      messages       INTEGER NOT NULL DEFAULT 0,
      unseen         INTEGER NOT NULL DEFAULT 0,
      octets         INTEGER NOT NULL DEFAULT 0,
      highest_modseq INTEGER NOT NULL DEFAULT 1,
      first_recent   INTEGER NOT NULL DEFAULT 1,
      special_use    TEXT NOT NULL DEFAULT '',
      UNIQUE (account, name)
    );

    CREATE TABLE subscription (
      account INTEGER NOT NULL REFERENCES account (id),
      name    TEXT NOT NULL,
      PRIMARY KEY (account, name)
    ) WITHOUT ROWID;

    -- Octets of messages, shared by copies; the row goes with the last message that uses it.
    CREATE TABLE body (
      id     INTEGER PRIMARY KEY,
      uses   INTEGER NOT NULL,
      octets BLOB NOT NULL
    );

    CREATE TABLE message (
      mailbox       INTEGER NOT NULL REFERENCES mailbox (id),
      uid           INTEGER NOT NULL,
      modseq        INTEGER NOT NULL,
      size          INTEGER NOT NULL,
      internal_date INTEGER NOT NULL,
      system_flags  INTEGER NOT NULL,
      keywords      TEXT NOT NULL,
      body          INTEGER NOT NULL REFERENCES body (id),
      PRIMARY KEY (mailbox, uid)
    ) WITHOUT ROWID;
    CREATE INDEX message_by_modseq ON message (mailbox, modseq);
    -- Without it the foreign key makes every removal of a body read the whole table.
    CREATE INDEX message_by_body ON message (body);

    CREATE TABLE vanished (
      mailbox INTEGER NOT NULL REFERENCES mailbox (id),
      modseq  INTEGER NOT NULL,
      uid     INTEGER NOT NULL,
      PRIMARY KEY (mailbox, modseq, uid)
    ) WITHOUT ROWID;
    )sql",
    // 2: outbound queues, one for each host.
    R"sql(
    CREATE TABLE queue_entry (
      number         INTEGER PRIMARY KEY,
      host           TEXT NOT NULL,
      id             TEXT NOT NULL,
      reverse_local  TEXT NOT NULL,
      reverse_domain TEXT NOT NULL,
      message_id     TEXT NOT NULL,
      created        INTEGER NOT NULL,
      warned         INTEGER NOT NULL,
      content        BLOB NOT NULL,
      UNIQUE (host, id)
    );
    CREATE TABLE queue_recipient (
      entry        INTEGER NOT NULL REFERENCES queue_entry (number) ON DELETE CASCADE,
      position     INTEGER NOT NULL,
      local        TEXT NOT NULL,
      domain       TEXT NOT NULL,
      state        INTEGER NOT NULL,
      attempts     INTEGER NOT NULL,
      next_try     INTEGER NOT NULL,
      reply_code   INTEGER NOT NULL,
      reply_status TEXT NOT NULL,
      reply_text   TEXT NOT NULL,
      last_server  TEXT NOT NULL,
      PRIMARY KEY (entry, position)
    ) WITHOUT ROWID;
    )sql",
    // The parameters of MAIL and RCPT. `asked`: a bit each for what was said, see sqlite_queue.cpp.
    R"sql(
    ALTER TABLE queue_entry ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE queue_entry ADD COLUMN body INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE queue_entry ADD COLUMN ret INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE queue_entry ADD COLUMN envid TEXT NOT NULL DEFAULT '';
    ALTER TABLE queue_entry ADD COLUMN deliver_by INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE queue_entry ADD COLUMN hold_until INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE queue_entry ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE queue_recipient ADD COLUMN orcpt TEXT NOT NULL DEFAULT '';
    ALTER TABLE queue_recipient ADD COLUMN notify INTEGER NOT NULL DEFAULT 0;
    )sql",
};

}  // namespace mailscope::store
