// The whole page as one piece of HTML that fetches nothing: style, script and data are inside, and
// a policy in its head forbids the rest. Tables and headline are made here; charts are drawn by the
// script from the data.

import { comparisonSections } from './comparison-sections.ts'
import { embeddedJson, type Markup, markup, trusted } from './markup.ts'
import type { PageContent } from './page-content.ts'
import { pageStyle } from './page-style.ts'
import { reportSections, type Section } from './report-sections.ts'

/** What the page carries that is not of the run. */
export interface PageAssets {
  /** The script that draws: dist/page/report-page.js. */
  readonly script: string
}

/** Nothing may be fetched; what is inside may run. */
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"

/** A page about one run or two, complete from doctype to end. */
export function renderPage(content: PageContent, { script }: PageAssets): string {
  const { title, about } = titleOf(content)
  const sections = content.kind === 'report' ? reportSections(content) : comparisonSections(content)
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${trusted(pageStyle)}</style>
</head>
<body>
<header class="top">
<h1>${title}</h1>
<p class="about">${about}</p>
<nav aria-label="Sections"><ul>${sections.map(navigationItem)}</ul></nav>
</header>
<main>
${sections.map(sectionMarkup)}</main>
<footer>Made by postroad sim. Times count from when the network was at work. A delivery is late
after 1 s.</footer>
<script type="application/json" id="content">${embeddedJson(content)}</script>
<script>${trusted(inlineScript(script))}</script>
</body>
</html>
`
  return page.text
}

function titleOf(content: PageContent): { title: string; about: string } {
  if (content.kind === 'report') {
    const { scenario, topology, about } = content.report
    return { title: `${scenario} on ${topology}`, about }
  }
  const { a, b } = content
  return { title: `${a.scenario}: ${a.topology} and ${b.topology} compared`, about: a.about }
}

function navigationItem({ id, heading }: Section): Markup {
  return markup`<li><a href="#${id}">${heading}</a></li>`
}

function sectionMarkup({ id, heading, content }: Section): Markup {
  return markup`<section id="${id}" aria-labelledby="${id}-heading">
<h2 id="${id}-heading">${heading}</h2>
${content}
</section>
`
}

/** Script within HTML must not hold what ends a script or hides its end. */
function inlineScript(script: string): string {
  return script.replace(/<(\/script|!--)/gi, '\\x3c$1')
}
