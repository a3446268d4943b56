// The program with the viewer: everything the terminal knows, and `view`.
#include "sim/cli/cli.hpp"
#include "viz/app/view_command.hpp"

int main(int argc, char** argv) {
  return mailscope::cli::main_with(argc, argv, {mailscope::viz::add_view});
}
