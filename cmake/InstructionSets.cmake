# The CPU kernels are compiled once for each instruction set, into a library of its own, from the same sources. The Java
# side asks the probe what the processor offers, and loads the best: no code of one library can end up in another, as
# inline functions would if all lived in one.
set(DENSENET4J_ISA native CACHE STRING
  "Instruction sets of the CPU kernels: native (the best of this processor), available (all of this processor), all, or a list of generic, avx2, avx512, avx512_bf16")

# From the plainest to the widest.
set(densenet4j_isas generic)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  list(APPEND densenet4j_isas avx2 avx512 avx512_bf16)
endif()

# The best instruction set of this processor, asked anew each time: a build folder may have come from another machine.
function(densenet4j_best_isa variable)
  unset(best_isa_status CACHE)
  try_run(best_isa_status best_isa_compiled "${CMAKE_BINARY_DIR}/probe" "${PROJECT_SOURCE_DIR}/probe/print_best_isa.cpp"
    CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${PROJECT_SOURCE_DIR}/include"
    COMPILE_OUTPUT_VARIABLE errors
    RUN_OUTPUT_VARIABLE best)
  if(NOT best_isa_compiled OR NOT best_isa_status EQUAL 0)
    message(FATAL_ERROR "the probe of the processor does not run: ${errors}${best}")
  endif()
  string(STRIP "${best}" best)
  set(${variable} "${best}" PARENT_SCOPE)
endfunction()

# Those that DENSENET4J_ISA asks for.
function(densenet4j_chosen_isas variable)
  set(chosen ${DENSENET4J_ISA})
  if(chosen STREQUAL "all")
    set(chosen ${densenet4j_isas})
  elseif(chosen STREQUAL "native")
    densenet4j_best_isa(chosen)
  elseif(chosen STREQUAL "available")
    densenet4j_best_isa(best)
    list(FIND densenet4j_isas "${best}" index)
    math(EXPR count "${index} + 1")
    list(SUBLIST densenet4j_isas 0 ${count} chosen)
  endif()
  foreach(isa IN LISTS chosen)
    if(NOT isa IN_LIST densenet4j_isas)
      message(FATAL_ERROR "instruction set ${isa} is not known here, expected one of ${densenet4j_isas}")
    endif()
  endforeach()
  # Its library stands on that of AVX-512.
  if("avx512_bf16" IN_LIST chosen)
    list(APPEND chosen avx512)
    list(REMOVE_DUPLICATES chosen)
  endif()
  set(${variable} ${chosen} PARENT_SCOPE)
endfunction()

# Products of bfloat16 pairs are all that AVX512-BF16 adds: the sources that have none of them are not compiled again.
function(densenet4j_bf16_sources variable)
  set(sources "")
  foreach(source IN LISTS ARGN)
    file(STRINGS "${source}" differs REGEX "DN_DEFINE_TYPED_OPERATION|__AVX512BF16__")
    if(differs)
      list(APPEND sources "${source}")
    endif()
  endforeach()
  set(${variable} ${sources} PARENT_SCOPE)
endfunction()

# Libraries that are not asked for keep what was compiled of them, but are removed: the jar takes all that there are.
function(densenet4j_add_cpu_libraries)
  densenet4j_chosen_isas(chosen)
  message(STATUS "CPU kernels for ${chosen}")
  # Beside the others it is for processors without AVX2 alone: compiled in 40 % of the time, a tenth slower there.
  set(flags_generic "")
  list(LENGTH densenet4j_isas known)
  if(known GREATER 1)
    set(flags_generic -O1 -ftree-loop-vectorize)
  endif()
  set(flags_avx2 -march=x86-64-v3)
  set(flags_avx512 -march=x86-64-v4 -mprefer-vector-width=512)
  set(flags_avx512_bf16 ${flags_avx512} -mavx512bf16)
  set(exports "${PROJECT_SOURCE_DIR}/cpu/exports.map")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARGN})

  foreach(isa IN LISTS densenet4j_isas)
    set(target densenet4j_cpu_${isa})
    set(sources ${ARGN})
    if(isa STREQUAL "avx512_bf16")
      densenet4j_bf16_sources(sources ${ARGN})
    endif()
    add_library(${target} SHARED ${sources})
    target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/include")
    target_compile_options(${target} PRIVATE ${flags_${isa}})
    # Parsing the headers of the compiler's intrinsics takes longer than compiling most of the sources.
    target_precompile_headers(${target} PRIVATE "${PROJECT_SOURCE_DIR}/cpu/simd.h" <algorithm>)
    target_link_libraries(${target} PRIVATE Threads::Threads)
    target_link_options(${target} PRIVATE
      -static-libstdc++ -static-libgcc -Wl,--no-undefined "-Wl,--version-script=${exports}")
    set_target_properties(${target} PROPERTIES LINK_DEPENDS "${exports}")
    if(isa STREQUAL "avx512_bf16")
      target_link_libraries(${target} PRIVATE densenet4j_cpu_avx512)
      set_target_properties(${target} PROPERTIES BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "$ORIGIN")
    endif()
    if(NOT isa IN_LIST chosen)
      set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
      file(REMOVE "${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/lib${target}.so")
    endif()
  endforeach()
endfunction()
