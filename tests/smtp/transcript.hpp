// Plays a written dialogue against the server engine. One line, one act:
//
//   O: role=submission starttls    options of the server, before the first other line
//   C: MAIL FROM:<a@b.example>     the client sends this line and CRLF
//   R: text\r\n\x00                the client sends exactly this
//   S: 250 2.1.0 Sender ok         the server has said this line; "..." at the end: or longer
//   H: 250 SIZE -ETRN   the server has said a whole reply of this code, all its lines;
//                      a line begins with SIZE, none with ETRN
//   S:                             (nothing more: checked before each act and at the end)
//   T: 300                         so many seconds pass
//   L:                             TLS comes up
//   E:                             the client ends its side
//   W: finish                      what the server wishes: start_tls finish abort
//   A: 550 5.1.1 Not here          the host's promised answer comes ("A: accept")
//   F: RCPT reply 451 4.3.0 Later  a switch, alone: VERB reply|drop|lose, or "none"
//   K: SIZE announce SIZE 7        a switch more: CAPABILITY hide|announce|reply|drop
//   M: 2                           so many messages were accepted until now
//   # a comment
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/smtp/fixture.hpp"

namespace mailscope::smtp::test {

struct Played {
  std::vector<std::string> problems;  // empty: the dialogue went as written
  std::vector<std::string> trace;
  std::vector<TestHost::Received> messages;
};
/// `cut`: octets given to the engine at a time; 0: each act at once.
Played play(std::string_view transcript, std::size_t cut);

}  // namespace mailscope::smtp::test
