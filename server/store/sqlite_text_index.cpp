// The index of words for SEARCH.
#include "server/store/sqlite_text_index.hpp"

#include <algorithm>
#include <sstream>

namespace mailscope::store {

namespace {

constexpr std::string_view kStateKey = "store.text_index";

/// Trigrams of a text that are asked for. More cost time and exclude little.
constexpr std::size_t kMaxTrigrams = 12;
/// Removed bodies from which on making the index anew pays.
constexpr std::int64_t kRemovedFrom = 10'000;
/// A candidate costs its searcher more than passing over a message: beyond this part of the mailbox
/// and number of messages the index is no help.
constexpr std::size_t kHelpsBelow = 2;
constexpr std::size_t kHelpsFrom = 1'000;

/// Octets of the character at `at`; what is no UTF-8 counts as one.
std::size_t character_size(std::string_view text, std::size_t at) {
  std::size_t size = 1;
  while (at + size < text.size() && (static_cast<unsigned char>(text[at + size]) & 0xC0) == 0x80) {
    ++size;
  }
  return size;
}

std::vector<std::string_view> trigrams(std::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t at = 0; at < text.size(); at += character_size(text, at)) starts.push_back(at);
  starts.push_back(text.size());
  std::vector<std::string_view> all;
  for (std::size_t i = 0; i + 3 < starts.size(); ++i) {
    all.push_back(text.substr(starts[i], starts[i + 3] - starts[i]));
  }
  return all;
}

/// The tokenizer ends at a NUL.
std::string without_nul(std::string text) {
  std::replace(text.begin(), text.end(), '\0', ' ');
  return text;
}

}  // namespace

std::string trigram_expression(SearchPart part, std::string_view text) {
  const auto all = trigrams(text);
  if (all.empty() || text.find('\0') != std::string_view::npos) return {};
  std::string terms;
  // Evenly spread, the first and the last among them.
  const std::size_t count = std::min(all.size(), kMaxTrigrams);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = count == 1 ? 0 : i * (all.size() - 1) / (count - 1);
    if (i > 0) terms += " AND ";
    terms += '"';
    for (const char c : all[at]) {
      if (c == '"') terms += '"';
      terms += c;
    }
    terms += '"';
  }
  switch (part) {
    case SearchPart::header:
      return "header : (" + terms + ")";
    case SearchPart::body:
      return "body : (" + terms + ")";
    case SearchPart::anywhere:
      return terms;
  }
  return terms;
}

SqliteTextIndex::State& SqliteTextIndex::state() {
  if (!state_) {
    state_.emplace();
    std::istringstream text(KeyValues(database_).get(kStateKey).value_or(""));
    text >> state_->mark >> state_->indexed >> state_->removed >> state_->version;
  }
  return *state_;
}

void SqliteTextIndex::save_state() {
  KeyValues(database_).put(
      kStateKey, std::to_string(state_->mark) + ' ' + std::to_string(state_->indexed) + ' ' +
                     std::to_string(state_->removed) + ' ' + std::to_string(state_->version));
}

void SqliteTextIndex::start_anew() {
  database_.run("INSERT INTO body_text (body_text) VALUES ('delete-all')");
  database_.run("DELETE FROM body_without_text");
  state_ = State{0, 0, 0, reader_->version()};
  save_state();
}

void SqliteTextIndex::body_removed(std::int64_t body) {
  State& now = state();
  if (body <= now.mark) ++now.removed;
}

void SqliteTextIndex::index_body(std::int64_t body, std::string_view header,
                                 std::string_view rest) {
  if (header.size() + rest.size() <= kMaxIndexedMessage) {
    std::string message;
    message.reserve(header.size() + rest.size());
    message.append(header).append(rest);
    TextReader::Text text = reader_->read(message);
    if (text.header.size() + text.body.size() <= kMaxIndexedText) {
      database_.run("INSERT INTO body_text (rowid, header, body) VALUES (?, ?, ?)",
                    {body, without_nul(std::move(text.header)), without_nul(std::move(text.body))});
      return;
    }
  }
  database_.run("INSERT INTO body_without_text (body) VALUES (?)", {body});
}

bool SqliteTextIndex::catch_up(std::size_t octets) {
  if (!reader_) return false;
  State& now = state();
  const bool outgrown = now.removed > kRemovedFrom && now.removed > now.indexed / 2;
  if (now.version != reader_->version() || outgrown) start_anew();
  std::size_t done = 0;
  bool more = false;
  std::int64_t mark = state().mark;
  {
    SqlCursor row =
        database_.query("SELECT id, header, rest FROM body WHERE id > ? ORDER BY id", {mark});
    while (row.next()) {
      if (done >= octets) {
        more = true;
        break;
      }
      mark = row.integer(0);
      const std::string_view header = row.text(1);
      const std::string_view rest = row.text(2);
      index_body(mark, header, rest);
      ++state().indexed;
      done += header.size() + rest.size();
    }
  }
  if (mark != state().mark) {
    state().mark = mark;
    save_state();
  }
  return more;
}

/// nullopt: more than `limit`.
std::optional<std::vector<std::int64_t>> SqliteTextIndex::find_bodies(const std::string& expression,
                                                                      std::size_t limit) {
  std::vector<std::int64_t> bodies;
  SqlCursor row =
      database_.query("SELECT rowid FROM body_text WHERE body_text MATCH ?", {expression});
  while (row.next()) {
    if (bodies.size() == limit) return std::nullopt;
    bodies.push_back(row.integer(0));
  }
  return bodies;
}

std::optional<std::vector<Uid>> SqliteTextIndex::candidates(MailboxId mailbox, SearchPart part,
                                                            std::string_view text,
                                                            std::size_t messages) {
  if (!reader_ || state().version != reader_->version() || messages < kHelpsFrom) {
    return std::nullopt;
  }
  const std::string expression = trigram_expression(part, reader_->fold(text));
  if (expression.empty()) return std::nullopt;
  // Other mailboxes share the index: what they have is passed over, but not without end.
  constexpr std::size_t kMaxBodies = 1'000'000;
  const auto bodies = find_bodies(expression, kMaxBodies);
  if (!bodies) return std::nullopt;
  std::vector<Uid> uids;
  const std::size_t most = messages / kHelpsBelow;
  const auto add = [&](SqlCursor row) {
    while (uids.size() <= most && row.next()) uids.push_back(static_cast<Uid>(row.integer(0)));
  };
  for (const std::int64_t body : *bodies) {
    add(database_.query("SELECT uid FROM message WHERE body = ? AND mailbox = ?", {body, mailbox}));
  }
  add(
      database_.query("SELECT uid FROM message INDEXED BY message_by_body"
                      " WHERE body > ? AND mailbox = ?",
                      {state().mark, mailbox}));
  add(
      database_.query("SELECT uid FROM body_without_text t JOIN message m ON m.body = t.body"
                      " WHERE m.mailbox = ?",
                      {mailbox}));
  if (uids.size() > most) return std::nullopt;
  std::sort(uids.begin(), uids.end());
  uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
  return uids;
}

}  // namespace mailscope::store
