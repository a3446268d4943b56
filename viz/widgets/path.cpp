#include "viz/widgets/path.hpp"

#include <cmath>

namespace mailscope::viz {
namespace {

constexpr int kCubicPieces = 40;

float distance(Vec a, Vec b) {
  return std::sqrt((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y));
}

}  // namespace

Path::Path(std::vector<Vec> points) : points_(std::move(points)) {
  float sum = 0;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    if (i > 0) sum += distance(points_[i - 1], points_[i]);
    lengths_.push_back(sum);
  }
}

Path Path::cubic(Vec a, Vec c1, Vec c2, Vec b) {
  std::vector<Vec> points;
  for (int i = 0; i <= kCubicPieces; ++i) {
    const float t = static_cast<float>(i) / kCubicPieces;
    const float s = 1 - t;
    points.push_back(a * (s * s * s) + c1 * (3 * s * s * t) + c2 * (3 * s * t * t) +
                     b * (t * t * t));
  }
  return Path(std::move(points));
}

Vec Path::at(float share) const {
  if (points_.empty()) return {};
  const float target = std::clamp(share, 0.0f, 1.0f) * length();
  for (std::size_t i = 1; i < points_.size(); ++i) {
    if (lengths_[i] >= target) {
      const float piece = lengths_[i] - lengths_[i - 1];
      return lerp(points_[i - 1], points_[i], piece > 0 ? (target - lengths_[i - 1]) / piece : 0);
    }
  }
  return points_.back();
}

Vec Path::direction(float share) const {
  const Vec a = at(share - 0.01f), b = at(share + 0.01f);
  const float d = distance(a, b);
  return d > 0 ? (b - a) * (1 / d) : Vec{1, 0};
}

Path Path::reversed() const {
  return Path(std::vector<Vec>(points_.rbegin(), points_.rend()));
}

Path Path::part(float from, float to) const {
  if (empty() || to <= from) return {};
  std::vector<Vec> out{at(from)};
  for (std::size_t i = 0; i < points_.size(); ++i) {
    if (lengths_[i] > from * length() && lengths_[i] < to * length()) out.push_back(points_[i]);
  }
  out.push_back(at(to));
  return Path(std::move(out));
}

Path Path::offset(float by) const {
  std::vector<Vec> out;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    const Vec a = points_[i > 0 ? i - 1 : 0];
    const Vec b = points_[i + 1 < points_.size() ? i + 1 : i];
    const float d = distance(a, b);
    const Vec normal = d > 0 ? Vec{-(b.y - a.y) / d, (b.x - a.x) / d} : Vec{};
    out.push_back(points_[i] + normal * by);
  }
  return Path(std::move(out));
}

}  // namespace mailscope::viz
