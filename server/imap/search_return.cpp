// Reads RETURN (...), writes ESEARCH.
#include "server/imap/search_return.hpp"

#include <algorithm>

#include "server/imap/sequence_set.hpp"

namespace mailscope::imap {
namespace {

bool parse_partial_option(Cursor& cursor, SearchReturn& out) {
  // RFC 9394 section 3.1: one at most.
  if (out.has(SearchReturn::partial)) return cursor.expected("one PARTIAL before this,");
  return cursor.space() && parse_result_range(cursor, out.range);
}

// UPDATE, with "(item item ...)" behind it where the server has NOTIFY (RFC 5465 section 7).
bool parse_update_option(Cursor& cursor, SearchReturn& out) {
  Cursor next = cursor;
  if (next.peek() == ' ') next.skip(1);
  if (next.peek() != '(') return true;
  cursor = next;
  if (!parse_fetch_items(cursor, out.attributes)) return false;
  out.uses.add("NOTIFY");
  for (const std::string_view capability : out.attributes.uses.names()) out.uses.add(capability);
  return true;
}

struct ReturnOption {
  std::string_view name;
  std::string_view capability;
  std::string_view sort_capability;  // in SORT
  SearchReturn::Option bit;
  /// Reads what follows the name; null: nothing does.
  bool (*parse)(Cursor& cursor, SearchReturn& out) = nullptr;
};
constexpr ReturnOption kOptions[] = {
    {"MIN", "ESEARCH", "ESORT", SearchReturn::min},
    {"MAX", "ESEARCH", "ESORT", SearchReturn::max},
    {"ALL", "ESEARCH", "ESORT", SearchReturn::all},
    {"COUNT", "ESEARCH", "ESORT", SearchReturn::count},
    {"SAVE", "SEARCHRES", "SEARCHRES", SearchReturn::save},
    {"PARTIAL", "PARTIAL", "CONTEXT=SORT", SearchReturn::partial, parse_partial_option},
    {"CONTEXT", "CONTEXT=SEARCH", "CONTEXT=SORT", SearchReturn::context},
    {"UPDATE", "CONTEXT=SEARCH", "CONTEXT=SORT", SearchReturn::update, parse_update_option},
};

bool parse_option(Cursor& cursor, SearchReturn& out, SearchUse use) {
  for (const ReturnOption& option : kOptions) {
    if (!cursor.word(option.name)) continue;
    out.uses.add(use == SearchUse::sort ? option.sort_capability : option.capability);
    if (option.parse != nullptr && !option.parse(cursor, out)) return false;
    out.options = static_cast<std::uint16_t>(out.options | option.bit);
    return true;
  }
  return cursor.expected("MIN, MAX, ALL, COUNT, SAVE, PARTIAL, CONTEXT or UPDATE");
}

}  // namespace

bool parse_result_range(Cursor& cursor, ResultRange& out) {
  const bool from_end = cursor.peek() == '-' && cursor.character('-');
  out.from_end = from_end;
  if (!cursor.nz_number(out.first) || !cursor.character(':')) return false;
  if (from_end && !cursor.character('-')) return cursor.expected("\"-\" before both numbers, here");
  if (!cursor.nz_number(out.last)) return false;
  out.turned = out.first > out.last;
  if (out.turned) std::swap(out.first, out.last);
  return true;
}

std::pair<std::size_t, std::size_t> cut(const ResultRange& range, std::size_t size) {
  const std::size_t last = std::min<std::size_t>(range.last, size);
  if (range.first > last) return {0, 0};
  const std::size_t count = last - range.first + 1;
  return {range.from_end ? size - last : range.first - 1, count};
}

std::string to_string(const ResultRange& range) {
  const char* sign = range.from_end ? "-" : "";
  // RFC 5267 section 4.4: the range as it was asked for.
  const auto [first, last] =
      range.turned ? std::pair(range.last, range.first) : std::pair(range.first, range.last);
  return sign + std::to_string(first) + ":" + sign + std::to_string(last);
}

bool parse_search_return(Cursor& cursor, SearchReturn& out, SearchUse use) {
  Cursor c = cursor;
  if (!c.word("RETURN") || !c.space() || c.peek() != '(') return true;  // a key, or a mistake
  cursor = c;
  cursor.character('(');
  out.given = true;
  out.uses.add(use == SearchUse::sort ? "ESORT" : "ESEARCH");
  bool first = true;
  while (cursor.peek() != ')') {
    if (!first && !cursor.space()) return false;
    first = false;
    if (!parse_option(cursor, out, use)) return false;
  }
  // RFC 4731 section 3.1: an empty list means ALL. RFC 9394 section 3.1: not both.
  if (out.options == 0) out.options = SearchReturn::all;
  if (out.has(SearchReturn::all) && out.has(SearchReturn::partial))
    return cursor.expected("either ALL or PARTIAL before");
  return cursor.character(')') && cursor.space();
}

void write_esearch(ResponseWriter& out, std::string_view tag, Numbering numbering,
                   const SearchReturn& wanted, const SearchResult& result) {
  // RFC 5182 section 2.1: SAVE alone gives no response.
  if (wanted.options == SearchReturn::save) return;
  out.begin("*").text("ESEARCH (TAG ").string(tag);
  if (!result.mailbox.empty()) {
    out.text(" MAILBOX ").mailbox(result.mailbox);
    out.text(" UIDVALIDITY ").number(result.uid_validity);
  }
  out.text(")");
  if (numbering == Numbering::uid) out.text(" UID");
  const auto numbers = result.numbers;
  if (!numbers.empty()) {
    if (wanted.has(SearchReturn::min)) {
      out.text(" MIN ").number(result.rising ? numbers.front()
                                             : *std::min_element(numbers.begin(), numbers.end()));
    }
    if (wanted.has(SearchReturn::max)) {
      out.text(" MAX ").number(result.rising ? numbers.back()
                                             : *std::max_element(numbers.begin(), numbers.end()));
    }
    if (wanted.has(SearchReturn::all)) out.text(" ALL ").text(format_set(numbers));
  }
  if (wanted.has(SearchReturn::partial)) {
    const auto [first, count] = cut(wanted.range, numbers.size());
    out.text(" PARTIAL (").text(to_string(wanted.range)).text(" ");
    out.text(count == 0 ? "NIL" : format_set(numbers.subspan(first, count))).text(")");
  }
  if (wanted.has(SearchReturn::count)) out.text(" COUNT ").number(numbers.size());
  if (result.modseq != 0 && !numbers.empty()) out.text(" MODSEQ ").number(result.modseq);
  out.end();
}

}  // namespace mailscope::imap
