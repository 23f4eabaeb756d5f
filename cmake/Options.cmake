# Flags that every target of ours carries. No -ffast-math: results must not depend on how the compiler regroups sums.
# -fno-math-errno changes no value; it lets square roots run in vector registers.
add_library(paracrine_options INTERFACE)
target_include_directories(paracrine_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(paracrine_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers -Werror -ffp-contract=off -fno-math-errno)
# Eigen's own threads would make results depend on their number.
target_compile_definitions(paracrine_options INTERFACE EIGEN_DONT_PARALLELIZE)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(paracrine_options INTERFACE -Wno-restrict)  # false alarm on std::string operator+, GCC bug 105651
endif()
set(PARACRINE_MARCH "${PARACRINE_ARCH}")
if(PARACRINE_ARCH STREQUAL "auto")
  set(PARACRINE_MARCH "")
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64" AND EXISTS /proc/cpuinfo)
    file(STRINGS /proc/cpuinfo flags LIMIT_COUNT 1 REGEX "^flags")
    if(flags MATCHES " avx2 " AND flags MATCHES " bmi2 " AND flags MATCHES " fma ")
      set(PARACRINE_MARCH "x86-64-v3")
    endif()
  endif()
endif()
if(PARACRINE_MARCH)
  target_compile_options(paracrine_options INTERFACE -march=${PARACRINE_MARCH})
endif()
