module consumer {
  requires io.github.densenet4j;
}
