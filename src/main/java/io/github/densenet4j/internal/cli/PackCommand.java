package io.github.densenet4j.internal.cli;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.training.Packing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "pack",
    customSynopsis = "densenet4j pack --data=SOURCE --out=FILE [OPTIONS]",
    description = {
      "Writes a data set as one file of pixels, which trains without decoding.",
      "Of image files the square in the middle is packed, with --size 256 if nothing is said; trainings cut their own "
          + "--size out of it, at random with --augment imagenet.",
      "The file is read by --data pack:FILE. It may be larger than memory; it is a safetensors file, so other programs "
          + "read it too."
    })
final class PackCommand implements Runnable {
  @ParentCommand private Main main;
  @Mixin private DataOptions dataOptions;
  @Mixin private WorkerOptions workers;

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "the file to write")
  private Path out;

  @Override
  public void run() {
    var data = dataOptions.openToPack();
    try (var progress = new PackProgress(main.console(), images(data))) {
      new Packing(workers.threads(), progress::add).write(data, out);
    }
    main.console().out().println(
        "%s: %s images of %dx%dx%d, %d classes, %s".formatted(
            out, Figures.count(images(data)), data.training().height(), data.training().width(),
            data.training().channels(), data.classes(), Figures.bytes(size())));
  }

  private static long images(Dataset data) {
    return data.training().count() + (long) data.heldOut().map(ImageSource::count).orElse(0);
  }

  private long size() {
    try {
      return Files.size(out);
    } catch (IOException e) {
      throw new DataException("%s cannot be read back (%s)".formatted(out, e), e);
    }
  }
}
