// Curves as polylines: links on the map, and where a mover is along them.
#pragma once

#include <vector>

#include "viz/widgets/geometry.hpp"

namespace mailscope::viz {

class Path {
 public:
  Path() = default;
  explicit Path(std::vector<Vec> points);
  static Path line(Vec a, Vec b) { return Path({a, b}); }
  static Path cubic(Vec a, Vec c1, Vec c2, Vec b);

  const std::vector<Vec>& points() const { return points_; }
  bool empty() const { return points_.size() < 2; }
  float length() const { return lengths_.empty() ? 0 : lengths_.back(); }
  /// The point at a share 0..1 of the length.
  Vec at(float share) const;
  /// Unit vector along the path there.
  Vec direction(float share) const;
  Path reversed() const;
  /// The part between two shares of the length.
  Path part(float from, float to) const;
  /// Parallel at this distance to the right of the direction of travel.
  Path offset(float distance) const;

 private:
  std::vector<Vec> points_;
  std::vector<float> lengths_;  // up to each point
};

}  // namespace mailscope::viz
