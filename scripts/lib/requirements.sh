# shellcheck shell=bash
# What a build needs: installed on Debian and Ubuntu as root, elsewhere named together with the command that does it.
# Needs messages.sh and jdk.sh.

readonly jdk_package=openjdk-25-jdk-headless
readonly jdk_advice="no JDK 25 is in JAVA_HOME, on the PATH or in /usr/lib/jvm: install Temurin 25 from \
https://adoptium.net and set JAVA_HOME to its folder"

# Makes sure that everything is there that a build needs, or stops with what to do.
ensure_requirements() {
  local missing
  [[ $(uname -s) == Linux ]] || die "densenet4j runs on Linux and this is $(uname -s): use a Linux machine or container"
  mapfile -t missing < <(missing_packages)
  if ((${#missing[@]} == 0)); then
    return
  elif ! command -v apt-get >/dev/null; then
    die "a build needs ${missing[*]} (Debian's names): install that with this system's package manager"
  elif ((EUID == 0)); then
    install_with_apt "${missing[@]}"
  else
    name_command "${missing[@]}"
  fi
}

# The packages, in Debian's names, whose commands are missing.
missing_packages() {
  command -v cmake >/dev/null || echo cmake
  [[ -n ${CXX:-} ]] || command -v g++ >/dev/null || echo g++
  command -v make >/dev/null || echo make
  find_jdk >/dev/null || echo "$jdk_package"
}

# Makes sure of a Python that can make virtual environments; fails if there is none and it cannot be installed here.
ensure_python() {
  python3 -c 'import ensurepip, venv' 2>/dev/null && return
  if command -v apt-get >/dev/null && ((EUID == 0)); then
    (install_with_apt python3-venv)
  else
    say "python3 cannot make virtual environments here: install python3-venv (Debian: 'sudo apt-get install -y python3-venv')"
    return 1
  fi
}

ensure_shellcheck() {
  if command -v shellcheck >/dev/null; then
    return
  elif command -v apt-get >/dev/null && ((EUID == 0)); then
    install_with_apt shellcheck
  else
    die "the tests need shellcheck: install it (Debian: 'sudo apt-get install -y shellcheck')"
  fi
}

# The tests of libturbojpeg skip where there is none and it cannot be installed.
ensure_turbojpeg() {
  if [[ $(PATH=$PATH:/sbin ldconfig -p) == *libturbojpeg.so.0* ]]; then
    return
  elif command -v apt-get >/dev/null && ((EUID == 0)); then
    (install_with_apt libturbojpeg0) || say "SKIPPED: the tests of libturbojpeg, which cannot be installed here"
  else
    say "SKIPPED: the tests of libturbojpeg: install it (Debian: 'sudo apt-get install -y libturbojpeg0')"
  fi
}

install_with_apt() {
  say "Updating apt's lists"
  # One unreachable source of many must not stop the installation from the others.
  (logged apt-update apt-get update) || say "Going on with the lists that apt has"
  require_candidates "$@"
  say "Installing $*"
  DEBIAN_FRONTEND=noninteractive logged apt-install \
    apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "$@"
}

name_command() {
  require_candidates "$@"
  die "a build needs $*: run 'sudo apt-get update && sudo apt-get install -y $*'"
}

# Stops if the JDK is among the packages and apt, by the lists it has, does not know it.
require_candidates() {
  if [[ " $* " == *" $jdk_package "* && ! $(apt-cache policy "$jdk_package") =~ Candidate:\ [0-9] ]]; then
    die "$jdk_advice"
  fi
}
