// Chosen misbehaviour of a host's servers: "answer 451 to the next two RCPT". What scenarios and
// lessons switch on; a host without any pays one empty check a command.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "server/host/services.hpp"

namespace mailscope::host {

struct CommandFault {
  Protocol protocol = Protocol::smtp;
  std::string command;  // capitals: "RCPT", "CONNECT", "." for the end of data, "UID FETCH"
  std::string reply;    // the line to answer; not used with `drop`
  bool drop = false;    // close the connection instead
  int times = 0;        // 0: until it is taken away
};

class FaultTable {
 public:
  using Handle = std::list<CommandFault>::iterator;
  Handle add(CommandFault fault) { return faults_.insert(faults_.end(), std::move(fault)); }
  void remove(Handle handle) { faults_.erase(handle); }
  /// The fault for this command, if any; counts it.
  std::optional<CommandFault> take(Protocol protocol, std::string_view command) {
    for (CommandFault& fault : faults_) {
      if (fault.protocol != protocol || fault.command != command || fault.times < 0) continue;
      if (fault.times > 0 && --fault.times == 0) fault.times = -1;  // used up
      return fault;
    }
    return std::nullopt;
  }

 private:
  std::list<CommandFault> faults_;
};

}  // namespace mailscope::host
