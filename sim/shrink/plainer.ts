// Plans that are plainer: shorter times, fewer messages, clients without frills, links without
// distance, brokers with the usual bounds. Each reduction changes one thing.

import { defaultBrokerLimits } from '../../src/broker/index.ts'
import { bridgesLimitsDefault } from '../../src/network/index.ts'
import type { ConsumerPlan, ProducerPlan, ScenarioPlan } from '../plan/index.ts'
import type { SimBrokerSettings } from '../sim-broker.ts'
import type { Reduction } from './shrink.ts'

/** Rates are not lowered below one message in so many milliseconds. */
const everyMsMax = 1_000
const bodyBytesPlain = 16

/** Everything about a plan that can be made plainer. */
export function plainer(plan: ScenarioPlan): readonly Reduction[] {
  return [
    ...plan.timeline.flatMap((_, at) => [withTime(at, () => 0), withTime(at, halved)]),
    ...plan.timeline.map((_, at) => withPlainKill(at)),
    (now) => changed(now, { thenMs: 0 }),
    (now) => changed(now, { isFifo: true }),
    (now) => changed(now, { isResplitting: false }),
    (now) => changed(now, { startSpreadMs: 0 }),
    (now) => changed(now, { qualities: now.topology.links.map(() => ({})) }),
    (now) => changed(now, { overrides: {} }),
    ...settings,
    ...plan.consumers.flatMap(({ name }) => consumers.map((make) => onConsumer(name, make))),
    ...plan.producers.flatMap(({ name }) => producers.map((make) => onProducer(name, make))),
    ...plan.topology.links.map(
      (_, at): Reduction =>
        ({ topology, ...rest }) => {
          const links = topology.links.map((link, index) =>
            index === at ? { a: link.a, b: link.b, cost: 1, dialledBy: 'a' as const } : link
          )
          return changed({ topology, ...rest }, { topology: { ...topology, links } })
        }
    )
  ]
}

type Plainer<T> = (thing: T) => Partial<T>

const settings: readonly Reduction[] = [
  ...Object.keys(defaultBrokerLimits).map((key) =>
    onSettings(({ limits }) => ({
      limits: { ...limits, [key]: defaultBrokerLimits[key as keyof typeof defaultBrokerLimits] }
    }))
  ),
  onSettings(({ network }) => ({ network: { ...network, bridges: bridgesLimitsDefault } })),
  onSettings(({ network }) => ({ network: { ...network, repairMs: 30_000 } })),
  onSettings(() => ({ turnUsMax: 0 })),
  onSettings(() => ({ keepsId: true }))
]

const consumers: readonly Plainer<ConsumerPlan>[] = [
  () => ({ prefetch: 1_000 }),
  () => ({ workMs: 0 }),
  () => ({ version: '1.2' }),
  () => ({ ack: 'client-individual' }),
  leaveOut('selector'),
  leaveOut('durableName'),
  leaveOut('nackEvery'),
  leaveOut('isLate')
]

const producers: readonly Plainer<ProducerPlan>[] = [
  () => ({ bodyBytes: bodyBytesPlain }),
  () => ({ isPersistent: false }),
  () => ({ receiptEvery: 1 }),
  () => ({ version: '1.2' }),
  () => ({ isSteady: true }),
  ({ everyMs }) => ({ everyMs: Math.min(everyMsMax, everyMs * 4) }),
  ({ everyMs }) => ({ everyMs: Math.min(everyMsMax, everyMs * 2) }),
  ({ messagesMax = 1_000 }) => ({ messagesMax: Math.ceil(messagesMax / 10) }),
  ({ messagesMax = 1_000 }) => ({ messagesMax: Math.ceil(messagesMax / 2) }),
  leaveOut('ttlMs'),
  leaveOut('burst'),
  leaveOut('transactionSize'),
  leaveOut('headers')
]

function leaveOut(key: string): () => Record<string, undefined> {
  return () => ({ [key]: undefined })
}

function halved(ms: number): number {
  return Math.floor(ms / 2)
}

function withTime(at: number, make: (ms: number) => number): Reduction {
  return (plan) => {
    const timeline = plan.timeline.map(({ afterMs, event }, index) => ({
      afterMs: index === at ? make(afterMs) : afterMs,
      event
    }))
    return changed(plan, { timeline })
  }
}

/** Killed the first time it comes to a step. */
function withPlainKill(at: number): Reduction {
  return (plan) => {
    const timeline = plan.timeline.map(({ afterMs, event }, index) => ({
      afterMs,
      event: index === at && event.kind === 'kill-at' ? { ...event, times: 1 } : event
    }))
    return changed(plan, { timeline })
  }
}

function onSettings(make: Plainer<SimBrokerSettings>): Reduction {
  return (plan) => changed(plan, { settings: { ...plan.settings, ...make(plan.settings) } })
}

function onConsumer(name: string, make: Plainer<ConsumerPlan>): Reduction {
  return (plan) => {
    const all = plan.consumers.map((one) => (one.name === name ? { ...one, ...make(one) } : one))
    return changed(plan, { consumers: all })
  }
}

function onProducer(name: string, make: Plainer<ProducerPlan>): Reduction {
  return (plan) => {
    const all = plan.producers.map((one) => (one.name === name ? { ...one, ...make(one) } : one))
    return changed(plan, { producers: all })
  }
}

/** The plan with these parts, as it would be read from a file; undefined if it is the same. */
function changed(plan: ScenarioPlan, parts: Partial<ScenarioPlan>): ScenarioPlan | undefined {
  const text = JSON.stringify({ ...plan, ...parts })
  return text === JSON.stringify(plan) ? undefined : (JSON.parse(text) as ScenarioPlan)
}
