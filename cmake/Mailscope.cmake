# What every target of the project shares: warnings, sanitizers, the include root, and two small
# functions that keep the folders' own lists to the file names alone.

add_library(mailscope_options INTERFACE)
target_include_directories(mailscope_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(mailscope_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wconversion
  -Wno-sign-conversion -Wno-missing-field-initializers -Wimplicit-fallthrough -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False positives of g++ 12 in inlined std::string and std::variant code at -O2.
  target_compile_options(mailscope_options INTERFACE -Wno-restrict -Wno-maybe-uninitialized
    -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds -Wno-dangling-reference)
  target_compile_options(mailscope_options INTERFACE -Wno-unknown-warning-option)
endif()
if(MAILSCOPE_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
if(MAILSCOPE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Headers of the standard library, parsed once: it halves the time of a build. Files include what
# they use all the same.
add_library(mailscope_pch STATIC ${CMAKE_CURRENT_LIST_DIR}/pch.cpp)
target_link_libraries(mailscope_pch PUBLIC mailscope_options)
set(MAILSCOPE_PCH_HEADERS <algorithm> <array> <charconv> <chrono> <cstdint> <functional>
  <map> <memory> <optional> <set> <span> <stdexcept> <string> <string_view> <utility> <variant> <vector>)
target_precompile_headers(mailscope_pch PRIVATE ${MAILSCOPE_PCH_HEADERS})
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # So that ccache can look into it.
  target_compile_options(mailscope_options INTERFACE -fpch-preprocess)
endif()

# mailscope_library(smtp SOURCES a.cpp b.cpp LINK mail net): static library ms_smtp of one folder.
function(mailscope_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(ms_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(ms_${name} PUBLIC mailscope_options)
  target_precompile_headers(ms_${name} REUSE_FROM mailscope_pch)
  foreach(dependency ${ARG_LINK})
    if(TARGET ms_${dependency} OR NOT dependency MATCHES "::")
      target_link_libraries(ms_${name} PUBLIC ms_${dependency})
    else()
      target_link_libraries(ms_${name} PUBLIC ${dependency})
    endif()
  endforeach()
endfunction()

# mailscope_test(smtp SOURCES a_test.cpp LINK smtp): Catch2 program test_smtp, one CTest entry.
function(mailscope_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINK" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(test_${name} ${ARG_SOURCES})
  target_link_libraries(test_${name} PRIVATE mailscope_options test_main)
  target_compile_options(test_${name} PRIVATE -O0)
  target_precompile_headers(test_${name} REUSE_FROM test_main)
  foreach(dependency ${ARG_LINK})
    target_link_libraries(test_${name} PRIVATE ms_${dependency})
  endforeach()
  add_test(NAME ${name} COMMAND test_${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
endfunction()

# mailscope_fuzz(smtp SOURCES smtp_fuzz.cpp LINK smtp): libFuzzer target fuzz_smtp (clang++ only).
# CTest runs it for 20 seconds from tests/fuzz/corpus/smtp, and keeps what it finds for the next time
# in the build folder; tests/fuzz/long runs it for as long as one wants.
function(mailscope_fuzz name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  if(NOT MAILSCOPE_FUZZ)
    return()
  endif()
  add_executable(fuzz_${name} ${ARG_SOURCES})
  target_link_libraries(fuzz_${name} PRIVATE mailscope_options -fsanitize=fuzzer)
  target_precompile_headers(fuzz_${name} REUSE_FROM mailscope_pch)
  foreach(dependency ${ARG_LINK})
    target_link_libraries(fuzz_${name} PRIVATE ms_${dependency})
  endforeach()
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz-corpus/${name})
  add_test(NAME fuzz_${name} COMMAND fuzz_${name} -max_total_time=20 -timeout=10
    -max_len=8192 ${CMAKE_BINARY_DIR}/fuzz-corpus/${name} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
  set_tests_properties(fuzz_${name} PROPERTIES TIMEOUT 120 LABELS fuzz)
endfunction()
