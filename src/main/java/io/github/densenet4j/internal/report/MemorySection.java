package io.github.densenet4j.internal.report;

import io.github.densenet4j.internal.io.Figures;
import java.util.SequencedMap;

/** The memory plan: one bar that is divided by category, and the same as a table. */
final class MemorySection {
  private static final int COLOURS = 6;

  /** The smallest share whose part of the bar has room for its name. */
  private static final double LABELLED_SHARE = 0.1;

  private MemorySection() {}

  static String html(SequencedMap<String, Long> bytes, long total) {
    var bar = new StringBuilder();
    var rows = new StringBuilder();
    int index = 0;
    for (var category : bytes.entrySet()) {
      String name = Html.escape(category.getKey());
      String size = Figures.bytes(category.getValue());
      String share = Figures.percent((double) category.getValue() / total);
      int colour = index++ % COLOURS;
      if (category.getValue() > 0) {
        bar.append(Html.fill("<span class=\"m%d\" style=\"flex-grow:%d\" title=\"%s: %s, %s\">%s</span>",
            colour, category.getValue(), name, size, share,
            category.getValue() >= LABELLED_SHARE * total ? name : ""));
      }
      rows.append(Html.fill(
          "<tr><th scope=\"row\"><span class=\"key m%d\"></span>%s</th><td>%s</td><td>%s</td><td>%s</td></tr>\n",
          colour, name, size, share, Figures.count(category.getValue())));
    }
    return Html.fill("""
        <section><h2>Memory plan</h2>
        <p class="note">Planned before training and allocated once: %s.</p>
        <div class="memory" role="img" aria-label="Memory by category, as in the table below">%s</div>
        <div class="scroll"><table class="plan">
        <thead><tr><th scope="col">category</th><th scope="col">size</th><th scope="col">share</th>\
        <th scope="col">bytes</th></tr></thead>
        <tbody>
        %s</tbody>
        <tfoot><tr><th scope="row">total</th><td>%s</td><td></td><td>%s</td></tr></tfoot>
        </table></div></section>
        """, Figures.bytes(total), bar, rows, Figures.bytes(total), Figures.count(total));
  }
}
