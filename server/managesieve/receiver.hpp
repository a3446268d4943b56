// Cuts what a ManageSieve client sends into commands (RFC 5804 section 4): atoms, numbers, quoted
// strings and literals, whose octets may be anything.
//
//   C: PUTSCRIPT "mine" {7+}
//   C: keep;
//   C:
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailscope::managesieve {

struct Token {
  enum class Kind : std::uint8_t { atom, number, string } kind = Kind::atom;
  std::string text;
  std::uint32_t number = 0;
  bool literal = false;
};

/// One line of the client with all its literals.
struct Received {
  std::vector<Token> tokens;    // the first is the command's name
  std::string_view problem;     // why it is not one; then the tokens are what was understood
  std::string shown;            // as a trace shows it: literals as their size
  std::uint64_t too_large = 0;  // octets of a literal beyond the limit, which were not kept
  /// The arguments.
  std::string_view text(std::size_t argument) const {
    return argument + 1 < tokens.size() ? std::string_view(tokens[argument + 1].text)
                                        : std::string_view();
  }
  std::size_t count() const { return tokens.empty() ? 0 : tokens.size() - 1; }
};

struct ReceiverLimits {
  std::size_t line = 16'384;         // octets without literals: a SASL response, quoted, fits
  std::size_t literal = 262'144;     // octets: the largest script
  std::size_t skipped = 16'777'216;  // octets of a literal that are read past; more ends it
  std::size_t tokens = 8;            // of a command; no command has more than three
};

class Receiver {
 public:
  explicit Receiver(const ReceiverLimits& limits) : limits_(limits) {}
  /// Takes what belongs to the next command off the front of `input`; nullopt: more is needed.
  std::optional<Received> next(std::string_view& input);
  /// A literal was announced that nobody will wait for; the connection must end.
  bool hopeless() const { return hopeless_; }
  /// Octets of what has come of a command.
  std::size_t memory() const;
  /// Forgets a command that began.
  void reset();

 private:
  void take_line(std::string_view line);
  void take_quoted(std::string_view& line);
  void take_literal(std::string_view header);
  void take_word(std::string_view& line);
  void add(Token token);
  void wrong(std::string_view what);
  Received finish();

  const ReceiverLimits& limits_;
  Received command_;
  std::string line_;           // of which no end has come yet
  std::uint64_t awaited_ = 0;  // octets of the literal at hand that are missing
  bool in_literal_ = false;
  bool skipping_ = false;  // the literal is too large to be kept
  bool overlong_ = false;  // the line is
  bool hopeless_ = false;
};

}  // namespace mailscope::managesieve
