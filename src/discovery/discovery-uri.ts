// Reads discovery URIs, which say how a network connector finds the brokers it joins, in
// ActiveMQ's spelling: `static:(postroad://a:61617,postroad://b:61617)?maxReconnectDelay=30s`. A
// bare `postroad://a:61617` is short for a static list of one. It opens nothing and resolves no
// name: the result is plain data whose every field is set and within its bounds.

import { messageOf, PostroadError, parseTransportUri, type TransportUri } from '../base/index.ts'
import { durationForm, formatDurationMs, parseDurationMs } from './duration.ts'

/** How brokers are found and how hard they are tried. */
export interface DiscoveryUri {
  /** The agent: so far a fixed list. */
  readonly scheme: 'static'
  /** Brokers to join, each once, at least one; protocol postroad, ports above 0, no options. */
  readonly uris: readonly TransportUri[]
  /** Wait before the first retry of a lost or failed connection. */
  readonly reconnectDelayMsInitial: number
  /** Longest wait between two tries; at least the initial one. */
  readonly reconnectDelayMsMax: number
  /** Factor between two waits; 1 keeps the wait constant. */
  readonly reconnectBackOffMultiplier: number
}

/** Longest discovery URI, in characters. */
export const discoveryUriLengthMax = 8_192
/** Most brokers in one static list. */
export const discoveryUrisMax = 64

const delayMsMax = 24 * 3_600_000
const multiplierMax = 100

/** The options, with what stands when they are not given. */
const optionDefaults = new Map([
  ['initialReconnectDelay', '500ms'],
  ['maxReconnectDelay', '10s'],
  ['useExponentialBackOff', 'true'],
  ['backOffMultiplier', '2']
])

const knownForms = 'static:(postroad://host:port,...) or postroad://host:port'

/**
 * Reads one discovery URI.
 * @throws PostroadError LOCAL_BAD_URI naming what is wrong and what a right one looks like; when a
 * word is not known, fact `given` is that word and `known` the words it could be, comma-separated
 */
export function parseDiscoveryUri(text: string): DiscoveryUri {
  if (text.length > discoveryUriLengthMax) {
    throw badUri(`${text.slice(0, 60)}...`, `is longer than ${discoveryUriLengthMax} characters`)
  }
  const scheme = /^\s*([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1]
  if (scheme === undefined) throw badUri(text, `names no scheme; write ${knownForms}`)
  if (scheme === 'static') return readStatic(text)
  if (/^postroad(\+ws)?$/.test(scheme)) {
    const { options, ...uri } = readBrokerUri(text, text.trim())
    return {
      scheme: 'static',
      uris: [{ ...uri, options: new Map() }],
      ...readOptions(text, options)
    }
  }
  throw badUri(
    text,
    `has scheme "${scheme}", which is not known; write ${knownForms}`,
    unknownWord(scheme, ['static', 'postroad', 'postroad+ws'])
  )
}

function readStatic(text: string): DiscoveryUri {
  const match = /^\s*static:(?:\/\/)?\(([^()]*)\)(?:\?(\S*))?\s*$/.exec(text)
  if (match === null) {
    throw badUri(text, 'must be static:(...) with one pair of parentheses, then its options')
  }
  const entries = match[1]!.split(',').map((entry) => entry.trim())
  if (entries.length > discoveryUrisMax) {
    throw badUri(text, `lists ${entries.length} brokers; ${discoveryUrisMax} is the most`)
  }
  const uris: TransportUri[] = []
  const seen = new Set<string>()
  for (const entry of entries) {
    if (entry === '') throw badUri(text, 'has an empty entry in its list')
    const uri = readBrokerUri(text, entry)
    if (uri.options.size > 0) {
      throw badUri(text, `has options inside the parentheses ("${entry}"); put them behind ")"`)
    }
    if (seen.has(uri.text)) throw badUri(text, `lists ${uri.text} twice`)
    seen.add(uri.text)
    uris.push(uri)
  }
  return { scheme: 'static', uris, ...readOptions(text, parseQuery(text, match[2])) }
}

/** One broker to dial: only postroad, and a port that can be dialled. */
function readBrokerUri(text: string, entry: string): TransportUri {
  const scheme = /^([^:]*):\/\//.exec(entry)?.[1]
  if (scheme !== undefined && !/^postroad(\+ws)?$/.test(scheme)) {
    throw badUri(
      text,
      `lists "${entry}", but brokers are joined over postroad:// or postroad+ws:// only`,
      unknownWord(scheme, ['postroad', 'postroad+ws'])
    )
  }
  let uri: TransportUri
  try {
    uri = parseTransportUri(entry)
  } catch (error) {
    // Not only its own errors: a stray % in an option makes the decoder throw as well.
    throw badUri(text, `lists "${entry}", which cannot be read: ${messageOf(error)}`, {}, error)
  }
  if (uri.port === 0) throw badUri(text, `lists "${entry}": port 0 cannot be dialled`)
  return uri
}

function parseQuery(text: string, query: string | undefined): ReadonlyMap<string, string> {
  const options = new Map<string, string>()
  if (query === undefined || query === '') return options
  for (const pair of query.split('&')) {
    const [key, value, ...rest] = pair.split('=')
    if (key === undefined || key === '' || value === undefined || rest.length > 0) {
      throw badUri(text, `has option "${pair}", which is not name=value`)
    }
    if (options.has(key)) throw badUri(text, `gives option "${key}" twice`)
    options.set(key, value)
  }
  return options
}

function readOptions(
  text: string,
  given: ReadonlyMap<string, string>
): Omit<DiscoveryUri, 'scheme' | 'uris'> {
  const known = [...optionDefaults.keys()]
  for (const key of given.keys()) {
    if (optionDefaults.has(key)) continue
    const why = `has option "${key}", which is not known; known are ${known.join(', ')}`
    throw badUri(text, why, unknownWord(key, known))
  }
  const writtenOf = (key: string): string => given.get(key) ?? optionDefaults.get(key)!
  const initial = readDelay(text, 'initialReconnectDelay', writtenOf('initialReconnectDelay'))
  const max = readDelay(text, 'maxReconnectDelay', writtenOf('maxReconnectDelay'))
  if (max < initial) {
    throw badUri(
      text,
      `waits ${formatDurationMs(initial)} first but at most ${formatDurationMs(max)}: ` +
        'maxReconnectDelay must not be below initialReconnectDelay'
    )
  }
  const multiplier = readMultiplier(text, writtenOf('backOffMultiplier'))
  return {
    reconnectDelayMsInitial: initial,
    reconnectDelayMsMax: max,
    reconnectBackOffMultiplier: readSwitch(text, writtenOf('useExponentialBackOff'))
      ? multiplier
      : 1
  }
}

function readDelay(text: string, key: string, value: string): number {
  const ms = parseDurationMs(value)
  if (ms !== undefined && ms >= 1 && ms <= delayMsMax) return ms
  throw badUri(text, `has ${key}=${value}; write ${durationForm}, from 1ms to 24h`)
}

function readSwitch(text: string, value: string): boolean {
  if (value === 'true' || value === 'false') return value === 'true'
  throw badUri(text, `has useExponentialBackOff=${value}; write true or false`)
}

function readMultiplier(text: string, value: string): number {
  const multiplier = /^\d{1,3}(\.\d{1,6})?$/.test(value) ? Number(value) : Number.NaN
  if (multiplier >= 1 && multiplier <= multiplierMax) return multiplier
  throw badUri(text, `has backOffMultiplier=${value}; write a number from 1 to ${multiplierMax}`)
}

function unknownWord(given: string, known: readonly string[]): Record<string, string> {
  return { given, known: known.join(',') }
}

function badUri(
  text: string,
  why: string,
  facts: Record<string, string> = {},
  cause?: unknown
): PostroadError {
  const message = `discovery URI "${text}" ${why}`
  return new PostroadError('LOCAL_BAD_URI', message, { uri: text, ...facts }, cause)
}
