// Files of mail on disk: read whole, written with their date, private to their owner.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/net/time.hpp"

namespace mailscope::exporting {

/// All throw std::runtime_error that names the file and the reason.
std::string read_octets(const std::string& path);
/// Makes the file, which must not exist, with mode 0600; `date`: when it was changed last.
void write_octets(const std::string& path, std::string_view octets,
                  std::optional<net::Time> date = std::nullopt);
/// Makes the folder and those above it that are missing, with mode 0700.
void make_folder(const std::string& path);
/// When the file was changed last.
net::Time file_time(const std::string& path);

}  // namespace mailscope::exporting
