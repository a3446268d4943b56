// Import and export of mailboxes.
#include "sim/export/mail_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>

#include "server/store/mailbox_names.hpp"
#include "sim/export/disk.hpp"
#include "sim/export/eml.hpp"
#include "sim/export/maildir.hpp"
#include "sim/export/mbox.hpp"

namespace mailscope::exporting {

namespace {

namespace fs = std::filesystem;

/// Octets and messages that an import holds before it makes them durable.
constexpr std::size_t kBatchOctets = 16u << 20;
constexpr std::size_t kBatchMessages = 1'000;

void read_mbox_file(const std::string& path, const std::string& mailbox, const TakeMessage& take) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path + " cannot be read");
  read_mbox(file, path, [&](FiledMessage message) { take(mailbox, std::move(message)); });
}

std::vector<fs::path> files_below(const std::string& folder, std::string_view extension) {
  std::vector<fs::path> found;
  for (const auto& item : fs::recursive_directory_iterator(folder)) {
    if (!item.is_symlink() && item.is_regular_file() && item.path().extension() == extension) {
      found.push_back(item.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Collects messages of one mailbox after the other and appends them in batches.
class Importer {
 public:
  Importer(store::MailStore& store, std::string_view account, std::string_view base, net::Time now)
      : store_(store),
        account_(account),
        base_(store::canonical_name(base).value_or(std::string(base))),  // "inbox" is INBOX
        now_(now) {}

  void take(const std::string& below, FiledMessage message) {
    const std::string name = target(below);
    if (name != name_) {
      flush();
      name_ = name;
      mailbox_ = find_or_make(name);
    }
    octets_ += message.octets.size();
    batch_.push_back({std::make_shared<const std::string>(std::move(message.octets)),
                      std::move(message.flags), message.date, now_});
    if (octets_ >= kBatchOctets || batch_.size() >= kBatchMessages) flush();
  }

  void flush() {
    if (batch_.empty()) return;
    const auto done = store_.append(mailbox_, batch_);
    if (!done) {
      throw std::runtime_error(fmt::format("{}: {}; {} messages were imported before", name_,
                                           store::to_string(done.error), counts.messages));
    }
    store_.commit();
    counts.messages += batch_.size();
    batch_.clear();
    octets_ = 0;
  }

  ImportCounts counts;

 private:
  std::string target(const std::string& below) const {
    if (below.empty() || (below == "INBOX" && base_ == "INBOX")) return base_;
    return base_ == "INBOX" ? below : base_ + '/' + below;
  }

  store::MailboxId find_or_make(const std::string& name) {
    if (const auto info = store_.mailbox(account_, name)) return info->id;
    const auto made = store_.create_mailbox(account_, name);
    if (!made) {
      throw std::runtime_error(
          fmt::format("the mailbox {} cannot be made: {}", name, store::to_string(made.error)));
    }
    ++counts.mailboxes;
    return made.value;
  }

  store::MailStore& store_;
  std::string account_;
  std::string base_;
  net::Time now_;
  std::string name_;
  store::MailboxId mailbox_ = 0;
  std::vector<store::NewMessage> batch_;
  std::size_t octets_ = 0;
};

/// Octets that a file's name may have.
constexpr std::size_t kMaxFileName = 255;

/// Where mailboxes go below the folder of an export. Their names are chosen by users, and may be
/// longer than those of files, or be those of files that the format has itself.
class Places {
 public:
  explicit Places(MailFormat format) : format_(format) {}

  /// A path of its own for each mailbox.
  std::string place(const std::string& mailbox) {
    std::string path = path_of(mailbox);
    if (!fits(path)) path = shortened(mailbox);
    if (path != plain(mailbox)) ++renamed;
    return path;
  }
  std::size_t renamed = 0;

 private:
  std::string plain(const std::string& mailbox) const {
    return format_ == MailFormat::maildir ? maildir_folder(mailbox)
                                          : mailbox + std::string(ending());
  }
  std::string_view ending() const { return format_ == MailFormat::mbox ? ".mbox" : ""; }

  std::string path_of(const std::string& mailbox) const {
    if (format_ == MailFormat::maildir) return maildir_folder(mailbox);
    std::string path;
    for (std::size_t begin = 0; begin <= mailbox.size();) {
      const std::size_t end = std::min(mailbox.find('/', begin), mailbox.size());
      std::string_view part = std::string_view(mailbox).substr(begin, end - begin);
      if (begin > 0) path += '/';
      path += part;
      const bool leaf = end == mailbox.size();
      // One "~" more than it has: no two names become the same.
      while (part.ends_with('~')) part.remove_suffix(1);
      const bool taken = format_ == MailFormat::mbox ? !leaf && part.ends_with(".mbox")
                                                     : part.ends_with(".eml") || part == kEmlIndex;
      if (taken) path += '~';
      begin = end + 1;
    }
    return path.append(ending());
  }

  static bool fits(std::string_view path) {
    for (std::size_t begin = 0; begin <= path.size();) {
      const std::size_t end = std::min(path.find('/', begin), path.size());
      if (end - begin > kMaxFileName) return false;
      begin = end + 1;
    }
    return true;
  }

  /// As much of the name as fits, and a number.
  std::string shortened(std::string mailbox) {
    const std::string mark = "~" + std::to_string(++shortened_);
    while (!fits(path_of(mailbox + mark))) {
      while (!mailbox.empty() && (static_cast<unsigned char>(mailbox.back()) & 0xc0) == 0x80)
        mailbox.pop_back();
      if (mailbox.empty()) break;
      mailbox.pop_back();
    }
    return path_of(mailbox + mark);
  }

  MailFormat format_;
  std::size_t shortened_ = 0;
};

std::vector<store::MailboxInfo> chosen(const store::MailStore& store, std::string_view account,
                                       const std::optional<std::string>& mailbox) {
  if (!store.has_account(account)) {
    throw std::runtime_error(fmt::format("there is no account {}", account));
  }
  auto all = store.mailboxes(account);
  if (!mailbox) return all;
  const auto top = store.mailbox(account, *mailbox);
  if (!top) throw std::runtime_error(fmt::format("{} has no mailbox {}", account, *mailbox));
  std::erase_if(all, [&](const store::MailboxInfo& info) {
    return info.name != top->name && !info.name.starts_with(top->name + '/');
  });
  return all;
}

}  // namespace

void read_mail_files(const std::string& path, const TakeMessage& take) {
  if (!fs::exists(path)) throw std::runtime_error(path + " does not exist");
  if (!fs::is_directory(path)) {
    if (fs::path(path).extension() == ".eml") return take({}, read_eml(path));
    return read_mbox_file(path, {}, take);
  }
  if (is_maildir(path)) return read_maildir(path, take);
  const auto boxes = files_below(path, ".mbox");
  for (const fs::path& file : boxes) {
    read_mbox_file(file.string(), fs::relative(file, path).replace_extension().generic_string(),
                   take);
  }
  if (!boxes.empty()) return;
  if (files_below(path, ".eml").empty()) {
    throw std::runtime_error(path +
                             " is no Maildir (cur, new), and has no *.mbox and no *.eml files");
  }
  read_eml_tree(path, take);
}

ImportCounts import_mail(store::MailStore& store, std::string_view account,
                         std::string_view mailbox, const std::string& path, net::Time now) {
  Importer importer(store, account, mailbox, now);
  read_mail_files(path, [&](const std::string& below, FiledMessage message) {
    importer.take(below, std::move(message));
  });
  importer.flush();
  store.commit();
  return importer.counts;
}

ExportCounts export_mail(const store::MailStore& store, std::string_view account,
                         const std::optional<std::string>& mailbox, MailFormat format,
                         const std::string& folder) {
  const auto boxes = chosen(store, account, mailbox);
  if (fs::exists(folder)) throw std::runtime_error(folder + " exists already");
  make_folder(folder);
  if (format == MailFormat::maildir) make_maildir(folder);  // INBOX, asked for or not
  ExportCounts counts;
  Places places(format);
  for (const store::MailboxInfo& info : boxes) {
    const fs::path place = fs::path(folder) / places.place(info.name);
    switch (format) {
      case MailFormat::maildir:
        counts.lost_keywords += write_maildir(store, info, place.string());
        break;
      case MailFormat::mbox: {
        make_folder(place.parent_path().string());
        const std::string path = place.string();
        write_octets(path, {});  // private before there is mail in it
        std::ofstream file(path, std::ios::binary | std::ios::app);
        write_mbox_with_flags(file, store, info.id);
        file.flush();
        if (!file) throw std::runtime_error(path + " cannot be written");
        break;
      }
      case MailFormat::eml:
        write_eml(store, info.id, place.string());
        break;
    }
    counts.messages += info.messages;
    ++counts.mailboxes;
  }
  counts.renamed = places.renamed;
  return counts;
}

}  // namespace mailscope::exporting
