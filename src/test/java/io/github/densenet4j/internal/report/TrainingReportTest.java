package io.github.densenet4j.internal.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.internal.io.EpochMetrics;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

@Tag("fast")
class TrainingReportTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"1,2", "3,10", "40,20", "41,21", "300,100", "5,201"})
  void isWellFormedAndComplete(int epochs, int classes) throws Exception {
    var page = parse(TrainingReport.html(data(epochs, classes)));
    assertThat(nodes(page, "//h1")).containsExactly("bc-100-12");
    assertThat(nodes(page, "//h2"))
        .containsExactly(
            "Loss", "Accuracy", "Learning rate", "Training speed", "Confusion matrix", "Memory plan", "Configuration");
    assertThat(nodes(page, "//*[@class='chart']//*[@class='hit']")).hasSize(4 * epochs);
    assertThat(nodes(page, "//table[@class='epochs']/tbody/tr")).hasSize(epochs);
    boolean table = classes <= 20;
    assertThat(nodes(page, "//table[starts-with(@class,'confusion')]")).hasSize(table ? 1 : 0);
    assertThat(nodes(page, "//*[@class='map']")).hasSize(table ? 0 : 1);
    assertThat(nodes(page, "//ol[@class='recalls']/li")).hasSize(table ? 0 : classes);
  }

  @Test
  void needsNothingElse() {
    String html = TrainingReport.html(data(3, 10));
    assertThat(html).contains("default-src 'none'").doesNotContainPattern("https?:|src=|href=|<script|@import|url\\(");
  }

  @Test
  void pointsCarryTheirValues() throws Exception {
    var page = parse(TrainingReport.html(data(3, 2)));
    assertThat(nodes(page, "//figure[1]//*[@class='hit']/*[local-name()='title']"))
        .containsExactly(
            "epoch 1, training 2, held-out 2.5", "epoch 2, training 1, held-out 1.5",
            "epoch 3, training 0.6667, held-out 1.167");
    assertThat(nodes(page, "//figure[2]//*[@class='hit']/*[local-name()='title']"))
        .first()
        .isEqualTo("epoch 1, training 50.00 %, held-out 40.00 %");
  }

  /** A label ends where it is anchored: as many letters as it has must fit between there and the picture's edge. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-6, 1e-4, 0.1, 25})
  void labelsOfTicksAreWhole(double learningRate) throws Exception {
    var rows = List.of(new EpochMetrics(1, 2, 0.5, 2, 0.5, learningRate, 50, 10));
    String html = TrainingReport.html(data(rows, Optional.empty()));
    var page = parse(html);
    var labels = nodes(page, "//figure//*[@class='tick y']");
    var anchors = nodes(page, "//figure//*[@class='tick y']/@x");
    assertThat(labels).hasSizeGreaterThan(10);
    double letter = 8; // of the 15 units that a letter is high on a phone
    for (int i = 0; i < labels.size(); i++) {
      double room = Double.parseDouble(anchors.get(i));
      assertThat(letter * labels.get(i).length()).as(labels.get(i)).isLessThanOrEqualTo(room);
    }
  }

  @Test
  void headlinesNameTheBestEpoch() throws Exception {
    var rows = List.of(epoch(1, 0.5), epoch(2, Double.NaN), epoch(3, 0.875), epoch(4, 0.875), epoch(5, 0.7));
    var page = parse(TrainingReport.html(data(rows, Optional.empty())));
    assertThat(nodes(page, "//dl[@class='headlines']//dd"))
        .containsExactly(
            "87.50 %in epoch 3", "769,162trainable", "50 images/smedian of the epochs", "50.0 s5 epochs",
            "1.5 MiBon cpu, 2 threads");
  }

  @Test
  void withoutHeldOutImagesThereIsOneCurveAndNoMatrix() throws Exception {
    var page = parse(TrainingReport.html(data(List.of(epoch(1, Double.NaN)), Optional.empty())));
    assertThat(nodes(page, "//h2")).doesNotContain("Confusion matrix");
    assertThat(nodes(page, "//*[@class='line held-out']")).isEmpty();
    assertThat(nodes(page, "//dl[@class='headlines']//dd")).first().isEqualTo("–no held-out images");
  }

  @Test
  void brokenCurvesHaveGapsAndNoNumbersThatSvgLacks() throws Exception {
    var infinite = new EpochMetrics(3, Double.POSITIVE_INFINITY, 0.5, Double.NaN, 0.5, 0.1, 50, 10);
    var rows = List.of(epoch(1, 0.5), epoch(2, 0.5), infinite, epoch(4, 0.5));
    String html = TrainingReport.html(data(rows, Optional.empty()));
    assertThat(html).doesNotContain("NaN", "Infinity");
    var line = nodes(parse(html), "(//figure[1]//*[@class='line train'])[1]/@d").getFirst();
    assertThat(line.chars().filter(c -> c == 'M')).hasSize(2);
    assertThat(line.chars().filter(c -> c == 'L')).hasSize(1);
  }

  @Test
  void confusionTableShowsCountsAndRecall() throws Exception {
    long[][] counts = {{3, 1, 0}, {0, 0, 0}, {0, 2, 2}};
    var confusion = new Confusion("8 images", List.of("cat", "dog", "owl"), counts);
    var page = parse(TrainingReport.html(data(List.of(epoch(1, 0.5)), Optional.of(confusion))));
    assertThat(nodes(page, "//table[@class='confusion']/tbody/tr"))
        .containsExactly("cat310475.00 %", "dog0000–", "owl022450.00 %");
    assertThat(nodes(page, "//td[@class='cell wrong dark']/@title"))
        .containsExactly("owl taken for dog: 2 of 4 (50.00 %)");
    assertThat(nodes(page, "//ol[@class='mistakes']/li"))
        .containsExactly("owl taken for dog: 2 of 4 (50.00 %)", "cat taken for dog: 1 of 4 (25.00 %)");
    assertThat(nodes(page, "//p[@class='note']").getFirst()).startsWith("8 images: 62.50 % correct.");
  }

  @Test
  void manyClassesAreListedFromTheLowestRecall() throws Exception {
    long[][] counts = new long[25][25];
    for (int c = 0; c < 25; c++) {
      counts[c][c] = c + 1;
      counts[c][(c + 1) % 25] += 10;
    }
    var confusion = new Confusion("images", names(25), counts);
    var page = parse(TrainingReport.html(data(List.of(epoch(1, 0.5)), Optional.of(confusion))));
    assertThat(nodes(page, "//ol[@class='recalls']/li")).first().isEqualTo("0class 09.09 %");
    assertThat(nodes(page, "//ol[@class='recalls']/li")).last().isEqualTo("24class 2471.43 %");
    assertThat(nodes(page, "//*[@class='map']//*[@class='right']")).hasSize(25);
    assertThat(nodes(page, "//*[@class='map']//*[@class='wrong']/*")).first().isEqualTo(
        "class 0 taken for class 1: 10 of 11 (90.91 %)");
  }

  @Test
  void memoryAddsUp() throws Exception {
    var page = parse(TrainingReport.html(data(1, 2)));
    assertThat(nodes(page, "//table[@class='plan']//tr"))
        .containsExactly(
            "categorysizesharebytes", "parameters1.0 MiB66.67 %1,048,576", "staging & co512.0 KiB33.33 %524,288",
            "empty0 B0.00 %0", "total1.5 MiB1,572,864");
    assertThat(nodes(page, "//div[@class='memory']/span/@title"))
        .containsExactly("parameters: 1.0 MiB, 66.67 %", "staging & co: 512.0 KiB, 33.33 %");
  }

  @ParameterizedTest
  @ValueSource(strings = {"<script>alert(1)</script>", "\" onload=\"x", "a&b;'", "100 % %s %n", "\u0000\u001b\ufffe"})
  void textsAreEscaped(String evil) throws Exception {
    var confusion = new Confusion(evil, List.of(evil, "b"), new long[][] {{1, 1}, {0, 1}});
    var plan = new LinkedHashMap<String, Long>();
    plan.put(evil, 1L);
    var settings = new LinkedHashMap<String, String>();
    settings.put(evil, evil);
    var page = parse(
        TrainingReport.html(
            new ReportData(evil, evil, evil, 1, List.of(epoch(1, 0.5)), Optional.of(confusion), plan, settings)));
    String shown = evil.codePoints().allMatch(c -> c >= 0x20 && c != 0xfffe) ? evil : "\ufffd\ufffd\ufffd";
    assertThat(nodes(page, "//h1")).containsExactly(shown);
    assertThat(nodes(page, "//dl[@class='settings']/div/*")).containsExactly(shown, shown);
    assertThat(nodes(page, "//td[@class='cell wrong dark']/@title"))
        .containsExactly(shown + " taken for b: 1 of 2 (50.00 %)");
    assertThat(nodes(page, "//script")).isEmpty();
  }

  @Test
  void theSameInputGivesTheSameFileInEveryLocale() {
    Locale before = Locale.getDefault();
    Path file = folder.resolve("report.html");
    String expected = TrainingReport.html(data(3, 30));
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      TrainingReport.write(file, data(3, 30));
    } finally {
      Locale.setDefault(before);
    }
    assertThat(file).content().isEqualTo(expected);
  }

  @Test
  void impossibleInputIsRefused() {
    assertThatThrownBy(() -> data(List.of(), Optional.empty())).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Confusion("", List.of("a"), new long[2][1])).hasMessage("2 rows for 1 classes");
    assertThatThrownBy(() -> new Confusion("", List.of("a"), new long[1][2])).hasMessage("2 columns for 1 classes");
    assertThatThrownBy(() -> new Confusion("", List.of("a"), new long[][] {{-1}})).hasMessage("count -1 is negative");
  }

  private static EpochMetrics epoch(int number, double heldOutAccuracy) {
    double heldOutLoss = Double.isNaN(heldOutAccuracy) ? Double.NaN : 0.5 + 2.0 / number;
    return new EpochMetrics(number, 2.0 / number, 0.5, heldOutLoss, heldOutAccuracy, 0.1, 50, 10);
  }

  private static ReportData data(int epochs, int classes) {
    var rows = new ArrayList<EpochMetrics>();
    IntStream.rangeClosed(1, epochs).forEach(e -> rows.add(epoch(e, 0.4)));
    var random = new Random(2);
    long[][] counts = new long[classes][classes];
    for (int i = 0; i < classes * 20; i++) {
      counts[random.nextInt(classes)][random.nextInt(classes)]++;
    }
    return data(rows, Optional.of(new Confusion("held-out images", names(classes), counts)));
  }

  private static ReportData data(List<EpochMetrics> epochs, Optional<Confusion> confusion) {
    var plan = new LinkedHashMap<String, Long>();
    plan.put("parameters", 1L << 20);
    plan.put("staging & co", 1L << 19);
    plan.put("empty", 0L);
    var settings = new LinkedHashMap<String, String>();
    settings.put("batch size", "64");
    return new ReportData("bc-100-12", "small images", "cpu, 2 threads", 769_162, epochs, confusion, plan, settings);
  }

  private static List<String> names(int classes) {
    return IntStream.range(0, classes).mapToObj(c -> "class " + c).toList();
  }

  private static Document parse(String html) throws ParserConfigurationException, SAXException, IOException {
    return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(html)));
  }

  private static List<String> nodes(Document page, String path) throws XPathExpressionException {
    var found = (NodeList) XPathFactory.newInstance().newXPath().evaluate(path, page, XPathConstants.NODESET);
    return IntStream.range(0, found.getLength()).mapToObj(i -> found.item(i).getTextContent().strip()).toList();
  }
}
