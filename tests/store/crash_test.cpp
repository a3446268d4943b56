// A server process that dies at any moment has lost nothing that it acknowledged: a child appends
// and commits, says so, and is killed; the parent looks at what is on disk.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "tests/catch.hpp"
#include "tests/store/store_fixture.hpp"

namespace mailscope::store {

namespace {

constexpr int kRounds = 12;
const std::string kBob = "bob@globex.example";

std::string body_of(Uid uid) {
  return "Message-ID: <" + std::to_string(uid) + "@x.example>\r\n\r\n" +
         std::string(uid * 37 % 5000, 'm') + "\r\n";
}

/// Appends for ever; writes each UID to `out` once it is durable. Never returns.
[[noreturn]] void serve(const std::string& path, int out) {
  SqliteDatabase database({path, 1, {}});
  SqliteStore store(database);
  store.create_account(kBob);
  store.commit();
  const MailboxId inbox = store.mailbox(kBob, "INBOX")->id;
  const MailboxId trash = store.mailbox(kBob, "Trash")->id;
  while (true) {
    const Uid next = store.mailbox(inbox)->uid_next;
    const auto uid = store.append(inbox, body_of(next), {}, kMonday);
    static_cast<void>(store.copy(inbox, {uid.value}, trash, false, kMonday));
    store.commit();
    if (::write(out, &uid.value, sizeof uid.value) != sizeof uid.value) ::_exit(1);
  }
}

/// Runs the child and kills it after `micros`; gives the last UID that it acknowledged.
Uid run_and_kill(const std::string& path, int micros) {
  int pipe_ends[2];
  REQUIRE(::pipe(pipe_ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(pipe_ends[0]);
    try {
      serve(path, pipe_ends[1]);
    } catch (...) {
      ::_exit(1);
    }
  }
  ::close(pipe_ends[1]);
  std::this_thread::sleep_for(std::chrono::microseconds(micros));
  ::kill(child, SIGKILL);
  Uid last = 0;
  Uid uid = 0;
  while (::read(pipe_ends[0], &uid, sizeof uid) == sizeof uid) last = uid;
  ::close(pipe_ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WIFSIGNALED(status));
  return last;
}

}  // namespace

TEST_CASE("every acknowledged message survives kill -9", "[crash]") {
  TempFolder folder;
  const std::string path = folder.file("mail.db");
  std::mt19937 random(7);
  Uid acknowledged = 0;
  for (int round = 0; round < kRounds; ++round) {
    CAPTURE(round);
    const Uid last = run_and_kill(path, static_cast<int>(5'000 + random() % 60'000));
    acknowledged = std::max(acknowledged, last);
    SqliteDatabase database({path, 1, {}});
    SqliteStore store(database);
    CHECK(store.check() == std::vector<std::string>{});
    const auto inbox = store.mailbox(kBob, "INBOX");
    if (!inbox) continue;  // killed before the account was there: nothing was acknowledged
    // One more than acknowledged may be there: killed between the commit and the word.
    REQUIRE(inbox->messages >= acknowledged);
    REQUIRE(inbox->messages <= acknowledged + 1);
    acknowledged = inbox->messages;
    const auto trash = store.mailbox(kBob, "Trash");
    REQUIRE(trash->messages == inbox->messages);
    for (Uid uid = 1; uid <= inbox->messages; ++uid) {
      REQUIRE(*store.body(inbox->id, uid) == body_of(uid));
      REQUIRE(store.body(trash->id, uid));
    }
  }
  CHECK(acknowledged > 0);
}

}  // namespace mailscope::store
