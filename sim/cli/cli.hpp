// The `mailscope` program: its commands, each in a file of its own. Exit status: 0 all is well, 1
// an expectation failed, 2 the input is bad.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace mailscope::cli {

inline constexpr int kOk = 0, kFailed = 1, kBadInput = 2;

/// Adds a command's options to the program; the command sets `status` when it has run.
using AddCommand = void (*)(CLI::App& app, int& status);

void add_run(CLI::App& app, int& status);
void add_test(CLI::App& app, int& status);
void add_check(CLI::App& app, int& status);
void add_serve(CLI::App& app, int& status);
void add_store(CLI::App& app, int& status);
void add_schema(CLI::App& app, int& status);

/// The whole program. `more`: commands that live above this folder (the viewer's).
int main_with(int argc, char** argv, const std::vector<AddCommand>& more);

}  // namespace mailscope::cli
