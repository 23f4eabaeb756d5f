# Writes OUTPUT, the header with what the program is built from; runs at every build (cmake -P) and leaves the file alone when nothing changed.
# In: SOURCE_DIR OUTPUT VERSION COMPILER BUILD_TYPE FLAGS (all that decides the machine code, apart from the sources)
cmake_minimum_required(VERSION 3.25)
set(revision unknown)
find_program(GIT git)
if(GIT)
  set(git ${GIT} --no-optional-locks -C ${SOURCE_DIR})
  execute_process(COMMAND ${git} rev-parse --show-prefix HEAD OUTPUT_VARIABLE answer RESULT_VARIABLE failed ERROR_QUIET)
  # An empty prefix: the repository is this one and not one that this tree happens to lie in.
  if(NOT failed AND answer MATCHES "^\n([0-9a-f]+)\n$")
    set(revision ${CMAKE_MATCH_1})
    execute_process(COMMAND ${git} status --porcelain --untracked-files=no OUTPUT_VARIABLE changes ERROR_QUIET)
    if(changes)
      string(APPEND revision -dirty)
    endif()
  endif()
endif()

# CMake lists the files in the order of their names.
file(GLOB_RECURSE sources RELATIVE ${SOURCE_DIR} ${SOURCE_DIR}/sim/*.cpp ${SOURCE_DIR}/sim/*.hpp ${SOURCE_DIR}/models/*.cpp ${SOURCE_DIR}/models/*.hpp)
set(all "${COMPILER}\n${BUILD_TYPE}\n${FLAGS}\n")
foreach(source IN LISTS sources)
  file(SHA256 ${SOURCE_DIR}/${source} digest)
  string(APPEND all "${source} ${digest}\n")
endforeach()
string(SHA256 build "${all}")
string(SUBSTRING ${build} 0 16 build)

file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
#pragma once
namespace paracrine::sim::built_from {
inline constexpr char version[] = "@VERSION@";
inline constexpr char git_revision[] = "@revision@";
inline constexpr char build[] = "@build@";
inline constexpr char compiler[] = "@COMPILER@";
inline constexpr char build_type[] = "@BUILD_TYPE@";
}  // namespace paracrine::sim::built_from
]])
