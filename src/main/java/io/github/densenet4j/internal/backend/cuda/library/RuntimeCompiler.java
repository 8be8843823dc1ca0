package io.github.densenet4j.internal.backend.cuda.library;

import io.github.densenet4j.internal.backend.library.LoadedLibrary;
import java.util.List;
import java.util.Optional;

/** NVRTC, by which cuDNN compiles kernels while it runs. It does without where none of its choices needs that. */
public final class RuntimeCompiler {
  private RuntimeCompiler() {}

  /**
   * Loads the one of a version of CUDA, if there is one.
   *
   * @throws io.github.densenet4j.error.DeviceException if it is there and cannot be loaded
   */
  public static Optional<FoundLibrary> load(SearchPath path, int major) {
    var found =
        new SoughtLibrary(
                "NVRTC " + major, "densenet4j.nvrtc", List.of("libnvrtc.so." + major), List.of(),
                "install it with the CUDA toolkit " + major)
            .look(path);
    found.ifPresent(library -> LoadedLibrary.load(library.title(), library.file()));
    return found;
  }
}
