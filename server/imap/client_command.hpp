// A client's command while it is put together: words, strings that may have to be literals, and
// what is sent only when the server asks for it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/store/mail_store.hpp"

namespace mailscope::imap {

class CommandText {
 public:
  explicit CommandText(std::string_view verb) : verb_(verb) {
    parts_.push_back({std::string(verb), {}});
  }

  /// A space and the text as it is.
  CommandText& text(std::string_view raw);
  /// A space and an atom, a quoted string, or a literal.
  CommandText& astring(std::string_view value);
  /// UTF-8, sent in modified UTF-7.
  CommandText& mailbox(std::string_view utf8);
  /// A message as the last literal. `unasked`: short enough to be sent without waiting, where the
  /// server takes that.
  CommandText& message(store::Body octets, bool unasked);
  /// A line of its own, sent after a continuation request.
  CommandText& on_request(std::string_view line);

  const std::string& verb() const { return verb_; }

  /// The command goes out in parts; each but the first answers a continuation request.
  struct Part {
    std::string text;
    std::size_t literal = 0;  // octets of the literal that the next part begins with; 0: none
    bool unasked = true;      // the literal may go without a request where LITERAL+ is offered
    store::Body body = {};    // goes before `text`
  };
  const std::vector<Part>& parts() const { return parts_; }

 private:
  std::string verb_;
  std::vector<Part> parts_;
};

}  // namespace mailscope::imap
