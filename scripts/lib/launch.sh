# shellcheck shell=bash
# Starts the command.

# launch JAVA CLASS_PATH FLAG... -- ARGUMENT...  Flags are the JVM's, to which DENSENET4J_JAVA_OPTS adds.
launch() {
  local java=$1 class_path=$2 flags=() more_flags
  shift 2
  while [[ $1 != -- ]]; do
    flags+=("$1")
    shift
  done
  shift
  read -r -d '' -a more_flags <<<"${DENSENET4J_JAVA_OPTS:-}" || true
  # The heap holds data sets and checkpoints; what a network needs lies outside it. The heap is at most 1 GiB, and a
  # quarter of the memory or of what a control group allows.
  exec "$java" --enable-native-access=ALL-UNNAMED -Djava.awt.headless=true -XX:ErgoHeapSizeLimit=1g \
    -XX:+UseSerialGC -Xshare:auto "${flags[@]}" "${more_flags[@]}" \
    -cp "$class_path" io.github.densenet4j.internal.cli.Main "$@"
}
