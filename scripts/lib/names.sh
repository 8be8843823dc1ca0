# shellcheck shell=bash
# The names of files and folders. Needs messages.sh.

# Java reads file names by the locale: in C, or in one that is not installed, it could read none beyond ASCII.
use_utf8_names() {
  if [[ $(locale charmap 2>/dev/null) == ANSI_X3.4-1968 ]]; then
    export LC_ALL=C.UTF-8
  fi
}

# refuse_colon FOLDER
refuse_colon() {
  [[ $1 != *:* ]] ||
    die "the folder $1 has a colon in its name, which Java takes for the end of a path: move it elsewhere"
}
