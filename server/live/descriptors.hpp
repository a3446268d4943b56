// How many connections this process can have: each takes a file descriptor.
#pragma once

#include <cstddef>

namespace mailscope::live {

/// Raises the soft limit of open files to the hard one (which needs no rights), and gives the
/// number of connections that fit, with some descriptors left over for files and listeners.
std::size_t make_room_for_connections();

}  // namespace mailscope::live
