// The runner: the same jobs give the same results, whoever runs them, and what fails can be kept.

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import {
  details,
  type Job,
  type JobResult,
  keepPlan,
  makeJobs,
  readPlan,
  replayOf,
  runJob,
  runJobs,
  summaryLine
} from '../../../sim/runner/index.ts'
import { scenarios } from '../../../sim/scenarios/index.ts'

const wanted = {
  scenario: 'all',
  count: 12,
  freshSeed: 7_000,
  twiceEvery: 5,
  shrinkTriesMax: 0,
  linesMax: 10
}

test('half of the seeds are the same each time, and every scenario has its turn', (t) => {
  const jobs = [...makeJobs({ ...wanted, count: 200 })]
  t.is(jobs.length, 200)
  t.deepEqual(
    jobs.map(({ seed }) => seed),
    Array.from({ length: 200 }, (_, at) => String(at < 100 ? at + 1 : 6_900 + at))
  )
  t.is(new Set(jobs.map(({ scenario }) => scenario)).size, scenarios.length)
  t.is(jobs.filter(({ scenario }) => scenario === 'random').length, 133)
  t.is(jobs.filter(({ isTwice }) => isTwice).length, 40)
})

test('without end every seed is a fresh one', (t) => {
  const jobs = makeJobs({ ...wanted, count: Number.POSITIVE_INFINITY })
  const seeds = Array.from({ length: 5 }, () => (jobs.next().value as Job).seed)
  t.deepEqual(seeds, ['7000', '7001', '7002', '7003', '7004'])
})

async function runAll(workers: number): Promise<JobResult[]> {
  const jobs = makeJobs({ ...wanted, scenario: 'chain', count: 4 })
  const results: JobResult[] = []
  const owner = {
    next: () => jobs.next().value,
    onResult: (result: JobResult) => void results.push(result),
    onGathered: () => {}
  }
  await runJobs(owner, { workers, file: new URL('../../../sim/main.js', import.meta.url) })
  return results
}

test('results do not depend on the number of threads, nor on their order', async (t) => {
  const one = await runAll(1)
  const three = await runAll(3)
  t.deepEqual(
    one.map(({ index }) => index),
    [0, 1, 2, 3]
  )
  t.deepEqual(three, one)
  t.deepEqual(
    one.flatMap(({ complaints }) => complaints),
    []
  )
})

test('a thread that cannot do its job says why', async (t) => {
  const jobs = makeJobs({ ...wanted, scenario: 'rings', count: 1 })
  const owner = { next: () => jobs.next().value, onResult: () => {}, onGathered: () => {} }
  const file = new URL('../../../sim/main.js', import.meta.url)
  await t.throwsAsync(runJobs(owner, { workers: 1, file }), {
    message: /^there is no scenario "rings"; choose one of calm, ring/
  })
})

test('a plan that is kept runs as the one that was drawn', (t) => {
  const file = join(mkdtempSync(join(tmpdir(), 'postroad-plan-')), 'plan.json')
  const job: Job = {
    ...{ index: 0, scenario: 'random', seed: '5' },
    ...{ isTwice: true, shrinkTriesMax: 0, linesMax: undefined }
  }
  const drawn = runJob(job)
  t.deepEqual(drawn.complaints, [])
  t.true(drawn.logLines.length > 0)
  keepPlan(file, { seed: '5', plan: drawn.plan!, complaints: ['a reason'] })
  const { plan, seed } = readPlan(file)
  t.is(runJob({ ...job, plan, seed }).hash, drawn.hash)
  writeFileSync(file, JSON.stringify(plan))
  t.is(runJob({ ...job, ...readPlan(file), seed: '5' }).hash, drawn.hash, 'a bare plan')
})

test('a file that holds no plan is refused by name', (t) => {
  const file = join(mkdtempSync(join(tmpdir(), 'postroad-plan-')), 'plan.json')
  for (const [text, message] of [
    ['{', /plan\.json: .*JSON/],
    ['3', /plan\.json: this is no plan of a run; it has to be an object$/],
    ['{"plan":{"name":"x"}}', /plan\.json: this is no plan of a run; make one with --save-plan/]
  ] as const) {
    writeFileSync(file, text)
    t.throws(() => readPlan(file), { message })
  }
})

test('a failed run is told with its plan, the complaint and the line that replays it', (t) => {
  const good = runJob({ ...[...makeJobs(wanted)][1]!, linesMax: undefined })
  const failed = {
    ...good,
    logLines: ['the last line'],
    complaints: ['no-loop: of course'],
    smallest: { plan: good.plan!, seed: '8', complaints: ['no-loop: small'] }
  }
  const replay = replayOf(failed)
  t.is(replay, `node dist/sim/main.js --scenario random --seed ${good.seed} --verbose`)
  const lines = details(failed, replay)
  t.true(lines[0]!.startsWith('  drawn: {'))
  t.deepEqual(lines.slice(1, 4), ['  the last line', '  no-loop: of course', `  replay: ${replay}`])
  t.true(lines.includes('      no-loop: small'))
  t.is(
    replayOf(failed, 'mine.yaml'),
    `node dist/sim/main.js --topology mine.yaml --seed ${good.seed} --verbose`
  )
})

test('the summary counts by processor time', (t) => {
  const totals = { runs: 10, failed: 1, events: 50_000, virtualMs: 200_000, cpuMs: 1_000 }
  t.is(
    summaryLine(totals, 0.5),
    '10 runs, 1 failed, in 0.5 s; on one core 50000 events a second, and virtual time passed ' +
      '200 times as fast as real time'
  )
})
