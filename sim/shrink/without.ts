// Plans with one thing less: a client, a broker or a link, and all that happens to it. What is left
// hangs together: every link has two brokers, every client a broker, every step its subject, and
// the network is not cut in two.

import type { ScenarioPlan, SimEvent } from '../plan/index.ts'
import type { SimLink, SimTopology } from '../topologies.ts'

/** Without a client. */
export function without(plan: ScenarioPlan, client: string): ScenarioPlan {
  return withoutSteps(
    {
      ...plan,
      consumers: plan.consumers.filter(({ name }) => name !== client),
      producers: plan.producers.filter(({ name }) => name !== client)
    },
    (event) => 'client' in event && event.client === client
  )
}

/**
 * Without a broker; its clients go to one that was beside it. Undefined if the others would not
 * hang together, or there would be none.
 */
export function withoutBroker(plan: ScenarioPlan, broker: string): ScenarioPlan | undefined {
  const { topology, qualities, overrides = {} } = plan
  if (topology.brokers.length <= 1) return undefined
  const beside = topology.links.find(({ a, b }) => a === broker || b === broker)
  if (beside === undefined) return undefined
  const heir = beside.a === broker ? beside.b : beside.a
  const stays = ({ a, b }: SimLink): boolean => a !== broker && b !== broker
  const smaller: SimTopology = {
    ...topology,
    brokers: topology.brokers.filter((name) => name !== broker),
    links: topology.links.filter(stays),
    nonTransit: topology.nonTransit.filter((name) => name !== broker)
  }
  if (!isConnected(smaller)) return undefined
  const moved = <C extends { readonly at: string }>(client: C): C =>
    client.at === broker ? { ...client, at: heir } : client
  const left = {
    ...plan,
    topology: smaller,
    qualities: qualities.filter((_, at) => stays(topology.links[at]!)),
    overrides: Object.fromEntries(Object.entries(overrides).filter(([name]) => name !== broker)),
    consumers: plan.consumers.map(moved),
    producers: plan.producers.map(moved),
    timeline: plan.timeline.map((step) => ({ ...step, event: withoutMember(step.event, broker) }))
  }
  return withoutSteps(left, (event) => subjectsOf(event).includes(broker))
}

/** Without a link. Undefined if the network would be cut in two. */
export function withoutLink(plan: ScenarioPlan, gone: SimLink): ScenarioPlan | undefined {
  const { topology, qualities } = plan
  const at = topology.links.findIndex(({ a, b }) => a === gone.a && b === gone.b)
  if (at < 0) return undefined
  const links = topology.links.filter((_, index) => index !== at)
  const smaller = { ...topology, links }
  if (!isConnected(smaller)) return undefined
  return withoutSteps(
    { ...plan, topology: smaller, qualities: qualities.filter((_, index) => index !== at) },
    (event) => {
      const subjects = subjectsOf(event)
      return isOnLink(event) && subjects.includes(gone.a) && subjects.includes(gone.b)
    }
  )
}

/** Steps that are left take the time of those that are gone. */
function withoutSteps(plan: ScenarioPlan, isGone: (event: SimEvent) => boolean): ScenarioPlan {
  const timeline: ScenarioPlan['timeline'][number][] = []
  let lostMs = 0
  for (const { afterMs, event } of plan.timeline) {
    if (isGone(event)) lostMs += afterMs
    else {
      timeline.push({ afterMs: afterMs + lostMs, event })
      lostMs = 0
    }
  }
  return { ...plan, timeline }
}

function withoutMember(event: SimEvent, broker: string): SimEvent {
  if (event.kind !== 'partition') return event
  const groups = event.groups.map((group) => group.filter((name) => name !== broker))
  return { ...event, groups }
}

function isOnLink(event: SimEvent): boolean {
  return 'a' in event || 'from' in event
}

/** The brokers that an event names. */
function subjectsOf(event: SimEvent): string[] {
  const { broker, a, b, from, to } = event as Readonly<Record<string, unknown>>
  return [broker, a, b, from, to].filter((name): name is string => typeof name === 'string')
}

function isConnected({ brokers, links }: SimTopology): boolean {
  const [first] = brokers
  if (first === undefined) return false
  const reached = new Set([first])
  for (const name of reached) {
    for (const { a, b } of links) {
      if (a === name) reached.add(b)
      else if (b === name) reached.add(a)
    }
  }
  return reached.size === brokers.length
}
