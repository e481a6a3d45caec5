// Which listeners share an address, and which URI to dial leads to which listener. Names are not
// resolved: `localhost` is known, any other host is itself only.

import { type TransportUri, transportUriWithPort } from '../base/index.ts'

const wildcardHosts = new Set(['0.0.0.0', '::'])

/** True when two listeners cannot be open at once on one machine. Port 0 never collides. */
export function listenersCollide(a: TransportUri, b: TransportUri): boolean {
  if (a.port === 0 || a.port !== b.port) return false
  if (wildcardHosts.has(a.host) || wildcardHosts.has(b.host)) return true
  return plainHost(a) === plainHost(b)
}

/**
 * True when dialling `uri` arrives at `listener`'s address, whatever is spoken there. A listener on
 * every address is reached by this machine's own names only: another host with the same port is
 * more likely another site with the standard ports.
 */
export function addressReaches(uri: TransportUri, listener: TransportUri): boolean {
  if (listener.port === 0 || uri.port !== listener.port) return false
  const dialled = plainHost(uri)
  if (dialled === plainHost(listener)) return true
  if (wildcardHosts.has(listener.host)) return isOwnHost(dialled)
  return wildcardHosts.has(uri.host) && isOwnHost(plainHost(listener))
}

/**
 * True when what is spoken to `uri` is what `listener` expects. A WebSocket listener without a path
 * of its own takes any.
 */
export function speaksAs(uri: TransportUri, listener: TransportUri): boolean {
  return (
    uri.protocol === listener.protocol &&
    uri.carrier === listener.carrier &&
    (listener.path === '/' || uri.path === listener.path)
  )
}

/** The listener other brokers should dial: postroad, a fixed port, TCP before WebSocket. */
export function dialTarget(listeners: readonly TransportUri[]): TransportUri | undefined {
  const joinable = listeners.filter((uri) => uri.protocol === 'postroad' && uri.port !== 0)
  return joinable.find((uri) => uri.carrier === 'tcp') ?? joinable[0]
}

/** What to write in order to dial a listener. A listener on every address is dialled locally. */
export function dialText(listener: TransportUri): string {
  const host = wildcardHosts.has(listener.host) ? '127.0.0.1' : listener.host
  return transportUriWithPort({ ...listener, host }, listener.port)
}

function plainHost({ host }: TransportUri): string {
  const lower = host.toLowerCase()
  return lower === 'localhost' ? '127.0.0.1' : lower
}

function isOwnHost(host: string): boolean {
  return host.startsWith('127.') || host === '::1' || wildcardHosts.has(host)
}
