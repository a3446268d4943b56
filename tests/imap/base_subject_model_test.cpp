// The base subject (RFC 5256 section 2.1), compared with its procedure written down step by step,
// in quadratic time, for subjects made at random of what the procedure knows.
#include "server/imap/base_subject.hpp"

#include <array>
#include <optional>
#include <random>

#include "server/imap/unicode.hpp"
#include "tests/catch.hpp"

namespace mailscope::imap {
namespace {

using Length = std::optional<std::size_t>;  // of what matches at the start of a text

std::size_t spaces(std::string_view text) {
  return std::min(text.find_first_not_of(' '), text.size());
}

bool begins(std::string_view text, std::string_view word) {
  return equal_ci(text.substr(0, word.size()), word);
}

// subj-blob = "[" *BLOBCHAR "]" *WSP
Length blob(std::string_view text) {
  if (!text.starts_with('[')) return std::nullopt;
  const std::size_t end = text.find_first_of("[]", 1);
  if (end == std::string_view::npos || text[end] != ']') return std::nullopt;
  return end + 1 + spaces(text.substr(end + 1));
}

// subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
Length refwd(std::string_view text) {
  for (const std::string_view word : {"re", "fwd", "fw"}) {
    if (!begins(text, word)) continue;
    std::size_t at = word.size();
    at += spaces(text.substr(at));
    if (at < text.size() && text[at] == ':') return at + 1;
    const Length inside = blob(text.substr(std::min(at, text.size())));
    if (inside && at + *inside < text.size() && text[at + *inside] == ':') return at + *inside + 1;
  }
  return std::nullopt;
}

// subj-leader = (*subj-blob subj-refwd) / WSP
Length leader(std::string_view text, bool& reply) {
  if (text.starts_with(' ')) return 1;
  for (std::size_t at = 0;;) {
    if (const Length found = refwd(text.substr(at))) {
      reply = true;
      return at + *found;
    }
    const Length next = blob(text.substr(at));
    if (!next) return std::nullopt;
    at += *next;
  }
}

BaseSubject by_the_book(std::string text) {
  bool reply = false;
  for (std::size_t at; (at = text.find("  ")) != std::string::npos;) text.erase(at, 1);  // (1)
  for (;;) {
    for (;;) {  // (2)
      if (text.ends_with(' ')) {
        text.pop_back();
      } else if (text.size() >= 5 && equal_ci(text.substr(text.size() - 5), "(fwd)")) {
        text.erase(text.size() - 5);
        reply = true;
      } else {
        break;
      }
    }
    for (bool again = true; again;) {  // (5)
      again = false;
      while (const Length found = leader(text, reply)) {  // (3)
        text.erase(0, *found);
        again = true;
      }
      const Length found = blob(text);  // (4)
      if (found && *found < text.size()) {
        text.erase(0, *found);
        again = true;
      }
    }
    if (!begins(text, "[fwd:") || !text.ends_with(']')) return {text, reply};  // (6)
    text = text.substr(5, text.size() - 6);
    reply = true;
  }
}

}  // namespace

TEST_CASE("the base subject is what the procedure of RFC 5256 section 2.1 gives", "[imap]") {
  static constexpr std::array<std::string_view, 16> kPieces = {
      "re", "RE:", "fw",  "Fwd",   "d",     ":",     " ", "  ",
      "[",  "]",   "[x]", "[Fwd:", "(fwd)", "(FWD)", "a", "[]"};
  std::mt19937 random(5'256);  // its numbers are the same everywhere
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    for (auto pieces = random() % 10; pieces > 0; --pieces) text += kPieces[random() % 16];
    const BaseSubject wanted = by_the_book(text), found = base_subject(text);
    if (wanted.text != found.text || wanted.reply_or_forward != found.reply_or_forward) {
      CAPTURE(text, wanted.text, found.text, wanted.reply_or_forward);
      FAIL();
    }
  }
  SUCCEED();
}

}  // namespace mailscope::imap
