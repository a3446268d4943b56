// A disk that fails: SQLite's file system with a layer on top that counts the calls that change
// files, fails from the n-th on as if the power had gone, and then takes back what had been written
// but not synced, as a disk's cache forgets it.
#pragma once

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <vector>

namespace mailscope::store {

class FailingDisk {
 public:
  FailingDisk() {
    instance() = this;
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.zName = "failing";
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~FailingDisk() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
    instance() = nullptr;
  }
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;

  /// The power goes at the n-th call from now that changes a file; 0: never.
  void fail_at(int n) { countdown_ = n; }
  bool has_failed() const { return failed_; }

  /// After the failure, with all files closed: takes back what was not synced, each write of it
  /// with the chance of `lost` in four (the disk may have written any of them).
  void restart(std::mt19937& random, unsigned lost) {
    for (auto& [path, writes] : unsynced_) {
      for (auto write = writes.rbegin(); write != writes.rend(); ++write) {
        if (random() % 4 < lost) undo(path, *write);
      }
    }
    unsynced_.clear();
    failed_ = false;
    countdown_ = 0;
  }

 private:
  /// What was there before a write or a truncation.
  struct Write {
    std::int64_t offset = 0;
    std::int64_t size_before = 0;  // of the file
    std::string octets;            // that were overwritten or cut off
  };
  struct File {
    sqlite3_file base;
    std::string* path;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };

  static FailingDisk*& instance() {
    static FailingDisk* disk = nullptr;
    return disk;
  }
  static File& file_of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }

  /// False: the power is gone.
  bool may_change() {
    if (failed_) return false;
    if (countdown_ > 0 && --countdown_ == 0) failed_ = true;
    return !failed_;
  }

  static void undo(const std::string& path, const Write& write) {
    if (!std::filesystem::exists(path)) return;
    {
      std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
      file.seekp(write.offset);
      file.write(write.octets.data(), static_cast<std::streamsize>(write.octets.size()));
    }
    const auto size = static_cast<std::uintmax_t>(write.size_before);
    if (std::filesystem::file_size(path) > size) std::filesystem::resize_file(path, size);
  }

  void note(File& file, std::int64_t offset, std::int64_t amount) {
    Write write;
    sqlite3_int64 size = 0;
    file.real()->pMethods->xFileSize(file.real(), &size);
    write.offset = offset;
    write.size_before = size;
    const std::int64_t there = std::clamp<std::int64_t>(size - offset, 0, amount);
    write.octets.resize(static_cast<std::size_t>(there));
    if (there > 0) {
      file.real()->pMethods->xRead(file.real(), write.octets.data(), static_cast<int>(there),
                                   offset);
    }
    unsynced_[*file.path].push_back(std::move(write));
  }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* opened, int flags, int* out) {
    FailingDisk& disk = *instance();
    File& file = file_of(opened);
    file.base.pMethods = nullptr;
    const int code = disk.real_->xOpen(disk.real_, name, file.real(), flags, out);
    if (code != SQLITE_OK) return code;
    file.path = new std::string(name ? name : "");
    file.base.pMethods = methods(file.real()->pMethods);
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs*, const char* name, int sync) {
    FailingDisk& disk = *instance();
    if (!disk.may_change()) return SQLITE_IOERR_DELETE;
    disk.unsynced_.erase(name);
    return disk.real_->xDelete(disk.real_, name, sync);
  }
  static int close(sqlite3_file* file) {
    File& self = file_of(file);
    delete self.path;
    return self.real()->pMethods->xClose(self.real());
  }
  static int write(sqlite3_file* file, const void* data, int amount, sqlite3_int64 offset) {
    FailingDisk& disk = *instance();
    File& self = file_of(file);
    if (!disk.may_change()) return SQLITE_IOERR_WRITE;
    disk.note(self, offset, amount);
    return self.real()->pMethods->xWrite(self.real(), data, amount, offset);
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    FailingDisk& disk = *instance();
    File& self = file_of(file);
    if (!disk.may_change()) return SQLITE_IOERR_TRUNCATE;
    sqlite3_int64 before = 0;
    self.real()->pMethods->xFileSize(self.real(), &before);
    disk.note(self, size, before - size);
    return self.real()->pMethods->xTruncate(self.real(), size);
  }
  static int sync(sqlite3_file* file, int flags) {
    FailingDisk& disk = *instance();
    File& self = file_of(file);
    if (!disk.may_change()) return SQLITE_IOERR_FSYNC;
    disk.unsynced_.erase(*self.path);
    return self.real()->pMethods->xSync(self.real(), flags);
  }

  // The rest goes to the real file as it is.
  template <auto Member, typename... Args>
  static auto pass(sqlite3_file* file, Args... args) {
    sqlite3_file* real = file_of(file).real();
    return (real->pMethods->*Member)(real, args...);
  }
  static const sqlite3_io_methods* methods(const sqlite3_io_methods* real) {
    static sqlite3_io_methods table;
    table = *real;
    table.iVersion = 2;  // no mapping of files into memory: writes would pass by
    table.xClose = close;
    table.xRead = pass<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>;
    table.xWrite = write;
    table.xTruncate = truncate;
    table.xSync = sync;
    table.xFileSize = pass<&sqlite3_io_methods::xFileSize, sqlite3_int64*>;
    table.xLock = pass<&sqlite3_io_methods::xLock, int>;
    table.xUnlock = pass<&sqlite3_io_methods::xUnlock, int>;
    table.xCheckReservedLock = pass<&sqlite3_io_methods::xCheckReservedLock, int*>;
    table.xFileControl = pass<&sqlite3_io_methods::xFileControl, int, void*>;
    table.xSectorSize = pass<&sqlite3_io_methods::xSectorSize>;
    table.xDeviceCharacteristics = pass<&sqlite3_io_methods::xDeviceCharacteristics>;
    table.xShmMap = pass<&sqlite3_io_methods::xShmMap, int, int, int, void volatile**>;
    table.xShmLock = pass<&sqlite3_io_methods::xShmLock, int, int, int>;
    table.xShmBarrier = pass<&sqlite3_io_methods::xShmBarrier>;
    table.xShmUnmap = pass<&sqlite3_io_methods::xShmUnmap, int>;
    return &table;
  }

  sqlite3_vfs* real_ = nullptr;
  sqlite3_vfs vfs_{};
  int countdown_ = 0;
  bool failed_ = false;
  std::map<std::string, std::vector<Write>> unsynced_;
};

}  // namespace mailscope::store
