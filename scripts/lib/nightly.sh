# shellcheck shell=bash
# Starts a nightly run with what this machine has for it.

# compute-sanitizer on the PATH, or where the CUDA toolkit has it.
find_sanitizer() {
  PATH=$PATH:${CUDA_HOME:-/usr/local/cuda}/bin command -v compute-sanitizer
}

# Whether arguments say where reports are kept.
name_folder() {
  [[ " $* " == *" --out"* ]]
}

# nightly COMMAND PROGRAMS OUT ARGUMENT...  PROGRAMS is the folder of those that test kernels. The arguments may name
# another folder than OUT for reports.
nightly() {
  local command=$1 programs=$2 out=$3 options=() kernels_test=cuda_kernels_test sanitizer
  shift 3
  if [[ " $* " == *cuda-software* ]]; then
    kernels_test=software_cuda_kernels_test
  elif sanitizer=$(find_sanitizer); then
    options+=(--sanitizer "$sanitizer")
  fi
  if [[ -x $programs/$kernels_test ]]; then
    options+=(--kernels-test "$programs/$kernels_test")
  fi
  name_folder "$@" || options+=(--out "$out")
  exec "$command" nightly --pytorch "$(dirname "${BASH_SOURCE[0]}")/bench_pytorch.py" "${options[@]}" "$@"
}
