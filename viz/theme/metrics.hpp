// Distances of the layout, in pixels of the 1920x1080 layout.
#pragma once

namespace mailscope::viz::metric {

inline constexpr float kTopBar = 60;
inline constexpr float kMargin = 20;  // around the panels
inline constexpr float kGap = 17;     // between panels
inline constexpr float kPanelRadius = 12;
inline constexpr float kInspector = 618;  // width
inline constexpr float kCaption = 96;     // height
inline constexpr float kTimeline = 168;   // height
inline constexpr float kPad = 20;         // inside panels
inline constexpr float kCardRadius = 12;
inline constexpr float kRow = 29;  // a transcript line

/// The layout never gets narrower than this; smaller windows shrink everything instead.
inline constexpr float kMinWidth = 1640;
inline constexpr float kMinHeight = 920;

}  // namespace mailscope::viz::metric
