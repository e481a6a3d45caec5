// The kinds of field a topology file is made of. Every schema's error is the end of the sentence
// `"field" must be ...`, so that describe-issue.ts can name the field and the value around it.
// Written forms (durations, sizes) leave here as numbers.

import * as z from 'zod'
import { durationPattern, formatDurationMs, parseDurationMs } from '../discovery/index.ts'
import { byteSizePattern, formatByteSize, parseByteSize } from './byte-size.ts'

/** Default and bounds of a number. */
export interface NumberBounds {
  readonly preset: number
  readonly min: number
  readonly max: number
}

/** Bounds of a number that need not be given. */
export type OptionalBounds = Omit<NumberBounds, 'preset'>

/** Source of the pattern of broker, network and connector names: no dots, they separate names. */
export const namePattern = '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$'

const nameForm =
  'a name of letters, digits, "-" and "_", beginning with a letter or digit, 63 characters at most'

/** A broker's, network's or connector's name. */
export function name(description: string) {
  return z
    .string({ error: nameForm })
    .regex(new RegExp(namePattern), { error: nameForm })
    .meta({ description })
}

/** A text, as it is. */
export function text(description: string, form: string) {
  return z.string({ error: form }).min(1, { error: form }).meta({ description })
}

/** A whole number. */
export function count(description: string, { preset, min, max }: NumberBounds) {
  const error = `a whole number from ${min} to ${max}`
  return z
    .int({ error })
    .min(min, { error })
    .max(max, { error })
    .prefault(preset)
    .meta({ description: `${description} ${min} to ${max}.` })
}

/** A whole number that need not be given. */
export function optionalCount(description: string, { min, max }: OptionalBounds) {
  const error = `a whole number from ${min} to ${max}`
  return z
    .int({ error })
    .min(min, { error })
    .max(max, { error })
    .optional()
    .meta({ description: `${description} ${min} to ${max}.` })
}

/** true or false. */
export function flag(description: string, preset: boolean) {
  return z.boolean({ error: 'true or false' }).prefault(preset).meta({ description })
}

/** One of some words. */
export function choice<const Words extends readonly [string, ...string[]]>(
  description: string,
  words: Words,
  preset: Words[number]
) {
  return z
    .enum(words, { error: `one of ${words.join(', ')}` })
    .prefault(preset)
    .meta({ description })
}

/** A duration such as `200ms` or `5s`, in milliseconds. Bounds are in milliseconds. */
export function duration(description: string, bounds: NumberBounds) {
  const range = `${formatDurationMs(bounds.min)} to ${formatDurationMs(bounds.max)}`
  return measure(description, bounds, {
    form: `a duration from ${range}, such as ${formatDurationMs(bounds.preset)}`,
    range,
    pattern: durationPattern,
    preset: formatDurationMs(bounds.preset),
    read: parseDurationMs
  })
}

/** A size such as `64KiB`, in bytes. Bounds are in bytes. */
export function byteSize(description: string, bounds: NumberBounds) {
  const preset = formatByteSize(bounds.preset)
  return measure(description, bounds, { ...sizeForm(bounds, preset), preset })
}

/** A size that need not be given. */
export function optionalByteSize(description: string, bounds: OptionalBounds) {
  const form = sizeForm(bounds, formatByteSize(bounds.min))
  return read(bounds, form)
    .optional()
    .meta({ description: `${description} ${form.range}.` })
}

function sizeForm({ min, max }: OptionalBounds, example: string): WrittenForm {
  const range = `${formatByteSize(min)} to ${formatByteSize(max)}`
  const form = `a size from ${range}, such as ${example}`
  return { form, range, pattern: byteSizePattern, read: parseByteSize }
}

/** A map with these keys and no others. */
export function mapOf<Shape extends z.ZodRawShape>(description: string, shape: Shape) {
  return z.strictObject(shape, { error: 'a map of keys and values' }).meta({ description })
}

/** A list, empty unless given. */
export function listOf<Item extends z.ZodType>(description: string, item: Item, lengthMax: number) {
  return z
    .array(item, { error: 'a list' })
    .max(lengthMax, { error: `a list of at most ${lengthMax} entries` })
    .prefault([])
    .meta({ description })
}

interface WrittenForm {
  readonly form: string
  readonly range: string
  readonly pattern: string
  readonly read: (written: string) => number | undefined
}

/** A number that may be written with a unit. */
function measure(
  description: string,
  bounds: NumberBounds,
  written: WrittenForm & { readonly preset: string }
) {
  return read(bounds, written)
    .prefault(written.preset)
    .meta({ description: `${description} ${written.range}.` })
}

function read({ min, max }: OptionalBounds, written: WrittenForm) {
  const { form, pattern } = written
  const error = form
  const bare = z.int({ error }).min(min, { error }).max(max, { error })
  return z
    .union([bare, z.string({ error }).regex(new RegExp(pattern), { error })], { error })
    .transform((value, context) => {
      const number = typeof value === 'number' ? value : written.read(value)
      if (number !== undefined && number >= min && number <= max) return number
      context.addIssue({ code: 'custom', message: form })
      return z.NEVER
    })
}
