// Writes docs/states.md from the tables that the engines obey: which command is legal in which
// state, and which moves there are. A diagram that is drawn from the code cannot tell another
// story.
//
//   print_states               the page, on standard output
//   print_states --check FILE  1 when the file says something else
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>

#include "server/imap/command_table.hpp"
#include "server/managesieve/commands.hpp"
#include "server/pop3/commands.hpp"
#include "server/smtp/commands.hpp"
#include "sim/network/tcp_state.hpp"

namespace {

using namespace mailscope;

/// A word that Mermaid takes as the name of a state.
std::string identifier(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c == ' ' || c == '-') c = '_';
  }
  return out;
}

/// Text in a cell of a table: a bar would end the cell.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

template <typename Table>
void list_states(std::ostream& out, const Table& moves) {
  std::string seen = "\n";
  for (const auto& move : moves) {
    for (const auto state : {move.from, move.to}) {
      const std::string_view name = to_string(state);
      const std::string line =
          "    state \"" + std::string(name) + "\" as " + identifier(name) + "\n";
      if (seen.find("\n" + line) != std::string::npos) continue;
      seen += line;
      out << line;
    }
  }
}

void smtp_page(std::ostream& out) {
  out << "## SMTP: a server's session\n\nFrom `server/smtp/commands.hpp`. A command in another "
         "state than these is "
         "answered 503.\n\n| command | legal in | specified in |\n|---|---|---|\n";
  for (const smtp::CommandRule& rule : smtp::kCommands) {
    std::string states;
    for (int i = 0; i < smtp::kStateCount; ++i) {
      const auto state = static_cast<smtp::State>(i);
      if (smtp::contains(rule.states, state))
        states += (states.empty() ? "" : ", ") + std::string(to_string(state));
    }
    out << "| `" << cell(rule.syntax) << "` | " << states << " | " << rule.section << " |\n";
  }
  out << "\n```mermaid\nstateDiagram-v2\n    [*] --> opening\n";
  list_states(out, smtp::kMoves);
  for (const smtp::Move& move : smtp::kMoves) {
    out << "    " << identifier(to_string(move.from)) << " --> " << identifier(to_string(move.to))
        << " : " << move.event;
    if (!move.outcome.empty()) out << " / " << move.outcome;
    out << "\n";
  }
  out << "    closed --> [*]\n```\n\n";
}

void pop3_page(std::ostream& out) {
  out << "## POP3: a server's session\n\nFrom `server/pop3/commands.cpp`. A command in another "
         "state than these is "
         "answered -ERR.\n\n| command | legal in | specified in |\n|---|---|---|\n";
  for (const pop3::CommandRule& rule : pop3::commands()) {
    std::string states;
    for (int i = 0; i < pop3::kStateCount; ++i) {
      const auto state = static_cast<pop3::State>(i);
      if (pop3::contains(rule.states, state))
        states += (states.empty() ? "" : ", ") + std::string(to_string(state));
    }
    out << "| `" << cell(rule.syntax) << "` | " << states << " | " << rule.section << " |\n";
  }
  out << "\n";
}

void imap_page(std::ostream& out) {
  using imap::State;
  constexpr State kStates[] = {State::not_authenticated, State::authenticated, State::selected};
  out << "## IMAP: a server's session\n\nFrom `server/imap/command_table.cpp`. A command in "
         "another state than these is "
         "answered BAD. The last column: may untagged EXPUNGE come before the command's end "
         "(RFC 3501 section 7.4.1)?\n\n| command |";
  for (const State state : kStates) out << " " << to_string(state) << " |";
  out << " may expunge |\n|---|---|---|---|---|\n";
  for (const imap::CommandInfo& command : imap::commands()) {
    out << "| `" << command.name << "` |";
    for (const State state : kStates) out << (command.legal_in(state) ? " yes |" : " |");
    out << (command.may_expunge ? " yes |\n" : " no |\n");
  }
  out << "\n";
}

void managesieve_page(std::ostream& out) {
  out << "## ManageSieve: a server's session\n\nFrom `server/managesieve/commands.cpp`. A command "
         "in "
         "another state than these is "
         "answered NO.\n\n| command | legal in | specified in |\n|---|---|---|\n";
  for (const managesieve::CommandRule& rule : managesieve::commands()) {
    std::string states;
    for (int i = 0; i < managesieve::kStateCount; ++i) {
      const auto state = static_cast<managesieve::State>(i);
      if (managesieve::contains(rule.states, state))
        states += (states.empty() ? "" : ", ") + std::string(to_string(state));
    }
    out << "| `" << cell(rule.syntax) << "` | " << states << " | " << rule.section << " |\n";
  }
  out << "\n";
}

void tcp_page(std::ostream& out) {
  out << "## TCP: a connection of the simulated network\n\nFrom `sim/network/tcp_state.hpp`, after "
         "RFC 9293 section 3.3.2.\n\n```mermaid\nstateDiagram-v2\n    [*] --> CLOSED\n";
  list_states(out, sim::kTcpMoves);
  for (const sim::TcpMove& move : sim::kTcpMoves) {
    out << "    " << identifier(to_string(move.from)) << " --> " << identifier(to_string(move.to))
        << " : " << move.event;
    if (!move.action.empty()) out << " / " << move.action;
    out << "\n";
  }
  out << "```\n";
}

std::string page() {
  std::ostringstream out;
  out << "# States\n\nWhat is legal when, drawn from the tables that the engines obey. This page "
         "is written by\n"
         "`tests/tidy/states.cpp` (target `print_states`); a test fails when it is not what the "
         "tables say.\n\n";
  smtp_page(out);
  pop3_page(out);
  imap_page(out);
  managesieve_page(out);
  tcp_page(out);
  return std::move(out).str();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 1) {
    std::cout << page();
    return 0;
  }
  if (argc != 3 || std::string_view(argv[1]) != "--check") {
    std::cerr << "usage: print_states [--check FILE]\n";
    return 2;
  }
  std::ifstream file(argv[2], std::ios::binary);
  const std::string there{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (there == page()) return 0;
  std::cerr << argv[2] << " is not what the tables say; run: print_states > docs/states.md\n";
  return 1;
}
