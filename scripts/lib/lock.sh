# shellcheck shell=bash
# One build or test run at a time in one folder. Needs messages.sh.

# Waits for the lock, which is held until the script ends.
take_build_lock() {
  command -v flock >/dev/null || die "the command flock is missing: install the package util-linux"
  mkdir -p build
  [[ -w build ]] || die "build/ belongs to $(stat -c %U build) and cannot be written: remove build/ and target/"
  exec {build_lock}>build/.lock
  if ! flock --nonblock "$build_lock"; then
    say "Waiting for another build in this folder"
    flock "$build_lock"
  fi
}
