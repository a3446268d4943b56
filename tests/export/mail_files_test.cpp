// Import and export: what goes out in any format comes back, octet by octet, and what other
// programs wrote is read.
#include "sim/export/mail_files.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "server/store/memory_store.hpp"
#include "sim/export/maildir.hpp"
#include "sim/export/mbox.hpp"
#include "tests/catch.hpp"
#include "tests/export/sample_log.hpp"

namespace mailscope::exporting {

namespace {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;

const std::string kBob = "bob@x.example";

class Folder {
 public:
  Folder() {
    std::string path = (fs::temp_directory_path() / "mailscope-files-XXXXXX").string();
    REQUIRE(::mkdtemp(path.data()) != nullptr);
    path_ = path;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  void write(const std::string& name, const std::string& octets) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << octets;
  }

 private:
  fs::path path_;
};

/// Every kind of content that a format could spoil.
const std::vector<std::string> kMessages = {
    "Subject: plain\r\n\r\nHello\r\n",
    "Subject: From lines\r\n\r\nFrom here\r\n>From there\r\n>>From x\r\n\r\nFrom bob Mon Mar  2 "
    "09:00:00 2026\r\n",
    "Subject: no line end\r\n\r\nlast",
    "Subject: bare\nlines\n\nand\rmore\n",
    "Status: RO\r\nX-Status: F\r\nX-Keywords: mine\r\n\r\nfields of its own\r\n",
    "X-Mailscope-Lines: raw\r\n\r\nalso its own\r\n",
    "\r\nno header\r\n\r\n\r\n",
    "From: x\r\n\r\n8-bit \xC3\xBC\xFF and " + std::string("NUL \0 here\r\n", 12),
    "",
    "\n",
    "x",
    "From nobody at all\r\n",
};

struct Filled {
  Filled() {
    store.create_account(kBob);
    for (const char* name : {"Projects/2026.Q1", "INBOX/Child", "Entw\xC3\xBCrfe & mehr", "a/b"}) {
      REQUIRE(store.create_mailbox(kBob, name, {}));
    }
    int n = 0;
    for (const auto& info : store.mailboxes(kBob)) {
      for (const std::string& message : kMessages) {
        store::Flags flags;
        flags.system = static_cast<std::uint8_t>(n++ % 32);
        if (n % 3 == 0) flags.keywords = {"$Forwarded", "work"};
        const net::Time date = kNine - std::chrono::seconds(n);  // falling: order is by UID
        REQUIRE(store.append(info.id, message, flags, date));
      }
      store.expunge(info.id, {2});
    }
  }
  store::MemoryStore store;
};

std::string describe(const store::MailStore& store) {
  std::string out;
  for (const auto& info : store.mailboxes(kBob)) {
    out += info.name + "\n";
    store.scan(info.id, {}, [&](const store::MessageInfo& m) {
      out +=
          std::to_string(net::unix_seconds(m.internal_date)) + " " + std::to_string(m.flags.system);
      for (const auto& word : m.flags.keywords) out += " " + word;
      out += " [" + *store.body(info.id, m.uid) + "]\n";
      return true;
    });
  }
  return out;
}

std::vector<FiledMessage> read_text(const std::string& text) {
  std::istringstream in(text);
  std::vector<FiledMessage> messages;
  read_mbox(in, "test", [&](FiledMessage m) { messages.push_back(std::move(m)); });
  return messages;
}

}  // namespace

TEST_CASE("what is exported comes back octet by octet") {
  const auto format = GENERATE(MailFormat::maildir, MailFormat::mbox, MailFormat::eml);
  CAPTURE(static_cast<int>(format));
  const Filled from;
  const Folder folder;
  const auto exported = export_mail(from.store, kBob, std::nullopt, format, folder / "out");
  CHECK(exported.mailboxes == from.store.mailboxes(kBob).size());
  CHECK(exported.messages == from.store.used_messages(kBob));
  CHECK(exported.lost_keywords == 0);
  CHECK_THROWS_WITH(export_mail(from.store, kBob, std::nullopt, format, folder / "out"),
                    Contains("exists already"));
  store::MemoryStore to;
  to.create_account(kBob);
  const auto imported = import_mail(to, kBob, "inbox", folder / "out", kNine);
  CHECK(imported.messages == exported.messages);
  CHECK(describe(to) == describe(from.store));
}

TEST_CASE("one mailbox and those below it are exported and imported elsewhere") {
  const auto format = GENERATE(MailFormat::maildir, MailFormat::mbox, MailFormat::eml);
  CAPTURE(static_cast<int>(format));
  const Filled from;
  const Folder folder;
  CHECK(export_mail(from.store, kBob, "Projects", format, folder / "out").mailboxes == 2);
  store::MemoryStore to;
  to.create_account(kBob);
  import_mail(to, kBob, "Old", folder / "out", kNine);
  CHECK(to.mailbox(kBob, "Old/Projects/2026.Q1")->messages == kMessages.size() - 1);
  CHECK_THROWS_WITH(export_mail(from.store, kBob, "None", format, folder / "x"),
                    Contains("no mailbox None"));
  CHECK_THROWS_WITH(export_mail(from.store, "eve@x.example", {}, format, folder / "x"),
                    Contains("no account eve"));
}

TEST_CASE("names that no file can have become others, and every message comes back") {
  const auto format = GENERATE(MailFormat::maildir, MailFormat::mbox, MailFormat::eml);
  CAPTURE(static_cast<int>(format));
  store::MemoryStore from;
  from.create_account(kBob);
  // As long as names may be; dots, which a Maildir writes as three octets; names of the format's
  // own files; what looks like a path.
  const std::vector<std::string> names = {std::string(255, 'a'),
                                          std::string(254, 'a') + "b",
                                          std::string(255, '.'),
                                          "x/" + std::string(250, '.') + "/y",
                                          "x.mbox/y",
                                          "x",
                                          "x.mbox~/y",
                                          "x.mbox",
                                          "x/0000000001.eml",
                                          "x/index.tsv",
                                          "x/index.tsv~",
                                          ".../.hidden",
                                          "cur",
                                          "C:\\x",
                                          std::string(127, '\xC3')};
  std::size_t made = 0;
  for (const std::string& name : names) {
    if (!from.mailbox(kBob, name) && !from.create_mailbox(kBob, name, {})) continue;  // no UTF-8
    ++made;
    REQUIRE(from.append(from.mailbox(kBob, name)->id,
                        "Subject: " + std::to_string(made) + "\r\n\r\nx\r\n", {}, kNine));
  }
  CHECK(made == names.size() - 1);
  const Folder folder;
  fs::create_directory(folder / "around");
  const auto counts = export_mail(from, kBob, std::nullopt, format, folder / "around/out");
  CHECK(counts.renamed > 0);
  CHECK(std::distance(fs::directory_iterator(folder / "around"), {}) == 1);
  store::MemoryStore to;
  to.create_account(kBob);
  import_mail(to, kBob, "INBOX", folder / "around/out", kNine);
  CHECK(to.used_messages(kBob) == made);
  std::size_t same = 0;
  for (const std::string& name : names) same += to.mailbox(kBob, name).has_value();
  CHECK(same + counts.renamed >= made);
}

TEST_CASE("a Maildir of another program is read") {
  const Folder folder;
  for (const char* part : {"cur", "new", "tmp", ".Sent/cur", ".Sent/new", ".Entw&APw-rfe.a/cur",
                           ".Entw&APw-rfe.a/new", ".nothing"}) {
    fs::create_directories(folder / ("Maildir/" + std::string(part)));
  }
  folder.write("Maildir/cur/1200000002.V1.host:2,FSb", "Subject: two\n\nlines\n");
  folder.write("Maildir/cur/1100000000.V1.host:2,T", "Subject: one\r\n\r\nas it is\r\n");
  folder.write("Maildir/new/1300000000.V1.host,S=10", "Subject: three\n\n");
  folder.write("Maildir/tmp/1400000000.V1.host", "half a message");
  folder.write("Maildir/cur/.hidden", "no message");
  folder.write("Maildir/dovecot-keywords", "0 a\n1 $Work\n");
  folder.write("Maildir/.Sent/cur/x:2,S", "Subject: sent\n\n");
  folder.write("Maildir/.Entw&APw-rfe.a/new/y", "Subject: draft\n\n");
  std::vector<std::pair<std::string, FiledMessage>> found;
  read_mail_files(folder / "Maildir", [&](const std::string& mailbox, FiledMessage message) {
    found.emplace_back(mailbox, std::move(message));
  });
  REQUIRE(found.size() == 5);
  CHECK(found[0].second.octets == "Subject: one\r\n\r\nas it is\r\n");
  CHECK(found[0].second.flags == store::Flags{store::kDeleted, {}});
  CHECK(found[1].second.octets == "Subject: two\r\n\r\nlines\r\n");
  CHECK(found[1].second.flags == store::Flags{store::kSeen | store::kFlagged, {"$Work"}});
  CHECK(found[2].second.octets == "Subject: three\r\n\r\n");
  CHECK(found[3].first == "Entw\xC3\xBCrfe/a");
  CHECK(found[4].first == "Sent");
}

TEST_CASE("more keywords than letters: the rest is counted") {
  store::MemoryStore store;
  store.create_account(kBob);
  const auto inbox = *store.mailbox(kBob, "INBOX");
  store::Flags flags;
  for (int i = 0; i < 30; ++i) flags.keywords.push_back("word" + std::to_string(i));
  REQUIRE(store.append(inbox.id, "x", flags, kNine));
  const Folder folder;
  CHECK(write_maildir(store, inbox, folder / "Maildir") == 4);
}

TEST_CASE("mbox files of other programs are read") {
  const auto messages = read_text(
      "From alice@acme.example Sat Mar 14 09:00:30 2026\n"
      "Subject: one\nStatus: RO\nX-Status: AF\nX-Keywords: $Work more\n"
      "\n"
      ">From here\n"
      "From is no start without an empty line before it\n"
      "\n"
      "From that it does not follow\n"
      "Status: not a field\n"
      "\n"
      "From - Mon Mar  2 09:00 2026 +0000\n"
      "Subject: two\r\n"
      "\r\n"
      "with carriage returns\r\n"
      "\r\n"
      "From MAILER-DAEMON Mon Mar  2 09:00:00 CET 2026\n"
      "Subject: three");
  REQUIRE(messages.size() == 3);
  CHECK(messages[0].octets ==
        "Subject: one\r\n\r\nFrom here\r\nFrom is no start without an empty line before it\r\n\r\n"
        "From that it does not follow\r\nStatus: not a field\r\n");
  CHECK(messages[0].flags ==
        store::Flags{store::kSeen | store::kAnswered | store::kFlagged, {"$Work", "more"}});
  CHECK(messages[0].date == kNine + std::chrono::days(12) + std::chrono::seconds(30));
  CHECK(messages[1].octets == "Subject: two\r\n\r\nwith carriage returns\r\n");
  CHECK(messages[1].date == kNine);
  CHECK(messages[2].octets == "Subject: three");
  CHECK(read_text("").empty());
  CHECK(read_text("\n\n").empty());
  CHECK_THROWS_WITH(read_text("Subject: no mbox\n\n"), Contains("test is no mbox file"));
  CHECK_THROWS_WITH(read_text("From x\n"), Contains("test is no mbox file"));
}

TEST_CASE("an .eml file has the date of its header") {
  const Folder folder;
  folder.write("one.eml", "Date: Mon, 2 Mar 2026 10:00:00 +0100\nSubject: x\n\ntext\n");
  std::vector<FiledMessage> found;
  read_mail_files(folder / "one.eml", [&](const std::string& mailbox, FiledMessage message) {
    CHECK(mailbox.empty());
    found.push_back(std::move(message));
  });
  REQUIRE(found.size() == 1);
  CHECK(found[0].date == kNine);
  CHECK(found[0].octets == "Date: Mon, 2 Mar 2026 10:00:00 +0100\r\nSubject: x\r\n\r\ntext\r\n");
}

TEST_CASE("links in a Maildir lead nowhere") {
  const Folder folder;
  folder.write("private/1.a", "Subject: private\n\n");
  folder.write("mail/cur/2.b:2,S", "Subject: mine\n\n");
  fs::create_directories(folder / "mail/new");
  fs::create_symlink(folder / "private/1.a", folder / "mail/cur/3.c");
  // Of a folder of its own, and of one below.
  folder.write("mail/.Below/new/4.d", "Subject: below\n\n");
  fs::create_directory_symlink(folder / "private", folder / "mail/.Below/cur");
  fs::create_directory_symlink(folder / "mail", folder / "mail/.Again");
  std::vector<std::string> found;
  read_maildir(folder / "mail", [&](const std::string& mailbox, FiledMessage message) {
    found.push_back(mailbox + ": " + message.octets);
  });
  CHECK(found == std::vector<std::string>{": Subject: mine\r\n\r\n"});
  CHECK_FALSE(is_maildir(folder / "mail/.Below"));
}

TEST_CASE("what cannot be imported is refused with a reason") {
  const Folder folder;
  store::MemoryStore store;
  store.create_account(kBob);
  const auto import = [&](const std::string& path) {
    return import_mail(store, kBob, "INBOX", path, kNine);
  };
  CHECK_THROWS_WITH(import(folder / "none"), Contains("does not exist"));
  fs::create_directories(folder / "empty");
  CHECK_THROWS_WITH(import(folder / "empty"), Contains("is no Maildir"));
  folder.write("tree/bad\tname/x.eml", "Subject: x\n\n");
  CHECK_THROWS_WITH(import(folder / "tree"), Contains("not a valid mailbox name"));
  folder.write("large.eml", std::string(1000, 'x'));
  store.set_quota(kBob, 500);
  CHECK_THROWS_WITH(import(folder / "large.eml"), Contains("quota is used up"));
}

}  // namespace mailscope::exporting
