package io.github.densenet4j.internal.report;

/** The frame of a report: one HTML file without script, network or second file, which is also well-formed XML. */
final class Page {
  private Page() {}

  /**
   * @param kind what sort of report it is, in two or three words
   * @param style rules beyond those of all reports
   * @param body markup
   */
  static String html(String kind, String title, String summary, String style, String body) {
    return Html.fill("""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
        <title>%s – %s</title>
        <style>
        %s%s</style>
        </head>
        <body>
        <main>
        <header><p class="kind">%s</p><h1>%s</h1><p>%s</p></header>
        %s</main>
        </body>
        </html>
        """, Html.escape(title), kind, ReportStyle.CSS, style, Html.escape(kind), Html.escape(title),
        Html.escape(summary), body);
  }
}
