// mailscope store: what can be done with the data folder of a server that is not running.
//
//   mailscope store check data
//   mailscope store import data alice@acme.example --mailbox Old ~/Maildir
//   mailscope store export data alice@acme.example --format mbox backup
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <memory>

#include "server/live/loop.hpp"
#include "server/net/turn.hpp"
#include "sim/cli/cli.hpp"
#include "sim/cli/data_folder.hpp"
#include "sim/export/mail_files.hpp"

namespace mailscope::cli {

namespace {

struct StoreOptions {
  std::string folder;
  std::string account;
  std::string mailbox;
  std::string format = "maildir";
  std::string target;
  std::vector<std::string> sources;
};

const std::map<std::string, exporting::MailFormat> kFormats = {
    {"maildir", exporting::MailFormat::maildir},
    {"mbox", exporting::MailFormat::mbox},
    {"eml", exporting::MailFormat::eml}};

/// A mistaken path must not make an empty database.
void require_data(const std::string& folder) {
  if (!std::filesystem::exists(database_path(folder))) {
    throw std::runtime_error(
        fmt::format("{} is no data folder: there is no {}", folder, database_path(folder)));
  }
}

int check_store(const StoreOptions& options, net::Time now) {
  require_data(options.folder);
  std::vector<std::string> problems;
  std::size_t accounts = 0;
  std::size_t messages = 0;
  try {
    DataFolder data(options.folder, now);
    problems = data.mail->check();
    for (const std::string& account : data.mail->accounts()) {
      ++accounts;
      messages += data.mail->used_messages(account);
    }
  } catch (const store::StoreFailure& failure) {
    // Damage that keeps SQLite from reading on.
    problems.emplace_back(failure.what());
  }
  for (const std::string& problem : problems) fmt::print("{}\n", problem);
  if (problems.empty()) fmt::print("ok: {} accounts, {} messages\n", accounts, messages);
  return problems.empty() ? kOk : kFailed;
}

int import_store(const StoreOptions& options, net::Time now) {
  DataFolder data(options.folder, now);
  if (!data.mail->has_account(options.account)) {
    data.mail->create_account(options.account);
    fmt::print("{}: a new account\n", options.account);
  }
  for (const std::string& source : options.sources) {
    const auto counts =
        exporting::import_mail(*data.mail, options.account, options.mailbox, source, now);
    fmt::print("{}: {} messages, {} new mailboxes\n", source, counts.messages, counts.mailboxes);
  }
  return kOk;
}

int export_store(const StoreOptions& options, net::Time now) {
  require_data(options.folder);
  const DataFolder data(options.folder, now);
  const auto counts = exporting::export_mail(
      *data.mail, options.account,
      options.mailbox.empty() ? std::nullopt : std::optional(options.mailbox),
      kFormats.at(options.format), options.target);
  fmt::print("{}: {} messages in {} mailboxes\n", options.target, counts.messages,
             counts.mailboxes);
  if (counts.renamed > 0) {
    fmt::print("{} mailboxes have other names there: their own cannot be names of files\n",
               counts.renamed);
  }
  if (counts.lost_keywords > 0) {
    fmt::print("{} keywords were left out: a Maildir has room for 26 different ones\n",
               counts.lost_keywords);
  }
  return kOk;
}

using Run = int (*)(const StoreOptions& options, net::Time now);

void set_run(CLI::App* command, const std::shared_ptr<StoreOptions>& options, Run run,
             int& status) {
  command->callback([options, run, &status] {
    net::Turn turn;
    status = run(*options, live::LiveLoop(turn).now());
  });
}

}  // namespace

void add_store(CLI::App& app, int& status) {
  CLI::App* store = app.add_subcommand("store", "Check, import and export the mail of a server");
  store->require_subcommand(1);
  const auto options = std::make_shared<StoreOptions>();

  CLI::App* check = store->add_subcommand("check", "Tell everything that is inconsistent");
  check->add_option("data", options->folder, "The server's --data folder")->required();
  set_run(check, options, check_store, status);

  CLI::App* import =
      store->add_subcommand("import", "Bring mail in from Maildir, mbox or .eml files");
  import->add_option("data", options->folder, "The server's --data folder")->required();
  import->add_option("account", options->account, "As alice@acme.example")->required();
  import
      ->add_option("--mailbox", options->mailbox, "Where to; the mailboxes of the source go below")
      ->default_str("INBOX");
  import->add_option("sources", options->sources, "Maildirs, mbox files, .eml files, or folders")
      ->required();
  import->preparse_callback([options](std::size_t) { options->mailbox = "INBOX";
});
set_run(import, options, import_store, status);

CLI::App* exported = store->add_subcommand("export", "Write mail to files");
exported->add_option("data", options->folder, "The server's --data folder")->required();
exported->add_option("account", options->account, "As alice@acme.example")->required();
exported->add_option("target", options->target, "A folder that does not exist yet")->required();
exported->add_option("--mailbox", options->mailbox, "Only this one and those below it");
exported->add_option("--format", options->format, "maildir, mbox or eml")
    ->check(CLI::IsMember({"maildir", "mbox", "eml"}))
    ->capture_default_str();
set_run(exported, options, export_store, status);
}  // namespace mailscope::cli

}  // namespace mailscope::cli
