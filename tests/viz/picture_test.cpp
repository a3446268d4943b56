// The picture: layouts without overlaps, exact rasterising, contrast, and the player's keys.
#include <cstdlib>
#include <filesystem>

#include "tests/catch.hpp"
#include "tests/places.hpp"
#include "tests/viz/fixture.hpp"
#include "viz/app/player.hpp"
#include "viz/app/viewer.hpp"
#include "viz/render/png.hpp"
#include "viz/render/raster.hpp"
#include "viz/views/views.hpp"

using namespace mailscope;
using namespace mailscope::viz;

namespace {

struct Size {
  int width, height;
  float scale;
};
constexpr Size kSizes[] = {{1280, 720, 1}, {1920, 1080, 1}, {3840, 2160, 2}};

/// Texts may touch, not cover each other: half a pixel of the layout is allowed for rounding.
bool cover(const DrawnText& a, const DrawnText& b) {
  return a.area.inset(0.5f).overlaps(b.area.inset(0.5f));
}

ImDrawVert vertex(float x, float y, ImU32 colour) {
  ImDrawVert v;
  v.pos = ImVec2(x, y);
  v.uv = ImVec2(0.5f, 0.5f);
  v.col = colour;
  return v;
}

/// Draws triangles of plain colour into a small picture.
Image draw_triangles(int size, const std::vector<ImDrawVert>& vertices, ImVec4 clip) {
  ImFontAtlas atlas;
  compat::DrawSurface surface(atlas, static_cast<float>(size), static_cast<float>(size));
  ImDrawList& list = surface.list();
  list.PushClipRect(ImVec2(clip.x, clip.y), ImVec2(clip.z, clip.w));
  list.PrimReserve(static_cast<int>(vertices.size()), static_cast<int>(vertices.size()));
  for (const ImDrawVert& v : vertices) list.PrimVtx(v.pos, v.uv, v.col);
  const unsigned char white = 255;
  Image image(size, size);
  rasterise(image, surface.data(), {&white, 1, 1});
  return image;
}

constexpr ImU32 kWhite = IM_COL32(255, 255, 255, 255), kHalf = IM_COL32(255, 255, 255, 128);

}  // namespace

TEST_CASE("triangles that share an edge neither leave a gap nor cover a pixel twice") {
  // A square cut along a slanted diagonal, half transparent: every pixel must be blended once.
  const std::vector<ImDrawVert> square{vertex(2.3f, 2.7f, kHalf),   vertex(13.6f, 2.7f, kHalf),
                                       vertex(13.6f, 13.2f, kHalf), vertex(2.3f, 2.7f, kHalf),
                                       vertex(13.6f, 13.2f, kHalf), vertex(2.3f, 13.2f, kHalf)};
  const Image image = draw_triangles(16, square, ImVec4(0, 0, 16, 16));
  int inside = 0;
  for (const std::uint32_t pixel : image.pixels) {
    const bool clean = pixel == 0xff000000u || pixel == 0xff808080u;
    CHECK(clean);
    inside += pixel == 0xff808080u ? 1 : 0;
  }
  CHECK(inside == 12 * 10);  // centres 2.5..13.5 by 3.5..12.5
}

TEST_CASE("clip rectangles cut, and winding does not matter") {
  const std::vector<ImDrawVert> one{vertex(0, 0, kWhite), vertex(16, 0, kWhite),
                                    vertex(0, 16, kWhite)};
  const std::vector<ImDrawVert> other{vertex(0, 0, kWhite), vertex(0, 16, kWhite),
                                      vertex(16, 0, kWhite)};
  const Image image = draw_triangles(16, one, ImVec4(4, 4, 8, 8));
  CHECK(image == draw_triangles(16, other, ImVec4(4, 4, 8, 8)));
  CHECK(image.at(3, 4) == 0xff000000u);
  CHECK(image.at(4, 4) == 0xffffffffu);
  CHECK(image.at(8, 4) == 0xff000000u);
}

TEST_CASE("colours are interpolated") {
  const ImU32 black = IM_COL32(0, 0, 0, 255);
  const Image image = draw_triangles(
      16, {vertex(0, 0, black), vertex(16, 0, kWhite), vertex(0, 32, black)}, ImVec4(0, 0, 16, 16));
  for (int x = 1; x < 15; ++x) CHECK((image.at(x, 0) & 255) > (image.at(x - 1, 0) & 255));
  CHECK((image.at(8, 0) & 255) == 135);  // 8.5 / 16 of 255, rounded
}

TEST_CASE("hostile positions do no harm") {
  const float huge = 1e30f;
  const Image image = draw_triangles(
      8, {vertex(-huge, -huge, kWhite), vertex(huge, -huge, kWhite), vertex(0, huge, kWhite)},
      ImVec4(-100, -100, 100, 100));
  CHECK(image.at(4, 4) == 0xffffffffu);
}

TEST_CASE("PNG files come back as they were") {
  Image image(3, 2);
  image.pixels = {0xff0000ffu, 0xff00ff00u, 0xffff0000u, 0xff123456u, 0xffffffffu, 0xff000000u};
  const std::string path =
      (std::filesystem::temp_directory_path() / "mailscope-png-test.png").string();
  write_png(path, image);
  CHECK(read_png(path) == image);
  std::filesystem::remove(path);
  CHECK_THROWS_AS(read_png(path), std::runtime_error);
  CHECK_THROWS_AS(write_png("/nonexistent/x.png", image), std::runtime_error);
}

TEST_CASE("the map has no overlaps for two to six domains at every size") {
  for (int domains = 2; domains <= 6; ++domains) {
    const story::World world = story::read_world(fixture::ring(domains));
    for (const Size& size : kSizes) {
      INFO(domains << " domains, " << size.width << "x" << size.height);
      const float unit = unit_for(size.width, size.height, size.scale);
      const FrameLayout frame = layout_frame(static_cast<float>(size.width) / unit,
                                             static_cast<float>(size.height) / unit);
      const MapLayout map = layout_map(world, frame.stage);
      REQUIRE(map.zones.size() == static_cast<std::size_t>(domains) + 1);
      for (const Zone& zone : map.zones) CHECK(frame.stage.contains(zone.rect));
      for (std::size_t i = 0; i < map.zones.size(); ++i) {
        CHECK_FALSE(map.zones[i].rect.overlaps(map.custody));
        for (std::size_t j = 0; j < i; ++j)
          CHECK_FALSE(map.zones[i].rect.overlaps(map.zones[j].rect));
      }
      for (std::size_t i = 0; i < map.cards.size(); ++i) {
        CHECK(map.zones[map.cards[i].zone].rect.contains(map.cards[i].rect));
        CHECK(map.cards[i].rect.h >= 20);
        CHECK(map.cards[i].rect.w >= 80);
        for (std::size_t j = 0; j < i; ++j)
          CHECK_FALSE(map.cards[i].rect.overlaps(map.cards[j].rect));
      }
      for (const story::Host& host : world.hosts) CHECK(map.card(host.id) != nullptr);
    }
  }
}

TEST_CASE("panels do not overlap") {
  for (const Size& size : kSizes) {
    const float unit = unit_for(size.width, size.height, size.scale);
    const float w = static_cast<float>(size.width) / unit,
                h = static_cast<float>(size.height) / unit;
    const FrameLayout f = layout_frame(w, h);
    const Rect all[] = {f.top_bar, f.stage, f.inspector, f.caption, f.timeline};
    for (std::size_t i = 0; i < std::size(all); ++i) {
      CHECK(Rect{0, 0, w + 0.01f, h + 0.01f}.contains(all[i]));
      for (std::size_t j = 0; j < i; ++j) CHECK_FALSE(all[i].overlaps(all[j]));
    }
  }
}

TEST_CASE("no text covers another, at any step, on any stage, in any tab") {
  const trace::Log log = fixture::delivery();
  const trace::Log failing = fixture::unknown_user();
  for (const trace::Log* each : {&log, &failing}) {
    for (const Size& size : {kSizes[0], kSizes[1]}) {
      RenderOptions options;
      options.width = size.width;
      options.height = size.height;
      Renderer probe(*each, options);
      for (std::size_t step = 0; step < probe.steps(); ++step) {
        for (int stage = 0; stage < 3; ++stage) {
          probe.options().stage = static_cast<Stage>(stage);
          probe.options().tab.reset();
          if (step % 4 == 0) probe.options().tab = static_cast<Tab>((step / 4) % kTabCount);
          const auto texts = probe.texts(step);
          for (std::size_t i = 0; i < texts.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) {
              if (!cover(texts[i], texts[j])) continue;
              INFO(texts[i].area.x << "," << texts[i].area.y << " " << texts[j].area.x << ","
                                   << texts[j].area.y << " step " << step + 1 << " stage " << stage
                                   << " width " << size.width << ": '" << texts[i].text << "' and '"
                                   << texts[j].text << "'");
              CHECK(false);
            }
          }
        }
      }
    }
  }
}

TEST_CASE("a picture is the same twice, and after others") {
  const trace::Log log = fixture::delivery();
  RenderOptions options;
  options.width = 1280;
  options.height = 720;
  Renderer a(log, options), b(log, options);
  const Image first = a.render(50);
  a.render(3);
  CHECK(a.render(50) == first);
  CHECK(b.render(50) == first);
  CHECK_THROWS_AS(a.render(a.steps()), std::out_of_range);
}

TEST_CASE("stored pictures") {
  // MAILSCOPE_UPDATE_GOLDEN=1 writes them anew.
  const bool update = std::getenv("MAILSCOPE_UPDATE_GOLDEN") != nullptr;
  struct Golden {
    const char* name;
    ThemeName theme;
    Stage stage;
    std::size_t step;
  };
  constexpr Golden kGolden[] = {{"map-light", ThemeName::light, Stage::map, 55},
                                {"ladder-dark", ThemeName::dark, Stage::ladder, 40}};
  const trace::Log log = fixture::delivery();
  for (const Golden& golden : kGolden) {
    RenderOptions options;
    options.width = 960;
    options.height = 540;
    options.theme = golden.theme;
    options.stage = golden.stage;
    const Image image = Renderer(log, options).render(golden.step);
    const std::string path =
        mailscope::test::source_path("tests/viz/golden/" + std::string(golden.name) + ".png");
    if (update) write_png(path, image);
    INFO(golden.name);
    CHECK(read_png(path) == image);
  }
}

TEST_CASE("text has contrast of at least 4.5 to 1 in both themes") {
  for (const ThemeName name : {ThemeName::light, ThemeName::dark}) {
    const Palette& p = palette(name);
    for (const Colour ground : {p.panel, p.zone, p.raised}) {
      for (const Colour ink :
           {p.text, p.text_soft, p.text_faint, p.accent, p.failure, p.store, p.dns, p.auth}) {
        INFO(static_cast<int>(ink.r)
             << "," << static_cast<int>(ink.g) << "," << static_cast<int>(ink.b));
        CHECK(contrast(ink, ground) >= 4.5);
      }
    }
    CHECK(contrast(p.on_accent, p.accent) >= 4.5);
    CHECK(contrast(p.on_marker, p.marker) >= 4.5);
    CHECK(contrast(p.text_soft, p.sunken) >= 4.5);
    CHECK(contrast(p.accent, p.accent_soft) >= 4.5);
    CHECK(contrast(p.on_accent, p.failure) >= 4.5);
  }
}

TEST_CASE("keys move through the story both ways") {
  const trace::Log log = fixture::delivery();
  Player player(log, {}, 0);
  player.press(Key::right);
  CHECK(player.step() == 1);
  CHECK(player.phase() == 0);
  player.tick(0.4f);
  CHECK(player.phase() > 0);
  CHECK(player.phase() < 1);
  player.tick(2);
  CHECK(player.phase() == 1);
  player.press(Key::left);
  CHECK(player.step() == 0);
  player.press(Key::left);
  CHECK(player.step() == 0);
  player.press(Key::end);
  CHECK(player.step() == player.lesson().steps() - 1);
  player.press(Key::shift_left);
  CHECK(player.step() == player.lesson().story().chapters.back().first);
  player.press(Key::home);
  player.press(Key::shift_right);
  CHECK(player.step() == player.lesson().story().chapters[1].first);
  player.press(Key::digit, '2');
  CHECK(player.view().stage == Stage::ladder);
  player.press(Key::letter, 'l');
  CHECK(player.view().theme == ThemeName::dark);
  player.press(Key::letter, 'g');
  player.press(Key::digit, '7');
  player.press(Key::enter);
  CHECK(player.step() == 6);
  player.press(Key::slash);
  for (const char c : std::string("rcpt to")) player.press(Key::letter, c);
  player.press(Key::enter);
  CHECK(player.lesson().step(player.step()).label.starts_with("RCPT TO"));
  const trace::EventId event = player.lesson().step(player.step()).event;
  player.press(Key::bracket_right);
  CHECK(player.lesson().step(player.step()).event == event);
}

TEST_CASE("playing goes on by itself and stops at the end") {
  const trace::Log log = fixture::unknown_user();
  Player player(log, {}, 0);
  player.press(Key::space);
  for (int i = 0; i < 10'000 && player.view().playing; ++i) player.tick(0.1f);
  CHECK_FALSE(player.view().playing);
  CHECK(player.step() == player.lesson().steps() - 1);
}

TEST_CASE("a question hides the rest until it is answered") {
  const trace::Log log = fixture::unknown_user();
  ViewState view;
  const Lesson lesson(log);
  std::size_t refusal = 0;
  for (std::size_t i = 0; i < lesson.steps(); ++i) {
    if (lesson.step(i).kind == trace::Kind::smtp_reply && lesson.step(i).failure) refusal = i;
  }
  view.questions = {{lesson.step(refusal).event,
                     "What does mail.acme do next?",
                     {"Try again later", "Tell Alice it failed"},
                     1,
                     "A 5 is final."}};
  Player player(log, view, 0);
  player.press(Key::end);
  CHECK(player.step() == refusal);
  player.press(Key::right);
  CHECK(player.step() == refusal);
  player.press(Key::letter, 'b');
  REQUIRE(player.view().given[0].has_value());
  CHECK(*player.view().given[0] == 1);
  player.press(Key::right);
  CHECK(player.step() == refusal + 1);
}
