// Any octets may be called an mbox file: they are read or refused. Any octets are a message: what
// is written with flags comes back as it was, whatever lines it has.
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "server/store/memory_store.hpp"
#include "sim/export/mbox.hpp"

using namespace mailscope;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void read_any(std::string_view octets) {
  std::istringstream in{std::string(octets)};
  try {
    exporting::read_mbox(in, "input", [](const exporting::FiledMessage&) {});
  } catch (const std::runtime_error&) {
  }
}

void write_and_read(std::string_view octets) {
  store::MemoryStore store;
  store.create_account("a@x.example");
  const auto inbox = store.mailbox("a@x.example", "INBOX")->id;
  const std::size_t half = octets.size() / 2;
  const store::Flags flags{store::kSeen | store::kDeleted, {"$Work"}};
  require(static_cast<bool>(store.append(inbox, octets, flags, {})));
  require(static_cast<bool>(store.append(inbox, octets.substr(half), {}, {})));
  std::stringstream file;
  exporting::write_mbox_with_flags(file, store, inbox);
  store::Uid uid = 0;
  exporting::read_mbox(file, "file", [&](const exporting::FiledMessage& message) {
    ++uid;
    require(uid <= 2 && message.octets == *store.body(inbox, uid));
    require(message.flags == store.message(inbox, uid)->flags);
  });
  require(uid == 2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  read_any(octets);
  write_and_read(octets);
  return 0;
}
