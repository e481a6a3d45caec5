// What a run is going to do, as text: the network, its clients, what happens when, and what is
// expected of it.

import { formatByteSize } from '../../src/config/index.ts'
import { formatDurationMs } from '../../src/discovery/index.ts'
import type { ScenarioPlan, SimEvent } from '../plan/index.ts'
import { clientsOf, durationOf, figures, type Rehearsal } from '../scenario-file/index.ts'

/** Clients shown one by one. */
const clientsShownMax = 20

/** See the top of this file; ends with a line break. */
export function explainText(rehearsal: Rehearsal, plan: ScenarioPlan): string {
  const { topology, seed } = rehearsal
  const end = durationOf(rehearsal)
  const lines = [
    `${plan.name}${rehearsal.about === '' ? '' : `: ${rehearsal.about}`}`,
    `network ${topology.name}: ${count(topology.brokers.length, 'broker')}, ` +
      `${count(topology.links.length, 'link')}; seed ${seed}`,
    ...clientLines(rehearsal, plan),
    'timeline:',
    ...timelineLines(plan),
    `  ${time(end)}  producers stop; ` +
      (plan.ending === 'heal' ? 'all is healed and started' : 'all stays as it is'),
    'expected:'
  ]
  for (const { figure, comparison, value, destination } of plan.expectations ?? []) {
    const [name, { unit }] = [...figures].find(([, each]) => each.figure === figure)!
    const bound = unit === 'duration' ? formatDurationMs(value) : String(value)
    const where = destination === undefined ? '' : ` of ${destination}`
    lines.push(`  ${name}${where} is ${comparison.replace('-', ' ')} ${bound}`)
  }
  return `${lines.join('\n')}\n`
}

function clientLines(rehearsal: Rehearsal, { producers, consumers }: ScenarioPlan): string[] {
  const { about } = clientsOf(rehearsal)
  if (about !== '') return [`clients: ${about}`]
  const lines = [
    ...producers.map(({ name, at, destination, everyMs, burst = 1, bodyBytes, isLate }) => {
      const rate = Number(((burst * 1_000) / everyMs).toFixed(2))
      const what = `${rate}/s of ${formatByteSize(bodyBytes)} to ${destination}`
      return `  ${name} at ${at} sends ${what}${isLate === true ? ', later' : ''}`
    }),
    ...consumers.map(({ name, at, destination, isLate }) => {
      return `  ${name} at ${at} receives ${destination}${isLate === true ? ', later' : ''}`
    })
  ]
  const more = lines.length - clientsShownMax
  const shown = more > 0 ? [...lines.slice(0, clientsShownMax), `  and ${more} more`] : lines
  return ['clients:', ...shown]
}

function timelineLines({ timeline }: ScenarioPlan): string[] {
  let nowMs = 0
  return timeline.map(({ afterMs, event }) => {
    nowMs += afterMs
    return `  ${time(nowMs)}  ${eventText(event)}`
  })
}

function eventText(event: SimEvent): string {
  const { kind, ...rest } = event
  const words = Object.entries(rest).map(([key, value]) => {
    return key === 'quality' ? JSON.stringify(value) : String(value)
  })
  return [kind, ...words].join(' ')
}

function time(ms: number): string {
  return `${(ms / 1_000).toFixed(3)} s`.padStart(11)
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
