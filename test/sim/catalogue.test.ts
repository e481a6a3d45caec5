// Every scenario file that ships, run to its end: what it expects holds, no judge complains, and
// the page that lists them says what came of each. UPDATE_DOCS=1 writes the page anew.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import test from 'ava'
import { countText, msText } from '../../sim/report/figure-text.ts'
import type { Report } from '../../sim/report/report.ts'
import { RunRecorder } from '../../sim/report/run-recorder.ts'
import { runPlan } from '../../sim/run-scenario.ts'
import { planOfRehearsal } from '../../sim/scenario-file/plan-of-rehearsal.ts'
import { readRehearsal } from '../../sim/scenario-file/read-scenario.ts'

const folder = new URL('../../../sim/scenarios/', import.meta.url)
const page = new URL('../../../docs/reference/scenarios.md', import.meta.url)
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .sort()
const rows = new Map<string, string>()

const head = `# Scenarios

The scenario files of \`sim/scenarios/\` and what comes of each with its own seed. A test runs them
all, holds them to what they expect, and this page to what came of it. Run one with
\`node bin/postroad sim sim/scenarios/NAME.yaml\`; [the reference](scenario-file.md) tells how to
write your own. _Died_ are messages in the memory of a broker when the scenario killed it.

| scenario | what happens | delivered | lost | died | twice, unmarked | noticed | re-routed | over |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
`

function runFile(file: string): Report {
  const open = (path: string) => ({ text: readFileSync(new URL(path, folder), 'utf8'), file: path })
  const { rehearsal, problems } = readRehearsal(open(file).text, file, open)
  if (rehearsal === undefined) throw new Error(`${file}: ${problems[0]?.message}`)
  const plan = planOfRehearsal(rehearsal)
  const seed = String(rehearsal.seed)
  let recorder: RunRecorder | undefined
  const watch = (world: ConstructorParameters<typeof RunRecorder>[0]): RunRecorder[] => {
    recorder = new RunRecorder(world, plan)
    return [recorder]
  }
  const { hash: traceHash, events, complaints } = runPlan({ plan, seed, watch })
  return recorder!.finish({ mode: 'simulated', seed, traceHash, realMs: 0, events, complaints })
}

function rowOf({ scenario, about, destinations, faults }: Report): string {
  const sum = (pick: (of: Report['destinations'][number]) => number): string =>
    countText(destinations.reduce((total, of) => total + pick(of), 0))
  const longest = (times: readonly (number | undefined)[]): string => {
    const known = times.filter((ms) => ms !== undefined)
    return known.length === 0 ? '-' : msText(Math.max(...known))
  }
  const cells = [
    `[${scenario}](../../sim/scenarios/${scenario}.yaml)`,
    about,
    sum(({ fates }) => fates.delivered),
    sum(({ fates }) => fates.lost),
    sum(({ fates }) => fates.diedWithBroker),
    `${sum(({ duplicates }) => duplicates)}, ${sum((of) => of.unmarkedDuplicates)}`,
    longest(faults.map(({ detectMs }) => detectMs)),
    longest(faults.map(({ rerouteMs }) => rerouteMs)),
    longest(faults.map(({ recoverMs }) => recoverMs))
  ]
  return `| ${cells.join(' | ')} |`
}

for (const file of files) {
  test.serial(`${file} comes to what it expects`, (t) => {
    t.timeout(300_000)
    const report = runFile(file)
    const unmet = report.expectations.filter(({ isMet }) => !isMet)
    t.deepEqual(unmet, [])
    t.deepEqual(report.complaints, [])
    t.true(report.expectations.length > 0, 'it expects something')
    rows.set(file, rowOf(report))
  })
}

test.serial('the page of scenarios says what came of each', (t) => {
  const text = `${head}${files.map((file) => rows.get(file)).join('\n')}\n`
  if (process.env.UPDATE_DOCS === '1') writeFileSync(page, text)
  t.is(readFileSync(page, 'utf8'), text)
})
