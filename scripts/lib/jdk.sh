# shellcheck shell=bash
# Finds a JDK 25.

is_jdk_25() {
  local version
  [[ -x $1/bin/java && -x $1/bin/javac ]] || return 1
  if [[ -r $1/release ]]; then
    version=$(<"$1/release")
  else
    version=$("$1/bin/java" -version 2>&1) || return 1
  fi
  [[ $version =~ (JAVA_VERSION=|version\ )\"25[^0-9] ]]
}

# The home of the java command on the PATH, if there is one.
jdk_on_path() {
  local java
  java=$(command -v java) && java=$(readlink -f "$java") && printf '%s' "${java%/bin/java}"
}

# Prints the first JDK 25 among JAVA_HOME, the PATH and /usr/lib/jvm; fails if there is none.
find_jdk() {
  local home
  for home in "${JAVA_HOME:-}" "$(jdk_on_path || true)" /usr/lib/jvm/*; do
    if [[ -n $home ]] && is_jdk_25 "$home"; then
      printf '%s' "$home"
      return
    fi
  done
  return 1
}
