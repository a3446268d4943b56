// The packets of a trace as a pcapng capture that Wireshark opens. A trace holds what TCP and UDP
// carried; the headers around it are made here.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "server/trace/log.hpp"

namespace mailscope::exporting {

struct PcapngOptions {
  bool interface_per_host = false;  // else one interface sees everything
  std::string key_log;  // NSS key log: makes TLS readable (it goes in front of the packets)
  std::string comment;  // about the capture, shown in its properties
};

struct PcapngSummary {
  std::uint64_t packets = 0;
  /// Without payload: the run did not capture it. They are in the file, cut off behind the headers.
  std::uint64_t cut_off = 0;
  /// Not in the file: segments of a connection whose ends are not in the trace, or that a host
  /// opened to itself (their direction is not in the trace).
  std::uint64_t left_out = 0;
};

PcapngSummary write_pcapng(const trace::Log& log, const PcapngOptions& options,
                           const std::function<void(std::string_view)>& output);

}  // namespace mailscope::exporting
