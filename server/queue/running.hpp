// A delivery that the queue has started; shared by the queue's own files only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/queue/queue.hpp"

namespace mailscope::queue {

struct OutboundQueue::Running {
  std::string id;                       // of the entry
  std::string destination;              // what it counts against
  std::vector<std::size_t> recipients;  // indices in the entry, as in the attempt's results
  std::unique_ptr<DeliveryAttempt> attempt;
  bool open() const { return !attempt->decided(); }
};

}  // namespace mailscope::queue
