// A message on its way between a store and files: what every format keeps of it.
#pragma once

#include <functional>
#include <string>

#include "server/net/time.hpp"
#include "server/store/mail_store.hpp"

namespace mailscope::exporting {

struct FiledMessage {
  std::string octets;
  store::Flags flags;
  net::Time date;
};

/// Takes a message that was read from files. `mailbox` is its name below the place where the import
/// goes; empty: that place itself.
using TakeMessage = std::function<void(const std::string& mailbox, FiledMessage message)>;

}  // namespace mailscope::exporting
