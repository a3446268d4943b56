// IDLE (RFC 2177): the server speaks first.
//
//   C: a IDLE
//   S: + idling
//   S: * 4 EXISTS
//   C: DONE
//   S: a OK Idle over
#include "server/imap/commands/commands.hpp"
#include "server/imap/unicode.hpp"

namespace mailscope::imap {
namespace {

class Idle final : public Ongoing {
 public:
  std::size_t line_limit() const override { return kMaxSaslLine; }
  std::string_view verb() const override { return "DONE"; }
  std::optional<Reply> on_line(Session&, std::string_view line) override {
    if (!equal_ci(line, "DONE")) return bad("Only DONE ends IDLE");
    return ok("Idle over");
  }
  void on_change(Session& session) override {
    session.send_updates(true);
    session.tell_modseq();
  }
};

}  // namespace

Outcome run_idle(Session& session, Cursor& arguments, Numbering) {
  if (!arguments.end()) return syntax_error(arguments);
  session.out().line("+", "idling");
  session.send_updates(true);
  return std::make_unique<Idle>();
}

}  // namespace mailscope::imap
