import test from 'ava'
import fc from 'fast-check'
import { type ComparisonContent, type PageContent, renderPage } from '../../../sim/page/index.ts'
import type { Report } from '../../../sim/report/report.ts'
import {
  aBridge,
  aBroker,
  aDestination,
  aFault,
  aHubDies,
  anExtremeReport,
  aReport
} from './a-report.ts'

const script = 'draw()'

function page(content: PageContent): string {
  return renderPage(content, { script })
}

function pageOf(report: Report): string {
  return page({ kind: 'report', report })
}

/** The text of a page as a reader without script sees it. */
function visible(html: string): string {
  return html
    .replace(/<script[\s\S]*?<\/script>|<style>[\s\S]*?<\/style>|<[^>]*>/g, ' ')
    .replace(/[\s\u00a0]+/g, ' ')
}

/** The page without the data it carries. */
function withoutData(html: string): string {
  return html.replace(/(id="content">).*?(<\/script>)/s, '$1$2')
}

function named(text: string): Report {
  return aReport({
    scenario: text,
    about: text,
    topology: text,
    seed: text,
    traceHash: `#${text}`,
    brokers: [aBroker(text, { waitingIn: [{ queue: text, messages: 3 }] }), aBroker('b')],
    bridges: [aBridge(text, 'b')],
    destinations: [aDestination(text, { reasons: [{ reason: text, count: 1 }] })],
    faults: [aFault(text, { brokers: [text], recoverMs: 5 })],
    expectations: [{ text, isMet: false, actual: 1, where: `in ${text}` }],
    complaints: [text]
  })
}

function comparison(a: Report, b: Report, text = 'late'): ComparisonContent {
  return {
    kind: 'comparison',
    a,
    b,
    rows: [
      { figure: text, unit: 'messages', a: 541, b: 1_204, difference: 663, better: 'a' },
      { figure: 'gap', unit: 'ms', a: 2_000, b: 500, difference: -1_500, better: 'b' },
      { figure: 'crossed', unit: 'bytes', a: 5_000, b: 5_000, difference: 0, better: 'same' },
      {
        figure: 'per byte',
        unit: 'ratio',
        a: undefined,
        b: 2.345,
        difference: undefined,
        better: 'none'
      }
    ],
    replay: `postroad sim ${text}`
  }
}

/** How often each sign that means something in HTML stands in it. */
function signs(html: string): Record<string, number> {
  return Object.fromEntries(['<', '>', '"', "'"].map((sign) => [sign, html.split(sign).length - 1]))
}

test('no name of anything becomes markup, in a report or a comparison', (t) => {
  const hostile = fc.constantFrom(
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</style></script><!--',
    '&lt;&#60;'
  )
  const plainReport = signs(withoutData(page({ kind: 'report', report: named('x'), replay: 'x' })))
  const plainComparison = signs(withoutData(page(comparison(named('x'), named('x'), 'x'))))
  fc.assert(
    fc.property(fc.oneof(hostile, fc.string({ minLength: 1, unit: 'grapheme' })), (text) => {
      const report: PageContent = { kind: 'report', report: named(text), replay: text }
      t.deepEqual(signs(withoutData(page(report))), plainReport)
      const both = comparison(named(text), named(text), text)
      t.deepEqual(signs(withoutData(page(both))), plainComparison)
    })
  )
})

test('a page carries its data for the script, whole', (t) => {
  for (const report of [aHubDies(), anExtremeReport(), named('</script>')]) {
    const content: PageContent = { kind: 'report', report, replay: 'postroad sim' }
    const json = /id="content">(.*?)<\/script>/s.exec(page(content))![1]!
    t.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify(content)))
  }
})

test('a script that spells the end of a script does not end it', (t) => {
  const html = renderPage(
    { kind: 'report', report: aReport() },
    { script: 'const end = "</script><!--"' }
  )
  t.true(html.includes('const end = "\\x3c/script>\\x3c!--"'))
})

test('a page refers to nothing outside itself', (t) => {
  const html = withoutData(pageOf(aHubDies()))
  for (const [, target] of html.matchAll(/(?:src|href|action)="([^"]*)"/g)) {
    t.regex(target!, /^(#[a-z-]+|data:,)$/)
  }
  t.notRegex(html, /@import|url\(/)
  t.regex(html, /default-src 'none'/)
})

test('links of a page lead to its sections', (t) => {
  for (const html of [pageOf(aHubDies()), page(comparison(aHubDies(), aHubDies()))]) {
    const ids = [...html.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id)
    const links = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)
    t.deepEqual(links, ids)
    t.is(new Set(ids).size, ids.length)
  }
})

test('headline, facts and all tables are there without script', (t) => {
  const text = visible(page({ kind: 'report', report: aHubDies(), replay: 'postroad sim x' }))
  for (const part of [
    '1 of 3 expectations not met',
    'recover is at most 2.0 s ✗ not met 2.4 s hub-dies.yaml:32:5',
    'two-hubs: 6 brokers, 9 bridges',
    '2 min in 96 ms: 1,250 times real time',
    '9f86d081884c7d65',
    'Run it again: postroad sim x',
    'kill hub-1 20 s to 50 s hub-1 12 ms 380 ms 2.4 s 52.4 s',
    '/topic/prices.gold no-route 29',
    'hub-2 0 0 1,204 51.2 s 1.3 MB 2.4 MB',
    'orders 14',
    'Fates that no message met: dead-lettered.',
    'No judge complained.'
  ]) {
    t.true(text.includes(part), part)
  }
})

test('the verdict is what expectations, complaints and losses make it', (t) => {
  const met = { text: 'lost is at most 0', isMet: true, actual: 0, where: undefined }
  const lost = [aDestination('/queue/q', { fates: { delivered: 1, lost: 2 } })]
  const verdicts: [Partial<Report>, string, string][] = [
    [{}, 'neutral', 'Nothing lost; no expectations were stated'],
    [{ destinations: lost }, 'bad', '2 messages lost'],
    [{ expectations: [met] }, 'good', 'The one expectation met'],
    [{ expectations: [met, met] }, 'good', 'All 2 expectations met'],
    [{ expectations: [met, { ...met, isMet: false }] }, 'bad', '1 of 2 expectations not met'],
    [{ expectations: [met], complaints: ['no-loop: x'] }, 'bad', '1 complaint']
  ]
  for (const [given, kind, text] of verdicts) {
    const html = pageOf(aReport(given))
    const [, foundKind, found] = /class="verdict (\w+)">(.*?)<\/p>/s.exec(html)!
    t.is(foundKind, kind)
    t.true(visible(found!).trim().endsWith(` ${text}`), found)
  }
})

test('a report with figures missing everywhere still makes a page', (t) => {
  const text = visible(pageOf(anExtremeReport()))
  t.notRegex(text, /NaN|undefined|null|Infinity/)
  t.regex(text, /25 complaints, 1 of 1 expectation not met/)
})

test('a report of nothing says what is not there', (t) => {
  const text = visible(pageOf(aReport()))
  for (const part of ['no expectations', 'No faults', 'There were no brokers', 'No samples']) {
    t.true(text.includes(part), part)
  }
})

test('a comparison shows both runs and says in words which is better', (t) => {
  const text = visible(page(comparison(aHubDies(), aHubDies({ topology: 'ring-6' }))))
  t.true(text.includes('late ✓ 541 1,204 +663 A is better'))
  t.true(text.includes('gap 2 s ✓ 500 ms −1.5 s B is better'))
  t.true(text.includes('crossed 5 kB 5 kB 0 B the same'))
  t.true(text.includes('per byte – 2.35 – –'))
  t.true(text.includes('A: two-hubs'))
  t.true(text.includes('B: ring-6'))
  t.true(text.includes('A solid, B dashed'))
})

test('cells carry the figure that their column is sorted by', (t) => {
  const html = pageOf(aHubDies())
  t.true(html.includes('<td class="size" data-key="1318912">1.3\u00a0MB</td>'))
  t.true(html.includes('<td class="time" data-key="">–</td>'))
})
