package io.github.densenet4j.internal.backend.cuda.driver;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.library.LoadedLibrary;
import io.github.densenet4j.internal.backend.library.NativeFiles;
import java.nio.file.Path;
import java.util.List;
import jcuda.JCudaVersion;
import jcuda.LibUtils;
import jcuda.driver.JCudaDriver;

/** JCuda's library, which comes from the same place as all others of this build, and from nowhere else. */
final class JCudaLibrary {
  private static final String TITLE = "the native parts of JCuda";
  private static final String FOLDER_FOR_TEMPORARY_FILES = "java.io.tmpdir";

  private JCudaLibrary() {}

  /**
   * Loads it and starts JCuda with it.
   *
   * @throws DeviceException that says why it cannot be loaded
   */
  static void load() {
    String system = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
    if (!system.equals("Linux on amd64")) {
      throw new DeviceException(
          "CUDA works here on Linux on amd64 and this is " + system + ": use device cpu", "device");
    }
    String platformName = LibUtils.createPlatformLibraryName("JCudaDriver-" + JCudaVersion.get());
    String name = LibUtils.createLibraryFileName(platformName);
    Path folder = NativeFiles.find(TITLE, "", List.of(name));
    LoadedLibrary.load(TITLE, folder.resolve(name), NativeFiles.OVERRIDES); // for its reasons, if it fails
    try {
      startIn(folder);
    } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
      throw new DeviceException(
          "JCuda does not start with " + folder.resolve(name) + ": use device cpu", e, "device");
    }
  }

  /**
   * JCuda takes a file of its library's name that lies in the folder for temporary files, whoever put it there, before
   * it unpacks its own; and a library serves the classes of one class loader only, so that only JCuda can load it. So
   * for the moment in which it starts, that folder is ours. The JDK remembers the true one from its own start.
   */
  private static void startIn(Path folder) {
    String before = System.getProperty(FOLDER_FOR_TEMPORARY_FILES);
    System.setProperty(FOLDER_FOR_TEMPORARY_FILES, folder.toString());
    try {
      JCudaDriver.setExceptionsEnabled(false);
    } finally {
      System.setProperty(FOLDER_FOR_TEMPORARY_FILES, before);
    }
  }
}
