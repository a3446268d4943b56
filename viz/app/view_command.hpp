// mailscope view: shows a scenario, or a trace file, in a window; or renders steps as PNG files.
#pragma once

namespace CLI {
class App;
}

namespace mailscope::viz {

void add_view(CLI::App& app, int& status);

}  // namespace mailscope::viz
