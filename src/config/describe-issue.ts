// Turns what the schema objects to into problems a person can act on: the field, the value, the
// fix. Values under `users` are never repeated: they are secrets.

import type { z } from 'zod'
import { correctedByteSize } from './byte-size.ts'
import { closestName, suggestName } from './closest-name.ts'
import type { ProblemText } from './problem-list.ts'

type Path = (string | number)[]

/** What kind of file a schema describes. */
export interface FileFormat {
  /** As in 'key "x" is not known in a topology file'. */
  readonly noun: string
  /** Keys of the map at a path; empty where keys are free or there is no map. */
  readonly knownKeysAt: (path: readonly (string | number)[]) => string[]
}

/** The problems of one issue; `whole` is the value the schema was given. */
export function describeIssue(
  issue: z.core.$ZodIssue,
  whole: unknown,
  format: FileFormat
): ProblemText[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => describeUnknownKey(key, path, format))
  }
  if (issue.code === 'invalid_union') {
    // The branch that fits but for something inside it is what was meant.
    const meant = issue.errors.find((branch) => branch.every(isInside))
    const inside = meant?.map((each) => ({ ...each, path: [...path, ...each.path] })) ?? []
    if (inside.length > 0) return inside.flatMap((each) => describeIssue(each, whole, format))
  }
  const subject = issue.path.length === 0 ? 'the file' : `"${String(path.at(-1))}"`
  if (issue.code === 'invalid_key') {
    const message = `name ${subject} must be ${issue.issues[0]?.message ?? 'a name'}`
    return [{ path, at: 'key', message }]
  }
  if (issue.code === 'custom' && issue.params?.isWhole === true) {
    const suggestion = issue.params.suggestion as string | undefined
    return [{ path, message: issue.message, suggestion }]
  }
  const value = valueAt(whole, path)
  if (value === undefined) {
    return [{ path, message: `${subject} is missing; it must be ${issue.message}` }]
  }
  const isSecret = path.includes('users')
  const shown = isSecret ? '' : butIs(issue, value)
  return [
    {
      path,
      message: `${nameEntry(path, subject)} must be ${issue.message}${shown}`,
      suggestion: suggestValue(issue, value, isSecret)
    }
  ]
}

/** A value for a message: short, on one line. */
function showValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

function butIs(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === null) return ', and is empty'
  // "Must be a list of at most 3 entries, not a list" would help nobody.
  const isOfItsKind = typeof value === 'object' && !issue.code.startsWith('invalid')
  return isOfItsKind ? '' : `, not ${showValue(value)}`
}

/** True if the value is of the right kind and the fault is with a part of it. */
function isInside(issue: z.core.$ZodIssue): boolean {
  return issue.path.length > 0 || issue.code === 'unrecognized_keys'
}

function describeUnknownKey(key: string, path: Path, format: FileFormat): ProblemText {
  const owner = path.length === 0 ? format.noun : `"${nameOwner(path)}"`
  return {
    path: [...path, key],
    at: 'key',
    message: `key "${key}" is not known in ${owner}`,
    suggestion: suggestName(key, format.knownKeysAt(path))
  }
}

/** The nearest name above, with the list position if it is an entry of a list. */
function nameOwner(path: Path): string {
  const last = path.at(-1)
  return typeof last === 'number' ? `${String(path.at(-2))}[${last}]` : String(last)
}

function nameEntry(path: Path, subject: string): string {
  return typeof path.at(-1) === 'number' ? `"${nameOwner(path)}"` : subject
}

function suggestValue(
  issue: z.core.$ZodIssue,
  value: unknown,
  isSecret: boolean
): string | undefined {
  if (issue.code === 'invalid_type' && issue.expected === 'string') {
    const isPlain = typeof value === 'number' || typeof value === 'boolean'
    return isPlain ? 'put it in quotes' : undefined
  }
  if (value === null) {
    if (issue.message.startsWith('a map ')) return 'write {} for one without any'
    return issue.message.startsWith('a list') ? 'write [] for an empty one' : 'remove the key'
  }
  if (isSecret || typeof value !== 'string') return undefined
  if (issue.code === 'invalid_value') {
    const near = closestName(value, issue.values.map(String))
    return near === undefined ? undefined : `did you mean "${near}"?`
  }
  const size = issue.message.startsWith('a size ') ? correctedByteSize(value) : undefined
  return size === undefined ? undefined : `did you mean ${size}?`
}

function valueAt(whole: unknown, path: Path): unknown {
  let value = whole
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined
    if (!Object.hasOwn(value, step)) return undefined
    value = (value as Record<string | number, unknown>)[step]
  }
  return value
}
