// A simulated world as those who measure see it, and runs that are recorded.

import type { ScenarioPlan } from '../../../sim/plan/index.ts'
import type { BrokerSample, ObservedWorld } from '../../../sim/report/observed-world.ts'
import type { Report } from '../../../sim/report/report.ts'
import { RunRecorder } from '../../../sim/report/run-recorder.ts'
import { type RunResult, runPlan } from '../../../sim/run-scenario.ts'
import type { SimBroker } from '../../../sim/sim-broker.ts'
import type { Watcher } from '../../../sim/watcher.ts'
import type { SimWorld } from '../../../sim/world.ts'
import { plainSettings } from '../small-world.ts'

/** What a recorded run came to. */
export interface Recorded {
  readonly report: Report
  readonly result: RunResult
}

/** Runs a plan and records it. */
export function record(plan: ScenarioPlan, seed: number | string = 1, options = {}): Recorded {
  let recorder: RunRecorder | undefined
  const watch = (world: SimWorld): Watcher[] => {
    const observed = observe(world)
    recorder = new RunRecorder(observed, plan)
    return [observed, recorder]
  }
  const result = runPlan({ plan, seed, watch, ...options })
  const { seed: text, hash: traceHash, events, complaints } = result
  const facts = { seed: text, traceHash, events, complaints, realMs: 0 }
  return { report: recorder!.finish({ ...facts, mode: 'simulated' }), result }
}

/** A plan with plain settings. */
export function aPlan(plan: Pick<ScenarioPlan, 'topology'> & Partial<ScenarioPlan>): ScenarioPlan {
  return {
    name: 'a-plan',
    about: 'a test',
    settings: plainSettings,
    qualities: plan.topology.links.map(() => ({ latencyMs: 1 })),
    isResplitting: false,
    producers: [],
    consumers: [],
    timeline: [],
    thenMs: 5_000,
    ending: 'heal',
    ...plan
  }
}

/** A step of a timeline. */
export function step(
  afterMs: number,
  event: ScenarioPlan['timeline'][number]['event']
): ScenarioPlan['timeline'][number] {
  return { afterMs, event }
}

/** It is at work when it is stable for the first time. */
function observe(world: SimWorld): ObservedWorld & Watcher {
  let atWorkMs = Number.POSITIVE_INFINITY
  return {
    ledger: world.ledger,
    topology: world.topology,
    get nowMs() {
      return world.nowMs
    },
    get atWorkMs() {
      return atWorkMs
    },
    samples: () => [...world.brokers.values()].map(sampleOf),
    placeOf: (client) => world.consumers.get(client.name)?.at ?? client.at,
    onStable() {
      if (atWorkMs === Number.POSITIVE_INFINITY) atWorkMs = world.nowMs
    }
  }
}

function sampleOf({ name, station }: SimBroker): BrokerSample {
  if (station === undefined) {
    const nothing = { waiting: 0, waitingBytes: 0, storeBytes: 0, queues: [], bridges: [] }
    return { broker: name, isUp: false, ...nothing }
  }
  const { broker, network } = station
  const queues = [...broker.queues.all()]
    .filter(({ held }) => held > 0)
    .map((queue) => ({ queue: queue.name, messages: queue.held }))
    .sort((one, other) => other.messages - one.messages)
  let waiting = network.parking.length
  for (const { messagesPending } of network.bridges.all()) waiting += messagesPending
  for (const { messages } of queues) waiting += messages
  for (const { queue } of broker.topics.all()) waiting += queue.held
  return {
    broker: name,
    isUp: true,
    waiting,
    waitingBytes: broker.memory.bytesUsed,
    storeBytes: 0,
    queues: queues.slice(0, 10),
    bridges: network.bridges.all().map(({ peer, counters: { messagesSent, bytesSent } }) => {
      return { peer, messagesSent, bytesSent }
    })
  }
}
