// The fates of messages as the page names and orders them, and the bar that shows their shares.

import type { DestinationReport, Fates } from '../report/report.ts'
import { countText, shareText } from './figures.ts'
import { type Markup, markup } from './markup.ts'

/** A fate that excludes the others; 'late' is a part of 'delivered' and none of them. */
export type Fate = Exclude<keyof Fates, 'late'>

/** Fates, good ones first, in words. */
export const fateNames: ReadonlyMap<Fate, string> = new Map<Fate, string>([
  ['delivered', 'delivered'],
  ['waiting', 'still waiting'],
  ['subscriberLeft', 'subscriber left'],
  ['expired', 'expired'],
  ['deadLettered', 'dead-lettered'],
  ['givenUp', 'given up'],
  ['diedWithBroker', 'died with a broker'],
  ['lost', 'lost']
])

/** Fates of all destinations together. */
export function totalFates(destinations: readonly DestinationReport[]): Fates {
  const total = {
    delivered: 0,
    late: 0,
    waiting: 0,
    expired: 0,
    deadLettered: 0,
    givenUp: 0,
    diedWithBroker: 0,
    subscriberLeft: 0,
    lost: 0
  }
  for (const { fates } of destinations) {
    for (const fate of Object.keys(total) as (keyof Fates)[]) total[fate] += fates[fate] || 0
  }
  return total
}

/** All messages that have a fate. */
export function fatesSum(fates: Fates): number {
  return [...fateNames.keys()].reduce((sum, fate) => sum + (fates[fate] || 0), 0)
}

/** The shares of fates as one bar; what it shows is said in its label. */
export function fatesBar(fates: Fates): Markup {
  const sum = fatesSum(fates)
  const present = [...fateNames].filter(([fate]) => fates[fate] > 0)
  const label = present.map(([fate, name]) => `${countText(fates[fate])} ${name}`).join(', ')
  const parts = present.map(([fate, name]) => {
    const percent = ((fates[fate] / sum) * 100).toFixed(3)
    return markup`<span class="fate-${fate}" style="width:${percent}%" title="${name}"></span>`
  })
  return markup`<span class="bar" role="img" aria-label="${label || 'no messages'}">${parts}</span>`
}

/** The fates that some message met, with counts and shares, as a list. */
export function fatesLegend(fates: Fates): Markup {
  const sum = fatesSum(fates)
  const shown = [...fateNames].filter(([fate]) => fates[fate] > 0 || fate === 'lost')
  const items = shown.map(
    ([fate, name]) =>
      markup`<li><span class="key fate-${fate}"></span>${name}
        <b>${countText(fates[fate])}</b> <small>${shareText(fates[fate], sum)}</small></li>`
  )
  return markup`<ul class="legend">${items}</ul>`
}
