package io.github.densenet4j.internal.report;

/** The style of what compares strategies, or families of kernels; the n-th of them has class {@code sN}. */
final class StrategyStyle {
  private static final int COLOURS = 6;

  /** Colours and marks of a chart by strategy, for a page or for a picture alone. */
  static final String CHART =
      """
      :root {
        --s0: #b8560c; --s1: #7a5bb5; --s2: #1f5fc4; --s3: #23786e; --s4: #a03060; --s5: #69727d;
      }
      @media (prefers-color-scheme: dark) {
        :root { --s0: #f09a5a; --s1: #b79ce8; --s2: #78abff; --s3: #4fb3a6; --s4: #ee8fb4; --s5: #9aa3ae; }
      }
      .s0 { --mark: var(--s0); } .s1 { --mark: var(--s1); } .s2 { --mark: var(--s2); }
      .s3 { --mark: var(--s3); } .s4 { --mark: var(--s4); } .s5 { --mark: var(--s5); }
      .depth .curve { fill: none; stroke: var(--mark); stroke-width: 2; stroke-linejoin: round; }
      .depth .planned { fill: var(--mark); }
      .depth .measured { fill: none; stroke: var(--mark); stroke-width: 1.8; }
      .depth .soft { fill: var(--soft); font-size: 12px; }
      .depth .power { font-size: 10px; font-weight: 400; }
      .depth .end { text-anchor: end; }
      """;

  /** What a picture needs that stands alone. */
  static final String ALONE =
      """
      :root { --paper: #ffffff; --ink: #1b1f24; --soft: #5d6570; --rule: #e3e6ea; }
      @media (prefers-color-scheme: dark) {
        :root { --paper: #14171b; --ink: #e4e7eb; --soft: #9aa3ae; --rule: #2c3138; }
      }
      text { fill: var(--ink); font: 13px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; }
      .title { font-size: 15px; font-weight: 700; }
      .paper { fill: var(--paper); }
      .grid { stroke: var(--rule); }
      .axis { stroke: var(--soft); }
      .tick { fill: var(--soft); font-size: 12px; text-anchor: middle; }
      .tick.y { text-anchor: end; }
      """;

  /** Bars and tables of a page. */
  static final String PAGE =
      """
      .bars { display: grid; grid-template-columns: max-content 1fr max-content; gap: 10px 16px; margin: 16px 0 24px; }
      .bars .name, .bars .size { align-self: center; white-space: nowrap; }
      .bars .size { text-align: right; }
      .bars .track { position: relative; }
      .bars .memory { margin: 0; min-width: 2px; }
      .bars .mark { position: absolute; top: -4px; bottom: -4px; width: 2px; background: var(--ink); }
      .bars .rate { display: block; height: 18px; background: var(--rate); }
      .legend { display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 13px; color: var(--soft); }
      .legend .line { display: inline-block; width: 2px; height: 12px; margin: 0 12px 0 4px; background: var(--ink); }
      .figures { width: auto; min-width: 50%; margin-top: 24px; white-space: nowrap; }
      .figures th, .figures td { padding: 5px 0 5px 24px; border-bottom: 1px solid var(--rule); }
      .figures th:first-child { padding-left: 0; }
      .figures thead th:not(:first-child) { text-align: right; }
      .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 40px 48px; }
      .pair figure { margin-top: 32px; }
      """;

  private StrategyStyle() {}

  /** The class of the strategy or family at an index. */
  static String of(int index) {
    return "s" + index % COLOURS;
  }
}
