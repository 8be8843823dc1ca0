# The CPU kernels are compiled once for each instruction set, into a library of its own, from the same sources. The Java
# side loads the generic one, asks it what the processor offers, and uses the best: no code of one library can end up in
# another, as inline functions would if all lived in one.
function(densenet4j_add_cpu_libraries)
  set(isas generic)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    list(APPEND isas avx2 avx512 avx512_bf16)
  endif()
  set(flags_generic "")
  set(flags_avx2 -march=x86-64-v3)
  set(flags_avx512 -march=x86-64-v4 -mprefer-vector-width=512)
  set(flags_avx512_bf16 ${flags_avx512} -mavx512bf16)

  foreach(isa IN LISTS isas)
    set(target densenet4j_cpu_${isa})
    add_library(${target} SHARED ${ARGN})
    target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/include")
    target_compile_options(${target} PRIVATE ${flags_${isa}})
    target_link_libraries(${target} PRIVATE OpenMP::OpenMP_CXX)
    target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc -Wl,--no-undefined)
  endforeach()
endfunction()
