// Reads SEARCH's keys.
#include "server/imap/search_program.hpp"

#include "server/imap/date_time.hpp"
#include "server/imap/limits.hpp"
#include "server/imap/unicode.hpp"
#include "server/store/mail_store.hpp"

namespace mailscope::imap {
namespace {

using Kind = SearchKey::Kind;

enum class Argument : std::uint8_t {
  none,
  text,
  keyword,
  date,
  number,
  interval,
  modseq,
  uid_set,
  field_and_text,
  one_key,
  two_keys
};

struct KeyName {
  std::string_view name;
  std::string_view capability;  // what it belongs to; empty: the base protocol
  Kind kind;
  Argument argument = Argument::none;
  std::uint8_t flag = 0;
  std::string_view field = {};
};
constexpr KeyName kKeys[] = {
    {"ALL", "", Kind::everything},
    {"ANSWERED", "", Kind::flag, Argument::none, store::kAnswered},
    {"BCC", "", Kind::header, Argument::text, 0, "Bcc"},
    {"BEFORE", "", Kind::before, Argument::date},
    {"BODY", "", Kind::body, Argument::text},
    {"CC", "", Kind::header, Argument::text, 0, "Cc"},
    {"DELETED", "", Kind::flag, Argument::none, store::kDeleted},
    {"DRAFT", "", Kind::flag, Argument::none, store::kDraft},
    {"FLAGGED", "", Kind::flag, Argument::none, store::kFlagged},
    {"FROM", "", Kind::header, Argument::text, 0, "From"},
    {"HEADER", "", Kind::header, Argument::field_and_text},
    {"KEYWORD", "", Kind::keyword, Argument::keyword},
    {"EMAILID", "OBJECTID", Kind::email_id, Argument::keyword},
    {"THREADID", "OBJECTID", Kind::thread_id, Argument::keyword},
    {"SAVEDATESUPPORTED", "SAVEDATE", Kind::everything},
    {"SAVEDBEFORE", "SAVEDATE", Kind::saved_before, Argument::date},
    {"SAVEDON", "SAVEDATE", Kind::saved_on, Argument::date},
    {"SAVEDSINCE", "SAVEDATE", Kind::saved_since, Argument::date},
    {"MODSEQ", "CONDSTORE", Kind::modseq, Argument::modseq},
    {"OLDER", "WITHIN", Kind::older, Argument::interval},
    {"YOUNGER", "WITHIN", Kind::younger, Argument::interval},
    {"LARGER", "", Kind::larger, Argument::number},
    {"NEW", "", Kind::fresh},
    {"NOT", "", Kind::negation, Argument::one_key},
    {"OLD", "", Kind::old},
    {"ON", "", Kind::on, Argument::date},
    {"OR", "", Kind::any_of, Argument::two_keys},
    {"RECENT", "", Kind::recent},
    {"SEEN", "", Kind::flag, Argument::none, store::kSeen},
    {"SENTBEFORE", "", Kind::sent_before, Argument::date},
    {"SENTON", "", Kind::sent_on, Argument::date},
    {"SENTSINCE", "", Kind::sent_since, Argument::date},
    {"SINCE", "", Kind::since, Argument::date},
    {"SMALLER", "", Kind::smaller, Argument::number},
    {"SUBJECT", "", Kind::header, Argument::text, 0, "Subject"},
    {"TEXT", "", Kind::text, Argument::text},
    {"TO", "", Kind::header, Argument::text, 0, "To"},
    {"UID", "", Kind::uid, Argument::uid_set},
    {"UNANSWERED", "", Kind::no_flag, Argument::none, store::kAnswered},
    {"UNDELETED", "", Kind::no_flag, Argument::none, store::kDeleted},
    {"UNDRAFT", "", Kind::no_flag, Argument::none, store::kDraft},
    {"UNFLAGGED", "", Kind::no_flag, Argument::none, store::kFlagged},
    {"UNKEYWORD", "", Kind::no_keyword, Argument::keyword},
    {"UNSEEN", "", Kind::no_flag, Argument::none, store::kSeen},
};

class Parser {
 public:
  Parser(Cursor& cursor, SearchProgram& program) : cursor_(cursor), program_(program) {}

  bool keys(SearchKey& out, std::size_t depth) {
    out.kind = Kind::all_of;
    do {
      if (!key(out.keys.emplace_back(), depth)) return false;
    } while (cursor_.peek() == ' ' && cursor_.space());
    return true;
  }

 private:
  bool key(SearchKey& out, std::size_t depth) {
    if (depth > kMaxSearchDepth || ++count_ > kMaxSearchKeys) {
      return cursor_.expected("fewer search keys and levels before this,");
    }
    const char next = cursor_.peek();
    if (next == '(') {
      cursor_.skip(1);
      return keys(out, depth + 1) && cursor_.character(')');
    }
    if (next == '$' || next == '*' || (next >= '0' && next <= '9')) {
      out.kind = Kind::sequence;
      if (!parse_set(out.set)) return false;
      program_.by_number = program_.by_number || !out.set.saved;
      return true;
    }
    for (const KeyName& known : kKeys) {
      if (!cursor_.word(known.name)) continue;
      program_.uses.add(known.capability, known.kind == Kind::modseq ? kCondstore : EnabledSet{0});
      out.kind = known.kind;
      out.flag = known.flag;
      out.field = known.field;
      return argument(out, known.argument, depth);
    }
    return cursor_.expected("a search key");
  }

  bool parse_set(SequenceSet& set) {
    if (!parse_sequence_set(cursor_, set)) return false;
    if (set.saved) program_.uses.add("SEARCHRES");
    return true;
  }

  // RFC 7162 section 3.1.5: [entry-name SP entry-type SP] mod-sequence. All entries of a message
  // share its mod-sequence here, so which one is meant makes no difference.
  bool parse_modseq(SearchKey& out) {
    if (cursor_.peek() == '"') {
      std::string entry;
      if (!cursor_.quoted(entry) || !cursor_.space()) return false;
      if (!entry.starts_with("/flags/"))
        return cursor_.expected("an entry such as \"/flags/\\\\Seen\" before");
      if (!cursor_.word("priv") && !cursor_.word("shared") && !cursor_.word("all"))
        return cursor_.expected("priv, shared or all");
      if (!cursor_.space()) return false;
    }
    return cursor_.number64(out.modseq);
  }

  bool argument(SearchKey& out, Argument argument, std::size_t depth) {
    if (argument == Argument::none) return true;
    if (!cursor_.space()) return false;
    switch (argument) {
      case Argument::text:
        return cursor_.astring(out.text);
      case Argument::keyword: {
        std::string_view name;
        if (!cursor_.atom(name)) return cursor_.expected("a keyword");
        out.text = name;
        return true;
      }
      case Argument::date:
        return parse_date(cursor_, out.day);
      case Argument::number:
        return cursor_.number64(out.number);
      case Argument::interval:
        return cursor_.nz_number(out.seconds);
      case Argument::modseq:
        return parse_modseq(out);
      case Argument::uid_set:
        return parse_set(out.set);
      case Argument::field_and_text:
        return cursor_.astring(out.field) && cursor_.space() && cursor_.astring(out.text);
      case Argument::one_key:
        return key(out.keys.emplace_back(), depth + 1);
      case Argument::two_keys:
        return key(out.keys.emplace_back(), depth + 1) && cursor_.space() &&
               key(out.keys.emplace_back(), depth + 1);
      case Argument::none:
        break;
    }
    return true;
  }

  Cursor& cursor_;
  SearchProgram& program_;
  std::size_t count_ = 0;
};

}  // namespace

bool parse_search(Cursor& cursor, SearchProgram& out) {
  if (cursor.word("CHARSET")) {
    std::string charset;
    out.charset_given = true;
    if (!cursor.space() || !cursor.astring(charset) || !cursor.space()) return false;
    out.charset_known = equal_ci(charset, "UTF-8") || equal_ci(charset, "US-ASCII");
  }
  return Parser(cursor, out).keys(out.root, 0);
}

bool parse_search_with_charset(Cursor& cursor, SearchProgram& out) {
  std::string charset;
  if (!cursor.astring(charset) || !cursor.space()) return cursor.expected("a charset");
  out.charset_known = equal_ci(charset, "UTF-8") || equal_ci(charset, "US-ASCII");
  return Parser(cursor, out).keys(out.root, 0);
}

}  // namespace mailscope::imap
