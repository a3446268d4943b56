// The mailbox store on SQLite, on a disk, every commit durable: appending, opening and scanning a
// large mailbox, flags of all messages, searching with and without the index of text.
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>

#include "server/imap/searchable_text.hpp"
#include "server/store/sqlite_store.hpp"
#include "tests/bench/measure.hpp"

namespace mailscope {
namespace {

const std::string kAccount = "bob@globex.example";
constexpr std::size_t kLarge = 1'000'000;  // messages of the large mailbox
constexpr std::size_t kTexts = 100'000;    // messages with a text to search, 1 KB each

class Store {
 public:
  Store() {
    std::string folder =
        (std::filesystem::temp_directory_path() / "mailscope-bench-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) std::exit(1);
    folder_ = folder;
    open();
    mail->create_account(kAccount);
    mail->commit();
    inbox = mail->mailbox(kAccount, "INBOX")->id;
  }
  ~Store() {
    mail.reset();
    database.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  void open() {
    mail.reset();
    database.reset();
    database = std::make_unique<store::SqliteDatabase>(
        store::SqliteDatabase::Options{folder_ + "/mail.db", 1, {}});
    mail = std::make_unique<store::SqliteStore>(*database);
    mail->index_text(&reader);
  }

  imap::SearchableText reader;
  std::unique_ptr<store::SqliteDatabase> database;
  std::unique_ptr<store::SqliteStore> mail;
  store::MailboxId inbox = 0;

 private:
  std::string folder_;
};

store::NewMessage message(std::string text) {
  return {std::make_shared<const std::string>(std::move(text)), {}, net::Time{}, net::Time{}};
}

void bench_large(const bench::Group& group) {
  Store on;
  const auto shared = message("Subject: one of many\r\n\r\ntext\r\n");
  {
    const std::vector<store::NewMessage> batch(1'000, shared);
    const bench::CpuTime time;
    for (std::size_t i = 0; i < kLarge / batch.size(); ++i) {
      if (!on.mail->append(on.inbox, batch)) group.fail("append");
      on.mail->commit();
    }
    group.rate("append, 1,000 at once, octets shared", kLarge, "messages/s", time.seconds());
  }
  {
    constexpr std::size_t kSingle = 2'000;
    const bench::CpuTime time;
    for (std::size_t i = 0; i < kSingle; ++i) {
      if (!on.mail->append(on.inbox, std::string(1'000, 'x'), {}, net::Time{}))
        group.fail("append");
      on.mail->commit();
    }
    group.rate("append and commit, one by one, 1 KB", kSingle, "messages/s", time.seconds());
  }
  on.open();
  const auto open_it = [&](const char* what) {
    const bench::CpuTime time;
    if (on.mail->outline(on.inbox).uids.size() < kLarge) group.fail("outline");
    group.figure(what, time.seconds() * 1e3, "ms");
  };
  open_it("open a mailbox of 1,000,000, cold");
  open_it("open a mailbox of 1,000,000, warm");
  {
    const double before = bench::resident_mib();
    const bench::CpuTime time;
    std::size_t seen = 0;
    on.mail->scan(on.inbox, {}, [&](const store::MessageInfo& info) {
      seen += (info.flags.system & store::kSeen) == 0;
      return true;
    });
    if (seen < kLarge) group.fail("scan");
    group.rate("scan flags of 1,000,000", kLarge, "messages/s", time.seconds());
    group.figure("memory for it", bench::resident_mib() - before, "MiB");
  }
  {
    std::vector<store::Uid> uids(100'000);
    for (std::size_t i = 0; i < uids.size(); ++i) uids[i] = static_cast<store::Uid>(i + 1);
    const auto change = [&](const char* what, store::FlagChange how) {
      const bench::CpuTime time;
      if (on.mail->change_flags(on.inbox, uids, how, {store::kSeen, {"Work"}}).size() !=
          uids.size()) {
        group.fail("flags");
      }
      on.mail->commit();
      group.rate(what, static_cast<double>(uids.size()), "messages/s", time.seconds());
    };
    change("set flags of 100,000", store::FlagChange::add);
    change("clear flags of 100,000", store::FlagChange::remove);
    const bench::CpuTime time;
    if (on.mail->expunge(on.inbox, uids).size() != uids.size()) group.fail("expunge");
    on.mail->commit();
    group.rate("expunge 100,000", static_cast<double>(uids.size()), "messages/s", time.seconds());
  }
}

void bench_search(const bench::Group& group) {
  Store on;
  std::string text = "Subject: message\r\n\r\n";
  while (text.size() < 1'000) {
    text += "the quick brown fox " + std::to_string(text.size() * 7919) + "\r\n";
  }
  std::vector<store::NewMessage> batch;
  for (std::size_t i = 0; i < kTexts; ++i) {
    batch.push_back(message("X-Number: " + std::to_string(i * 7919) + "\r\n" + text +
                            (i % 10'000 == 0 ? "needle\r\n" : "")));
    if (batch.size() < 1'000) continue;
    if (!on.mail->append(on.inbox, batch)) group.fail("append");
    on.mail->commit();
    batch.clear();
  }
  {
    const bench::CpuTime time;
    std::size_t found = 0;
    on.mail->headers(on.inbox, {}, [&](const store::MessageInfo&, std::string_view header) {
      found += header.size();
      return true;
    });
    if (found == 0) group.fail("headers");
    group.rate("read all headers", kTexts, "messages/s", time.seconds());
  }
  {
    const bench::CpuTime time;
    std::size_t found = 0;
    for (store::Uid uid = 1; uid <= kTexts; ++uid) found += on.mail->body(on.inbox, uid)->size();
    if (found == 0) group.fail("bodies");
    group.rate("read all bodies", kTexts, "messages/s", time.seconds());
  }
  {
    const bench::CpuTime time;
    while (on.mail->catch_up(64 << 10)) on.mail->commit();
    on.mail->commit();
    group.rate("index text, 1 KB each", kTexts, "messages/s", time.seconds());
  }
  const bench::CpuTime time;
  const auto uids = on.mail->candidates(on.inbox, store::SearchPart::body, "Needle");
  if (!uids || uids->size() != kTexts / 10'000) group.fail("candidates");
  group.figure("find 10 of 100,000 by text", time.seconds() * 1e3, "ms");
}

}  // namespace
}  // namespace mailscope

int main() {
  const mailscope::bench::Group group("store");
  mailscope::bench_large(group);
  mailscope::bench_search(group);
}
