// Runs one load scenario once against one target: starts brokers and load processes, opens the way,
// warms up, measures, drains, judges. Invariant: whatever happens, everything started is ended.

import type { ConsumerReport, Mark, ProducerReport } from '../load-client/load-group.ts'
import { delay } from '../load-client/load-group.ts'
import type { LoadPlan } from '../load-client/load-plan.ts'
import { LoadWorker } from '../load-client/load-worker.ts'
import { cpuSeconds } from '../process-usage.ts'
import type { RunningTarget, Target } from '../targets/target.ts'
import type { FigureName } from './figure.ts'
import type { LoadScenario, RunOutcome, RunSettings } from './scenario.ts'

const probeIntervalMs = 50
const probeTimeoutMs = 15_000
// After the first probe got through, stragglers are given this long to leave the brokers.
const settleMs = 200
// More than any bar needs, and a bound: 40 MB of samples.
const latencySamplesMax = 5_000_000
// Below this share of the wanted rate the latencies are of another load than the one named.
const rateShareMin = 0.98

interface Load {
  readonly running: RunningTarget
  readonly producers: LoadWorker
  readonly consumers: LoadWorker
}

interface Window {
  readonly from: Mark
  readonly to: Mark
  /** CPU seconds each broker used in the window; undefined where that cannot be read. */
  readonly cpu: ReadonlyArray<number | undefined>
}

/** Runs the scenario once. Rejects when it could not be run at all. */
export async function runLoad(
  scenario: LoadScenario,
  target: Target,
  settings: RunSettings
): Promise<RunOutcome> {
  const plan = planOf(scenario, settings)
  const warmUpSeconds = Math.max(settings.warmUpSeconds, scenario.warmUpSecondsMin ?? 0)
  const running = await target.start(scenario.brokers, { isOnDisk: scenario.isOnDisk === true })
  const consumers = new LoadWorker('consumers')
  const producers = new LoadWorker('producers')
  let outcome: RunOutcome
  try {
    outcome = await measure({ running, producers, consumers }, plan, { ...settings, warmUpSeconds })
  } catch (error) {
    await Promise.all([producers.stop(), consumers.stop()])
    const broken = await running.stop().then(
      () => undefined,
      (reason: Error) => reason.message
    )
    throw broken === undefined ? error : new Error(`${(error as Error).message}; ${broken}`)
  }
  await Promise.all([producers.stop(), consumers.stop()])
  await running.stop()
  return outcome
}

/** The plan of a scenario. Destination names differ per run, so an external broker starts clean. */
function planOf(scenario: LoadScenario, settings: RunSettings): LoadPlan {
  const run = `${process.pid}.${Date.now().toString(36)}`
  return {
    destinations: Array.from(
      { length: scenario.destinations },
      (_, index) => `/${scenario.destinationKind}/bench.${run}.${index}`
    ),
    everyConsumerGetsAll: scenario.destinationKind === 'topic',
    producers: scenario.producers,
    consumers: scenario.consumers,
    bodyBytes: settings.bodyBytes,
    ratePerSecond: scenario.ratePerSecond,
    receiptWindow: scenario.receiptWindow,
    ackMode: scenario.ackMode,
    persistent: settings.persistent || scenario.isOnDisk === true,
    latencySamplesMax: scenario.ratePerSecond === 0 ? 0 : latencySamplesMax
  }
}

async function measure(load: Load, plan: LoadPlan, settings: RunSettings): Promise<RunOutcome> {
  const { running, producers, consumers } = load
  await consumers.ask('open', { role: 'consumers', plan, endpoint: running.last })
  const { server } = await producers.ask('open', {
    role: 'producers',
    plan,
    endpoint: running.first
  })
  await openWay(load)
  await producers.ask('start', null)
  await delay(settings.warmUpSeconds * 1000)
  const window = await watch(load, settings.seconds)
  const produced = await producers.ask('stop', null)
  const consumed = await consumers.ask('drain', { sent: produced.sent })
  return {
    figures: figuresOf(window, consumed),
    fault: faultOf(produced, consumed),
    notes: notesOf(plan, { window, produced, consumed }),
    server
  }
}

/** Sends probes until every consumer has seen them: demand may need a moment to cross brokers. */
async function openWay({ producers, consumers }: Load): Promise<void> {
  const deadlineMs = performance.now() + probeTimeoutMs
  for (;;) {
    await producers.ask('probe', null)
    await delay(probeIntervalMs)
    const missing = await consumers.ask('probesMissing', null)
    if (missing === 0) break
    if (performance.now() > deadlineMs) {
      throw new Error(`${missing} consumer destinations got no message within ${probeTimeoutMs} ms`)
    }
  }
  await delay(settleMs)
}

async function watch({ running, consumers }: Load, seconds: number): Promise<Window> {
  const before = running.brokers.map(({ pid }) => pid && cpuSeconds(pid))
  const from = await consumers.ask('mark', null)
  await delay(seconds * 1000)
  const to = await consumers.ask('mark', null)
  const cpu = running.brokers.map(({ pid }, index) => {
    const start = before[index]
    const end = pid && cpuSeconds(pid)
    return start === undefined || end === undefined ? undefined : end - start
  })
  return { from, to, cpu }
}

function figuresOf(window: Window, consumed: ConsumerReport): Map<FigureName, number> {
  const figures = new Map<FigureName, number>()
  const { latency } = consumed
  const received = window.to.received - window.from.received
  figures.set('receivedPerSecond', (received * 1000) / (window.to.atMs - window.from.atMs))
  const cpuNames = ['cpuSecondsPer100k.a', 'cpuSecondsPer100k.b', 'cpuSecondsPer100k.c'] as const
  window.cpu.forEach((seconds, index) => {
    const name = cpuNames[index]
    if (seconds === undefined || name === undefined || received === 0) return
    figures.set(name, (seconds * 100_000) / received)
  })
  if (latency !== undefined) {
    for (const name of ['p50Ms', 'p90Ms', 'p99Ms', 'p999Ms', 'maxMs'] as const) {
      figures.set(name, latency[name])
    }
  }
  return figures
}

function faultOf(produced: ProducerReport, consumed: ConsumerReport): string | undefined {
  const faults: string[] = []
  if (consumed.lost > 0) faults.push(`${consumed.lost} messages lost`)
  if (consumed.duplicates > 0) faults.push(`${consumed.duplicates} duplicates`)
  if (produced.receiptsOpen > 0) faults.push(`${produced.receiptsOpen} receipts never came`)
  if (consumed.received === 0) faults.push('no message was received')
  return faults.length === 0 ? undefined : faults.join(', ')
}

function notesOf(
  plan: LoadPlan,
  run: { window: Window; produced: ProducerReport; consumed: ConsumerReport }
): string[] {
  const { window, produced, consumed } = run
  const notes: string[] = []
  if (consumed.gaps > 0) notes.push(`${consumed.gaps} sequence numbers skipped`)
  if (consumed.reordered > 0) notes.push(`${consumed.reordered} messages came out of order`)
  if (plan.ratePerSecond === 0) return notes
  const dropped = consumed.latency?.dropped ?? 0
  if (dropped > 0) notes.push(`${dropped} latencies did not fit and are left out`)
  const wanted = (plan.ratePerSecond * (window.to.atMs - window.from.atMs)) / 1000
  const share = (window.to.received - window.from.received) / wanted
  if (share < rateShareMin) notes.push(`only ${(share * 100).toFixed(0)} % of the wanted rate`)
  notes.push(`the producer was at most ${produced.lateMsMax.toFixed(1)} ms late itself`)
  return notes
}
