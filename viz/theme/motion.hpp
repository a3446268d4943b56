// Durations and easing of everything that moves.
#pragma once

#include <chrono>

namespace mailscope::viz::motion {

/// A whole step, whatever the simulated latency was.
inline constexpr std::chrono::milliseconds kStep{1200};
/// The share of a step during which the mover travels (780 ms); the rest is for reading.
inline constexpr float kTravel = 0.65f;

/// 0..1 -> 0..1, slow at both ends.
float ease(float t);
/// Where the mover is at this phase of the step: 0 at the sender, 1 at the receiver.
float travel(float phase);

}  // namespace mailscope::viz::motion
