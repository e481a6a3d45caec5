// The look of the page, as one style sheet: light and dark, phone and desktop, screen and paper.

/** Colours of the dark scheme; the light one is also that of paper. */
const darkColors = `--page: #10161e; --card: #18202b; --ink: #e4e9f0; --muted: #9aa7b8;
  --line: #303a48; --head: #202a37; --accent: #6aa9f4; --good: #57c79b; --bad: #ff8a80;
  --good-back: #14302a; --bad-back: #3a1d1d; --neutral-back: #1e2a3a;
  --delivered: #3fa37d; --waiting: #6aa9f4; --subscriberLeft: #7d8b9e; --expired: #d2bb5a;
  --deadLettered: #b895e8; --givenUp: #f0a35c; --diedWithBroker: #c9d2de; --lost: #ff5c50;`

const lightColors = `--page: #f3f5f8; --card: #ffffff; --ink: #1b2430; --muted: #566273;
  --line: #dbe1e8; --head: #eef1f5; --accent: #1f63b5; --good: #14704c; --bad: #b3261e;
  --good-back: #e3f4ec; --bad-back: #fbe9e7; --neutral-back: #e8eff8;
  --delivered: #4cae87; --waiting: #3f7fce; --subscriberLeft: #a3adba; --expired: #c2a32a;
  --deadLettered: #8a5cc2; --givenUp: #d9822b; --diedWithBroker: #4a5666; --lost: #c4231a;`

const fates = [
  'delivered',
  'waiting',
  'subscriberLeft',
  'expired',
  'deadLettered',
  'givenUp',
  'diedWithBroker',
  'lost'
]

const fateColors = fates.map((fate) => `.fate-${fate} { background: var(--${fate}); }`).join('\n')

/** The style sheet. */
export const pageStyle = `
:root { color-scheme: light dark; ${lightColors} }
@media (prefers-color-scheme: dark) { :root { ${darkColors} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 4rem; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
main, header.top { max-width: 1320px; margin: 0 auto; padding: 0 24px; }
header.top { padding-top: 28px; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 0 0 12px; line-height: 1.3; }
h3 { font-size: .95rem; margin: 20px 0 8px; line-height: 1.3; overflow-wrap: anywhere; }
.about { color: var(--muted); margin: 4px 0 0; max-width: 70ch; overflow-wrap: anywhere; }
a { color: var(--accent); }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 0;
  margin: 14px 0 0; font-size: .9rem; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 18px 20px 20px; margin: 18px 0; min-width: 0; }
.quiet, small, .note { color: var(--muted); }
.quiet { margin: 8px 0 0; font-size: .9rem; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.verdict { font-size: 1.25rem; font-weight: 650; margin: 0 0 16px; padding: 10px 16px;
  border-radius: 8px; line-height: 1.35; }
.verdict.good { background: var(--good-back); }
.verdict.bad { background: var(--bad-back); }
.verdict.neutral { background: var(--neutral-back); }
.tiles { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 10px; margin: 0; }
.pair .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); }
@media (min-width: 1200px) { .tiles { grid-template-columns: repeat(8, minmax(0, 1fr)); }
  .pair .tiles { grid-template-columns: repeat(4, minmax(0, 1fr)); } }
.tile { border: 1px solid var(--line); border-radius: 8px; padding: 9px 12px; min-width: 0; }
.tile dt { color: var(--muted); font-size: .85rem; }
.tile dd { margin: 0; font-size: 1.45rem; font-weight: 600; line-height: 1.3;
  font-variant-numeric: tabular-nums; }
.tile dd.note { font-size: .8rem; font-weight: 400; overflow-wrap: anywhere; }
.bar { display: flex; height: 18px; border-radius: 4px; overflow: hidden; background: var(--line);
  min-width: 90px; }
.bar span { min-width: 3px; flex: 0 1 auto; }
td .bar { height: 12px; width: 96px; }
${fateColors}
.legend { list-style: none; padding: 0; margin: 10px 0 0; display: flex; flex-wrap: wrap;
  gap: 4px 20px; font-size: .9rem; }
.key { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; }
.facts { display: flex; flex-wrap: wrap; gap: 8px 28px; margin: 18px 0 0; padding-top: 14px;
  border-top: 1px solid var(--line); font-size: .9rem; }
.facts div { min-width: 0; }
.facts dt { color: var(--muted); font-size: .8rem; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.replay { margin: 12px 0 0; font-size: .9rem; }
.replay span { color: var(--muted); }
code { font: .92em ui-monospace, Menlo, Consolas, monospace; background: var(--head);
  border-radius: 4px; padding: 2px 6px; overflow-wrap: anywhere; }
figure { margin: 0 0 18px; min-width: 0; }
figure:last-child { margin-bottom: 0; }
figcaption { font-weight: 600; font-size: .95rem; }
figcaption small { font-weight: 400; }
.chart { width: 100%; }
.chart-network { height: 440px; }
.chart-throughput, .chart-backlog, .chart-latency, .chart-bridge-bytes { height: 240px; }
.time-bar { position: sticky; top: 0; z-index: 5; background: var(--card); margin: 0 -20px 12px;
  padding: 4px 20px 0; border-bottom: 1px solid var(--line); }
.chart-time-bar { height: 50px; }
.pair { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 20px; }
.scroll { overflow: auto; border: 1px solid var(--line); border-radius: 8px; }
.scroll.long { max-height: 540px; }
.scroll:focus-visible, th button:focus-visible { outline: 2px solid var(--accent); }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: .875rem;
  font-variant-numeric: tabular-nums; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { padding: 6px 8px; border-bottom: 1px solid var(--line); text-align: right;
  white-space: nowrap; font-weight: 400; vertical-align: top; }
th.text, td.text { text-align: left; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { position: sticky; top: 0; background: var(--head); font-weight: 600; z-index: 2;
  vertical-align: bottom; white-space: normal; line-height: 1.25; }
tbody th { position: sticky; left: 0; background: var(--card); z-index: 1; white-space: normal;
  overflow-wrap: anywhere; min-width: 120px; max-width: 300px; font-weight: 500; }
thead th:first-child { left: 0; z-index: 3; }
td.text { white-space: normal; min-width: 8em; max-width: 340px; overflow-wrap: anywhere; }
td .nowrap { white-space: nowrap; }
td.bad, th.bad { font-weight: 650; }
tbody tr:hover > * { background: var(--head); }
th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; margin: 0;
  text-align: inherit; cursor: pointer; }
th[aria-sort='ascending'] button::after { content: ' ▲'; font-size: .75em; }
th[aria-sort='descending'] button::after { content: ' ▼'; font-size: .75em; }
td.better { font-weight: 650; color: var(--good); }
.complaints { margin: 0; max-height: 440px; overflow: auto; padding-left: 1.6em;
  overflow-wrap: anywhere; }
.complaints li { margin: 4px 0; }
details > summary { cursor: pointer; font-weight: 600; }
details[open] > summary { margin-bottom: 12px; }
footer { max-width: 1320px; margin: 0 auto; padding: 0 24px 28px; color: var(--muted);
  font-size: .85rem; }
@media (max-width: 700px) {
  main, header.top, footer { padding-left: 12px; padding-right: 12px; }
  header.top { padding-top: 18px; }
  h1 { font-size: 1.3rem; }
  section { padding: 14px 12px; margin: 12px 0; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px; }
  .tile { padding: 8px 10px; }
  .tile dd { font-size: 1.2rem; }
  .pair { grid-template-columns: minmax(0, 1fr); }
  .time-bar { margin: 0 -12px 12px; padding: 4px 12px 0; }
  .chart-network { height: 380px; }
  .chart-throughput, .chart-backlog, .chart-latency, .chart-bridge-bytes { height: 210px; }
  tbody th { min-width: 132px; max-width: 150px; }
  td.text { min-width: 6em; }
  .scroll.long { max-height: 440px; }
}
@page { margin: 10mm; }
@media print {
  :root { color-scheme: light; ${lightColors} --page: #ffffff; }
  html { font-size: 12px; }
  body { font-size: 11px; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  main, header.top, footer { max-width: none; padding: 0; }
  nav, .time-bar { display: none; }
  section { border: 0; padding: 0; margin: 0 0 18px; }
  figure, .tile, tr { break-inside: avoid; }
  h2, h3, figcaption { break-after: avoid; }
  .scroll, .scroll.long, .complaints { overflow: visible; max-height: none; }
  table { font-size: 9px; }
  table.wide { font-size: 7px; }
  th, td { padding: 2px 3px; white-space: normal; }
  td.text { min-width: 0; }
  td .bar { width: 50px; min-width: 0; height: 8px; }
  th[scope='row'] { max-width: 120px; }
  thead th, tbody th { position: static; min-width: 0; }
}
`
