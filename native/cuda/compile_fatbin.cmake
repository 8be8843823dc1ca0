# Compiles SOURCE to FATBIN for ARCHITECTURES, such as 80-virtual (PTX) and 90-real (machine code), and says in FATBIN.json
# what it was made of; what ptxas says of each kernel goes to REPORTS/sm_<architecture>.txt.
set(targets "")
set(machine_code "")
set(names "")
foreach(architecture IN LISTS ARCHITECTURES)
  if(architecture MATCHES "^([0-9]+)-real$")
    list(APPEND targets -gencode "arch=compute_${CMAKE_MATCH_1},code=sm_${CMAKE_MATCH_1}")
    list(APPEND machine_code ${CMAKE_MATCH_1})
    list(APPEND names "\"sm_${CMAKE_MATCH_1}\"")
  elseif(architecture MATCHES "^([0-9]+)-virtual$")
    list(APPEND targets -gencode "arch=compute_${CMAKE_MATCH_1},code=compute_${CMAKE_MATCH_1}")
    list(APPEND names "\"compute_${CMAKE_MATCH_1}\"")
  else()
    message(FATAL_ERROR "${architecture} is no architecture, expected one such as 80-virtual or 90-real")
  endif()
endforeach()

# Not compressed: the jar is, and the PTX can be read without a library for it.
execute_process(
  COMMAND
    "${NVCC}" -fatbin -std=c++17 -Werror all-warnings -Xptxas -v --compress-mode=none --threads 0 "-I${INCLUDE}" ${targets}
    -o "${FATBIN}" "${SOURCE}"
  RESULT_VARIABLE failed
  OUTPUT_VARIABLE report
  ERROR_VARIABLE report)
if(failed)
  file(REMOVE "${FATBIN}")
  message(FATAL_ERROR "nvcc could not compile the kernels of the GPU:\n${report}")
endif()

file(REMOVE_RECURSE "${REPORTS}")
foreach(architecture IN LISTS machine_code)
  string(REGEX MATCHALL
    "Compiling entry function '[^']*' for 'sm_${architecture}'[^\n]*\n[^\n]*\n[^\n]*\n[^\n]*\n" kernels "${report}")
  string(JOIN "" kernels ${kernels})
  file(WRITE "${REPORTS}/sm_${architecture}.txt" "${kernels}")
endforeach()

execute_process(COMMAND "${NVCC}" --version OUTPUT_VARIABLE version)
if(NOT version MATCHES "V([0-9]+\\.[0-9]+\\.[0-9]+)")
  message(FATAL_ERROR "${NVCC} --version does not tell its version:\n${version}")
endif()
set(toolkit ${CMAKE_MATCH_1})
list(JOIN names ", " names)
file(WRITE "${FATBIN}.json" "{\"toolkit\": \"${toolkit}\", \"architectures\": [${names}]}\n")
