package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.data.DrawnFiles;
import io.github.densenet4j.data.Preprocessing;
import io.github.densenet4j.data.Preprocessing.Interpolation;
import io.github.densenet4j.data.Preprocessing.Variation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on folders and tables of image files. */
class ImageFilesCommandsTest {
  @TempDir private Path root;
  private Path images;
  private Path out;

  @BeforeEach
  void draw() {
    images = root.resolve("images");
    out = root.resolve("run");
    for (int i = 0; i < 10; i++) {
      DrawnFiles.grey(images.resolve("dark/" + i + ".png"), 9 + i, 12, 20 + i);
      DrawnFiles.jpeg(images.resolve("light/" + i + ".jpg"), 12, 9 + i, 210 + i);
    }
  }

  private CommandRun train(String data, String... more) {
    var args = new ArrayList<>(List.of("train", "--data=" + data, "--out=" + out, "--epochs=4", "--batch-size=4"));
    args.addAll(CommandRun.TINY);
    args.addAll(List.of(more));
    return CommandRun.of(args.toArray(String[]::new));
  }

  private String checkpoint() {
    return "--checkpoint=" + out.resolve("checkpoint-last.safetensors");
  }

  @Test
  void aFolderIsTrainedOnEvaluatedAndPredicted() {
    train(
            "folder:" + images, "--validation-split=0.2", "--size=8", "--resize=10", "--channels=1",
            "--interpolation=bicubic", "--ignore-orientation", "--augment=imagenet", "--crop-scale=0.5", "--rotation=5",
            "--jitter=0.1,0.1,0.1,0.1", "--normalization=0.5:0.25", "--limit=12")
        .done();
    var network = DenseNet.load(out.resolve("checkpoint-last.safetensors"));
    var variation = Variation.IMAGENET.withCrop(0.5, 4.0 / 3).withRotation(5).withJitter(0.1, 0.1, 0.1, 0.1);
    assertThat(network.preprocessing())
        .contains(new Preprocessing(8, 10, Interpolation.BICUBIC, 1, false, variation));
    assertThat(network.mean()).containsExactly(127.5);
    assertThat(network.classNames()).containsExactly("dark", "light");
    var whole = CommandRun.of("evaluate", checkpoint(), "--data=folder:" + images, "--json").json();
    assertThat(whole).containsEntry("images", 20L);
    var predicted = CommandRun.of("predict", checkpoint(), images.resolve("light/3.jpg").toString()).done();
    assertThat(predicted.out()).contains("dark", "light");
    CommandRun.of("evaluate", checkpoint(), "--data=folder:" + images, "--resize=8", "--interpolation=bilinear").done();
    CommandRun.of("evaluate", checkpoint(), "--data=folder:" + images, "--size=9")
        .refused(2, "the --size is 9 and the --channels are 1, but the model takes 8x8 images of 1 channels");
  }

  @Test
  void aTableIsTrainedOnAndEvaluated() throws IOException {
    var text = new StringBuilder("image,patient,dark,light,part\n");
    for (int i = 0; i < 10; i++) {
      text.append("dark/%d.png,p%d,1.0,,%s\n".formatted(i, i, i < 8 ? "train" : "val"));
      text.append("light/%d.jpg,q%d,-1.0,1.0,%s\n".formatted(i, i, i < 8 ? "train" : "val"));
    }
    Path table = Files.writeString(root.resolve("table.csv"), text);
    String[] columns = {
      "--path-column=image", "--label-columns=dark,light", "--uncertain=zeros", "--split-column=part",
      "--group-column=patient", "--image-folder=" + images
    };
    var arguments = new ArrayList<>(List.of(columns));
    arguments.addAll(List.of("--size=8", "--channels=1"));
    train("csv:" + table, arguments.toArray(String[]::new)).done();
    var evaluate = new ArrayList<>(List.of("evaluate", checkpoint(), "--data=csv:" + table, "--json"));
    evaluate.addAll(List.of(columns));
    assertThat(CommandRun.of(evaluate.toArray(String[]::new)).json()).containsEntry("images", 4L);
    evaluate.set(evaluate.indexOf("--uncertain=zeros"), "--uncertain=ignore");
    CommandRun.of(evaluate.toArray(String[]::new))
        .refused(1, "10 of 20 rows have not exactly one class", "leave such rows out with --single-label-only");
  }

  @Test
  void packedImagesAreCutAndVariedToo() {
    Path pack = root.resolve("images.pack");
    CommandRun.of(
            "pack", "--data=folder:" + images, "--validation-split=0.2", "--size=12", "--resize=12", "--channels=1",
            "--out=" + pack)
        .done();
    train("pack:" + pack, "--size=8", "--channels=1", "--resize=8", "--augment=imagenet").done();
    var network = DenseNet.load(out.resolve("checkpoint-last.safetensors"));
    assertThat(network.preprocessing().orElseThrow().variation()).isEqualTo(Variation.IMAGENET);
    assertThat(CommandRun.of("evaluate", checkpoint(), "--data=folder:" + images, "--json").json())
        .containsEntry("images", 20L);
  }

  @Test
  void whatIsMissingIsNamedAsTheOptionThatHelps() throws IOException {
    train("folder:" + images).refused(1, "none held out: set a --validation-split, or put the images into train and val");
    Files.writeString(images.resolve("dark/bad.png"), "no image");
    train("folder:" + images, "--validation-split=0.5").refused(1, "or leave them out with --skip-unreadable");
    train("folder:" + images, "--size=0").refused(2, "--size is 0");
    train("folder:" + images, "--jitter=1,2").refused(2, "--jitter has 2 numbers, expected four: B,C,S,H");
    train("folder:" + images, "--flip=2").refused(2, "--flip is 2.0, expected 0 to 1");
    train("folder:" + images, "--label-column=x").refused(2, "columns are for csv:FILE");
    train("fashion-mnist-sample", "--size=8").refused(2, "options of image files are for folder:DIR, csv:FILE and pack:FILE");
    train("fashion-mnist-sample", "--augment=imagenet").refused(2, "options of image files are for");
    train("fashion-mnist-sample", "--skip-unreadable").refused(2, "--skip-unreadable is for folder:DIR and csv:FILE");
    train("folder:").refused(2, "Unknown data set 'folder:'");
    var skipped = train("folder:" + images, "--validation-split=0.5", "--skip-unreadable", "--size=8", "--channels=1");
    assertThat(skipped.done().err())
        .contains("warning: the training leaves out 1 of 21 image files that cannot be read: ");
  }
}
