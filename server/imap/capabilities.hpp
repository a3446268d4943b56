// The one table of capabilities: what CAPABILITY announces and when, what ENABLE turns on, and what
// commands and arguments of commands are understood. An extension adds a row here and names it
// wherever it adds a command, an argument or a response.
//
//   S: * OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID ENABLE STARTTLS LOGINDISABLED] ready
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailscope::imap {

class Session;

/// What a client can turn on, as bits of a set (RFC 5161).
using EnabledSet = std::uint16_t;
inline constexpr EnabledSet kCondstore = 1;  // MODSEQ in responses (RFC 7162 section 3.1)
inline constexpr EnabledSet kQresync = 2;    // VANISHED in the place of EXPUNGE (RFC 7162)
inline constexpr EnabledSet kUtf8 = 4;       // UTF-8 in quoted strings (RFC 6855)
inline constexpr EnabledSet kRev2 = 8;       // the responses of RFC 9051
inline constexpr EnabledSet kUidOnly = 16;   // no message numbers (RFC 9586)
inline constexpr EnabledSet kMetadata = 32;  // told of changed annotations (RFC 5464 section 4.4)

struct Capability {
  std::string_view name;      // "UIDPLUS"; "AUTH=" stands for all mechanisms
  unsigned rfc;               // where it is defined
  std::uint8_t states;        // bits of State in which it is announced
  EnabledSet enables = 0;     // what ENABLE turns on; 0: nothing
  bool part_of_rev2 = false;  // IMAP4rev2 has it without its name (RFC 9051 appendix E)
  /// Whether the session has a use for it; null: always.
  bool (*useful)(const Session& session) = nullptr;
  /// What is announced in the place of the name; null: the name.
  std::string (*announced)(const Session& session) = nullptr;
};

std::span<const Capability> capabilities();
/// Null when there is none of that name (no regard to case).
const Capability* find_capability(std::string_view name);
/// The text of CAPABILITY in the state of the session, without the word itself.
std::string capability_list(const Session& session);

/// The capabilities that the arguments of a command made use of; parsers gather them, handlers ask
/// Session::unusable() once.
class Uses {
 public:
  /// `enables`: what the use turns on (RFC 7162 section 3.1).
  void add(std::string_view capability, EnabledSet enables = 0) {
    if (!capability.empty()) names_.push_back(capability);
    enables_ = static_cast<EnabledSet>(enables_ | enables);
  }
  void add(const Uses& other) {
    names_.insert(names_.end(), other.names_.begin(), other.names_.end());
    enables_ = static_cast<EnabledSet>(enables_ | other.enables_);
  }
  EnabledSet enables() const { return enables_; }
  std::span<const std::string_view> names() const { return names_; }

 private:
  std::vector<std::string_view> names_;  // of rows of tables, which live for ever
  EnabledSet enables_ = 0;
};

}  // namespace mailscope::imap
