// Reads sort programs, and finds out what messages are sorted by.
#include "server/imap/sort_program.hpp"

#include <algorithm>

#include "server/imap/base_subject.hpp"
#include "server/imap/limits.hpp"
#include "server/mail/address.hpp"
#include "server/mail/date.hpp"
#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"

namespace mailscope::imap {
namespace {

struct KeyName {
  std::string_view name;
  SortKey key;
  std::string_view field = {};  // of addresses
  bool display = false;         // RFC 5957
};
constexpr KeyName kKeys[] = {
    {"ARRIVAL", SortKey::arrival},
    {"CC", SortKey::cc, "Cc"},
    {"DATE", SortKey::date},
    {"FROM", SortKey::from, "From"},
    {"SIZE", SortKey::size},
    {"SUBJECT", SortKey::subject},
    {"TO", SortKey::to, "To"},
    {"DISPLAYFROM", SortKey::display_from, "From", true},
    {"DISPLAYTO", SortKey::display_to, "To", true},
};

const KeyName& name_of(SortKey key) {
  return *std::find_if(std::begin(kKeys), std::end(kKeys),
                       [key](const KeyName& known) { return known.key == key; });
}

bool parse_criterion(Cursor& cursor, bool display, SortCriterion& out) {
  if (cursor.word("REVERSE")) {
    out.reverse = true;
    if (!cursor.space()) return false;
  }
  for (const KeyName& known : kKeys) {
    if ((known.display && !display) || !cursor.word(known.name)) continue;
    out.key = known.key;
    return true;
  }
  return cursor.expected("a sort key");
}

// The addr-mailbox of the first address (RFC 3501 section 7.4.2): of a group its name.
std::string first_mailbox(const std::vector<mail::HeaderAddress>& addresses) {
  if (addresses.empty()) return {};
  const mail::HeaderAddress& first = addresses.front();
  return first.kind == mail::HeaderAddress::Kind::mailbox ? first.local : first.name;
}

// RFC 5957 section 3.
std::string display_value(const std::vector<mail::HeaderAddress>& addresses) {
  if (addresses.empty()) return {};
  const mail::HeaderAddress& first = addresses.front();
  if (first.kind != mail::HeaderAddress::Kind::mailbox) return first.name;
  std::string name = mail::decode_words(first.name);
  if (!name.empty()) return name;
  if (!first.local.empty() && !first.domain.empty()) return first.local + '@' + first.domain;
  return first.local;
}

SortValue value_of(SortKey key, Collation collation, const store::MessageInfo& info,
                   MessageView* message) {
  SortValue value;
  switch (key) {
    case SortKey::arrival:
      value.number = info.internal_date.time_since_epoch().count();
      break;
    case SortKey::size:
      value.number = static_cast<std::int64_t>(info.size);
      break;
    case SortKey::date:
      value.number = sent_date(*message, info).time_since_epoch().count();
      break;
    case SortKey::subject: {
      const mail::Field* field = message->header().find("Subject");
      if (field != nullptr) value.text = sorting_key(collation, base_subject(field->value).text);
      break;
    }
    default: {
      const mail::Field* field = message->header().find(name_of(key).field);
      if (field == nullptr) break;
      const auto addresses = mail::parse_address_list(field->value, mail::Incomplete::keep);
      value.text = sorting_key(
          collation, name_of(key).display ? display_value(addresses) : first_mailbox(addresses));
    }
  }
  return value;
}

// "31 Dec 2000" of a date whose rest nobody can read.
std::string_view date_part(std::string_view text) {
  std::size_t words = 0;
  const std::size_t comma = text.find(',');
  if (comma != std::string_view::npos) text.remove_prefix(comma + 1);
  text = mail::trim(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!mail::is_space(text[i])) continue;
    if (i > 0 && mail::is_space(text[i - 1])) continue;
    if (++words == 3) return text.substr(0, i);
  }
  return text;
}

}  // namespace

bool parse_sort_program(Cursor& cursor, bool display, SortProgram& out) {
  if (!cursor.character('(')) return false;
  do {
    if (out.size() >= kMaxSortCriteria) return cursor.expected("fewer sort keys before this,");
    if (!parse_criterion(cursor, display, out.emplace_back())) return false;
  } while (cursor.peek() == ' ' && cursor.space());
  return cursor.character(')');
}

bool needs_header(const SortProgram& program) {
  return std::any_of(program.begin(), program.end(), [](const SortCriterion& criterion) {
    return criterion.key != SortKey::arrival && criterion.key != SortKey::size;
  });
}

SortRow sort_row(const SortProgram& program, Collation collation, std::uint32_t position,
                 const store::MessageInfo& info, MessageView* message) {
  SortRow row{position, info.uid, {}};
  row.values.reserve(program.size());
  for (const SortCriterion& criterion : program)
    row.values.push_back(value_of(criterion.key, collation, info, message));
  return row;
}

bool sorts_before(const SortProgram& program, const SortRow& a, const SortRow& b) {
  for (std::size_t i = 0; i < program.size(); ++i) {
    const SortValue &one = a.values[i], &other = b.values[i];
    const int texts = one.text.compare(other.text);
    if (one.number == other.number && texts == 0) continue;
    return (one.number < other.number || texts < 0) != program[i].reverse;
  }
  return a.uid < b.uid;
}

net::Time sent_date(MessageView& message, const store::MessageInfo& info) {
  const mail::Field* field = message.header().find("Date");
  if (field == nullptr) return info.internal_date;
  const std::string text = mail::unfold(field->value);
  if (const auto date = mail::parse_date(text)) return date->time;
  // A zone that is no good counts as UTC, then a time that is none as midnight.
  const std::size_t sign = text.find_last_of("+-");
  if (sign != std::string::npos) {
    if (const auto date = mail::parse_date(std::string_view(text).substr(0, sign)))
      return date->time;
  }
  if (const auto date = mail::parse_date(std::string(date_part(text)) + " 00:00:00 +0000"))
    return date->time;
  return info.internal_date;
}

}  // namespace mailscope::imap
