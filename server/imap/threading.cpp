// THREAD=ORDEREDSUBJECT, THREAD=REFERENCES and THREAD=REFS. Nothing here recurses: a hostile chain
// of References makes trees as deep as the mailbox is large.
#include "server/imap/threading.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "server/imap/link_forest.hpp"

namespace mailscope::imap {
namespace {

using Index = std::uint32_t;
constexpr Index kNone = 0xffffffff;

// The steps of THREAD=REFERENCES. Nodes up to the number of messages are the messages themselves,
// those behind are dummies.
class Threader {
 public:
  explicit Threader(const std::vector<ThreadedMessage>& messages) : messages_(messages) {}

  void link_all();             // step 1
  void gather_and_prune();     // steps 2 and 3
  void sort_top_level();       // step 4, and the last of step 6
  void sort_top_by_arrival();  // THREAD=REFS in its place
  void merge_subjects();       // step 5
  void sort_everything();      // step 6
  ThreadTree finish();

 private:
  bool is_dummy(Index node) const { return node >= messages_.size(); }
  Index node_of(std::string_view id);
  void link(Index parent, Index child);
  Index add_dummy();
  bool earlier(Index a, Index b) const;
  Index dated_by(Index node) const;
  void sort_siblings(std::vector<Index>& siblings) const;
  const ThreadedMessage& shown(Index node) const { return messages_[dated_by(node)]; }
  void merge(Index current, Index& in_table);

  const std::vector<ThreadedMessage>& messages_;
  std::unordered_map<std::string_view, Index> by_id_;  // looked up only, never walked
  std::vector<Index> parent_;
  LinkForest forest_;
  std::vector<std::vector<Index>> children_;
  std::vector<Index> top_;
  std::vector<char> taken_;  // no longer at the top
};

Index Threader::add_dummy() {
  parent_.push_back(kNone);
  return forest_.add();
}

Index Threader::node_of(std::string_view id) {
  const auto [at, fresh] = by_id_.try_emplace(id, kNone);
  if (fresh) at->second = add_dummy();
  return at->second;
}

// Without making a loop: `child` is the root of its tree, so that `parent` is below it exactly
// when both are in the same tree.
void Threader::link(Index parent, Index child) {
  if (forest_.root_of(parent) == child) return;
  forest_.link(child, parent);
  parent_[child] = parent;
}

void Threader::link_all() {
  by_id_.reserve(messages_.size() * 2);
  for (std::size_t i = 0; i < messages_.size(); ++i) {
    const Index node = add_dummy();
    // The first message with an identifier keeps it; the others have one of their own.
    if (!messages_[i].message_id.empty()) by_id_.try_emplace(messages_[i].message_id, node);
  }
  for (Index i = 0; i < messages_.size(); ++i) {
    Index before = kNone;
    for (const std::string& id : messages_[i].references) {
      const Index node = node_of(id);
      // Step 1 A: a link that is there stays; the header may have been shortened on the way.
      if (before != kNone && parent_[node] == kNone && node != before) link(before, node);
      before = node;
    }
    // Step 1 B: the last reference is this message's parent, whatever others have said.
    if (parent_[i] != kNone) {
      forest_.cut(i);
      parent_[i] = kNone;
    }
    if (before != kNone && before != i) link(before, i);
  }
}

// The message that a node is sorted by: itself, or a dummy's first child.
Index Threader::dated_by(Index node) const {
  return is_dummy(node) ? children_[node].front() : node;
}

bool Threader::earlier(Index a, Index b) const {
  const ThreadedMessage &one = shown(a), &other = shown(b);
  return one.sent != other.sent ? one.sent < other.sent : one.number < other.number;
}

void Threader::sort_siblings(std::vector<Index>& siblings) const {
  std::sort(siblings.begin(), siblings.end(), [this](Index a, Index b) { return earlier(a, b); });
}

// Each message hangs below its nearest ancestor that is there, or below the uppermost dummy.
void Threader::gather_and_prune() {
  const std::size_t count = parent_.size();
  std::vector<std::vector<Index>> below(count);
  std::vector<Index> order;  // parents first
  order.reserve(count);
  for (Index i = 0; i < count; ++i) {
    if (parent_[i] == kNone) {
      order.push_back(i);
    } else {
      below[parent_[i]].push_back(i);
    }
  }
  children_.resize(count);
  std::vector<Index> anchor(count, kNone);
  for (std::size_t next = 0; next < order.size(); ++next) {
    const Index node = order[next];
    const Index parent = parent_[node];
    if (parent != kNone) {
      anchor[node] = !is_dummy(parent) || parent_[parent] == kNone ? parent : anchor[parent];
      if (!is_dummy(node)) children_[anchor[node]].push_back(node);
    }
    order.insert(order.end(), below[node].begin(), below[node].end());
  }
  for (Index i = 0; i < count; ++i) {
    if (parent_[i] != kNone) continue;
    if (!is_dummy(i) || children_[i].size() > 1) {
      top_.push_back(i);
    } else if (children_[i].size() == 1) {
      top_.push_back(children_[i].front());
    }
  }
}

void Threader::sort_top_level() {
  for (const Index node : top_) {
    if (is_dummy(node)) sort_siblings(children_[node]);
  }
  sort_siblings(top_);
}

void Threader::sort_top_by_arrival() {
  // The newest arrival of each thread, whatever its depth.
  std::vector<std::pair<net::Time, Index>> newest;
  std::vector<Index> open;
  for (const Index thread : top_) {
    if (is_dummy(thread)) sort_siblings(children_[thread]);
    net::Time latest = net::Time::min();
    open.assign(1, thread);
    while (!open.empty()) {
      const Index node = open.back();
      open.pop_back();
      if (!is_dummy(node)) latest = std::max(latest, messages_[node].arrived);
      open.insert(open.end(), children_[node].begin(), children_[node].end());
    }
    newest.emplace_back(latest, thread);
  }
  std::sort(newest.begin(), newest.end(), [this](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : shown(a.second).number < shown(b.second).number;
  });
  std::transform(newest.begin(), newest.end(), top_.begin(),
                 [](const auto& pair) { return pair.second; });
}

// Step 5 C; `current` is not the one in the table. What becomes a child is taken.
void Threader::merge(Index current, Index& in_table) {
  taken_[current] = 1;
  if (is_dummy(in_table) && is_dummy(current)) {
    auto& siblings = children_[in_table];
    siblings.insert(siblings.end(), children_[current].begin(), children_[current].end());
    children_[current].clear();
  } else if (is_dummy(in_table) ||
             (messages_[current].reply_or_forward && !messages_[in_table].reply_or_forward)) {
    children_[in_table].push_back(current);
  } else {
    taken_[in_table] = 1;
    top_.push_back(static_cast<Index>(children_.size()));
    taken_.push_back(0);
    children_.push_back({in_table, current});
    in_table = top_.back();
  }
}

void Threader::merge_subjects() {
  std::unordered_map<std::string_view, Index> table;  // looked up only, never walked
  table.reserve(top_.size());
  for (const Index node : top_) {
    const std::string_view subject = shown(node).subject;
    if (subject.empty()) continue;
    const auto [at, fresh] = table.try_emplace(subject, node);
    if (fresh || is_dummy(at->second)) continue;
    if (is_dummy(node) ||
        (messages_[at->second].reply_or_forward && !messages_[node].reply_or_forward)) {
      at->second = node;
    }
  }
  taken_.assign(children_.size(), 0);
  const std::size_t before = top_.size();  // merging adds dummies behind
  for (std::size_t i = 0; i < before; ++i) {
    const Index node = top_[i];
    const auto found = table.find(shown(node).subject);
    // What the table held is somebody's child by now when a dummy has taken its place.
    if (found == table.end() || found->second == node || taken_[node] != 0) continue;
    merge(node, found->second);
  }
  std::erase_if(top_, [this](Index node) { return taken_[node] != 0; });
}

void Threader::sort_everything() {
  for (Index node = 0; node < children_.size(); ++node) {
    if (!is_dummy(node) || !children_[node].empty()) sort_siblings(children_[node]);
  }
}

ThreadTree Threader::finish() {
  ThreadTree tree;
  tree.nodes.resize(children_.size());
  for (Index node = 0; node < children_.size(); ++node) {
    tree.nodes[node].number = is_dummy(node) ? 0 : messages_[node].number;
    tree.nodes[node].children = std::move(children_[node]);
  }
  tree.threads = std::move(top_);
  return tree;
}

}  // namespace

ThreadTree thread_by_references(const std::vector<ThreadedMessage>& messages) {
  Threader threader(messages);
  threader.link_all();
  threader.gather_and_prune();
  threader.sort_top_level();
  threader.merge_subjects();
  threader.sort_everything();
  threader.sort_top_level();
  return threader.finish();
}

ThreadTree thread_by_refs(const std::vector<ThreadedMessage>& messages) {
  Threader threader(messages);
  threader.link_all();
  threader.gather_and_prune();
  threader.sort_everything();
  threader.sort_top_by_arrival();
  return threader.finish();
}

ThreadTree thread_by_subject(const std::vector<ThreadedMessage>& messages) {
  const auto earlier = [&](Index a, Index b) {
    const ThreadedMessage &one = messages[a], &other = messages[b];
    return one.sent != other.sent ? one.sent < other.sent : one.number < other.number;
  };
  std::vector<Index> order(messages.size());
  std::iota(order.begin(), order.end(), Index{0});
  std::sort(order.begin(), order.end(), [&](Index a, Index b) {
    const int compared = messages[a].subject.compare(messages[b].subject);
    return compared != 0 ? compared < 0 : earlier(a, b);
  });
  ThreadTree tree;
  tree.nodes.resize(messages.size());
  for (const Index node : order) {
    tree.nodes[node].number = messages[node].number;
    if (tree.threads.empty() || messages[tree.threads.back()].subject != messages[node].subject) {
      tree.threads.push_back(node);
    } else {
      tree.nodes[tree.threads.back()].children.push_back(node);
    }
  }
  std::sort(tree.threads.begin(), tree.threads.end(), earlier);
  return tree;
}

std::string format_threads(const ThreadTree& tree) {
  std::string out;
  struct Step {
    Index node;
    bool close;  // only the parenthesis is left to write
  };
  std::vector<Step> steps;
  const auto push_all = [&](const std::vector<Index>& siblings) {
    for (auto at = siblings.rbegin(); at != siblings.rend(); ++at) steps.push_back({*at, false});
  };
  push_all(tree.threads);
  while (!steps.empty()) {
    const auto [first, close] = steps.back();
    steps.pop_back();
    if (close) {
      out += ')';
      continue;
    }
    out += '(';
    steps.push_back({first, true});
    // A line of only children needs no parentheses.
    Index node = first;
    for (;;) {
      if (tree.nodes[node].number != 0) {
        if (out.back() != '(') out += ' ';
        out += std::to_string(tree.nodes[node].number);
      }
      if (tree.nodes[node].children.size() != 1) break;
      node = tree.nodes[node].children.front();
    }
    if (tree.nodes[node].children.empty()) continue;
    if (out.back() != '(') out += ' ';
    push_all(tree.nodes[node].children);
  }
  return out;
}

}  // namespace mailscope::imap
