# shellcheck shell=bash
# The names of files and folders. Needs messages.sh.

# Java reads file names by the locale: in C, or in one that is not installed, it could read none beyond ASCII.
use_utf8_names() {
  if [[ $(locale charmap 2>/dev/null) == ANSI_X3.4-1968 ]]; then
    export LC_ALL=C.UTF-8
  fi
}

# Prints the folder, or a link to it without a colon, which Java, Maven and CMake take for the end of a path.
# without_colon FOLDER
without_colon() {
  local links=${XDG_CACHE_HOME:-${HOME:-}/.cache}/densenet4j/links link
  if [[ $1 != *:* ]]; then
    printf '%s' "$1"
    return
  fi
  link=$links/$(printf '%s' "$1" | sha256sum | cut -c 1-16)
  if [[ $links == *:* ]] || ! mkdir -p "$links" || ! ln -sfnT -- "$1" "$link"; then
    die "the folder $1 has a colon in its name, and no link to it without one can be made in $links: move it elsewhere"
  fi
  printf '%s' "$link"
}

# Works in the present folder by a name without a colon.
leave_colon() {
  local folder
  folder=$(without_colon "$PWD")
  cd "$folder"
}

# Java itself cannot start from such a folder: it looks for its libraries in the resolved path.
# refuse_colon FOLDER
refuse_colon() {
  [[ $1 != *:* ]] ||
    die "Java cannot start from the folder $1, because of the colon in its name: move it elsewhere"
}
