// The torture's words: a line while it runs, and what came of a run.

import type { TortureProgress, TortureResult } from './torture-run.ts'

const shownMax = 20

/** One line on how far a run is. */
export function progressLine(topology: string, progress: TortureProgress): string {
  const { phase, seconds, torment, ledger } = progress
  const parts = [
    `${topology} ${phase} ${seconds} s`,
    `${torment.kills} kills`,
    `${ledger.sent} sent`,
    `${ledger.receipted} receipted`,
    `${ledger.delivered} delivered`,
    `${ledger.late} late`
  ]
  return parts.join(' · ')
}

/** All that is to be said of a run that is over; several lines. */
export function resultText(result: TortureResult, replay: string): string {
  const { topology, seed, torment, ledger, violations, faults, sightings, refusals } = result
  const { kills, restarts, pauses, cuts, breaks, drops } = torment
  const isGood = violations.length + faults.length === 0
  const lines = [
    `${isGood ? 'passed' : 'FAILED'}  ${topology}, seed ${seed}, ${result.seconds} s`,
    `  ${kills} kills, ${restarts} restarts, ${pauses} pauses, ${cuts} cuts, ${breaks} broken ` +
      `connections, ${drops} dropped clients`,
    `  ${ledger.sent} sent, ${ledger.receipted} receipted, ${ledger.unconfirmed} unconfirmed, ` +
      `${ledger.delivered} delivered, ${ledger.repeats} of them again`
  ]
  for (const [text, count] of refusals.slice(0, shownMax)) {
    lines.push(`  refused ${count} times: ${text}`)
  }
  for (const fault of faults.slice(0, shownMax)) lines.push(`  FAULT ${fault}`)
  for (const { kind, key, audience, text } of violations.slice(0, shownMax)) {
    lines.push(`  VIOLATION ${kind}: ${key} for ${audience}: ${text}`)
    const seen = sightings.filter((sighting) => sighting.key === key)
    for (const { broker, queue, sequence } of seen) {
      lines.push(`    is in the store of ${broker}, queue ${queue}, sequence ${sequence}`)
    }
    if (seen.length === 0) lines.push('    is in no store')
  }
  const more = violations.length - shownMax
  if (more > 0) lines.push(`  and ${more} violations more`)
  if (!isGood) lines.push(`  again: ${replay}`)
  if (result.folder !== undefined) lines.push(`  data and logs: ${result.folder}`)
  return lines.join('\n')
}
