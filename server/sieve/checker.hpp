// Makes a checked script of a parsed one. What the tables of rules.hpp say is checked in
// checker.cpp, what single commands ask for besides in checks.cpp.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/sieve/script.hpp"

namespace mailscope::sieve {

class Checker {
 public:
  Checker(const Offered& offered, const Limits& limits) : offered_(offered), limits_(limits) {}
  Compiled run(std::vector<Statement> commands);

  // Checks of single commands and tests; named in the table of rules.
  void require(Node& node);
  void redirect(Node& node);
  void vacation(Node& node);
  void notify(Node& node);
  void set(Node& node);
  void flag_variable(Node& node);
  void hasflag(Node& node);
  void compare(Node& node);
  void address(Node& node);
  void envelope(Node& node);
  void size(Node& node);
  void date(Node& node);
  void currentdate(Node& node);
  void fileinto(Node& node);
  void specialuse_exists(Node& node);
  void addheader(Node& node);
  void deleteheader(Node& node);
  void ihave(Node& node);

 private:
  bool failed() const { return problems_.size() >= limits_.problems; }
  void fail(Place at, std::string text);
  void unknown(Place at, std::string text);
  bool deferred(std::size_t problems, Node& out);
  bool required(std::string_view extension) const { return required_.contains(extension); }
  bool enabled(std::string_view extension, Place at, const std::string& what);
  std::vector<Node> commands(std::vector<Statement> statements, bool top);
  bool node(Statement statement, bool test, Node& out);
  bool known_node(Statement statement, bool test, Node& out);
  void order(const Node& node, const Node* before, bool top);
  void arguments(Statement& statement, Node& out);
  void tag(Statement& statement, std::size_t& at, Node& out);
  void positional(Statement& statement, std::size_t from, Node& out);
  void tests(Statement& statement, Node& out);
  bool fits(Argument& argument, Value value, const std::string& what);
  void strings(Argument& argument);
  bool constant(const Argument& argument) const;
  void date_part(const Argument& argument);
  void zone(const Node& node);
  void variable_name(const Text& name);
  void mailbox_names(const Argument& argument);
  void special_uses(const Argument& argument);
  void place(const Node& node);
  void field_name(const Argument& argument);

  const Offered& offered_;
  const Limits& limits_;
  std::set<std::string, std::less<>> required_;
  std::set<std::string, std::less<>> variables_;  // that the script sets
  std::vector<Problem> problems_, warnings_;
  std::vector<std::string_view> needs_;  // of the statement at hand, see Node
  std::string unknown_;                  // see Node
  bool past_requires_ = false;
  std::size_t redirects_ = 0;
};

}  // namespace mailscope::sieve
