package io.github.densenet4j.internal.report;

import java.util.Locale;

/** Pieces of HTML that are also well-formed XML. */
final class Html {
  private Html() {}

  /** Text made safe for element content and quoted attributes. */
  static String escape(String text) {
    var safe = new StringBuilder(text.length());
    text.codePoints().forEach(c -> {
      switch (c) {
        case '&' -> safe.append("&amp;");
        case '<' -> safe.append("&lt;");
        case '>' -> safe.append("&gt;");
        case '"' -> safe.append("&quot;");
        case '\'' -> safe.append("&#39;");
        default -> safe.appendCodePoint(isCharacter(c) ? c : 0xFFFD);
      }
    });
    return safe.toString();
  }

  /** A template filled in the root locale, whatever the locale of the machine. */
  static String fill(String template, Object... arguments) {
    return String.format(Locale.ROOT, template, arguments);
  }

  /** Whether XML, and so HTML, allows the code point. */
  private static boolean isCharacter(int c) {
    return c >= 0x20 && c < 0xD800 || c == '\t' || c == '\n' || c >= 0xE000 && c < 0xFFFE || c >= 0x10000;
  }
}
