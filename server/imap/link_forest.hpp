// Trees whose edges come and go, and that say quickly in which tree a node is: the loop check of
// THREAD. A link-cut tree (Sleator and Tarjan): each operation takes logarithmic time on average,
// so that no chain of References, however long and in whatever order, makes threading slow.
#pragma once

#include <cstdint>
#include <vector>

namespace mailscope::imap {

class LinkForest {
 public:
  using Node = std::uint32_t;
  /// Adds a tree of one node; nodes are numbered from 0.
  Node add();
  /// The root of the tree that `node` is in.
  Node root_of(Node node);
  /// `child` must be a root, and of another tree than `parent`.
  void link(Node child, Node parent);
  /// Makes `node` a root.
  void cut(Node node);

 private:
  static constexpr Node kNone = 0xffffffff;
  // Nodes of a path towards the root are kept in a splay tree, the nearest to the root leftmost.
  struct Links {
    Node parent = kNone;  // in the splay tree; of its root: the path above hangs on this node
    Node left = kNone, right = kNone;
  };
  bool is_splay_root(Node node) const;
  void rotate(Node node);
  void splay(Node node);
  void expose(Node node);

  std::vector<Links> nodes_;
};

}  // namespace mailscope::imap
