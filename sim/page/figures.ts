// Figures as people read them: counts with separators, times and sizes in a unit that fits. One
// that is not there is a dash.

/** What stands for a figure that is not there. */
export const noFigure = '–'

/** A figure that may be missing: undefined, or null or NaN where it went through JSON. */
export type MaybeFigure = number | null | undefined

/** '12,345'. */
export function countText(count: MaybeFigure): string {
  if (!isFigure(count)) return noFigure
  return count.toLocaleString('en-US', { maximumFractionDigits: count < 10 ? 1 : 0 })
}

/** '0.4 ms', '350 ms', '12.5 s', '2 min 5 s', '3 h 20 min'. */
export function timeText(ms: MaybeFigure): string {
  if (!isFigure(ms)) return noFigure
  if (ms < 0) return `-${timeText(-ms)}`
  if (ms < 999.5) return `${rounded(ms, ms < 10 ? 1 : 0)}${noBreak}ms`
  if (ms < 59_950) return `${rounded(ms / 1_000, 1)}${noBreak}s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 3_600) return twoUnits(Math.floor(seconds / 60), 'min', seconds % 60, 's')
  const minutes = Math.round(seconds / 60)
  return twoUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
}

/** Between a figure and its unit, which must not part. */
const noBreak = '\u00a0'

const sizeUnits = ['B', 'kB', 'MB', 'GB', 'TB']

/** '812 B', '1.4 MB'. */
export function sizeText(bytes: MaybeFigure): string {
  if (!isFigure(bytes)) return noFigure
  let size = bytes
  let unit = 0
  while (size >= 999.95 && unit < sizeUnits.length - 1) {
    size /= 1_000
    unit += 1
  }
  return `${rounded(size, unit === 0 || size >= 100 ? 0 : 1)}${noBreak}${sizeUnits[unit]}`
}

/** '99.98 %' of a whole; a dash of nothing. Never rounded up to all or down to nothing. */
export function shareText(part: number, whole: number): string {
  if (!(whole > 0) || !isFigure(part)) return noFigure
  const percent = (part / whole) * 100
  if (percent > 99.99 && part < whole) return `> 99.99${noBreak}%`
  if (percent < 0.01 && part > 0) return `< 0.01${noBreak}%`
  return `${rounded(percent, 2)}${noBreak}%`
}

/** '1 broker', '2 brokers'. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`
}

/** Whether there is a figure. */
export function isFigure(figure: MaybeFigure): figure is number {
  return typeof figure === 'number' && Number.isFinite(figure)
}

function twoUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = small === 0 ? '' : ` ${small}${noBreak}${smallUnit}`
  return `${large.toLocaleString('en-US')}${noBreak}${largeUnit}${rest}`
}

function rounded(value: number, digits: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}
