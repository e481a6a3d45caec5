// Tells a failure to people: the network, its clients, what happens to them, what the judge said.

import type { ConsumerPlan, ProducerPlan, SimEvent } from '../plan/index.ts'
import type { SimLink } from '../topologies.ts'
import type { Failure } from './shrink.ts'

const complaintsShownMax = 3

/** Some lines of plain text. */
export function tellStory({ plan, seed, complaints }: Failure): string {
  const { topology, consumers, producers, timeline, thenMs } = plan
  const count = topology.brokers.length
  const lines = [
    `${count} ${count === 1 ? 'broker' : 'brokers'}: ${topology.brokers.join(', ')}`,
    ...topology.links.map(tellLink),
    ...topology.nonTransit.map((name) => `  ${name} carries nothing for others`),
    'Clients:',
    ...producers.map(tellProducer),
    ...consumers.map(tellConsumer),
    timeline.length === 0 ? 'Nothing happens to them.' : 'What happens once all is at work:'
  ]
  let atMs = 0
  for (const { afterMs, event } of timeline) {
    atMs += afterMs
    lines.push(`  ${`${atMs} ms`.padStart(9)}  ${tellEvent(event)}`)
  }
  lines.push(`  ${thenMs} ms later everything is healed and has time to finish.`)
  lines.push(`What the judges say (seed ${seed}):`)
  for (const complaint of complaints.slice(0, complaintsShownMax)) lines.push(`  ${complaint}`)
  return lines.join('\n')
}

function tellLink({ a, b, cost, dialledBy, duplex, include, exclude }: SimLink): string {
  const arrow = dialledBy === 'a' ? '->' : dialledBy === 'b' ? '<-' : '<->'
  const facts = [
    cost === 1 ? '' : `cost ${cost}`,
    duplex === false ? 'one way' : '',
    include === undefined || include.length === 0 ? '' : `only ${include.join(', ')}`,
    exclude === undefined || exclude.length === 0 ? '' : `without ${exclude.join(', ')}`
  ].filter((fact) => fact !== '')
  return `  ${a} ${arrow} ${b}${facts.length === 0 ? '' : ` (${facts.join('; ')})`}`
}

function tellProducer(plan: ProducerPlan): string {
  const { name, at, destination, everyMs, burst = 1, bodyBytes } = plan
  const what = burst === 1 ? 'a message' : `${burst} messages`
  const facts = [
    `${what} of ${bodyBytes} bytes every ${Math.round(everyMs)} ms`,
    plan.messagesMax === undefined ? '' : `${plan.messagesMax} in all`,
    plan.ttlMs === undefined ? '' : `each good for ${plan.ttlMs} ms`,
    plan.transactionSize === undefined ? '' : `in transactions of ${plan.transactionSize}`,
    plan.isPersistent ? 'persistent' : ''
  ].filter((fact) => fact !== '')
  return `  ${name} at ${at} sends to ${destination}: ${facts.join(', ')}`
}

function tellConsumer(plan: ConsumerPlan): string {
  const { name, at, destination, ack, prefetch, workMs } = plan
  const facts = [
    `ack ${ack}`,
    ack === 'auto' ? '' : `prefetch ${prefetch}, ${workMs} ms each`,
    plan.selector === undefined ? '' : `only ${plan.selector}`,
    plan.durableName === undefined ? '' : 'durable',
    plan.nackEvery === undefined ? '' : `refuses one in ${plan.nackEvery}`,
    plan.isLate === true ? 'late' : ''
  ].filter((fact) => fact !== '')
  return `  ${name} at ${at} takes from ${destination}: ${facts.join(', ')}`
}

/** The event in its own words: the kind, then what it concerns. */
function tellEvent({ kind, ...facts }: SimEvent): string {
  const words = Object.entries(facts).map(([name, value]) =>
    typeof value === 'string' ? value : `${name} ${JSON.stringify(value)}`
  )
  return [kind, ...words].join(' ')
}
