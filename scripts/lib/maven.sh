# shellcheck shell=bash
# Runs Maven. Needs messages.sh and jdk.sh.

readonly oldest_maven=3.8.7

# Prints the mvn on the PATH if it is new enough, else the wrapper, which downloads one.
find_maven() {
  local version
  if version=$(mvn -v 2>/dev/null) && [[ $version =~ Apache\ Maven\ ([0-9.]+) ]]; then
    version=${BASH_REMATCH[1]}
    if [[ $(printf '%s\n' "$oldest_maven" "$version" | sort -V | head -n 1) == "$oldest_maven" ]]; then
      echo mvn
      return
    fi
  fi
  echo ./mvnw
}

# maven ARGUMENT...  In batch mode, on JDK 25, whose warnings about Maven itself the JVM flags keep out of the output. By
# itself Maven would look for the project where a link points to; another one is named by a first argument --file=POM.
maven() (
  [[ ${1:-} == --file=* ]] || set -- --file="$PWD/pom.xml" "$@"
  JAVA_HOME=$(find_jdk)
  MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS:-}"
  export JAVA_HOME MAVEN_OPTS
  "$(find_maven)" --batch-mode --no-transfer-progress -Dstyle.color=never "$@"
)
