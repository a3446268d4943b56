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
    // 4: headers apart from the rest of a body; names of octets; when a message was saved; what is
    // marked as deleted; quotas of messages; annotations, access lists, scripts.
    R"sql(
    CREATE TABLE new_body (
      id     INTEGER PRIMARY KEY,
      uses   INTEGER NOT NULL,
      header BLOB NOT NULL,  -- up to and with the first empty line
      rest   BLOB NOT NULL
    );
    INSERT INTO new_body
      SELECT id, uses, substr(octets, 1, size), substr(octets, size + 1) FROM (
        SELECT id, uses, octets, CASE
          WHEN substr(octets, 1, 2) = x'0D0A' THEN 2
          WHEN instr(octets, x'0D0A0D0A') = 0 THEN length(octets)
          ELSE instr(octets, x'0D0A0D0A') + 3 END AS size
        FROM body);

    CREATE TABLE new_message (
      mailbox       INTEGER NOT NULL REFERENCES mailbox (id),
      uid           INTEGER NOT NULL,
      modseq        INTEGER NOT NULL,
      size          INTEGER NOT NULL,
      internal_date INTEGER NOT NULL,
      system_flags  INTEGER NOT NULL,
      keywords      TEXT NOT NULL,
      saved         INTEGER NOT NULL,
      email         INTEGER NOT NULL,
      body          INTEGER NOT NULL REFERENCES new_body (id),
      PRIMARY KEY (mailbox, uid)
    ) WITHOUT ROWID;
    -- New names of octets are at least 2^32: those of old bodies stay apart from them.
    INSERT INTO new_message SELECT mailbox, uid, modseq, size, internal_date, system_flags,
      keywords, internal_date, body, body FROM message;
    DROP TABLE message;
    DROP TABLE body;
    ALTER TABLE new_body RENAME TO body;
    ALTER TABLE new_message RENAME TO message;
    CREATE INDEX message_by_modseq ON message (mailbox, modseq);
    -- Without it the foreign key makes every removal of a body read the whole table.
    CREATE INDEX message_by_body ON message (body);

    ALTER TABLE mailbox ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE mailbox ADD COLUMN deleted_octets INTEGER NOT NULL DEFAULT 0;
    UPDATE mailbox SET (deleted, deleted_octets) =
      (SELECT count(*), coalesce(sum(size), 0) FROM message
       WHERE mailbox = mailbox.id AND system_flags & 8);

    ALTER TABLE account ADD COLUMN message_quota INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE account ADD COLUMN used_messages INTEGER NOT NULL DEFAULT 0;
    UPDATE account SET used_messages =
      (SELECT coalesce(sum(messages), 0) FROM mailbox WHERE account = account.id);

    -- Small things of an account, a mailbox (mailbox > 0) or the server (account 0). The kinds are
    -- those of StoreCore::Property.
    CREATE TABLE property (
      account INTEGER NOT NULL,
      mailbox INTEGER NOT NULL,
      kind    INTEGER NOT NULL,
      key     TEXT NOT NULL,
      value   BLOB NOT NULL,
      PRIMARY KEY (account, mailbox, kind, key)
    ) WITHOUT ROWID;
    CREATE INDEX grant_by_identifier ON property (key) WHERE kind = 1;
    )sql",
    // 5: the index of text for SEARCH. Its rows have the numbers of bodies.
    R"sql(
    CREATE VIRTUAL TABLE body_text USING fts5 (
      header, body, content='', detail=column, columnsize=0, tokenize='trigram case_sensitive 1');
    -- Bodies that are too large for the index.
    CREATE TABLE body_without_text (body INTEGER PRIMARY KEY);
    )sql",
    // 6: sizes as POP3 sends messages. Nearly all are stored in that form.
    R"sql(
    ALTER TABLE message ADD COLUMN wire_size INTEGER NOT NULL DEFAULT 0;
    UPDATE message SET wire_size = size;
    )sql",
    // 7: which messages may have UTF-8 in their headers. SQLite counts the characters of a text up
    // to the first NUL: where it counts fewer than there are octets, some are longer than one.
    R"sql(
    ALTER TABLE message ADD COLUMN utf8_headers INTEGER NOT NULL DEFAULT 0;
    UPDATE message SET utf8_headers =
      (SELECT length(CAST(header AS TEXT)) < length(header)
           OR length(CAST(rest AS TEXT)) < length(rest) FROM body WHERE id = message.body);
    )sql",
    // 8: who submitted a message, and how long it was to be held.
    R"sql(
    ALTER TABLE queue_entry ADD COLUMN auth TEXT NOT NULL DEFAULT '';
    ALTER TABLE queue_entry ADD COLUMN hold_request TEXT NOT NULL DEFAULT '';
    )sql",
};

}  // namespace mailscope::store
