#include "viz/theme/motion.hpp"

#include <algorithm>

namespace mailscope::viz::motion {

float ease(float t) {
  t = std::clamp(t, 0.0f, 1.0f);
  return t * t * (3 - 2 * t);
}

float travel(float phase) {
  return ease(phase / kTravel);
}

}  // namespace mailscope::viz::motion
