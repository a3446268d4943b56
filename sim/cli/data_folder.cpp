// The folder of --data.
#include "sim/cli/data_folder.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

namespace mailscope::cli {

namespace {

/// The mail of everybody and the CA's key: for the owner alone.
void make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (error)
    throw std::runtime_error(fmt::format("--data {} cannot be used: {}", folder, error.message()));
}

}  // namespace

std::string database_path(const std::string& folder) {
  return folder + "/mailscope.db";
}

DataFolder::DataFolder(const std::string& folder, net::Time now) {
  make_folder(folder);
  const std::string file = database_path(folder);
  try {
    database = std::make_unique<store::SqliteDatabase>(store::SqliteDatabase::Options{
        file, static_cast<std::uint32_t>(net::unix_seconds(now)), {}});
  } catch (const std::exception& error) {
    throw std::runtime_error(
        fmt::format("--data {}: {} cannot be opened: {}", folder, file, error.what()));
  }
  mail = std::make_unique<store::SqliteStore>(*database);
  values = std::make_unique<store::KeyValues>(*database);
}

}  // namespace mailscope::cli
