# shellcheck shell=bash
# Shows how far a build by make is. Needs messages.sh.

# with_progress NAME TITLE COMMAND...  Like logged, and says of what make prints how much is done: in one line of a
# terminal, elsewhere at every fifth of the way. Says nothing if there is nothing to do.
with_progress() {
  local log=build/log/$1.log title=$2 terminal=false
  shift 2
  mkdir -p build/log
  if [[ -t 2 ]]; then
    terminal=true
  fi
  if ! "$@" 2>&1 </dev/null | tee "$log" | show_percentages "$title" "$terminal" >&2; then
    tail -n 200 "$log" >&2
    die "'$*' failed; what it printed stands above, and in $log"
  fi
}

# make numbers its steps by all there are, so that what has nothing to do jumps ahead.
show_percentages() {
  local title=$1 terminal=$2 line percent shown=-20 worked=false
  local pattern='^\[ *([0-9]+)%\] (Building|Linking|Compiling|Generating)'
  while IFS= read -r line; do
    [[ $line =~ $pattern ]] || continue
    percent=${BASH_REMATCH[1]}
    worked=true
    if $terminal; then
      printf '\r%s: %3d %%' "$title" "$percent"
    elif ((percent >= shown + 20)); then
      printf '%s: %d %%\n' "$title" "$percent"
      shown=$percent
    fi
  done
  if $worked && $terminal; then
    printf '\r%s: done \n' "$title"
  fi
}
