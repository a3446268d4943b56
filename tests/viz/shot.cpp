// Renders a fixture to PNG files: shot <fixture> <prefix> <theme> <stage> <width> <height> <scale>
// <phase> <step>...
#include <cstdlib>
#include <iostream>
#include <string>

#include "tests/viz/fixture.hpp"
#include "viz/app/viewer.hpp"
#include "viz/render/png.hpp"

using namespace mailscope;

int main(int argc, char** argv) {
  if (argc < 9) return 2;
  const std::string which = argv[1];
  const trace::Log log = which == "delivery"  ? fixture::delivery()
                         : which == "unknown" ? fixture::unknown_user()
                                              : fixture::ring(std::atoi(which.c_str()));
  viz::RenderOptions options;
  options.theme = std::string(argv[3]) == "dark" ? viz::ThemeName::dark : viz::ThemeName::light;
  options.stage = static_cast<viz::Stage>(std::atoi(argv[4]));
  options.width = std::atoi(argv[5]);
  options.height = std::atoi(argv[6]);
  options.scale = static_cast<float>(std::atof(argv[7]));
  options.phase = static_cast<float>(std::atof(argv[8]));
  options.lesson_number = "02";
  viz::Renderer renderer(log, options);
  std::cout << renderer.steps() << " steps\n";
  for (int i = 9; i < argc; ++i) {
    viz::write_png(std::string(argv[2]) + "-" + argv[i] + ".png",
                   renderer.render(static_cast<std::size_t>(std::atoi(argv[i]))));
  }
}
