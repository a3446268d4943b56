// The views of a frame, one function and one file each. Layout first, draw second: each gets its
// rectangle and never draws outside.
#pragma once

#include "viz/views/map_layout.hpp"
#include "viz/views/scene.hpp"
#include "viz/widgets/shapes.hpp"

namespace mailscope::viz {

/// Where the panels are in a window of this size.
struct FrameLayout {
  Rect top_bar, stage, inspector, caption, timeline;
};
FrameLayout layout_frame(float width, float height);
/// Output pixels per layout pixel for a window of this many pixels at this HiDPI scale: small
/// windows shrink the picture instead of squeezing it.
float unit_for(int width, int height, float scale);

void draw_frame(Canvas& canvas, const Scene& scene, float width, float height);

void draw_top_bar(Canvas& canvas, const Scene& scene, Rect area);
void draw_map(Canvas& canvas, const Scene& scene, Rect area);
void draw_links(Canvas& canvas, const Scene& scene, const MapLayout& layout);
void draw_movers(Canvas& canvas, const Scene& scene, const MapLayout& layout);
void draw_custody(Canvas& canvas, const Scene& scene, Rect area);
void draw_ladder(Canvas& canvas, const Scene& scene, Rect area);
void draw_mini_map(Canvas& canvas, const Scene& scene, Rect area);
void draw_question(Canvas& canvas, const Scene& scene, Rect area);
void draw_inspector(Canvas& canvas, const Scene& scene, Rect area);
void draw_caption(Canvas& canvas, const Scene& scene, Rect area);
void draw_timeline(Canvas& canvas, const Scene& scene, Rect area);

/// The tabs of the inspector; each draws into the space below the tab row.
void draw_transcript_tab(Canvas& canvas, const Scene& scene, Rect area);
void draw_message_tab(Canvas& canvas, const Scene& scene, Rect area);
void draw_reply_tab(Canvas& canvas, const Scene& scene, Rect area);
void draw_dns_tab(Canvas& canvas, const Scene& scene, Rect area);
void draw_queue_tab(Canvas& canvas, const Scene& scene, Rect area);
void draw_mailbox_tab(Canvas& canvas, const Scene& scene, Rect area);
void draw_tls_tab(Canvas& canvas, const Scene& scene, Rect area);
void draw_auth_tab(Canvas& canvas, const Scene& scene, Rect area);
void draw_packet_tab(Canvas& canvas, const Scene& scene, Rect area);

/// The tab that fits the step when nobody has chosen one.
Tab tab_for(const Scene& scene);
/// Shared by two tabs: the two boxes that tell the envelope from the header.
float draw_envelope_and_header(Canvas& canvas, const Scene& scene, Rect area);
/// The queue alone; returns where it ends.
float draw_queue(Canvas& canvas, const Scene& scene, Rect area);
/// Fills what a tab leaves free below y with a small map, if that is enough room for one.
void draw_where(Canvas& canvas, const Scene& scene, Rect area, float y);
/// The last SMTP reply at or before the step on the connection in focus, 0 for none.
trace::EventId last_reply(const Scene& scene);

}  // namespace mailscope::viz
