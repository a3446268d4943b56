// Where the tests find what is no code: transcripts, scenarios, pictures, the program itself. Paths
// of this build stand in places.cpp alone, so that compilers' caches serve every checkout.
#pragma once

#include <string>

namespace mailscope::test {

/// `path` is relative to the root of the source tree.
std::string source_path(const std::string& path);
/// The program `mailscope` of this build.
std::string program_path();

}  // namespace mailscope::test
