// Reads NOTIFY's arguments.
#include "server/imap/notify_program.hpp"

#include "server/imap/limits.hpp"

namespace mailscope::imap {
namespace {

struct EventName {
  std::string_view name;
  NotifyEvent event;
};
// AnnotationChange is of RFC 5257, which is not here.
constexpr EventName kEvents[] = {
    {"MessageNew", NotifyEvent::message_new},
    {"MessageExpunge", NotifyEvent::message_expunge},
    {"FlagChange", NotifyEvent::flag_change},
    {"MailboxName", NotifyEvent::mailbox_name},
    {"SubscriptionChange", NotifyEvent::subscription_change},
    {"MailboxMetadataChange", NotifyEvent::mailbox_metadata},
    {"ServerMetadataChange", NotifyEvent::server_metadata},
};

class Parser {
 public:
  Parser(Cursor& cursor, NotifyProgram& out) : cursor_(cursor), out_(out) {}

  bool run() {
    Cursor status = cursor_;
    if (status.space() && status.word("STATUS")) {
      cursor_ = status;
      out_.status = true;
    }
    do {
      if (out_.groups.size() >= kMaxNotifyGroups)
        return cursor_.expected("fewer groups before this,");
      if (!cursor_.space() || !group(out_.groups.emplace_back())) return false;
    } while (cursor_.peek() == ' ');
    return cursor_.end();
  }
  bool unknown_event() const { return unknown_event_; }
  bool bad_together() const { return bad_together_; }

 private:
  bool group(NotifyGroup& group) {
    if (!cursor_.character('(') ||
        !parse_mailbox_filter(cursor_, FilterUse::notify, kMaxNotifyNames, group.filter) ||
        !cursor_.space()) {
      return false;
    }
    if (!cursor_.word("NONE") && !events(group)) return false;
    check(group);
    return cursor_.character(')');
  }

  // events = "(" event *(SP event) ")". The RFC's examples leave these parentheses out now and
  // then, and so do clients.
  bool events(NotifyGroup& group) {
    const bool bare = cursor_.peek() != '(';
    if (!bare) cursor_.skip(1);
    do {
      if (!event(group)) return false;
    } while (cursor_.peek() == ' ' && cursor_.space());
    return bare || cursor_.character(')');
  }

  bool event(NotifyGroup& group) {
    for (const EventName& known : kEvents) {
      if (!cursor_.word(known.name)) continue;
      group.events.add(known.event);
      return known.event != NotifyEvent::message_new || attributes(group);
    }
    std::string_view name;
    if (!cursor_.atom(name)) return cursor_.expected("an event");
    unknown_event_ = true;
    return true;
  }

  bool attributes(NotifyGroup& group) {
    Cursor next = cursor_;
    if (!next.space() || next.peek() != '(') return true;
    cursor_ = next;
    return parse_fetch_items(cursor_, group.fetch.emplace());
  }

  // RFC 5465 section 5 and the comments of its grammar.
  void check(const NotifyGroup& group) {
    const bool arrivals = group.events.has(NotifyEvent::message_new);
    const bool expunges = group.events.has(NotifyEvent::message_expunge);
    if (arrivals != expunges) bad_together_ = true;
    if (group.events.has(NotifyEvent::flag_change) && !arrivals) bad_together_ = true;
    if (!group.filter.is_selected()) {
      if (group.fetch) bad_together_ = true;
      return;
    }
    if (group.events.any_other() || selected_) bad_together_ = true;
    selected_ = true;
  }

  Cursor& cursor_;
  NotifyProgram& out_;
  bool selected_ = false;
  bool unknown_event_ = false;
  bool bad_together_ = false;
};

}  // namespace

NotifyParse parse_notify(Cursor& cursor, NotifyProgram& out) {
  if (cursor.word("NONE")) return cursor.end() ? NotifyParse::none : NotifyParse::syntax;
  if (!cursor.word("SET")) return NotifyParse::syntax;
  Parser parser(cursor, out);
  if (!parser.run()) return NotifyParse::syntax;
  if (parser.unknown_event()) return NotifyParse::bad_event;
  return parser.bad_together() ? NotifyParse::bad_together : NotifyParse::set;
}

std::string notify_event_names() {
  std::string out = "(";
  for (const EventName& known : kEvents) {
    if (out.size() > 1) out += ' ';
    out += known.name;
  }
  return out + ')';
}

}  // namespace mailscope::imap
