// The figures a run can yield, with how each is called and printed. Invariant: a figure has one
// name everywhere: in code, in the results file and in the table of peers.

/** Names of figures. `cpuSecondsPer100k.a` is the first broker's, and so on along the chain. */
export type FigureName =
  | 'receivedPerSecond'
  | 'cpuSecondsPer100k.a'
  | 'cpuSecondsPer100k.b'
  | 'cpuSecondsPer100k.c'
  | 'p50Ms'
  | 'p90Ms'
  | 'p99Ms'
  | 'p999Ms'
  | 'maxMs'
  | 'rssBeforeMiB'
  | 'rssAfterMiB'
  | 'rssGrowthMiB'
  | 'startMs'
  | 'bareNodeMs'

/** Figures of one measurement. */
export type Figures = ReadonlyMap<FigureName, number>

const labels: ReadonlyMap<FigureName, string> = new Map([
  ['receivedPerSecond', 'received/s'],
  ['cpuSecondsPer100k.a', 'CPU s/100k, broker a'],
  ['cpuSecondsPer100k.b', 'CPU s/100k, broker b'],
  ['cpuSecondsPer100k.c', 'CPU s/100k, broker c'],
  ['p50Ms', 'p50 ms'],
  ['p90Ms', 'p90 ms'],
  ['p99Ms', 'p99 ms'],
  ['p999Ms', 'p99.9 ms'],
  ['maxMs', 'max ms'],
  ['rssBeforeMiB', 'RSS before, MiB'],
  ['rssAfterMiB', 'RSS after, MiB'],
  ['rssGrowthMiB', 'RSS growth, MiB'],
  ['startMs', 'start ms'],
  ['bareNodeMs', '`node -e 0` ms']
])

/** All figure names, in the order they are printed. */
export const figureNames: readonly FigureName[] = [...labels.keys()]

/** How a figure is called in the report, unit last. */
export function figureLabel(name: FigureName): string {
  return labels.get(name)!
}

/** A value with about three digits that mean something: '712 k', '0.16', '43.1', '780'. */
export function formatFigure(value: number): string {
  if (value >= 10_000) return `${(value / 1000).toFixed(value < 100_000 ? 1 : 0)} k`
  if (value >= 100) return value.toFixed(0)
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
