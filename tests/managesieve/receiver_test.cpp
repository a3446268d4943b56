// Commands cut out of what a client sends.
#include "server/managesieve/receiver.hpp"

#include "server/managesieve/wire.hpp"
#include "tests/catch.hpp"

using namespace mailscope::managesieve;

namespace {

/// All commands in `input`, fed in pieces of `cut` octets: "[PUTSCRIPT a|keep;]" or the problem.
std::string received(std::string_view input, std::size_t cut) {
  ReceiverLimits limits;
  limits.line = 100;
  limits.literal = 50;
  limits.skipped = 1'000;
  Receiver receiver(limits);
  std::string out, buffer;
  for (std::size_t at = 0; at < input.size(); at += cut) {
    buffer += input.substr(at, cut);
    std::string_view view = buffer;
    while (const auto command = receiver.next(view)) {
      out += '[';
      for (const Token& token : command->tokens) {
        if (&token != &command->tokens.front()) out += '|';
        out += token.kind == Token::Kind::number ? "#" + token.text : token.text;
      }
      if (!command->problem.empty()) out += " ! " + std::string(command->problem);
      if (command->too_large > 0) out += " too large " + std::to_string(command->too_large);
      out += ']';
    }
    buffer.erase(0, buffer.size() - view.size());
  }
  return out + (receiver.hopeless() ? "hopeless" : "");
}

}  // namespace

TEST_CASE("commands in every cut") {
  const std::pair<std::string, std::string_view> cases[] = {
      {"NOOP\r\n", "[NOOP]"},
      {"noop \"a b\"\r\nLOGOUT\r\n", "[noop|a b][LOGOUT]"},
      {"HAVESPACE \"x\" 4294967295\r\n", "[HAVESPACE|x|#4294967295]"},
      {"HAVESPACE \"x\" 4294967296\r\n", "[HAVESPACE|x|4294967296]"},
      {"HAVESPACE \"x\" 007\r\n", "[HAVESPACE|x|007]"},
      {"PUTSCRIPT \"a\\\"b\\\\\" {5+}\r\nkeep;\r\nNOOP\r\n", "[PUTSCRIPT|a\"b\\|keep;][NOOP]"},
      {"PUTSCRIPT {1+}\r\na {6+}\r\nNO\r\n{9\r\n", "[PUTSCRIPT|a|NO\r\n{9]"},
      {"PUTSCRIPT \"a\" {0+}\r\n\r\n", "[PUTSCRIPT|a|]"},
      {"PUTSCRIPT \"a\" {2+}\r\nabc\r\n", "[PUTSCRIPT|a|ab|c ! Expected a space]"},
      {"PUTSCRIPT \"a\" {2}\r\nNOOP\r\n",
       "[PUTSCRIPT|a ! A literal of a client is \"{octets+}\" at the end of the line][NOOP]"},
      {"PUTSCRIPT \"a\" {x+}\r\n",
       "[PUTSCRIPT|a ! A literal of a client is \"{octets+}\" at the end of the line]"},
      {"PUTSCRIPT \"a\r\n", "[PUTSCRIPT|a ! The string is not closed by '\"']"},
      {"PUTSCRIPT \"a\\x\"\r\n", "[PUTSCRIPT|a| ! A backslash quotes only '\"' and itself]"},
      {"NOOP \"a\"\"b\"\r\n", "[NOOP|a|b ! Expected a space]"},
      {"NOOP \"\xff\"\r\n", "[NOOP|\xff ! The string is not UTF-8]"},
      {"NOOP (\r\n", "[NOOP ! A sign that does not belong here]"},
      {"\r\n", "[ ! The line is empty]"},
      {"NOOP\n", "[NOOP]"},
      {"a b c d e f g h i\r\n", "[a|b|c|d|e|f|g|h ! Too many arguments]"},
      {std::string(200, 'x') + "\r\nNOOP\r\n", "[ ! The line is too long][NOOP]"},
      {"PUTSCRIPT \"a\" {60+}\r\n" + std::string(60, 'y') + "\r\nNOOP\r\n",
       "[PUTSCRIPT|a| too large 60][NOOP]"},
      {"PUTSCRIPT \"a\" {1001+}\r\nNOOP\r\n", "hopeless"},
  };
  for (const auto& [input, expected] : cases) {
    INFO(input);
    for (const std::size_t cut : {std::size_t{1}, std::size_t{3}, input.size()}) {
      INFO(cut);
      CHECK(received(input, cut) == expected);
    }
  }
}

TEST_CASE("strings and names on the wire") {
  CHECK(wire_string("") == "\"\"");
  CHECK(wire_string("clever\"script\\") == "\"clever\\\"script\\\\\"");
  CHECK(wire_string("a\r\nb") == "{4}\r\na\r\nb");
  CHECK(wire_string(std::string(1'025, 'x')).starts_with("{1025}\r\n"));
  CHECK(wire_string("\xff") == "{1}\r\n\xff");
  for (const std::string_view good : {"a", "clever\"script", "\xc3\xa4", "../x", "\xe2\x82\xac"})
    CHECK(is_script_name(good));
  CHECK(is_script_name(std::string(512, 'x')));
  for (const std::string_view bad :
       {"", "a\tb", "\x7f", "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xff", "a\r\n"})
    CHECK_FALSE(is_script_name(bad));
  CHECK_FALSE(is_script_name(std::string(513, 'x')));
}
