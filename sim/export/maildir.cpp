// Maildir and Maildir++.
#include "sim/export/maildir.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <map>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "server/imap/utf7.hpp"
#include "server/mail/text.hpp"
#include "sim/export/disk.hpp"
#include "sim/export/line_ends.hpp"

namespace mailscope::exporting {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<char, store::Flag>, 5> kLetters = {{{'D', store::kDraft},
                                                                   {'F', store::kFlagged},
                                                                   {'R', store::kAnswered},
                                                                   {'S', store::kSeen},
                                                                   {'T', store::kDeleted}}};
constexpr std::size_t kKeywordLetters = 26;
constexpr std::string_view kKeywordsFile = "dovecot-keywords";
constexpr std::string_view kUidsFile = "dovecot-uidlist";

/// A component of a mailbox name as part of a folder's name: dots separate components there.
std::string escape(std::string_view component) {
  std::string out;
  for (const char c : imap::utf7_encode(component)) {
    if (c == '.' || c == '\\') {
      out += fmt::format("\\{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 2 < text.size() && mail::hex_value(text[i + 1]) >= 0 &&
        mail::hex_value(text[i + 2]) >= 0) {
      plain += static_cast<char>(mail::hex_value(text[i + 1]) * 16 + mail::hex_value(text[i + 2]));
      i += 2;
    } else {
      plain += text[i];
    }
  }
  // Programs that write UTF-8 as it is are understood as well.
  return imap::utf7_decode(plain).value_or(plain);
}

/// ".Projects.2026" -> "Projects/2026".
std::string mailbox_name(std::string_view folder) {
  std::string name;
  folder.remove_prefix(1);
  while (true) {
    const std::size_t dot = std::min(folder.find('.'), folder.size());
    name += unescape(folder.substr(0, dot));
    if (dot == folder.size()) return name;
    name += '/';
    folder.remove_prefix(dot + 1);
  }
}

class Keywords {
 public:
  /// Letter of the keyword; nullopt: there are no more.
  std::optional<char> letter(const std::string& keyword) {
    const auto found = std::find(names_.begin(), names_.end(), keyword);
    if (found == names_.end() && names_.size() == kKeywordLetters) return std::nullopt;
    const auto index = static_cast<int>(found - names_.begin());
    if (found == names_.end()) names_.push_back(keyword);
    return static_cast<char>('a' + index);
  }
  std::string file() const {
    std::string out;
    for (std::size_t i = 0; i < names_.size(); ++i) out += fmt::format("{} {}\n", i, names_[i]);
    return out;
  }
  static std::map<char, std::string> read(const std::string& path) {
    std::map<char, std::string> names;
    if (!fs::is_regular_file(path)) return names;
    std::istringstream lines(read_octets(path));
    std::size_t index = 0;
    std::string name;
    while (lines >> index >> name) {
      if (index < kKeywordLetters) names[static_cast<char>('a' + static_cast<int>(index))] = name;
    }
    return names;
  }

 private:
  std::vector<std::string> names_;
};

/// Order of messages by the part of their names before the flags, as Dovecot's list of UIDs has it.
std::map<std::string, std::size_t> read_order(const std::string& path) {
  std::map<std::string, std::size_t> order;
  if (!fs::is_regular_file(path)) return order;
  std::istringstream lines(read_octets(path));
  std::string line;
  std::getline(lines, line);  // versions and numbers
  while (std::getline(lines, line)) {
    const std::size_t colon = line.find(" :");
    if (colon == std::string::npos) continue;
    const std::string name = line.substr(colon + 2);
    order.emplace(name.substr(0, name.find(":2,")), order.size());
  }
  return order;
}

struct Entry {
  std::size_t order;
  std::int64_t time;  // the number that the name begins with
  std::string name;
  fs::path path;
};

/// Seconds that a file's name begins with.
std::int64_t leading_number(std::string_view name) {
  std::int64_t value = 0;
  std::from_chars(name.data(), name.data() + name.size(), value);
  return value;
}

std::vector<Entry> list_messages(const std::string& folder) {
  const auto order = read_order((fs::path(folder) / kUidsFile).string());
  std::vector<Entry> entries;
  for (const char* part : {"cur", "new"}) {
    for (const auto& item : fs::directory_iterator(fs::path(folder) / part)) {
      const std::string name = item.path().filename().string();
      if (item.is_symlink() || !item.is_regular_file() || name.starts_with('.')) continue;
      const auto known = order.find(name.substr(0, name.find(":2,")));
      entries.push_back({known == order.end() ? order.size() : known->second, leading_number(name),
                         name, item.path()});
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.order, a.time, a.name) < std::tie(b.order, b.time, b.name);
  });
  return entries;
}

store::Flags flags_of(std::string_view name, const std::map<char, std::string>& keywords) {
  store::Flags flags;
  const std::size_t info = name.rfind(":2,");
  if (info == std::string_view::npos) return flags;
  for (const char c : name.substr(info + 3)) {
    for (const auto& [letter, flag] : kLetters) {
      if (letter == c) flags.system |= flag;
    }
    if (const auto keyword = keywords.find(c); keyword != keywords.end()) {
      flags.keywords.push_back(keyword->second);
    }
  }
  return flags;
}

/// The name says that the file has the message's octets as they are.
bool is_exact(std::string_view name, std::size_t size) {
  const std::string wanted = fmt::format(",W={}", size);
  const std::size_t at = name.find(wanted);
  if (at == std::string_view::npos) return false;
  const std::size_t end = at + wanted.size();
  return end == name.size() || name[end] == ',' || name[end] == ':';
}

void read_one(const std::string& folder, const std::string& mailbox, const TakeMessage& take) {
  const auto keywords = Keywords::read((fs::path(folder) / kKeywordsFile).string());
  for (const Entry& entry : list_messages(folder)) {
    FiledMessage message;
    message.octets = read_octets(entry.path.string());
    if (!is_exact(entry.name, message.octets.size())) message.octets = with_crlf(message.octets);
    message.flags = flags_of(entry.name, keywords);
    message.date = file_time(entry.path.string());
    take(mailbox, std::move(message));
  }
}

}  // namespace

bool is_maildir(const std::string& folder) {
  // Links are not followed: a folder from elsewhere might point at files that are nobody's mail.
  const auto own = [&folder](const char* part) {
    return fs::is_directory(fs::symlink_status(fs::path(folder) / part));
  };
  return own("cur") && own("new");
}

void make_maildir(const std::string& folder) {
  for (const char* part : {"cur", "new", "tmp"}) make_folder((fs::path(folder) / part).string());
}

std::string maildir_folder(std::string_view mailbox) {
  if (mailbox == "INBOX") return {};
  std::string folder;
  while (true) {
    const std::size_t end = std::min(mailbox.find('/'), mailbox.size());
    folder += '.' + escape(mailbox.substr(0, end));
    if (end == mailbox.size()) return folder;
    mailbox.remove_prefix(end + 1);
  }
}

std::size_t write_maildir(const store::MailStore& store, const store::MailboxInfo& mailbox,
                          const std::string& folder) {
  make_maildir(folder);
  Keywords keywords;
  std::size_t lost = 0;
  std::string uids = fmt::format("3 V{} N{}\n", mailbox.uid_validity, mailbox.uid_next);
  store.scan(mailbox.id, {}, [&](const store::MessageInfo& info) {
    const store::Body body = store.body(mailbox.id, info.uid);
    if (!body) return true;
    const auto seconds = net::unix_seconds(info.internal_date);
    const auto nanoseconds = info.internal_date.time_since_epoch().count() % 1'000'000'000;
    const std::string base = fmt::format("{}.M{:06}P{}.mailscope,S={},W={}", seconds,
                                         nanoseconds / 1000, info.uid, body->size(), body->size());
    std::string letters;
    for (const auto& [letter, flag] : kLetters) {
      if (info.flags.system & flag) letters += letter;
    }
    for (const std::string& keyword : info.flags.keywords) {
      if (const auto letter = keywords.letter(keyword)) {
        letters += *letter;
      } else {
        ++lost;
      }
    }
    std::sort(letters.begin(), letters.end());
    write_octets((fs::path(folder) / "cur" / (base + ":2," + letters)).string(), *body,
                 info.internal_date);
    uids += fmt::format("{} :{}\n", info.uid, base);
    return true;
  });
  write_octets((fs::path(folder) / kKeywordsFile).string(), keywords.file());
  write_octets((fs::path(folder) / kUidsFile).string(), uids);
  return lost;
}

void read_maildir(const std::string& folder, const TakeMessage& take) {
  read_one(folder, {}, take);
  std::vector<std::string> below;
  for (const auto& item : fs::directory_iterator(folder)) {
    const std::string name = item.path().filename().string();
    if (name.size() > 1 && name[0] == '.' && !item.is_symlink() && is_maildir(item.path().string()))
      below.push_back(name);
  }
  std::sort(below.begin(), below.end());
  for (const std::string& name : below) {
    read_one((fs::path(folder) / name).string(), mailbox_name(name), take);
  }
}

}  // namespace mailscope::exporting
