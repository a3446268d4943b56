#include "sim/cli/files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace mailscope::cli {

void write_file(const std::string& path, std::string_view content) {
  const std::string part = path + ".part";
  {
    std::ofstream file(part, std::ios::binary | std::ios::trunc);
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
    file.flush();
    if (!file) {
      const std::string why = std::strerror(errno);
      std::remove(part.c_str());
      throw std::runtime_error(path + " cannot be written: " + why);
    }
  }
  if (std::rename(part.c_str(), path.c_str()) != 0) {
    throw std::runtime_error(path + " cannot be written: " + std::strerror(errno));
  }
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path + " cannot be read: " + std::strerror(errno));
  std::ostringstream content;
  content << file.rdbuf();
  return std::move(content).str();
}

std::vector<std::string> find_scenarios(const std::vector<std::string>& paths) {
  namespace fs = std::filesystem;
  std::vector<std::string> found;
  for (const std::string& path : paths) {
    if (!fs::exists(path)) throw std::runtime_error(path + " does not exist");
    if (!fs::is_directory(path)) {
      found.push_back(path);
      continue;
    }
    std::vector<std::string> here;
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file() && entry.path().extension() == ".json")
        here.push_back(entry.path().string());
    }
    if (here.empty()) throw std::runtime_error("there is no scenario (*.json) below " + path);
    std::sort(here.begin(), here.end());
    found.insert(found.end(), here.begin(), here.end());
  }
  std::vector<std::string> unique;
  for (std::string& path : found) {
    if (std::find(unique.begin(), unique.end(), path) == unique.end())
      unique.push_back(std::move(path));
  }
  return unique;
}

}  // namespace mailscope::cli
