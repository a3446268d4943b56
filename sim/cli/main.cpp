// The program without the viewer, for machines that have no Dear ImGui.
#include "sim/cli/cli.hpp"

int main(int argc, char** argv) {
  return mailscope::cli::main_with(argc, argv, {});
}
