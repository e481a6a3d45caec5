// Turns what Node says of sockets into errors an operator can act on: the code says who is to
// blame, the sentence names the address and what to do. The original error is kept as the cause.

import { PostroadError } from '../base/index.ts'
import type { StreamEndpoint } from '../ports/index.ts'

type Address = Pick<StreamEndpoint, 'host' | 'port'>

/** 'host:port', with IPv6 hosts in brackets and IPv4-in-IPv6 ones as plain IPv4. */
export function addressText(host: string | undefined, port: number | undefined): string {
  if (host === undefined) return 'unknown'
  const plain = host.startsWith('::ffff:') && host.includes('.') ? host.slice(7) : host
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`
}

/** Why a dial failed: REMOTE_CONNECT_FAILED, or LOCAL_TIMEOUT when nothing answered. */
export function dialFailure(error: unknown, address: Address): PostroadError {
  const reason = firstOf(error)
  const code = codeOf(reason)
  const at = addressText(address.host, address.port)
  const facts = { host: address.host, port: address.port, systemCode: code }
  if (code === 'ETIMEDOUT') {
    return new PostroadError('LOCAL_TIMEOUT', `no answer from ${at}`, facts, error)
  }
  const text = dialTexts.get(code)?.(at, address.host) ?? `cannot connect to ${at}: ${reason}`
  return new PostroadError('REMOTE_CONNECT_FAILED', text, facts, error)
}

/** A dial that got no answer within its time. */
export function dialTimeout(address: Address, timeoutMs: number): PostroadError {
  const at = addressText(address.host, address.port)
  const text = `no answer from ${at} within ${timeoutMs} ms: is it up, and does a firewall drop us?`
  return new PostroadError('LOCAL_TIMEOUT', text, {
    host: address.host,
    port: address.port,
    timeoutMs
  })
}

/** Why a listener could not be opened. */
export function listenFailure(error: unknown, address: Address): PostroadError {
  const code = codeOf(error)
  const at = addressText(address.host, address.port)
  const facts = { host: address.host, port: address.port, systemCode: code }
  if (code === 'EADDRINUSE') {
    const text = `${at} is in use: stop the other program, or shift all ports with --port-offset`
    return new PostroadError('LOCAL_ADDRESS_IN_USE', text, facts, error)
  }
  const text = listenTexts.get(code)?.(at, address.host) ?? `cannot listen on ${at}: ${error}`
  return new PostroadError('LOCAL_LISTEN_FAILED', text, facts, error)
}

/** Why a multicast group could not be joined. */
export function joinFailure(error: unknown, address: Address): PostroadError {
  const code = codeOf(error)
  const at = addressText(address.host, address.port)
  const facts = { host: address.host, port: address.port, systemCode: code }
  const text = joinTexts.get(code) ?? String(error)
  return new PostroadError('LOCAL_LISTEN_FAILED', `cannot join ${at}: ${text}`, facts, error)
}

/** Why an established connection broke. */
export function connectionLost(error: unknown, remoteAddress: string): PostroadError {
  const code = codeOf(error)
  const facts = { remoteAddress, systemCode: code }
  const text = lostTexts.get(code) ?? `the connection broke: ${error}`
  return new PostroadError('REMOTE_CLOSED', `${remoteAddress}: ${text}`, facts, error)
}

/** The other end did not take our last bytes within the time an orderly end may last. */
export function endTimeout(remoteAddress: string, timeoutMs: number): PostroadError {
  const text = `${remoteAddress} did not finish the connection within ${timeoutMs} ms; cut it off`
  return new PostroadError('LOCAL_TIMEOUT', text, { remoteAddress, timeoutMs })
}

const dialTexts = new Map<string, (at: string, host: string) => string>([
  ['ECONNREFUSED', (at) => `nothing listens on ${at}: is the broker up, and the port right?`],
  ['ENOTFOUND', (_, host) => `no such host "${host}": check the name, or use an address`],
  ['EAI_AGAIN', (_, host) => `no name server answered for "${host}": check DNS, or use an address`],
  ['EHOSTUNREACH', (at) => `no route to ${at}: is the host up, and the network joined?`],
  ['ENETUNREACH', (at) => `no network leads to ${at}: check this machine's routes`],
  ['ECONNRESET', (at) => `${at} dropped the connection while it was being opened`]
])

const listenTexts = new Map<string, (at: string, host: string) => string>([
  [
    'EACCES',
    (at) => `not allowed to listen on ${at}: ports below 1024 need rights; use a higher one`
  ],
  ['EADDRNOTAVAIL', (at, host) => `cannot listen on ${at}: ${host} is no address of this machine`],
  ['ENOTFOUND', (at, host) => `cannot listen on ${at}: no such host "${host}"`]
])

const joinTexts = new Map<string, string>([
  ['EADDRINUSE', 'another program keeps the port to itself; use another port'],
  ['EADDRNOTAVAIL', 'this machine has no such interface, or no such group exists'],
  ['EINVAL', 'the group is no multicast address, or the interface no address of this machine'],
  ['ENODEV', 'no interface for multicast; name one of this machine by its address']
])

const lostTexts = new Map<string, string>([
  ['ECONNRESET', 'the other end reset the connection'],
  ['EPIPE', 'the other end closed the connection while we were sending'],
  ['ETIMEDOUT', 'the other end stopped answering']
])

/** A host with several addresses fails with one error per address; the first tells most. */
function firstOf(error: unknown): unknown {
  return error instanceof AggregateError ? (error.errors[0] ?? error) : error
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : ''
}
