#include "server/sieve/parser.hpp"

#include <utility>

#include "server/sieve/lexer.hpp"

namespace mailscope::sieve {
namespace {

using Kind = Token::Kind;

class Parser {
 public:
  Parser(std::string_view script, const Limits& limits) : lexer_(script), limits_(limits) {
    advance();
  }

  Parsed run() {
    Parsed out;
    out.commands = commands(0);
    if (!problem_ && token_.kind != Kind::end) {
      fail(token_.at, "unexpected " + token_.shown());
    }
    out.problem = std::move(problem_);
    if (out.problem) out.commands.clear();
    return out;
  }

 private:
  bool failed() const { return problem_.has_value(); }
  void fail(Place at, std::string text) {
    if (!problem_) problem_ = Problem{at, std::move(text)};
  }
  void advance() {
    token_ = lexer_.next();
    if (token_.kind == Kind::error) fail(token_.at, token_.text);
  }
  bool is(char separator) const {
    return !failed() && token_.kind == Kind::separator && token_.separator == separator;
  }
  bool take(char separator) {
    if (!is(separator)) return false;
    advance();
    return true;
  }
  bool enter(std::size_t depth) {
    if (depth > limits_.depth)
      fail(token_.at, "more than " + std::to_string(limits_.depth) + " levels inside one another");
    else if (++statements_ > limits_.statements)
      fail(token_.at, "more than " + std::to_string(limits_.statements) + " commands and tests");
    return !failed();
  }

  std::vector<Statement> commands(std::size_t depth) {
    std::vector<Statement> out;
    while (!failed() && token_.kind == Kind::identifier) out.push_back(command(depth));
    return out;
  }

  /// identifier arguments (";" / block)
  Statement command(std::size_t depth) {
    Statement out = begin(depth);
    if (failed() || take(';')) return out;
    if (!take('{')) {
      fail(token_.at,
           "';' or a block is missing behind '" + out.name + "': found " + token_.shown());
      return out;
    }
    out.has_block = true;
    out.block = commands(depth + 1);
    if (!take('}')) {
      fail(token_.at, "expected a command or '}', found " + token_.shown());
    }
    return out;
  }

  /// identifier *argument [test / test-list]
  Statement begin(std::size_t depth) {
    Statement out;
    out.at = token_.at;
    if (!enter(depth)) return out;
    out.name = token_.text;
    advance();
    while (!failed()) {
      if (token_.kind == Kind::number || token_.kind == Kind::tag) {
        Argument argument;
        argument.at = token_.at;
        argument.kind = token_.kind == Kind::number ? Argument::Kind::number : Argument::Kind::tag;
        argument.number = token_.number;
        argument.tag = token_.kind == Kind::tag ? token_.text : std::string();
        out.arguments.push_back(std::move(argument));
        advance();
      } else if (token_.kind == Kind::string || is('[')) {
        out.arguments.push_back(strings());
      } else {
        break;
      }
    }
    if (failed()) return out;
    if (token_.kind == Kind::identifier) {
      out.tests.push_back(begin(depth + 1));
    } else if (take('(')) {
      out.test_list = true;
      do {
        if (!failed() && token_.kind != Kind::identifier)
          fail(token_.at, "expected a test, found " + token_.shown());
        if (failed()) return out;
        out.tests.push_back(begin(depth + 1));
      } while (take(','));
      if (!take(')')) fail(token_.at, "expected ',' or ')', found " + token_.shown());
    }
    return out;
  }

  /// "[" string *("," string) "]" / string
  Argument strings() {
    Argument out;
    out.at = token_.at;
    out.list = take('[');
    do {
      if (!failed() && token_.kind != Kind::string)
        fail(token_.at, "expected a string, found " + token_.shown());
      if (failed()) return out;
      out.strings.push_back({std::move(token_.text), token_.at, false});
      advance();
    } while (out.list && take(','));
    if (out.list && !take(']')) fail(token_.at, "expected ',' or ']', found " + token_.shown());
    return out;
  }

  Lexer lexer_;
  const Limits& limits_;
  Token token_;
  std::size_t statements_ = 0;
  std::optional<Problem> problem_;
};

}  // namespace

Parsed parse(std::string_view script, const Limits& limits) {
  Parsed out;
  if (script.size() > limits.script) {
    out.problem =
        Problem{{}, "the script is larger than " + std::to_string(limits.script) + " octets"};
    return out;
  }
  const std::string text = with_crlf(script);
  return Parser(text, limits).run();
}

}  // namespace mailscope::sieve
