// The tables of commands and moves agree with each other.
#include <algorithm>

#include "server/smtp/commands.hpp"
#include "tests/catch.hpp"

using namespace mailscope::smtp;

TEST_CASE("every move begins where its command is legal", "[smtp][tables]") {
  for (const Move& move : kMoves) {
    INFO(move.event);
    const CommandRule* rule = find_command(move.event);
    if (rule != nullptr) CHECK(contains(rule->states, move.from));
  }
}

TEST_CASE("every state but the first is reached, every state but the last is left",
          "[smtp][tables]") {
  for (int i = 0; i < kStateCount; ++i) {
    const auto state = static_cast<State>(i);
    INFO(to_string(state));
    CHECK(std::ranges::any_of(kMoves, [&](const Move& m) { return m.to == state; }) ==
          (state != State::opening));
    CHECK(std::ranges::any_of(kMoves, [&](const Move& m) { return m.from == state; }) ==
          (state != State::closed));
  }
}

TEST_CASE("commands are found without regard to case", "[smtp][tables]") {
  REQUIRE(find_command("mAiL") != nullptr);
  CHECK(find_command("mAiL")->verb == Verb::mail);
  CHECK(find_command("MAILS") == nullptr);
  CHECK(find_command("") == nullptr);
  for (const CommandRule& rule : kCommands) CHECK(find_command(rule.name) == &rule);
}
