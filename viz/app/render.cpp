// Headless pictures: the same views, drawn by our own rasteriser.
#include <memory>
#include <stdexcept>

#include "viz/app/viewer.hpp"
#include "viz/render/png.hpp"
#include "viz/render/raster.hpp"
#include "viz/views/views.hpp"

namespace mailscope::viz {

struct Renderer::Parts {
  Lesson lesson;
  RenderOptions options;
  std::unique_ptr<FontSet> fonts;

  Parts(const trace::Log& log, RenderOptions o) : lesson(log), options(std::move(o)) {}

  FontSet& fonts_for(float unit) {
    if (fonts == nullptr || fonts->unit() != unit) fonts = std::make_unique<FontSet>(unit);
    return *fonts;
  }
};

Renderer::Renderer(const trace::Log& log, RenderOptions options)
    : parts_(std::make_unique<Parts>(log, std::move(options))) {}
Renderer::~Renderer() = default;

std::size_t Renderer::steps() const {
  return parts_->lesson.steps();
}
RenderOptions& Renderer::options() {
  return parts_->options;
}

template <typename Use>
void Renderer::draw(std::size_t step, Use use) {
  const RenderOptions& o = parts_->options;
  if (step >= steps()) {
    throw std::out_of_range("there is no step " + std::to_string(step + 1) + ": the story has " +
                            std::to_string(steps()));
  }
  const float unit = unit_for(o.width, o.height, o.scale);
  FontSet& fonts = parts_->fonts_for(unit);
  ViewState view;
  view.theme = o.theme;
  view.stage = o.stage;
  view.tab = o.tab;
  view.causes = o.causes;
  view.lesson_number = o.lesson_number;
  view.questions = o.questions;
  compat::DrawSurface surface(fonts.atlas(), static_cast<float>(o.width),
                              static_cast<float>(o.height));
  Canvas canvas(surface.list(), fonts, palette(o.theme));
  const Scene scene(parts_->lesson, view, step, o.phase);
  draw_frame(canvas, scene, static_cast<float>(o.width) / unit,
             static_cast<float>(o.height) / unit);
  use(fonts, surface, canvas);
}

Image Renderer::render(std::size_t step) {
  Image image(parts_->options.width, parts_->options.height);
  draw(step, [&](FontSet& fonts, compat::DrawSurface& surface, const Canvas&) {
    unsigned char* pixels = nullptr;
    AlphaTexture texture;
    compat::atlas_alpha(fonts.atlas(), &pixels, &texture.width, &texture.height);
    texture.pixels = pixels;
    rasterise(image, surface.data(), texture);
  });
  return image;
}

std::vector<DrawnText> Renderer::texts(std::size_t step) {
  std::vector<DrawnText> out;
  draw(step, [&](FontSet&, compat::DrawSurface&, const Canvas& canvas) { out = canvas.texts(); });
  return out;
}

void render_png(const trace::Log& log, std::size_t step, const RenderOptions& options,
                const std::string& path) {
  Renderer renderer(log, options);
  write_png(path, renderer.render(step));
}

}  // namespace mailscope::viz
