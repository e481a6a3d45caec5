// Numbers with a unit as scenario files and fault options write them: rates, bandwidths, factors,
// steps of a clock. Each is read to a plain number and written back so that it reads the same.

import { formatDurationMs, parseDurationMs } from '../../src/discovery/index.ts'

/** One kind of number with a unit. */
export interface Measure {
  /** What it must look like, as the end of 'must be ...'. */
  readonly form: string
  /** Source of the regular expression every written one matches. */
  readonly pattern: string
  readonly example: string
  /** Bounds, both allowed, in the plain unit. */
  readonly min: number
  readonly max: number
  /** Undefined if it is not one or out of bounds. */
  readonly read: (written: string) => number | undefined
  readonly write: (value: number) => string
}

/** A number above zero, with three digits after the point at most. */
const decimal = '(\\d{1,9}(?:\\.\\d{1,3})?)'

/** Times a second: '50/s', '6/min'; 50/s is 50. */
export const ratePerSecond: Measure = scaled({
  form: 'a rate such as 50/s or 6/min, up to 100000/s',
  example: '50/s',
  units: new Map([
    ['/s', 1],
    ['/min', 1 / 60]
  ]),
  min: 1 / 60_000,
  max: 100_000
})

/** Times a minute: '6/min', '2/s'; 6/min is 6. */
export const ratePerMinute: Measure = scaled({
  form: 'a rate such as 6/min or 2/s, up to 6000/min',
  example: '6/min',
  units: new Map([
    ['/min', 1],
    ['/s', 60]
  ]),
  min: 0,
  max: 6_000
})

/** Bits a second: '64kbit/s', '2Mbit/s'; 8bit/s is 1, for the plain unit is bytes a second. */
export const bandwidth: Measure = scaled({
  form: 'a bandwidth such as 64kbit/s, 2Mbit/s or 1Gbit/s, from 1kbit/s to 100Gbit/s',
  example: '64kbit/s',
  units: new Map([
    ['bit/s', 1 / 8],
    ['kbit/s', 125],
    ['Mbit/s', 125_000],
    ['Gbit/s', 125_000_000]
  ]),
  min: 125,
  max: 12_500_000_000
})

/** How many times as long: '20x'. */
export const factor: Measure = scaled({
  form: 'a factor such as 20x, from 1x to 10000x',
  example: '20x',
  units: new Map([['x', 1]]),
  min: 1,
  max: 10_000
})

/** A step of a clock in milliseconds: '+1h', '-30s'. */
export const clockStep: Measure = {
  form: 'a step such as +1h or -30s, 8760h at most',
  pattern: '^[+-]\\d{1,12}(ms|s|m|h)$',
  example: '+1h',
  min: -31_536_000_000,
  max: 31_536_000_000,
  read(written) {
    const ms = /^[+-]\d+(ms|s|m|h)$/.test(written) ? parseDurationMs(written.slice(1)) : undefined
    if (ms === undefined || ms === 0 || ms > clockStep.max) return undefined
    return written.startsWith('-') ? -ms : ms
  },
  write: (ms) => `${ms < 0 ? '-' : '+'}${formatDurationMs(Math.abs(ms))}`
}

/** A span of time in milliseconds, its unit written: '200ms', '1s'. */
export function timeSpan(minMs: number, maxMs: number): Measure {
  const range = `from ${formatDurationMs(minMs)} to ${formatDurationMs(maxMs)}`
  return {
    form: `a duration such as 200ms or 5s, ${range}`,
    pattern: '^\\d{1,12}(ms|s|m|h)$',
    example: '200ms',
    min: minMs,
    max: maxMs,
    read(written) {
      const ms = /^\d+(ms|s|m|h)$/.test(written) ? parseDurationMs(written) : undefined
      return ms !== undefined && ms >= minMs && ms <= maxMs ? ms : undefined
    },
    write: formatDurationMs
  }
}

/** A correct spelling of what was probably meant; undefined if nothing is near. */
export function correctedMeasure(measure: Measure, written: string): string | undefined {
  const text = written.trim()
  const tries = [
    text.replaceAll(' ', ''),
    text.replace(/^([\d.]+)$/, `$1${measure.example.replace(/^[+-]?[\d.]+/, '')}`),
    text
      .replace(/per ?/i, '/')
      .replace(/\/ ?(sec|second)s?$/i, '/s')
      .replaceAll(' ', ''),
    text.replace(/\/ ?(m|minutes?)$/i, '/min').replaceAll(' ', ''),
    text.replace(/^([\d.]+) ?([kmg]?)(?:b|bit|bits|bps)?(?:\/s)?$/i, (_, number, unit: string) => {
      return `${number}${unit.toLowerCase() === 'k' ? 'k' : unit.toUpperCase()}bit/s`
    }),
    `+${text}`
  ]
  return tries.find((each) => each !== written && measure.read(each) !== undefined)
}

interface Scale {
  readonly form: string
  readonly example: string
  /** Value of one by unit, smallest first. */
  readonly units: ReadonlyMap<string, number>
  readonly min: number
  readonly max: number
}

function scaled({ form, example, units, min, max }: Scale): Measure {
  const pattern = `^${decimal}(${[...units.keys()].join('|')})$`
  const matcher = new RegExp(pattern)
  return {
    form,
    pattern,
    example,
    min,
    max,
    read(written) {
      const match = matcher.exec(written)
      if (match === null) return undefined
      const value = Number(match[1]) * units.get(match[2]!)!
      return value >= min && value <= max ? value : undefined
    },
    write(value) {
      // The unit that reads back as the same number: whole if there is one, then the shortest.
      const exact = [...units].flatMap(([unit, size]) => {
        const number = Number((value / size).toFixed(3))
        const written = `${number}${unit}`
        return matcher.test(written) && number * size === value ? [{ number, written }] : []
      })
      const whole = exact.filter(({ number }) => Number.isInteger(number))
      const best = (whole.length > 0 ? whole : exact).toSorted(
        (one, other) => one.written.length - other.written.length
      )[0]
      const [unit, size] = units.entries().next().value!
      return best?.written ?? `${Number((value / size).toFixed(3))}${unit}`
    }
  }
}
