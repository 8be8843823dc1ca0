package io.github.densenet4j.internal.report;

/** The style sheet of the report. */
final class ReportStyle {
  static final String CSS =
      """
      :root {
        color-scheme: light dark;
        --paper: #ffffff; --ink: #1b1f24; --soft: #5d6570; --rule: #e3e6ea; --panel: #f7f8f9;
        --train: #8a93a0; --held-out: #1f5fc4; --rate: #1f5fc4;
        --right: 31 95 196; --wrong: 208 92 16; --right-ink: #1f5fc4; --wrong-ink: #b04a07;
        --m0: #1c4a96; --m1: #3f76cf; --m2: #7a5bb5; --m3: #23786e; --m4: #a5670c; --m5: #69727d;
      }
      @media (prefers-color-scheme: dark) {
        :root {
          --paper: #14171b; --ink: #e4e7eb; --soft: #9aa3ae; --rule: #2c3138; --panel: #1b1f24;
          --train: #848d99; --held-out: #78abff; --rate: #78abff;
          --right: 62 126 226; --wrong: 218 108 32; --right-ink: #78abff; --wrong-ink: #f09a5a;
          --m0: #4d8bf0; --m1: #9cc0fb; --m2: #a58bdc; --m3: #4fb3a6; --m4: #dea23f; --m5: #7b8490;
        }
      }
      * { box-sizing: border-box; }
      body {
        margin: 0; background: var(--paper); color: var(--ink);
        font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
        font-variant-numeric: tabular-nums;
      }
      main { max-width: 1120px; margin: 0 auto; padding: 40px 24px 64px; }
      h1 { margin: 0; font-size: 32px; line-height: 1.2; letter-spacing: -0.01em; overflow-wrap: anywhere; }
      h2 { margin: 0; font-size: 18px; line-height: 1.3; }
      h3 { margin: 24px 0 8px; font-size: 15px; }
      header p { margin: 6px 0 0; color: var(--soft); overflow-wrap: anywhere; }
      header .kind { margin: 0 0 4px; font-size: 13px; }
      section, details { margin-top: 48px; }
      .note { margin: 4px 0 16px; max-width: 76ch; color: var(--soft); }
      .note b { font-weight: 600; }
      b.right { color: var(--right-ink); }
      b.wrong { color: var(--wrong-ink); }
      .scroll { overflow-x: auto; }

      .headlines {
        display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 24px;
        margin: 32px 0 0; padding: 20px 0; border: solid var(--rule); border-width: 1px 0;
      }
      .headlines dt { color: var(--soft); font-size: 13px; }
      .headlines dd { margin: 2px 0 0; font-size: 24px; font-weight: 600; line-height: 1.3; }
      .headlines small { display: block; color: var(--soft); font-size: 13px; font-weight: 400; }

      .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 40px 48px; }
      figure { margin: 0; }
      figcaption { margin-bottom: 8px; }
      figcaption h2 { display: inline; margin-right: 8px; }
      figcaption span { color: var(--soft); font-size: 13px; }
      svg { display: block; width: 100%; height: auto; }
      svg text { font-size: 13px; fill: var(--ink); }
      svg .tick, svg .turned { fill: var(--soft); font-size: 12px; }
      svg .tick { text-anchor: middle; }
      svg .y, svg .epoch { text-anchor: end; }
      svg .epoch { fill: var(--soft); }
      svg tspan { font-weight: 600; }
      .grid { stroke: var(--rule); }
      .axis { stroke: var(--soft); }
      .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
      .line.train { stroke: var(--train); }
      .line.held-out { stroke: var(--held-out); }
      .line.rate { stroke: var(--rate); }
      circle.train { fill: var(--train); }
      circle.held-out { fill: var(--held-out); }
      circle.rate { fill: var(--rate); }
      .hit > * { opacity: 0; }
      .hit:hover > * { opacity: 1; }
      .hit > rect, .hit:hover > rect { opacity: 0; }
      .chart:has(.hit:hover) .last { visibility: hidden; }

      table { border-collapse: collapse; }
      th { font-weight: 400; text-align: left; }
      td { text-align: right; }
      thead th { color: var(--soft); font-size: 13px; }
      .confusion { font-size: 13px; }
      .confusion th[scope="row"] { padding-right: 10px; white-space: nowrap; }
      .confusion thead th { padding: 0 8px 6px 0; vertical-align: bottom; white-space: nowrap; }
      .confusion thead .predicted { padding: 0 0 6px; text-align: center; }
      .predicted span { display: inline-block; writing-mode: vertical-rl; transform: rotate(180deg); }
      .cell { min-width: 44px; height: 32px; padding: 0 4px; border: 1px solid var(--paper); text-align: center; }
      .narrow .cell { min-width: 34px; padding: 0 2px; }
      .cell.zero { background: var(--panel); color: var(--soft); }
      .cell.right { background: rgb(var(--right) / var(--shade)); }
      .cell.wrong { background: rgb(var(--wrong) / var(--shade)); }
      .cell.dark { color: #ffffff; }
      .confusion thead .sum, .sum { padding-left: 16px; color: var(--soft); }
      .confusion thead .recall, .recall { padding-left: 16px; }
      .recall { padding-right: 8px; white-space: nowrap; }
      .bar { display: inline-block; width: 72px; height: 6px; background: var(--rule); vertical-align: middle; }
      .bar span { display: block; height: 100%; background: rgb(var(--right)); }

      .map { max-width: 860px; }
      .map rect.right { fill: rgb(var(--right)); }
      .map rect.wrong { fill: rgb(var(--wrong)); }
      .map .frame { fill: none; stroke: var(--rule); }
      .recalls { columns: 4 230px; column-gap: 32px; margin: 0; padding: 0; list-style: none; font-size: 13px; }
      .recalls li { display: flex; gap: 8px; align-items: center; break-inside: avoid; line-height: 1.7; }
      .recalls .index { flex: 0 0 26px; color: var(--soft); text-align: right; }
      .recalls .name { flex: 1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      .recalls .bar { flex: 0 0 40px; }
      .recalls li > span:last-child { flex: 0 0 58px; text-align: right; }
      .mistakes { columns: 2 320px; column-gap: 32px; margin: 0; padding-left: 24px; color: var(--soft); }
      .mistakes li { break-inside: avoid; }

      .memory { display: flex; gap: 2px; height: 30px; margin-bottom: 16px; }
      .memory span {
        flex-basis: 0; min-width: 2px; overflow: hidden; color: var(--paper);
        font-size: 13px; line-height: 30px; text-align: center; white-space: nowrap; text-overflow: ellipsis;
      }
      .m0 { background: var(--m0); } .m1 { background: var(--m1); } .m2 { background: var(--m2); }
      .m3 { background: var(--m3); } .m4 { background: var(--m4); } .m5 { background: var(--m5); }
      .key { display: inline-block; width: 10px; height: 10px; margin-right: 8px; }
      .plan, .epochs { width: 100%; max-width: 640px; white-space: nowrap; }
      .epochs { max-width: none; margin-top: 12px; font-size: 13px; }
      .plan th, .plan td, .epochs th, .epochs td { padding: 5px 0 5px 16px; border-bottom: 1px solid var(--rule); }
      .plan th:first-child, .epochs th:first-child { padding-left: 0; }
      .plan thead th:not(:first-child), .epochs thead th:not(:first-child) { text-align: right; }
      .plan tfoot th, .plan tfoot td { border: 0; font-weight: 600; }

      .settings { columns: 2 380px; column-gap: 48px; margin: 12px 0 0; }
      .settings div {
        display: flex; gap: 16px; justify-content: space-between; padding: 5px 0;
        border-bottom: 1px solid var(--rule); break-inside: avoid;
      }
      .settings dt { color: var(--soft); }
      .settings dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
      summary { cursor: pointer; font-size: 18px; font-weight: 700; }

      @media (max-width: 480px) {
        main { padding: 24px 16px 48px; }
        .headlines { grid-template-columns: 1fr 1fr; gap: 16px; }
        .headlines dd { font-size: 20px; }
        svg.chart text { font-size: 15px; }
      }
      @media print {
        section, figure { break-inside: avoid; }
        body { print-color-adjust: exact; }
      }
      """;

  private ReportStyle() {}
}
