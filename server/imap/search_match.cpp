// Evaluates search programs, the cheapest keys first.
#include "server/imap/search_match.hpp"

#include <algorithm>

#include "server/imap/extensions/extensions.hpp"
#include "server/imap/flags.hpp"
#include "server/imap/text_search.hpp"
#include "server/mail/date.hpp"

namespace mailscope::imap {
namespace {

using Kind = SearchKey::Kind;
namespace chrono = std::chrono;

// What must be read to decide a key: the order in which keys are tried.
enum class Cost : std::uint8_t { facts, header, body };

Cost own_cost(Kind kind) {
  switch (kind) {
    case Kind::sent_before:
    case Kind::sent_on:
    case Kind::sent_since:
    case Kind::header:
    case Kind::thread_id:
      return Cost::header;
    case Kind::body:
    case Kind::text:
      return Cost::body;
    default:
      return Cost::facts;
  }
}

bool compare_days(Kind kind, chrono::sys_days found, chrono::sys_days wanted) {
  switch (kind) {
    case Kind::before:
    case Kind::sent_before:
    case Kind::saved_before:
      return found < wanted;
    case Kind::on:
    case Kind::sent_on:
    case Kind::saved_on:
      return found == wanted;
    default:
      return found >= wanted;
  }
}

// RFC 3501 section 6.4.4: the day as it was written, whatever the zone.
std::optional<chrono::sys_days> sent_day(MessageView& message) {
  const auto date = mail::parse_date(message.header().text("Date"));
  if (!date) return std::nullopt;
  return chrono::floor<chrono::days>(date->time + chrono::minutes(date->zone_minutes));
}

}  // namespace

struct SearchMatcher::Node {
  const SearchKey* key;
  Cost cost;
  std::vector<Node> inner;
  std::vector<NumberRange> ranges;   // of sequence and uid
  std::optional<TextSearch> wanted;  // of header, body and text

  Node(const SearchKey& of, const MailboxView& view, Collation collation)
      : key(&of), cost(own_cost(of.kind)) {
    if (of.kind == Kind::sequence) ranges = resolve(of.set, view.exists());
    if (of.kind == Kind::uid) ranges = resolve(of.set, view.exists() == 0 ? 0 : view.uids().back());
    if (of.kind == Kind::header || of.kind == Kind::body || of.kind == Kind::text)
      wanted.emplace(of.text, collation);
    inner.reserve(of.keys.size());
    for (const SearchKey& child : of.keys) {
      inner.emplace_back(child, view, collation);
      cost = std::max(cost, inner.back().cost);
    }
    std::stable_sort(inner.begin(), inner.end(),
                     [](const Node& a, const Node& b) { return a.cost < b.cost; });
  }

  bool facts_match(const SearchedMessage& m) const;
  bool octets_match(MessageView& message, store::EmailId email) const;
  std::optional<bool> match(const SearchedMessage& m, bool may_open) const;
  std::optional<bool> match_all(const SearchedMessage& m, bool may_open) const;
  std::optional<bool> match_any(const SearchedMessage& m, bool may_open) const;
};

bool SearchMatcher::Node::facts_match(const SearchedMessage& m) const {
  const store::MessageInfo& info = *m.info;
  switch (key->kind) {
    case Kind::everything:
      return true;
    case Kind::sequence:
      return contains(ranges, m.number);
    case Kind::uid:
      return contains(ranges, info.uid);
    case Kind::flag:
      return (info.flags.system & key->flag) != 0;
    case Kind::no_flag:
      return (info.flags.system & key->flag) == 0;
    case Kind::keyword:
      return has_keyword(info.flags, key->text);
    case Kind::no_keyword:
      return !has_keyword(info.flags, key->text);
    case Kind::recent:
      return m.recent;
    case Kind::fresh:
      return m.recent && (info.flags.system & store::kSeen) == 0;
    case Kind::old:
      return !m.recent;
    case Kind::older:
      return info.internal_date <= key->instant;
    case Kind::younger:
      return info.internal_date >= key->instant;
    case Kind::saved_before:
    case Kind::saved_on:
    case Kind::saved_since:
      return compare_days(key->kind, chrono::floor<chrono::days>(info.saved), key->day);
    case Kind::email_id:
      return email_object_id(info.email) == key->text;
    case Kind::modseq:
      return info.modseq >= key->modseq;
    case Kind::larger:
      return info.size > key->number;
    case Kind::smaller:
      return info.size < key->number;
    case Kind::before:
    case Kind::on:
    case Kind::since:
      return compare_days(key->kind, chrono::floor<chrono::days>(info.internal_date), key->day);
    default:
      return false;
  }
}

bool SearchMatcher::Node::octets_match(MessageView& message, store::EmailId email) const {
  switch (key->kind) {
    case Kind::header:
      return header_field_contains(message, key->field, *wanted);
    case Kind::text:
      return key->text.empty() || header_contains(message, *wanted) ||
             body_contains(message, *wanted);
    case Kind::thread_id:
      return thread_object_id(message, email) == key->text;
    case Kind::body:
      return key->text.empty() || body_contains(message, *wanted);
    default: {
      const auto day = sent_day(message);
      return day && compare_days(key->kind, *day, key->day);
    }
  }
}

std::optional<bool> SearchMatcher::Node::match(const SearchedMessage& m, bool may_open) const {
  switch (key->kind) {
    case Kind::all_of:
      return match_all(m, may_open);
    case Kind::any_of:
      return match_any(m, may_open);
    case Kind::negation: {
      const auto found = inner.front().match(m, may_open);
      return found ? std::optional(!*found) : found;
    }
    default:
      break;
  }
  if (cost == Cost::facts) return facts_match(m);
  if (!may_open) return std::nullopt;
  MessageView* message = m.open();
  return message != nullptr && octets_match(*message, m.info->email);
}

std::optional<bool> SearchMatcher::Node::match_all(const SearchedMessage& m, bool may_open) const {
  bool open_question = false;
  for (const Node& node : inner) {
    const auto found = node.match(m, may_open);
    if (found && !*found) return false;
    if (!found) open_question = true;
  }
  return open_question ? std::nullopt : std::optional(true);
}

std::optional<bool> SearchMatcher::Node::match_any(const SearchedMessage& m, bool may_open) const {
  bool open_question = false;
  for (const Node& node : inner) {
    const auto found = node.match(m, may_open);
    if (found && *found) return true;
    if (!found) open_question = true;
  }
  return open_question ? std::nullopt : std::optional(false);
}

SearchMatcher::SearchMatcher(const SearchKey& root, const MailboxView& view, Collation collation)
    : view_(view), root_(std::make_unique<Node>(root, view, collation)) {}
SearchMatcher::~SearchMatcher() = default;

std::vector<PositionRange> SearchMatcher::candidates() const {
  std::vector<PositionRange> out;
  if (view_.exists() == 0) return out;
  for (const Node& node : root_->inner) {
    if (node.key->kind == Kind::uid) return view_.by_uid(node.key->set);
    if (node.key->kind != Kind::sequence) continue;
    for (const NumberRange& range : node.ranges) {
      if (range.last == 0 || range.first > view_.exists()) continue;
      out.push_back({std::max(range.first, 1u) - 1, std::min(range.last, view_.exists()) - 1});
    }
    return out;
  }
  out.push_back({0, view_.exists() - 1});
  return out;
}

bool SearchMatcher::needs_header() const {
  return root_->cost == Cost::header;
}

std::vector<SearchMatcher::Wanted> SearchMatcher::wanted() const {
  std::vector<Wanted> out;
  for (const Node& node : root_->inner) {
    if (node.key->text.empty()) continue;
    if (node.key->kind == Kind::header) out.push_back({store::SearchPart::header, node.key->text});
    if (node.key->kind == Kind::body) out.push_back({store::SearchPart::body, node.key->text});
    if (node.key->kind == Kind::text) out.push_back({store::SearchPart::anywhere, node.key->text});
  }
  return out;
}

bool SearchMatcher::matches(const SearchedMessage& message) const {
  return root_->match(message, true).value_or(false);
}
std::optional<bool> SearchMatcher::decide(const SearchedMessage& message) const {
  return root_->match(message, false);
}

}  // namespace mailscope::imap
