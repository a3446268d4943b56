// The index of words for SEARCH, an FTS5 table of trigrams: SEARCH looks for substrings (RFC 3501
// section 6.4.4), and a message that contains "lunch" has the trigrams lun, unc and nch.
//
// Filled afterwards, so that delivery does not wait for it: catch_up() indexes some more bodies, in
// the order of their numbers, up to a mark that is stored in the same transaction. Bodies above the
// mark are always candidates. Bodies that are removed stay in the index, where they do no harm,
// until they are more than the others; then it is made anew.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/store/mail_store.hpp"
#include "server/store/sqlite_database.hpp"
#include "server/store/text_reader.hpp"

namespace mailscope::store {

/// Octets of text of one message that are indexed; of larger messages none, they are always
/// candidates.
inline constexpr std::size_t kMaxIndexedText = 4u << 20;
/// Octets of a message that is read for its text at all: a catch-up step must end soon.
inline constexpr std::size_t kMaxIndexedMessage = 16u << 20;

/// How far the index has come; stored with it.
struct TextIndexState {
  std::int64_t mark = 0;
  std::int64_t indexed = 0;  // rows of the table
  std::int64_t removed = 0;  // of these, about, whose bodies are gone
  std::uint32_t version = 0;
};

class SqliteTextIndex {
 public:
  explicit SqliteTextIndex(SqliteDatabase& database) : database_(database) {}
  /// Without a reader there is no index. `reader` must outlive this.
  void use(const TextReader* reader) { reader_ = reader; }

  /// Indexes bodies of about that many octets; true: there are more.
  bool catch_up(std::size_t octets);
  /// See MailStore::candidates. `messages`: how many the mailbox has.
  std::optional<std::vector<Uid>> candidates(MailboxId mailbox, SearchPart part,
                                             std::string_view text, std::size_t messages);
  /// Bodies up to this number are indexed; numbers must never be used again below it.
  std::int64_t mark() { return state().mark; }
  void body_removed(std::int64_t body);
  void forget() { state_.reset(); }

 private:
  using State = TextIndexState;
  State& state();
  void save_state();
  void start_anew();
  void index_body(std::int64_t body, std::string_view header, std::string_view rest);
  std::optional<std::vector<std::int64_t>> find_bodies(const std::string& expression,
                                                       std::size_t limit);

  SqliteDatabase& database_;
  const TextReader* reader_ = nullptr;
  std::optional<State> state_;
};

/// The FTS5 expression for a text that must be contained; empty when it is too short for one.
/// `text` is folded.
std::string trigram_expression(SearchPart part, std::string_view text);

}  // namespace mailscope::store
