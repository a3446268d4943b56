// Files of mail on disk.
#include "sim/export/disk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace mailscope::exporting {

namespace {

/// Octets of a file that are taken into memory; larger ones are no mail.
constexpr off_t kMaxFile = 256 << 20;

[[noreturn]] void fail(const std::string& path, const char* doing) {
  throw std::runtime_error(path + " cannot be " + doing + ": " + std::strerror(errno));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

}  // namespace

std::string read_octets(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail(path, "read");
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail(path, "read");
  if (status.st_size > kMaxFile) throw std::runtime_error(path + " has more than 256 MB");
  std::string octets(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t at = 0;
  while (at < octets.size()) {
    const ssize_t got = ::read(file.get(), octets.data() + at, octets.size() - at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path, "read");
    if (got == 0) break;
    at += static_cast<std::size_t>(got);
  }
  octets.resize(at);
  return octets;
}

void write_octets(const std::string& path, std::string_view octets, std::optional<net::Time> date) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) fail(path, "written");
  while (!octets.empty()) {
    const ssize_t put = ::write(file.get(), octets.data(), octets.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail(path, "written");
    octets.remove_prefix(static_cast<std::size_t>(put));
  }
  if (!date) return;
  timespec time{};
  time.tv_sec = static_cast<time_t>(
      std::chrono::floor<std::chrono::seconds>(*date).time_since_epoch().count());
  time.tv_nsec =
      static_cast<long>((*date - std::chrono::floor<std::chrono::seconds>(*date)).count());
  const timespec both[2] = {time, time};
  if (::futimens(file.get(), both) != 0) fail(path, "written");
}

void make_folder(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (!parent.empty() && !std::filesystem::exists(parent)) make_folder(parent.string());
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) fail(path, "made");
}

net::Time file_time(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) fail(path, "read");
  return net::Time(std::chrono::seconds(status.st_mtim.tv_sec) +
                   std::chrono::nanoseconds(status.st_mtim.tv_nsec));
}

}  // namespace mailscope::exporting
