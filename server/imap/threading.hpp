// Threads of messages (RFC 5256 section 3 and draft-ietf-morg-inthread): pure functions from what
// the headers say to trees.
//
//   THREAD REFERENCES UTF-8 ALL   ->   * THREAD (2)(3 6 (4 23)(44 7 96))
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/net/time.hpp"

namespace mailscope::imap {

/// What threading knows of a message. Only what the algorithm needs must be filled in.
struct ThreadedMessage {
  std::uint32_t number = 0;  // sequence number or UID: rising in the list
  net::Time sent{};          // the sent date, RFC 5256 section 2.2
  net::Time arrived{};       // INTERNALDATE
  std::string message_id;    // normalised; empty: none
  std::vector<std::string> references;
  std::string subject;  // key of the base subject
  bool reply_or_forward = false;
};

struct ThreadTree {
  struct Node {
    std::uint32_t number = 0;             // 0: a message that is not there
    std::vector<std::uint32_t> children;  // indexes of nodes
  };
  std::vector<Node> nodes;
  std::vector<std::uint32_t> threads;  // indexes of the first nodes
};

ThreadTree thread_by_subject(const std::vector<ThreadedMessage>& messages);
ThreadTree thread_by_references(const std::vector<ThreadedMessage>& messages);
/// THREAD=REFS: by references alone; the thread with the newest arrival comes last.
ThreadTree thread_by_refs(const std::vector<ThreadedMessage>& messages);

/// "(2)(3 6 (4 23)(44 7 96))"; needs no stack, however deep the tree.
std::string format_threads(const ThreadTree& tree);

}  // namespace mailscope::imap
