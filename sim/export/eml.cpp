// Messages as *.eml files.
#include "sim/export/eml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <map>
#include <sstream>
#include <vector>

#include "server/mail/date.hpp"
#include "server/mail/mime.hpp"
#include "sim/export/disk.hpp"
#include "sim/export/line_ends.hpp"

namespace mailscope::exporting {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<store::Flag, std::string_view>, 5> kFlagNames = {
    {{store::kAnswered, "\\Answered"},
     {store::kDeleted, "\\Deleted"},
     {store::kDraft, "\\Draft"},
     {store::kFlagged, "\\Flagged"},
     {store::kSeen, "\\Seen"}}};

std::string flag_words(const store::Flags& flags) {
  std::string out;
  const auto add = [&out](std::string_view word) {
    if (!out.empty()) out += ' ';
    out += word;
  };
  for (const auto& [flag, name] : kFlagNames) {
    if (flags.system & flag) add(name);
  }
  for (const std::string& keyword : flags.keywords) add(keyword);
  return out;
}

store::Flags parse_flag_words(const std::string& text) {
  store::Flags flags;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const auto system = std::find_if(kFlagNames.begin(), kFlagNames.end(),
                                     [&](const auto& item) { return item.second == word; });
    if (system != kFlagNames.end()) {
      flags.system |= system->first;
    } else {
      flags.keywords.push_back(word);
    }
  }
  return flags;
}

net::Time parse_seconds(std::string_view text) {
  std::int64_t seconds = 0;
  std::int64_t rest = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), seconds).ptr;
  if (end != text.data() + text.size() && *end == '.') {
    std::from_chars(end + 1, text.data() + text.size(), rest);
  }
  return net::Time(std::chrono::seconds(seconds) + std::chrono::nanoseconds(rest));
}

struct Noted {
  net::Time date;
  store::Flags flags;
};

std::map<std::string, Noted> read_index(const fs::path& folder) {
  std::map<std::string, Noted> index;
  const std::string path = (folder / kEmlIndex).string();
  if (!fs::is_regular_file(path)) return index;
  std::istringstream lines(read_octets(path));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find('\t');
    const std::size_t second = line.find('\t', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    index[line.substr(0, first)] = {
        parse_seconds(std::string_view(line).substr(first + 1, second - first - 1)),
        parse_flag_words(line.substr(second + 1))};
  }
  return index;
}

}  // namespace

void write_eml(const store::MailStore& store, store::MailboxId mailbox, const std::string& folder) {
  make_folder(folder);
  std::string index;
  store.scan(mailbox, {}, [&](const store::MessageInfo& info) {
    const store::Body body = store.body(mailbox, info.uid);
    if (!body) return true;
    const std::string name = fmt::format("{:010}.eml", info.uid);
    write_octets((fs::path(folder) / name).string(), *body, info.internal_date);
    index += fmt::format("{}\t{}.{:09}\t{}\n", name, net::unix_seconds(info.internal_date),
                         info.internal_date.time_since_epoch().count() % 1'000'000'000,
                         flag_words(info.flags));
    return true;
  });
  write_octets((fs::path(folder) / kEmlIndex).string(), index);
}

FiledMessage read_eml(const std::string& file) {
  FiledMessage message;
  message.octets = with_crlf(read_octets(file));
  const auto date = mail::parse_date(mail::parse_header(message.octets).text("Date"));
  message.date = date ? net::Time(date->time) : file_time(file);
  return message;
}

void read_eml_tree(const std::string& folder, const TakeMessage& take) {
  std::vector<fs::path> files;
  for (const auto& item : fs::recursive_directory_iterator(folder)) {
    if (!item.is_symlink() && item.is_regular_file() && item.path().extension() == ".eml") {
      files.push_back(item.path());
    }
  }
  std::sort(files.begin(), files.end());
  fs::path of;
  std::map<std::string, Noted> index;
  for (const fs::path& file : files) {
    if (file.parent_path() != of) {
      of = file.parent_path();
      index = read_index(of);
    }
    const std::string name = file.filename().string();
    const fs::path below = fs::relative(of, folder);
    const std::string mailbox = below == "." ? std::string() : below.generic_string();
    if (const auto noted = index.find(name); noted != index.end()) {
      take(mailbox, {read_octets(file.string()), noted->second.flags, noted->second.date});
    } else {
      take(mailbox, read_eml(file.string()));
    }
  }
}

}  // namespace mailscope::exporting
