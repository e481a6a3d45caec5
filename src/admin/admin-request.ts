// What may be asked of the admin service, read from a request's body. Whatever the body is, the
// outcome is a command or a sentence that says what is wrong with it.

import { messageOf } from '../base/index.ts'
import { type DeadLetterRequest, readDeadLetterRequest } from './dead-letter-request.ts'
import { type ExplainRequest, readExplainRequest } from './explain-request.ts'
import {
  type ForgetRequest,
  type ParkedRequest,
  readForgetRequest,
  readParkedRequest
} from './parked-request.ts'
import { type StatusPart, statusParts } from './status-report.ts'

/** Longest body of a request. */
export const requestBytesMax = 64 * 1024

/** A request, read. */
export type AdminRequest =
  | { readonly command: 'status'; readonly parts: ReadonlySet<StatusPart> }
  | DeadLetterRequest
  | ParkedRequest
  | ForgetRequest
  | ExplainRequest
  | { readonly command: 'versions' }
  | { readonly command: 'invalid'; readonly error: string }

const everyPart: ReadonlySet<StatusPart> = new Set(statusParts)
const example = '{"command":"status"}'
/** Commands with readers of their own; those answer a sentence if something is wrong. */
const otherCommands = new Map<
  string,
  (json: Readonly<Record<string, unknown>>) => AdminRequest | string
>([
  ['dead-letters', readDeadLetterRequest],
  ['parked', readParkedRequest],
  ['forget', readForgetRequest],
  ['explain', readExplainRequest],
  ['versions', () => ({ command: 'versions' })]
])

/** Reads a request: a JSON object with a `command` and what belongs to that. */
export function readAdminRequest(body: Buffer): AdminRequest {
  if (body.length > requestBytesMax) {
    return invalid(`a request has at most ${requestBytesMax} bytes, this one has ${body.length}`)
  }
  let json: unknown
  try {
    json = JSON.parse(body.toString('utf8'))
  } catch (error) {
    return invalid(`the request is not JSON (${messageOf(error)}); send for example ${example}`)
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return invalid(`the request must be a JSON object, for example ${example}`)
  }
  const { command, parts } = json as { readonly command?: unknown; readonly parts?: unknown }
  const read = typeof command === 'string' ? otherCommands.get(command) : undefined
  if (read !== undefined) {
    const request = read(json as Readonly<Record<string, unknown>>)
    return typeof request === 'string' ? invalid(request) : request
  }
  if (command !== 'status') {
    const known = `known are status, ${[...otherCommands.keys()].join(', ')}`
    return invalid(`command ${shown(command)} is unknown; ${known}, as in ${example}`)
  }
  return readParts(parts)
}

function readParts(parts: unknown): AdminRequest {
  if (parts === undefined) return { command: 'status', parts: everyPart }
  if (!Array.isArray(parts)) {
    return invalid(`parts ${shown(parts)} must be a list, such as ["bridges","queues"]`)
  }
  const wanted = new Set<StatusPart>()
  for (const part of parts) {
    const known = statusParts.find((name) => name === part)
    if (known === undefined) {
      return invalid(`part ${shown(part)} is unknown; known are ${statusParts.join(', ')}`)
    }
    wanted.add(known)
  }
  return { command: 'status', parts: wanted }
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 100)
}

function invalid(error: string): AdminRequest {
  return { command: 'invalid', error }
}
