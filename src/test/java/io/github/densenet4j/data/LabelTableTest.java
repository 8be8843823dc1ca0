package io.github.densenet4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.data.ImageFiles.Columns;
import io.github.densenet4j.data.ImageFiles.Uncertain;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class LabelTableTest {
  private static final Preprocessing TINY = Preprocessing.of(2).withResize(2).withChannels(1);
  private static final String CHEXPERT =
      """
      Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Edema,Pneumonia
      CheXpert/train/patient1/study1/view1_frontal.png,Female,68,Frontal,AP,1.0,,
      CheXpert/train/patient2/study1/view1_frontal.png,Male,61,Frontal,PA,,1.0,0.0
      CheXpert/train/patient2/study2/view1_frontal.png,Male,61,Frontal,PA,,1.0,-1.0
      CheXpert/train/patient3/study1/view1_frontal.png,Male,80,Lateral,,,-1.0,1.0
      CheXpert/train/patient4/study1/view1_frontal.png,Male,80,Lateral,,,1.0,1.0
      CheXpert/train/patient5/study1/view1_frontal.png,Male,80,Lateral,,,0.0,1.0
      """;

  @TempDir Path root;

  @BeforeEach
  void draw() {
    for (int i = 0; i < 8; i++) {
      DrawnFiles.grey(root.resolve("images/" + i + ".png"), 3, 3, 10 * i);
    }
  }

  @Test
  void aPathAndALabel() throws IOException {
    var data =
        table("\uFEFFfile,kind\r\n\"images/0.png\",\"shape, round\"\r\nimages/1.png, b \r\n\r\nimages/2.png,b\r\n",
            Columns.DEFAULT).validationSplit(0.5, 1).open();
    assertThat(data.classNames()).containsExactly("b", "shape, round");
    assertThat(data.name()).isEqualTo("csv:" + root.resolve("table.csv"));
    assertThat(all("file,kind\nimages/0.png,b\nimages/1.png,10\nimages/2.png,9\n", Columns.DEFAULT))
        .containsExactly("2:0", "0:10", "1:20");
    assertThat(all("file,kind\nimages/0.png,11\nimages/1.png,10\nimages/2.png,9\n", Columns.DEFAULT))
        .containsExactly("2:0", "1:10", "0:20");
  }

  @Test
  void aColumnAClass() throws IOException {
    assertThat(all("file,cat,dog,bird\nimages/0.png,0,1,\nimages/1.png,,0.0,1.0\n", Columns.DEFAULT))
        .containsExactly("1:0", "2:10");
  }

  @Test
  void tablesLikeCheXperts() throws IOException {
    for (String part : List.of("1/study1", "2/study1", "2/study2", "3/study1", "4/study1", "5/study1")) {
      DrawnFiles.grey(
          root.resolve("CheXpert/train/patient" + part + "/view1_frontal.png"), 2, 2, 10 * part.charAt(0) - 480);
    }
    var labels = List.of("No Finding", "Edema", "Pneumonia");
    assertThat(all(CHEXPERT, chexpert(labels, Uncertain.ZEROS))).containsExactly("0:10", "1:20", "1:20", "2:30", "2:50");
    assertThat(all(CHEXPERT, chexpert(labels, Uncertain.ONES))).containsExactly("0:10", "1:20", "2:50");
    assertThat(all(CHEXPERT, chexpert(labels, Uncertain.IGNORE))).containsExactly("0:10", "1:20", "2:50");
    assertThatThrownBy(table(CHEXPERT, Columns.DEFAULT)::open)
        .isInstanceOf(DataException.class)
        .hasMessageEndingWith(
            "table.csv, line 2: 'Female' in column Sex is no number, expected 1, 0, -1 or blank; name the columns of labels"
                + " if this is none.");
    assertThatThrownBy(
            table(CHEXPERT, new Columns("Path", "", labels, Uncertain.IGNORE, "", "", false, Optional.empty()))::open)
        .isInstanceOf(DataException.class)
        .hasMessageEndingWith(
            "table.csv: 3 of 6 rows have not exactly one class (the first: line 4 with uncertain ones), but a network is"
                + " trained on exactly one class an image so far: leave such rows out with Columns.singleOnly.");
  }

  private static Columns chexpert(List<String> labels, Uncertain uncertain) {
    return new Columns("Path", "", labels, uncertain, "", "", true, Optional.empty());
  }

  @Test
  void tablesLikeThoseOfNihsChestXrays() throws IOException {
    DrawnFiles.grey(root.resolve("images_001/images/00000001_000.png"), 2, 2, 10);
    DrawnFiles.grey(root.resolve("images_002/images/00000002_000.png"), 2, 2, 20);
    DrawnFiles.grey(root.resolve("images_002/images/00000003_000.png"), 2, 2, 30);
    String text =
        """
        Image Index,Finding Labels,Follow-up #,Patient ID
        00000001_000.png,Cardiomegaly|Emphysema,0,1
        00000002_000.png,No Finding,0,2
        00000003_000.png,Emphysema,0,3
        """;
    var columns =
        new Columns(
            "Image Index", "Finding Labels", List.of(), Uncertain.IGNORE, "", "Patient ID", true, Optional.empty());
    // Cardiomegaly is 0, Emphysema 1, No Finding 2.
    assertThat(all(text, columns)).containsExactly("2:20", "1:30");
    DrawnFiles.grey(root.resolve("images_001/images/00000003_000.png"), 2, 2, 30);
    assertThatThrownBy(() -> all(text, columns))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("The image 00000003_000.png is in several folders below");
  }

  @Test
  void aColumnTellsThePartsApart() throws IOException {
    var columns = new Columns("", "", List.of(), Uncertain.IGNORE, "part", "", false, Optional.empty());
    var data = table(split(), columns).open();
    assertThat(data.training().count()).isEqualTo(2);
    assertThat(data.heldOut().orElseThrow().count()).isEqualTo(1);
    assertThat(data.heldOut().orElseThrow().label(0)).isEqualTo(1);
    var test = table(split().replace("valid", "test"), columns).open();
    assertThat(test.heldOut().orElseThrow().count()).isEqualTo(2);
    refused(split().replace("valid", "perhaps"), columns, ", line 4: 'perhaps' in column part is none of train, val and test.");
    refused(
        split().replace("valid", "train").replace("test", "train"), columns,
        " has 4 rows to train on and 0 held out by column part, expected both.");
  }

  private static String split() {
    return "file,kind,part\nimages/0.png,a,Train\nimages/1.png,b,train\nimages/2.png,b,valid\nimages/3.png,a,test\n";
  }

  @Test
  void noGroupIsInBothParts() throws IOException {
    var text = new StringBuilder("file,kind,who\n");
    for (int i = 0; i < 8; i++) {
      text.append("images/%d.png,%s,%s\n".formatted(i, i % 2 == 0 ? "a" : "b", "patient" + i / 2));
    }
    var columns = new Columns("", "kind", List.of(), Uncertain.IGNORE, "", "who", false, Optional.empty());
    for (long seed = 0; seed < 20; seed++) {
      var data = table(text.toString(), columns).validationSplit(0.3, seed).open();
      var patients = levels(data.heldOut().orElseThrow()).map(level -> level / 20).boxed().toList();
      assertThat(patients).hasSize(2).containsOnly(patients.getFirst());
      assertThat(levels(data.training()).map(level -> level / 20).boxed().toList()).doesNotContain(patients.getFirst());
    }
    var split = new Columns("", "kind", List.of(), Uncertain.IGNORE, "part", "who", false, Optional.empty());
    refused(
        "file,kind,part,who\nimages/0.png,a,train,p1\nimages/1.png,b,train,p2\nimages/2.png,b,val,p1\n", split,
        " has the same who in both parts, in lines 2 and 4: what is held out must be of others.");
  }

  @Test
  void tablesThatCannotBe() throws IOException {
    var one = Columns.DEFAULT;
    refused("", one, " is empty, expected a line of column names and a line an image.");
    refused("file,kind\n", one, " has no rows, expected one an image.");
    refused("file\na.png\n", one, " has no column of labels, its columns are file.");
    refused("file,kind\nimages/0.png\n", one, ", line 2 has 1 fields, expected 2 as in the first line.");
    refused("file,kind\n,a\n", one, ", line 2: no image is named in column file.");
    refused(
        "file,kind\nimages/0.png,a\nimages/1.png,b\nimages/0.png,a\n", one,
        " names the image 0.png in line 2 and again in line 4: remove one of the two.");
    refused(
        "file,kind\nimages/0.png,a\nimages/1.png,\n", one,
        ": 1 of 2 rows have not exactly one class (the first: line 3 with none), but a network is trained on exactly one"
            + " class an image so far: leave such rows out with Columns.singleOnly.");
    refused(
        "file,kind\n\"images/\n0.png\",a\n", one,
        ", line 2: column file has a control character, such as a line break.");
    refused("file,a,b\nimages/0.png,2,0\n", one, ", line 2: '2' in column a is none of 1, 0, -1 and blank.");
    var other = new Columns("", "label", List.of(), Uncertain.IGNORE, "", "", false, Optional.empty());
    refused("file,kind\nimages/0.png,a\n", other, " has no column label, its columns are file, kind.");
    assertThatThrownBy(table("file,kind\nimages/0.png,a\nimages/99.png,b\n", one)::open)
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("1 of 2 image files cannot be read (cannot read the image ")
        .hasMessageContaining("99.png: it does not exist");
    refused("file,kind\n\"images/0.png,a\n", one, "");
    assertThatThrownBy(ImageFiles.table(root.resolve("nowhere.csv"))::open)
        .isInstanceOf(DataException.class)
        .hasMessageEndingWith("nowhere.csv is missing, expected a CSV file; check the name.");
    assertThatThrownBy(
            () -> new Columns("", "a", List.of("b"), Uncertain.IGNORE, "", "", false, Optional.empty()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("there is a label column and there are label columns: choose one");
  }

  private void refused(String text, Columns columns, String end) throws IOException {
    assertThatThrownBy(table(text, columns)::open)
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(root.resolve("table.csv").toString())
        .hasMessageEndingWith(end);
  }

  private ImageFiles table(String text, Columns columns) throws IOException {
    Path file = Files.writeString(root.resolve("table.csv"), text);
    return ImageFiles.table(file).columns(columns).preprocessing(TINY);
  }

  /** Label and level of each image. */
  private List<String> all(String text, Columns columns) throws IOException {
    var images = table(text, columns).evaluation();
    return IntStream.range(0, images.count())
        .mapToObj(i -> images.label(i) + ":" + level(images, i))
        .toList();
  }

  private static IntStream levels(ImageSource images) {
    return IntStream.range(0, images.count()).map(i -> level(images, i));
  }

  private static int level(ImageSource images, int index) {
    return Byte.toUnsignedInt(TestFiles.image(images, index)[0]);
  }
}
