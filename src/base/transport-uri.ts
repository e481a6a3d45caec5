// Reads the URIs of transport connectors and bridges: `stomp://host:port`,
// `stomp+ws://host:port/path`, `postroad://…`, `postroad+ws://…`. A URI names a protocol (what is
// spoken) and a carrier (over what).

import { PostroadError } from './errors.ts'

/** What carries the bytes: a TCP stream or WebSocket messages. */
export type Carrier = 'tcp' | 'ws'

/** A transport URI, taken apart. `port` 0 asks the operating system for a free one. */
export interface TransportUri {
  readonly protocol: string
  readonly carrier: Carrier
  readonly host: string
  readonly port: number
  /** Path of a WebSocket endpoint, always starting with '/'; '/' for TCP. */
  readonly path: string
  readonly options: ReadonlyMap<string, string>
  /** The URI as written, less its options. */
  readonly text: string
}

const uriPattern = new RegExp(
  [
    /^([a-z][a-z0-9]*)(\+ws)?:\/\//, // protocol and carrier
    /(\[[0-9a-fA-F:.]+\]|[^/:?#@\s]+):(\d{1,5})/, // host and port
    /(\/[^?#\s]*)?(?:\?([^#\s]*))?$/ // path and options
  ]
    .map(({ source }) => source)
    .join('')
)

/**
 * Parses one transport URI.
 * @throws PostroadError LOCAL_BAD_URI naming what is wrong and what a right one looks like
 */
export function parseTransportUri(text: string): TransportUri {
  const match = uriPattern.exec(text)
  if (match === null) throw badUri(text, 'expected protocol://host:port')
  const [, protocol, ws, host, portText, path, query] = match
  const port = Number(portText)
  if (port > 65_535) throw badUri(text, `port ${port} is over 65535`)
  if (path !== undefined && path !== '/' && ws === undefined) {
    throw badUri(text, 'only a +ws URI may have a path')
  }
  return {
    protocol: protocol!,
    carrier: ws === undefined ? 'tcp' : 'ws',
    host: host!.startsWith('[') ? host!.slice(1, -1) : host!,
    port,
    path: path ?? '/',
    options: parseQuery(text, query),
    text: `${protocol}${ws ?? ''}://${host}:${port}${path ?? ''}`
  }
}

/** The same URI on another port, as text. */
export function transportUriWithPort(uri: TransportUri, port: number): string {
  const scheme = uri.carrier === 'ws' ? `${uri.protocol}+ws` : uri.protocol
  const host = uri.host.includes(':') ? `[${uri.host}]` : uri.host
  return `${scheme}://${host}:${port}${uri.path === '/' ? '' : uri.path}`
}

function parseQuery(text: string, query: string | undefined): ReadonlyMap<string, string> {
  const options = new Map<string, string>()
  if (query === undefined || query === '') return options
  for (const pair of query.split('&')) {
    const [key, value, ...rest] = pair.split('=')
    if (key === undefined || key === '' || value === undefined || rest.length > 0) {
      throw badUri(text, `option "${pair}" is not name=value`)
    }
    if (options.has(key)) throw badUri(text, `option "${key}" is given twice`)
    options.set(key, decodeOption(text, value))
  }
  return options
}

function decodeOption(text: string, value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    throw badUri(text, `option value "${value}" has a % that starts no escape`)
  }
}

function badUri(text: string, why: string): PostroadError {
  return new PostroadError(
    'LOCAL_BAD_URI',
    `bad URI "${text}": ${why}, for example postroad://10.0.0.1:61617`,
    { uri: text }
  )
}
