// The same plan simulated and on real processes: what it comes to must be the same. Time on a real
// machine has noise: a phase of pings, the start of a process, other programs. What is compared is
// therefore either exact (fates) or a class (times), and each bound says what it allows for.

import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { ScenarioPlan, SimEvent } from '../../sim/plan/index.ts'
import { runReal } from '../../sim/real/run-real.ts'
import { runPlan } from '../../sim/run-scenario.ts'
import { type Outcome, OutcomeWatcher } from './outcome.ts'
import { shortScenarios } from './short-scenarios.ts'

/** Each run has up to four brokers; more at a time would measure how busy the machine is. */
const runsAtATime = Math.max(2, Math.floor(availableParallelism() / 2))
/** Pings of two brokers are up to an interval apart, twice; the rest is a busy machine. */
const detectMsTolerance = 2_500
/** A process takes a second or two to start; sent messages wait two for their broker to return. */
const recoverMsTolerance = 4_000
/** Clients of a real run send a little less often than planned, more so on a busy machine. */
const acceptedShareMin = 0.5
const lateShareTolerance = 0.3
const deadly = new Set<SimEvent['kind']>(['kill', 'power-off', 'stop', 'remove'])

const waiting: (() => void)[] = []
let runs = 0

for (const plan of shortScenarios) {
  test(`${plan.name} comes to the same simulated and real`, async (t) => {
    t.timeout(240_000)
    const simulated = simulate(t, plan)
    await takeTurn()
    const folder = await mkdtemp(join(tmpdir(), `postroad-${plan.name}-`))
    try {
      const { outcome, complaints, surprises } = await runForReal(plan, folder)
      t.log(`simulated ${JSON.stringify(simulated)}`)
      t.log(`real      ${JSON.stringify(outcome)} ${surprises.join('; ')}`)
      t.deepEqual(complaints, [])
      compare(t, plan, { simulated, real: outcome })
      if (t.passed) await rm(folder, { recursive: true })
      else t.log(`logs are kept in ${folder}`)
    } finally {
      giveTurn()
    }
  })
}

test('a plan that real brokers cannot run is refused before anything starts', async (t) => {
  const [plan] = shortScenarios
  const event: SimEvent = { kind: 'clock-step', broker: 'a', byMs: 1_000 }
  const timeline = [...plan!.timeline, { afterMs: 500, event }]
  await t.throwsAsync(runReal({ ...plan!, timeline }, { seed: 1 }), {
    message: /step 3 of the timeline, clock-step at 7500 ms, cannot be made on a real machine/
  })
})

test('a run that is called off ends at once and leaves nothing behind', async (t) => {
  const [plan] = shortScenarios
  const calledOff = new AbortController()
  const pids: number[] = []
  let calledOffAtMs = 0
  const run = runReal(plan!, {
    seed: 1,
    signal: calledOff.signal,
    watch: (world) => {
      const onStable = (): void => {
        for (const { pid } of world.brokers.values()) if (pid !== undefined) pids.push(pid)
        calledOffAtMs = performance.now()
        calledOff.abort()
      }
      return [{ onStable }]
    }
  })
  const report = await run
  t.true(performance.now() - calledOffAtMs < 1_000)
  t.true(report.wasCalledOff)
  t.true(report.runMs < 1_000, 'it counts from when the network was at work')
  t.deepEqual(report.complaints, [])
  t.is(pids.length, plan!.topology.brokers.length)
  for (const pid of pids) t.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
})

function simulate(t: ExecutionContext, plan: ScenarioPlan): Outcome {
  let watcher: OutcomeWatcher | undefined
  const { complaints } = runPlan({
    plan,
    seed: 1,
    watch: (world) => {
      watcher = new OutcomeWatcher(world)
      return [watcher]
    }
  })
  t.deepEqual(complaints, [])
  return watcher!.outcome()
}

async function runForReal(plan: ScenarioPlan, folder: string) {
  let watcher: OutcomeWatcher | undefined
  let surprises: readonly string[] = []
  const { complaints } = await runReal(plan, {
    seed: 1,
    keepLogs: folder,
    watch: (world) => {
      watcher = new OutcomeWatcher(world)
      surprises = world.surprises
      return [watcher]
    }
  })
  return { outcome: watcher!.outcome(), complaints, surprises }
}

interface Both {
  readonly simulated: Outcome
  readonly real: Outcome
}

function compare(t: ExecutionContext, plan: ScenarioPlan, { simulated, real }: Both): void {
  for (const { lost, unmarkedDuplicates, delivered } of [simulated, real]) {
    t.is(lost, 0)
    t.is(unmarkedDuplicates, 0)
    t.true(delivered > 0)
  }
  t.deepEqual(real.waitingIn, simulated.waitingIn)
  // Who dies takes something along, or not: that is a matter of milliseconds.
  if (!plan.timeline.some(({ event }) => deadly.has(event.kind))) {
    t.is(simulated.excused, 0)
    t.is(real.excused, 0)
  }
  const share = real.accepted / simulated.accepted
  t.true(share >= acceptedShareMin && share <= 1 / acceptedShareMin, `${share} of the messages`)
  compareFaults(t, { simulated, real })
  isNear(t, 'recoverMs', [simulated.recoverMs, real.recoverMs, recoverMsTolerance])
  // A simulated broker is there at once; how much comes late until a process runs is the machine's.
  if (plan.timeline.some(({ event }) => event.kind === 'start')) return
  isNear(t, 'lateShare', [simulated.lateShare, real.lateShare, lateShareTolerance])
}

/** A fault that strikes before its bridge is back has nothing to break: kinds are compared. */
function compareFaults(t: ExecutionContext, { simulated, real }: Both): void {
  for (const kind of new Set(simulated.faults.map((fault) => fault.kind))) {
    const [one, other] = [simulated, real].map(({ faults }) =>
      faults.find((fault) => fault.kind === kind && fault.detectMs !== undefined)
    )
    t.is(other === undefined, one === undefined, `${kind} is detected in one of the two only`)
    if (one === undefined || other === undefined) continue
    isNear(t, `detectMs of ${kind}`, [one.detectMs!, other.detectMs!, detectMsTolerance])
  }
}

function isNear(
  t: ExecutionContext,
  what: string,
  [simulated, real, tolerance]: readonly [number, number, number]
): void {
  const text = `${what}: simulated ${simulated}, real ${real}; ${tolerance} apart at most`
  t.true(Math.abs(simulated - real) <= tolerance, text)
}

async function takeTurn(): Promise<void> {
  if (runs >= runsAtATime) await new Promise<void>((resolve) => waiting.push(resolve))
  runs += 1
}

function giveTurn(): void {
  runs -= 1
  waiting.shift()?.()
}
