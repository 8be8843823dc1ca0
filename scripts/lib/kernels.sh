# shellcheck shell=bash
# Compiles the kernels into build/native. Needs messages.sh, requirements.sh, cuda.sh and progress.sh.

# The options that chose what is built, remembered for builds that choose nothing.
readonly choice_file=build/choice
readonly native=build/native

# What build_kernels() is to make: CMake's DENSENET4J_ISA, which CUDA architectures (none, gpu, portable, release), and
# whether the software device.
isa=native
cuda=none
software=OFF

# read_choice FOR_TESTS OPTION...  Sets these; the tests need more than anybody chose.
read_choice() {
  local for_tests=$1 option
  shift
  if has_nvidia_driver; then
    cuda=gpu
  fi
  for option in "$@"; do
    case $option in
      --all) isa=all cuda=portable software=ON ;;
      --release) isa=all cuda=release ;;
      --cuda) [[ $cuda == release ]] || cuda=portable ;;
    esac
  done
  if $for_tests; then
    [[ $isa == all ]] || isa=available
    [[ $cuda == release ]] || cuda=portable
    software=ON
  fi
  if [[ " $* " == *" --without-cuda "* ]]; then
    cuda=none software=OFF
  fi
}

# Sets `architectures` for what `cuda` says.
architectures=
choose_architectures() {
  local wanted=()
  case $cuda in
    gpu) mapfile -t wanted < <(gpu_architectures) ;;
    release) wanted=("${release_architectures[@]}") ;;
    # With machine code for the GPUs here: nobody measures what the driver compiles.
    portable) mapfile -t wanted < <(printf '%s\n' "${portable_architectures[@]}" && gpu_architectures | grep real) ;;
  esac
  ((${#wanted[@]} > 0)) || wanted=("${portable_architectures[@]}")
  mapfile -t wanted < <(printf '%s\n' "${wanted[@]}" | LC_ALL=C sort -u)
  architectures=$(known_architectures "$nvcc" "${wanted[@]}")
}

# Sets `nvcc`, if CUDA is wanted, to what is here or can be had; empty, and no software device, without one.
nvcc=
choose_nvcc() {
  if [[ $cuda == none ]]; then
    return
  fi
  if nvcc=$(find_nvcc) || { install_toolkit && nvcc=$(installed_nvcc); }; then
    choose_architectures
    [[ -z $architectures ]] || return 0
    say "The CUDA kernels are left out: $nvcc compiles for none of the GPUs here"
  else
    say "The CUDA kernels are left out, because no CUDA toolkit $oldest_cuda is here and none could be installed \
(build/log/cuda.log): put its nvcc on the PATH or set CUDA_HOME"
  fi
  nvcc='' software=OFF
}

configure_kernels() {
  local settings=("-DDENSENET4J_ISA=$isa" "-DDENSENET4J_SOFTWARE_CUDA=$software" "-DDENSENET4J_NVCC=$nvcc") wanted
  if [[ -n $nvcc ]]; then
    settings+=("-DDENSENET4J_CUDA_INCLUDE=$(toolkit_include "$nvcc")"
      "-DDENSENET4J_CUDA_ARCHITECTURES=$architectures")
  fi
  # CMake refuses a build folder that has been moved or copied.
  if ! grep -qsxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD/native" "$native/CMakeCache.txt"; then
    rm -rf "$native"
  fi
  # The processor too, because it decides what native means.
  wanted=$(printf '%s\n' "${settings[@]}" && sed -n '/^flags/{p;q}' /proc/cpuinfo)
  if [[ ! -f $native/Makefile || ! -f $native/settings || $(<"$native/settings") != "$wanted" ]]; then
    say "Configuring the kernels"
    logged configure cmake -S "$PWD/native" -B "$PWD/$native" -G "Unix Makefiles" -DCMAKE_BUILD_TYPE=Release "${settings[@]}"
    printf '%s\n' "$wanted" >"$native/settings"
  fi
}

# build_kernels FOR_TESTS OPTION...
build_kernels() {
  read_choice "$@"
  choose_nvcc
  configure_kernels
  with_progress kernels "Compiling the kernels" \
    cmake --build "$native" --parallel "$(nproc)"
}
