# Compiles SOURCE to FATBIN for ARCHITECTURES; what ptxas says of each kernel goes to REPORTS/sm_<architecture>.txt.
list(GET ARCHITECTURES 0 lowest)
set(targets -gencode "arch=compute_${lowest},code=compute_${lowest}")
foreach(architecture IN LISTS ARCHITECTURES)
  list(APPEND targets -gencode "arch=compute_${architecture},code=sm_${architecture}")
endforeach()

# Not compressed: the jar is, and the PTX can be read without a library for it.
execute_process(
  COMMAND
    "${NVCC}" -fatbin -std=c++17 -Werror all-warnings -Xptxas -v --compress-mode=none "-I${INCLUDE}" ${targets}
    -o "${FATBIN}" "${SOURCE}"
  RESULT_VARIABLE failed
  OUTPUT_VARIABLE report
  ERROR_VARIABLE report)
if(failed)
  file(REMOVE "${FATBIN}")
  message(FATAL_ERROR "nvcc could not compile the kernels of the GPU:\n${report}")
endif()

file(REMOVE_RECURSE "${REPORTS}")
foreach(architecture IN LISTS ARCHITECTURES)
  string(REGEX MATCHALL
    "Compiling entry function '[^']*' for 'sm_${architecture}'[^\n]*\n[^\n]*\n[^\n]*\n[^\n]*\n" kernels "${report}")
  string(JOIN "" kernels ${kernels})
  file(WRITE "${REPORTS}/sm_${architecture}.txt" "${kernels}")
endforeach()
