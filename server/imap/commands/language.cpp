// LANGUAGE and COMPARATOR (RFC 5255).
//
//   C: a LANGUAGE FR-CA DE-CH
//   S: * LANGUAGE (DE)
//   S: * NAMESPACE (("" "/")) (("Other users/" "/" "TRANSLATION" ("Andere Benutzer/"))) NIL
//   S: a OK Ab jetzt auf Deutsch
//   C: b COMPARATOR "cz;*" i;ascii-casemap
//   S: * COMPARATOR i;ascii-casemap
//   S: b OK That is how texts are compared
#include <algorithm>

#include "server/imap/commands/commands.hpp"
#include "server/imap/limits.hpp"
#include "server/imap/unicode.hpp"

namespace mailscope::imap {
namespace {

bool parse_words(Cursor& cursor, std::vector<std::string>& out) {
  while (!cursor.at_end()) {
    if (out.size() >= kMaxLanguageRanges) return cursor.expected("fewer words before this,");
    if (!cursor.space() || !cursor.astring(out.emplace_back())) return false;
  }
  return true;
}

}  // namespace

Outcome run_language(Session& session, Cursor& arguments, Numbering) {
  std::vector<std::string> ranges;
  if (!parse_words(arguments, ranges)) return syntax_error(arguments);
  ResponseWriter& out = session.out();
  if (ranges.empty()) {
    out.begin("*").text("LANGUAGE (");
    for (const LanguageInfo& known : languages())
      out.text(&known == &languages().front() ? "" : " ").text(known.tag);
    out.text(")").end();
    return ok("Supported languages listed");
  }
  for (const std::string& range : ranges) {
    const LanguageInfo* chosen = find_language(range);
    if (chosen == nullptr) continue;
    out.begin("*").text("LANGUAGE (").text(chosen->tag).text(")").end();
    session.set_language(chosen->language);
    // Section 3.4: the names of namespaces are texts too.
    if (session.state() != State::not_authenticated && session.offers("NAMESPACE"))
      write_namespaces(session);
    return ok(std::string(chosen->chosen));
  }
  return no("This language is not supported");
}

Outcome run_comparator(Session& session, Cursor& arguments, Numbering) {
  std::vector<std::string> patterns;
  if (!parse_words(arguments, patterns)) return syntax_error(arguments);
  ResponseWriter& out = session.out();
  if (patterns.empty()) {
    out.begin("*").text("COMPARATOR ").astring(name_of(session.collation())).end();
    return ok("That is how texts are compared");
  }
  // Section 4.7: the first pattern that fits decides; all that fit some pattern are told.
  std::vector<const CollationInfo*> fitting;
  for (const std::string& pattern : patterns) {
    for (const CollationInfo& known : collations()) {
      const bool fits = equal_ci(pattern, "default") ? &known == &collations().front()
                                                     : collation_matches(pattern, known.name);
      if (fits && std::find(fitting.begin(), fitting.end(), &known) == fitting.end())
        fitting.push_back(&known);
    }
  }
  if (fitting.empty()) return no("There is no such comparator", "BADCOMPARATOR");
  session.set_collation(fitting.front()->collation);
  out.begin("*").text("COMPARATOR ").astring(fitting.front()->name);
  if (fitting.size() > 1) {
    out.text(" (");
    for (const CollationInfo* known : fitting)
      out.text(known == fitting.front() ? "" : " ").astring(known->name);
    out.text(")");
  }
  out.end();
  return ok("That is how texts are compared");
}

}  // namespace mailscope::imap
