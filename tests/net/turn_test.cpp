// The turn: commit before output, what may leave early, actions and garbage at the end.
#include "server/net/turn.hpp"

#include <string>

#include "tests/catch.hpp"

using namespace mailscope::net;

namespace {

/// Writes its name when it is flushed.
struct Speaker final : Flushable {
  std::string name;
  std::string& said;
  bool is_early;
  Speaker(std::string n, std::string& out, bool early_one)
      : name(std::move(n)), said(out), is_early(early_one) {}
  void flush() override { said += name; }
  bool early() const override { return is_early; }
};

struct Stage {
  Turn turn;
  std::string said;
  Speaker bound{"bound ", said, false};
  Speaker early{"early ", said, true};
  Stage() {
    turn.on_commit([this] { said += "commit "; });
  }
};

}  // namespace

TEST_CASE("everything waits for the commit when the turn ends", "[turn]") {
  Stage stage;
  stage.turn.flush_later(stage.early);
  stage.turn.flush_later(stage.bound);
  stage.turn.after([&] { stage.said += "after"; });
  stage.turn.end();
  CHECK(stage.said == "commit early bound after");
  CHECK_FALSE(stage.turn.pending());
}

TEST_CASE("only what does not depend on the commit leaves before it", "[turn]") {
  Stage stage;
  stage.turn.flush_later(stage.bound);
  stage.turn.flush_later(stage.early);
  CHECK(stage.turn.flush_early() == 1);
  CHECK(stage.said == "early ");
  CHECK(stage.turn.flush_early() == 0);
  stage.turn.flush_later(stage.early);  // its peer's next command in the same turn
  CHECK(stage.turn.flush_early() == 1);
  stage.turn.end();
  CHECK(stage.said == "early early commit bound ");
}

TEST_CASE("who became bound to the commit in the same turn waits", "[turn]") {
  Stage stage;
  stage.turn.flush_later(stage.early);
  stage.early.is_early = false;
  CHECK(stage.turn.flush_early() == 0);
  stage.turn.end();
  CHECK(stage.said == "commit early ");
}

TEST_CASE("a turn whose output left early has nothing pending", "[turn]") {
  Stage stage;
  stage.turn.flush_later(stage.early);
  CHECK(stage.turn.flush_early() == 1);
  CHECK_FALSE(stage.turn.pending());
  stage.turn.flush_later(stage.bound);
  stage.turn.forget(stage.bound);
  CHECK(stage.turn.flush_early() == 0);
  stage.turn.end();
  CHECK(stage.said == "early ");
}
