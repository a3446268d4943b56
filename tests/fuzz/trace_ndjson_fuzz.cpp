// NDJSON from anywhere: what was read is written and read again as the same log.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "sim/export/ndjson.hpp"

using namespace mailscope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  trace::Log log;
  static_cast<void>(exporting::read_ndjson({reinterpret_cast<const char*>(data), size}, log));
  std::string out;
  exporting::write_ndjson(log, [&out](std::string_view piece) { out += piece; });
  trace::Log copy;
  if (!exporting::read_ndjson(out, copy).error.empty() || copy.hash() != log.hash()) std::abort();
  return 0;
}
