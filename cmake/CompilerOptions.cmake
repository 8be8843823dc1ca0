# What all native code of the project is compiled with.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET default)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
set(CMAKE_CXX_FLAGS_RELEASE "-O3")

# No -ffast-math: NaN must stay NaN. Contraction to FMA is part of the arithmetic we test.
# GCC 12 warns of uninitialised variables inside its own AVX-512 header.
add_compile_options(-Wall -Wextra -Werror -Wno-maybe-uninitialized -ffp-contract=fast -fno-math-errno -fno-trapping-math)
