/**
 * Trains, evaluates and deploys DenseNets with feature maps in one shared buffer per dense block.
 *
 * <p>Start with {@link io.github.densenet4j.DenseNet}. The JVM needs the flag {@code
 * --enable-native-access=io.github.densenet4j,jcuda}; on the class path {@code --enable-native-access=ALL-UNNAMED}.
 */
@SuppressWarnings("requires-automatic") // JCuda and pickle have no module-info
module io.github.densenet4j {
  requires com.fasterxml.jackson.core;
  requires de.siegmar.fastcsv;
  requires transitive java.desktop;
  requires java.logging; // JCuda's, which cannot say so
  requires jcuda;
  requires pickle;
  requires static info.picocli;

  exports io.github.densenet4j;
  exports io.github.densenet4j.config;
  exports io.github.densenet4j.data;
  exports io.github.densenet4j.error;
  exports io.github.densenet4j.train;

  opens io.github.densenet4j.internal.cli to
      info.picocli;
}
