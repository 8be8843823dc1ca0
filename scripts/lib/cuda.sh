# shellcheck shell=bash
# The CUDA toolkit and the GPU of this machine. A toolkit that is not here comes from NVIDIA's Python wheels. Needs
# messages.sh and requirements.sh.

readonly oldest_cuda=13
readonly toolkit_folder=build/cuda
readonly toolkit_packages=(
  'nvidia-cuda-nvcc==13.0.*' 'nvidia-nvvm==13.0.*' 'nvidia-cuda-crt==13.0.*' 'nvidia-cuda-runtime==13.0.*'
  'nvidia-cuda-cccl==13.0.*'
)
# PTX runs on every later GPU; what there is no machine code for, the driver compiles.
readonly portable_architectures=(80-virtual 90-virtual 90-real)
readonly release_architectures=(80-virtual 90-virtual 80-real 86-real 89-real 90-real 100-real 120-real)

has_nvidia_driver() {
  [[ -e /proc/driver/nvidia/version || $(PATH=$PATH:/sbin:/usr/sbin ldconfig -p) == *libcuda.so.1\ * ]]
}

# Architectures of the GPUs here, such as 90-real, each with its PTX; nothing if they cannot be asked.
gpu_architectures() {
  nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | sort -u |
    sed -n 's/^\([0-9]*\)\.\([0-9]\)$/\1\2-virtual\n\1\2-real/p'
}

# Prints the folder of cuda.h beside an nvcc.
toolkit_include() {
  local bin folder
  for bin in "$(dirname "$1")" "$(dirname "$(readlink -f "$1")")"; do
    for folder in "$bin"/../include "$bin"/../targets/*/include; do
      if [[ -f $folder/cuda.h ]]; then
        realpath "$folder"
        return
      fi
    done
  done
  return 1
}

# Whether an nvcc is one that the kernels can be compiled with; if not, says why.
is_usable_nvcc() {
  local version
  [[ -x $1 ]] || return 1
  version=$("$1" --version 2>/dev/null) || true
  if [[ ! $version =~ release\ ([0-9]+)\. ]] || ((BASH_REMATCH[1] < oldest_cuda)); then
    say "$1 is not used: it is not of CUDA $oldest_cuda or newer"
  elif ! toolkit_include "$1" >/dev/null; then
    say "$1 is not used: cuda.h is not beside it"
  else
    return 0
  fi
  return 1
}

# Prints the nvcc of this machine, or the one that has been installed into build/.
find_nvcc() {
  local nvcc
  for nvcc in "${CUDA_HOME:+$CUDA_HOME/bin/nvcc}" "${CUDA_PATH:+$CUDA_PATH/bin/nvcc}" "$(command -v nvcc || true)" \
    /usr/local/cuda/bin/nvcc; do
    if [[ -n $nvcc ]] && is_usable_nvcc "$nvcc"; then
      printf '%s' "$nvcc"
      return
    fi
  done
  installed_nvcc
}

installed_nvcc() {
  local nvcc
  for nvcc in "$PWD/$toolkit_folder"/lib/python3*/site-packages/nvidia/cu13/bin/nvcc; do
    if [[ -f $toolkit_folder/complete && -x $nvcc ]]; then
      printf '%s' "$nvcc"
      return
    fi
  done
  return 1
}

# Fails if there is no package index, or no Python.
install_toolkit() {
  ensure_python || return 1
  say "Installing the CUDA toolkit into $toolkit_folder (105 MB)"
  mkdir -p build/log
  rm -rf "$toolkit_folder"
  if python3 -m venv "$toolkit_folder" >build/log/cuda.log 2>&1 &&
    "$toolkit_folder/bin/python" -m pip install --disable-pip-version-check --retries 2 "${toolkit_packages[@]}" \
      >>build/log/cuda.log 2>&1; then
    touch "$toolkit_folder/complete"
  else
    rm -rf "$toolkit_folder"
    return 1
  fi
}

# Prints those of the architectures that the nvcc knows, separated by ';', and says which it does not.
known_architectures() {
  local nvcc=$1 listed architecture known=() unknown=()
  shift
  listed=" $("$nvcc" --list-gpu-arch | tr '\n' ' ')"
  for architecture in "$@"; do
    if [[ $listed == *" compute_${architecture%-*} "* ]]; then
      known+=("$architecture")
    else
      unknown+=("$architecture")
    fi
  done
  ((${#unknown[@]} == 0)) || say "Left out, because $nvcc does not know them: the architectures ${unknown[*]}"
  (IFS=';' && printf '%s' "${known[*]}")
}
