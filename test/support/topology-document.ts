// Topologies that tests write themselves, as the objects a topology file parses to. Ports in them
// only say who dials whom: `withTopology` moves all of them to free ones.

/** A topology file's content. */
export interface TopologyDocument {
  readonly network: string
  readonly defaults?: object
  readonly brokers: Readonly<Record<string, object>>
  readonly topology?: object
}

/** Dials often: a test must not wait for the delays that suit a network of sites. */
const dialOptions = 'initialReconnectDelay=50ms&maxReconnectDelay=400ms'

/** The URI by which broker number `number` of a document is dialled. */
export function bridgeUri(number: number, host = '127.0.0.1'): string {
  return `static:(postroad://${host}:${1000 + number * 10 + 7})?${dialOptions}`
}

/** A broker with the three listeners tests use; `number` from 1 on tells its ports from others'. */
export function brokerAt(number: number, options: object = {}): object {
  const base = 1000 + number * 10
  return {
    transportConnectors: [
      { uri: `stomp://127.0.0.1:${base + 3}` },
      { uri: `stomp+ws://127.0.0.1:${base + 4}` },
      { uri: `postroad://127.0.0.1:${base + 7}` }
    ],
    ...options
  }
}

/** A broker that dials another, whose number is `to`. */
export function brokerDialling(number: number, to: number, connector: object = {}): object {
  return brokerAt(number, { networkConnectors: [{ uri: bridgeUri(to), ...connector }] })
}
