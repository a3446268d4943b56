// Trace files from anywhere: reading must end, stay within its limits, and what was read must be a
// log that can be written and read again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "sim/export/trace_codec.hpp"
#include "sim/export/trace_file.hpp"

using namespace mailscope;

namespace {

/// Makes the checksums right, so that the fuzzer gets behind them.
std::string with_checksums(std::string file) {
  const auto set = [&file](std::size_t at, std::uint32_t n) {
    std::string octets;
    exporting::put_u32(octets, n);
    file.replace(at, 4, octets);
  };
  if (file.size() < 16) return file;
  const std::string_view view = file;
  const std::uint64_t header = exporting::get_little_endian(view, 8, 4);
  if (header > file.size() - 16) return file;
  set(12, exporting::crc_of(view.substr(16, header)));
  for (std::uint64_t at = 16 + header; at + 32 <= file.size();) {
    const std::uint64_t stored = exporting::get_little_endian(view, at + 4, 4);
    if (stored > file.size() - at - 32) break;
    set(at + 28, exporting::crc_of(view.substr(at, 28), view.substr(at + 32, stored)));
    at += 32 + stored;
  }
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string file = with_checksums(std::string(reinterpret_cast<const char*>(data), size));
  exporting::TraceReader reader(file, {.raw_octets = 1 << 20, .strings = 10'000});
  trace::Log log;
  const bool whole = reader.load(log);
  if (whole == reader.problem().has_value()) std::abort();
  const std::string again = exporting::write_trace(log);
  exporting::TraceReader second(again);
  trace::Log copy;
  if (!second.load(copy) || copy.hash() != log.hash()) std::abort();
  return 0;
}
