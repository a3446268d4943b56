// Reading and writing of whole files, and finding scenarios below a path.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailscope::cli {

/// Throws std::runtime_error that names the file. The file is there whole or not at all.
void write_file(const std::string& path, std::string_view content);
std::string read_file(const std::string& path);

/// The *.json files named or below the folders named, in order, without doubles. Throws
/// std::runtime_error for a path that does not exist or a folder without any.
std::vector<std::string> find_scenarios(const std::vector<std::string>& paths);

}  // namespace mailscope::cli
