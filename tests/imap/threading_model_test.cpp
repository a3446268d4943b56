// THREAD=REFERENCES, compared with the steps of RFC 5256 section 3 written down as they stand, for
// small mailboxes made at random.
#include <algorithm>
#include <map>
#include <memory>
#include <random>

#include "server/imap/threading.hpp"
#include "tests/catch.hpp"

namespace mailscope::imap {
namespace {

struct Node {
  const ThreadedMessage* message = nullptr;  // null: a dummy
  Node* parent = nullptr;
  std::vector<Node*> children;
};

class Book {
 public:
  explicit Book(const std::vector<ThreadedMessage>& messages) {
    std::vector<Node*> nodes;
    for (const ThreadedMessage& message : messages) {
      Node* node = make();
      node->message = &message;
      nodes.push_back(node);
      // The first message with an identifier has it, the others get one of their own.
      if (!message.message_id.empty()) by_id_.try_emplace(message.message_id, node);
    }
    for (Node* node : nodes) link(*node);  // (1)
    for (const auto& node : all_) {        // (2)
      if (node->parent == nullptr) root_.push_back(node.get());
    }
    prune(root_, true);                          // (3)
    sort_top();                                  // (4)
    gather();                                    // (5)
    for (Node* node : root_) sort_below(*node);  // (6)
    sort_top();
  }

  std::string written() const {
    std::string out;
    for (const Node* node : root_) out += '(' + members(*node) + ')';
    return out;
  }

 private:
  Node* make() {
    all_.push_back(std::make_unique<Node>());
    return all_.back().get();
  }
  Node* find(const std::string& id) {
    Node*& node = by_id_[id];
    if (node == nullptr) node = make();
    return node;
  }
  static void cut(Node& child) {
    if (child.parent != nullptr) std::erase(child.parent->children, &child);
    child.parent = nullptr;
  }
  static void join(Node& parent, Node& child) {
    for (const Node* above = &parent; above != nullptr; above = above->parent) {
      if (above == &child) return;  // a loop
    }
    child.parent = &parent;
    parent.children.push_back(&child);
  }

  void link(Node& node) {
    Node* before = nullptr;
    for (const std::string& id : node.message->references) {  // (A)
      Node* next = find(id);
      if (before != nullptr && next->parent == nullptr) join(*before, *next);
      before = next;
    }
    cut(node);  // (B)
    if (before != nullptr) join(*before, node);
  }

  static void prune(std::vector<Node*>& level, bool at_root) {
    std::vector<Node*> kept;
    for (Node* node : level) {
      prune(node->children, false);
      const bool dummy = node->message == nullptr;
      if (dummy && node->children.empty()) continue;
      if (dummy && (!at_root || node->children.size() == 1)) {
        kept.insert(kept.end(), node->children.begin(), node->children.end());
      } else {
        kept.push_back(node);
      }
    }
    level = std::move(kept);
  }

  static const ThreadedMessage& shown(const Node& node) {
    return node.message != nullptr ? *node.message : *node.children.front()->message;
  }
  static bool earlier(const Node* a, const Node* b) {
    const ThreadedMessage &one = shown(*a), &other = shown(*b);
    return one.sent != other.sent ? one.sent < other.sent : one.number < other.number;
  }
  void sort_top() {
    for (Node* node : root_) {
      if (node->message == nullptr)
        std::sort(node->children.begin(), node->children.end(), earlier);
    }
    std::sort(root_.begin(), root_.end(), earlier);
  }
  static void sort_below(Node& node) {
    for (Node* child : node.children) sort_below(*child);
    std::sort(node.children.begin(), node.children.end(), earlier);
  }

  void gather() {
    std::map<std::string, Node*> table;  // (A)
    for (Node* node : root_) {           // (B)
      const std::string& subject = shown(*node).subject;
      if (subject.empty()) continue;
      Node*& entry = table[subject];
      if (entry == nullptr) {
        entry = node;
      } else if (entry->message != nullptr &&
                 (node->message == nullptr ||
                  (entry->message->reply_or_forward && !node->message->reply_or_forward))) {
        entry = node;
      }
    }
    const std::vector<Node*> top = root_;
    for (Node* node : top) {  // (C)
      // It may have become a child of a dummy meanwhile.
      if (std::find(root_.begin(), root_.end(), node) == root_.end()) continue;
      const std::string subject = shown(*node).subject;
      if (subject.empty()) continue;
      Node*& entry = table[subject];
      if (entry != node) merge(*node, entry);
    }
  }

  void merge(Node& node, Node*& entry) {
    std::erase(root_, &node);
    if (entry->message == nullptr && node.message == nullptr) {
      entry->children.insert(entry->children.end(), node.children.begin(), node.children.end());
    } else if (entry->message == nullptr ||
               (node.message->reply_or_forward && !entry->message->reply_or_forward)) {
      entry->children.push_back(&node);
    } else {
      std::erase(root_, entry);
      Node* dummy = make();
      dummy->children = {entry, &node};
      root_.push_back(dummy);
      entry = dummy;
    }
  }

  static std::string members(const Node& node) {
    std::string out = node.message != nullptr ? std::to_string(node.message->number) : "";
    if (!out.empty() && !node.children.empty()) out += ' ';
    if (node.children.size() == 1) return out + members(*node.children.front());
    for (const Node* child : node.children) out += '(' + members(*child) + ')';
    return out;
  }

  std::vector<std::unique_ptr<Node>> all_;
  std::map<std::string, Node*> by_id_;
  std::vector<Node*> root_;
};

}  // namespace

TEST_CASE("threads are what the steps of RFC 5256 section 3 give", "[imap]") {
  std::mt19937 random(5'256);  // its numbers are the same everywhere
  const auto pick = [&random](unsigned below) { return static_cast<unsigned>(random() % below); };
  for (int round = 0; round < 20'000; ++round) {
    std::vector<ThreadedMessage> messages(pick(9));
    std::string shown;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      ThreadedMessage& message = messages[i];
      message.number = static_cast<std::uint32_t>(i + 1);
      message.sent = net::Time(std::chrono::minutes(pick(5)));
      if (pick(8) != 0) message.message_id = std::string(1, static_cast<char>('a' + pick(10)));
      for (unsigned count = pick(4); count > 0; --count)
        message.references.emplace_back(1, static_cast<char>('a' + pick(10)));
      static constexpr const char* kSubjects[] = {"", "s", "s", "t"};
      message.subject = kSubjects[pick(4)];
      message.reply_or_forward = pick(2) == 0;
      shown += message.message_id + '<';
      for (const std::string& id : message.references) shown += id;
      shown += ' ' + message.subject + (message.reply_or_forward ? "! " : ". ");
    }
    const std::string wanted = Book(messages).written();
    const std::string found = format_threads(thread_by_references(messages));
    if (wanted != found) {
      CAPTURE(shown, wanted, found);
      FAIL();
    }
  }
  SUCCEED();
}

}  // namespace mailscope::imap
