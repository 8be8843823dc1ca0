package io.github.densenet4j.internal.backend.cuda.library;

import io.github.densenet4j.error.DeviceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A library to look for.
 *
 * @param title its name for users
 * @param property the option that names its file or folder
 * @param names its file names, the best first: a worse one counts only where no folder has a better one
 * @param unfit the file names of versions that do not do, for the message
 * @param installation how to get it
 */
public record SoughtLibrary(
    String title, String property, List<String> names, List<String> unfit, String installation) {

  /** @throws DeviceException that lists every place tried */
  public FoundLibrary find(SearchPath path) {
    var explicit = path.explicit(property);
    if (explicit.isPresent()) {
      return at(explicit.get().toAbsolutePath());
    }
    return in(path.folders()).orElseThrow(() -> missing(path.folders()));
  }

  /** Empty where {@link #find} would throw because it is nowhere. */
  public Optional<FoundLibrary> look(SearchPath path) {
    return path.explicit(property).isPresent() ? Optional.of(find(path)) : in(path.folders());
  }

  private Optional<FoundLibrary> in(List<Path> folders) {
    return names.stream()
        .flatMap(name -> first(folders, name).stream())
        .findFirst()
        .map(file -> new FoundLibrary(title, file.toAbsolutePath(), folders));
  }

  private FoundLibrary at(Path place) {
    var found =
        Files.isDirectory(place)
            ? names.stream().map(place::resolve).filter(Files::isRegularFile).findFirst()
            : Optional.of(place).filter(Files::isRegularFile);
    return found
        .map(file -> new FoundLibrary(title, file, List.of(place)))
        .orElseThrow(
            () ->
                new DeviceException(
                    "-D" + property + " is " + place + ", which is neither the file " + String.join(" or ", names)
                        + " nor the folder that holds it: correct it, or leave it out to search the usual places"));
  }

  private static Optional<Path> first(List<Path> folders, String name) {
    return folders.stream().map(folder -> folder.resolve(name)).filter(Files::isRegularFile).findFirst();
  }

  private DeviceException missing(List<Path> folders) {
    String remedy = "; " + installation + ", or name its file or folder with -D" + property;
    for (String name : unfit) {
      var file = first(folders, name);
      if (file.isPresent()) {
        return new DeviceException(title + " is needed, but only " + file.get() + " was found" + remedy);
      }
    }
    return new DeviceException(
        title + " was not found: " + String.join(" or ", names) + " was looked for in "
            + folders.stream().map(Path::toString).collect(Collectors.joining(", ")) + remedy);
  }
}
