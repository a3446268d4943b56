// Opens the window for some frames and closes it: exit status 0 when that went well.
#include "tests/viz/fixture.hpp"
#include "viz/app/viewer.hpp"

int main() {
  const mailscope::trace::Log log = mailscope::fixture::delivery();
  mailscope::viz::WindowOptions options;
  options.width = 1280;
  options.height = 720;
  options.play = true;
  options.frames = 30;
  return mailscope::viz::view_window(log, options);
}
