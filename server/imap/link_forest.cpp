// The link-cut tree.
#include "server/imap/link_forest.hpp"

namespace mailscope::imap {

LinkForest::Node LinkForest::add() {
  nodes_.emplace_back();
  return static_cast<Node>(nodes_.size() - 1);
}

bool LinkForest::is_splay_root(Node node) const {
  const Node parent = nodes_[node].parent;
  return parent == kNone || (nodes_[parent].left != node && nodes_[parent].right != node);
}

void LinkForest::rotate(Node node) {
  const Node parent = nodes_[node].parent;
  const Node above = nodes_[parent].parent;
  const bool parent_was_root = is_splay_root(parent);
  const bool was_left = nodes_[parent].left == node;
  Node& inner = was_left ? nodes_[node].right : nodes_[node].left;
  (was_left ? nodes_[parent].left : nodes_[parent].right) = inner;
  if (inner != kNone) nodes_[inner].parent = parent;
  inner = parent;
  if (!parent_was_root)
    (nodes_[above].left == parent ? nodes_[above].left : nodes_[above].right) = node;
  nodes_[node].parent = above;
  nodes_[parent].parent = node;
}

void LinkForest::splay(Node node) {
  while (!is_splay_root(node)) {
    const Node parent = nodes_[node].parent;
    if (!is_splay_root(parent)) {
      const Node above = nodes_[parent].parent;
      const bool same_side = (nodes_[above].left == parent) == (nodes_[parent].left == node);
      rotate(same_side ? parent : node);
    }
    rotate(node);
  }
}

// Makes the way from the root to `node` one path, with `node` at its splay tree's root.
void LinkForest::expose(Node node) {
  Node below = kNone;
  for (Node at = node; at != kNone; at = nodes_[at].parent) {
    splay(at);
    nodes_[at].right = below;
    below = at;
  }
  splay(node);
}

LinkForest::Node LinkForest::root_of(Node node) {
  expose(node);
  Node root = node;
  while (nodes_[root].left != kNone) root = nodes_[root].left;
  splay(root);
  return root;
}

void LinkForest::link(Node child, Node parent) {
  expose(child);
  nodes_[child].parent = parent;
}

void LinkForest::cut(Node node) {
  expose(node);
  const Node above = nodes_[node].left;
  if (above == kNone) return;
  nodes_[above].parent = kNone;
  nodes_[node].left = kNone;
}

}  // namespace mailscope::imap
