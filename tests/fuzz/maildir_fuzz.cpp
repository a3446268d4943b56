// A Maildir whose names and small files hold anything: folders, messages with flags, Dovecot's
// lists of keywords and UIDs. It is imported or refused; what was imported comes out and in again
// as it was, and nothing is written outside of the folder that was asked for.
//
// Each line of the input makes something: "F.Name" a folder, "Cname:2,S" a message in it, "Nname" a
// new one, "K0 $Work" a line of dovecot-keywords, "U1 :name" one of dovecot-uidlist.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "server/store/memory_store.hpp"
#include "sim/export/mail_files.hpp"

using namespace mailscope;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kAccount = "a@x.example";
constexpr std::string_view kMessage = "Subject: x\r\n\r\nhi\r\n";
constexpr std::size_t kMaxLines = 40;

void require(bool holds) {
  if (!holds) std::abort();
}

/// A folder of this process, gone with it.
struct Scratch {
  fs::path path = fs::temp_directory_path() / "mailscope-fuzz-XXXXXX";

  Scratch() {
    std::string name = path;
    require(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Scratch() { fs::remove_all(path); }
};

const fs::path& scratch() {
  static const Scratch folder;
  return folder.path;
}

void add_line(const fs::path& file, std::string_view line) {
  std::ofstream(file, std::ios::app) << line << '\n';
}

void add_message(const fs::path& folder, std::string_view name) {
  if (name.empty() || name.size() > 255 || name == "." || name == "..") return;
  if (name.find_first_of(std::string_view("/\0", 2)) != std::string_view::npos) return;
  std::ofstream(folder / name, std::ios::binary) << kMessage;
}

fs::path make_folder(const fs::path& root, std::string_view name) {
  const bool usable = name.size() < 256 && name != ".." && name != "." && name != "cur" &&
                      name != "new" &&
                      name.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
  const fs::path folder = usable && !name.empty() ? root / name : root;
  if (fs::exists(folder) && !fs::is_directory(folder)) return root;
  fs::create_directories(folder / "cur");
  fs::create_directories(folder / "new");
  return folder;
}

void build(const fs::path& root, std::string_view input) {
  fs::path folder = make_folder(root, {});
  for (std::size_t i = 0; i < kMaxLines && !input.empty(); ++i) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(input.size(), line.size() + 1));
    if (line.empty()) continue;
    const std::string_view rest = line.substr(1);
    if (line[0] == 'F') folder = make_folder(root, rest);
    if (line[0] == 'C') add_message(folder / "cur", rest);
    if (line[0] == 'N') add_message(folder / "new", rest);
    if (line[0] == 'K') add_line(folder / "dovecot-keywords", rest);
    if (line[0] == 'U') add_line(folder / "dovecot-uidlist", rest);
  }
}

/// Every message with its mailbox and flags, as text; a Maildir has room for 26 keywords.
std::string told(const store::MemoryStore& store) {
  std::string text;
  for (const store::MailboxInfo& box : store.mailboxes(kAccount)) {
    if (box.messages == 0) continue;
    text += box.name + "\n";
    store.scan(box.id, {}, [&](const store::MessageInfo& info) {
      text += std::to_string(info.flags.system);
      for (const std::string& keyword : info.flags.keywords) text += " " + keyword;
      require(*store.body(box.id, info.uid) == kMessage);
      text += "\n";
      return true;
    });
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fs::path root = scratch() / "in";
  const fs::path out = scratch() / "around" / "out";
  fs::remove_all(root);
  fs::remove_all(out.parent_path());
  fs::create_directories(out.parent_path());
  build(root, {reinterpret_cast<const char*>(data), size});
  store::MemoryStore first;
  first.create_account(kAccount);
  try {
    exporting::import_mail(first, kAccount, "INBOX", root.string(), {});
  } catch (const std::runtime_error&) {
    return 0;  // a name that no mailbox can have
  }
  const auto counts = exporting::export_mail(first, kAccount, std::nullopt,
                                             exporting::MailFormat::maildir, out.string());
  for (const auto& item : fs::directory_iterator(scratch()))
    require(item.path() == root || item.path() == out.parent_path());
  for (const auto& item : fs::directory_iterator(out.parent_path())) require(item.path() == out);
  store::MemoryStore second;
  second.create_account(kAccount);
  exporting::import_mail(second, kAccount, "INBOX", out.string(), {});
  require(counts.lost_keywords > 0 || counts.renamed > 0 || told(first) == told(second));
  return 0;
}
