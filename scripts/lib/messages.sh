# shellcheck shell=bash
# What the scripts say goes to stderr: stdout belongs to the commands.

say() {
  printf '%s\n' "$*" >&2
}

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# logged NAME COMMAND...  Keeps the output of a command in build/log/NAME.log and shows it only if the command fails.
logged() {
  local log=build/log/$1.log
  shift
  mkdir -p build/log
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 200 "$log" >&2
    die "'$*' failed; what it printed stands above, and in $log"
  fi
}
