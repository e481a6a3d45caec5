// Figures for people: counts, times and bytes, short and with their unit.

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** What stands for a figure that could not be measured. */
export const noFigure = '–'

/** A count with separators between thousands: '1,234,567'. */
export function countText(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A count with its noun: '1 fault', '2,000 faults'. */
export function nounText(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** A length of time: '2.9 ms', '850 ms', '1.2 s', '75 s', '3 m 20 s', '5 h 7 m'. */
export function msText(ms: number): string {
  if (ms === 0) return '0 ms'
  if (ms < 9.95) return `${ms.toFixed(1)} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  const seconds = ms / 1_000
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 120) return `${whole} s`
  if (whole < 7_200) return `${Math.floor(whole / 60)} m ${whole % 60} s`
  const minutes = Math.round(seconds / 60)
  return `${countText(Math.floor(minutes / 60))} h ${minutes % 60} m`
}

/** A time in a run, to tenths of a second: '12.3 s'. */
export function atText(ms: number): string {
  return `${(ms / 1_000).toFixed(1).replace(/\B(?=(\d{3})+\.)/g, ',')} s`
}

/** Bytes with at most one decimal: '512 B', '1.5 KiB'. */
export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  // What would be rounded to 1024 of a unit is one of the next.
  while (value >= 1023.5 && unit < byteUnits.length - 1) {
    value /= 1024
    unit += 1
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1
  return `${value.toFixed(digits)} ${byteUnits[unit]}`
}
