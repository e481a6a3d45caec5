// Kinds of field that only scenario files have. Like those of topology files, every error is the
// end of the sentence '"field" must be ...', and written forms leave here as numbers.

import * as z from 'zod'
import { messageOf } from '../../src/base/index.ts'
import { checkDestinationName, selectorFilter } from '../../src/broker/index.ts'
import { correctedMeasure, type Measure } from './measures.ts'

/** A field of a topology file, here without its default. */
export function given<Inner extends z.ZodType>(field: z.ZodPrefault<Inner>) {
  const { description } = field
  return field
    .unwrap()
    .optional()
    .meta(description === undefined ? {} : { description })
}

/** A number with a unit; no default. */
export function measured(description: string, measure: Measure) {
  const { form, pattern } = measure
  const written = z.string({ error: form }).transform((text, context) => {
    const value = measure.read(text)
    if (value !== undefined) return value
    const near = correctedMeasure(measure, text)
    const message = `"${text}" is not ${form}`
    const suggestion = near === undefined ? undefined : `did you mean ${near}?`
    context.addIssue({ code: 'custom', message, params: { isWhole: true, suggestion } })
    return z.NEVER
  })
  // A bare number gets the same answer as one in quotes: which unit it lacks.
  return z
    .preprocess((value) => (typeof value === 'number' ? String(value) : value), written)
    .meta({ description, pattern })
}

/** A queue or topic as clients write it. */
export function destination(description: string, mayBePattern: boolean) {
  const form = 'a destination such as /queue/orders or /topic/prices.eu'
  return z
    .string({ error: form })
    .superRefine((written, context) => {
      const refuse = (message: string, suggestion?: string): void => {
        context.addIssue({ code: 'custom', message, params: { isWhole: true, suggestion } })
      }
      const match = /^\/(queue|topic)\/(.*)$/s.exec(written)
      if (match === null) {
        const bare = written.replace(/^\/?((queue|topic)(:\/\/|\/))?/, '')
        const kind = written.includes('topic') ? 'topic' : 'queue'
        refuse(`"${written}" is not ${form}`, `did you mean "/${kind}/${bare}"?`)
        return
      }
      try {
        checkDestinationName(match[2]!, mayBePattern)
      } catch (error) {
        refuse(messageOf(error))
      }
    })
    .meta({ description })
}

/** A selector that can be parsed. */
export function selector(description: string) {
  return z
    .string({ error: "a selector such as region = 'eu'" })
    .superRefine((written, context) => {
      try {
        selectorFilter(written)
      } catch (error) {
        // What follows the first line points at a column of the selector, not of the file.
        const [reason] = messageOf(error).split('\n')
        const message = `"${written}" is no selector: ${reason}`
        context.addIssue({ code: 'custom', message, params: { isWhole: true } })
      }
    })
    .meta({ description })
}

/** 'every 10', or 10: each tenth. */
export function everyNth(description: string, max: number) {
  const form = `every N, such as every 10, with N from 1 to ${max}`
  return z
    .union([z.int({ error: form }), z.string({ error: form })], { error: form })
    .transform((written, context) => {
      const match = /^(?:every )?(\d{1,9})$/.exec(String(written))
      const value = match === null ? 0 : Number(match[1])
      if (value >= 1 && value <= max) return value
      context.addIssue({ code: 'custom', message: form })
      return z.NEVER
    })
    .meta({ description: `${description} 1 to ${max}.` })
}
