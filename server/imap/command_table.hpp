// Which commands there are and when each is legal (RFC 3501 section 6). The state diagram in the
// documentation and in the viewer is drawn from this table.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "server/imap/cursor.hpp"
#include "server/imap/reply.hpp"

namespace mailscope::imap {

/// RFC 3501 section 3. Values are bits, so that a set of states is a sum.
enum class State : std::uint8_t {
  not_authenticated = 1,
  authenticated = 2,
  selected = 4,
  logout = 8
};
std::string_view to_string(State state);

/// How a command names messages.
enum class Numbering : std::uint8_t { sequence, uid };

struct CommandInfo {
  std::string_view name;        // "FETCH", "UID FETCH"
  std::string_view capability;  // what it belongs to; empty: the base protocol
  std::uint8_t states;          // bits of State in which it is legal
  Outcome (*run)(Session& session, Cursor& arguments, Numbering numbering);
  /// Untagged EXPUNGE may be sent before its tagged answer (RFC 3501 section 7.4.1).
  bool may_expunge;
  /// It, or its answer, speaks in message numbers (RFC 9586 section 3.2).
  bool by_number = false;
  bool legal_in(State state) const { return (states & static_cast<std::uint8_t>(state)) != 0; }
};

std::span<const CommandInfo> commands();
/// Null when there is no such command (no regard to case).
const CommandInfo* find_command(std::string_view name);

}  // namespace mailscope::imap
