// Any STOMP broker that runs already, as a target: given by URLs, first for producers, last for
// consumers. It starts and stops nothing. Invariant: a chain of n brokers uses the first n URLs.

import type { StompEndpoint } from '../load-client/load-plan.ts'
import type { BrokerProcess, Target } from './target.ts'
import { chainNames } from './topology-file.ts'

const stompPortDefault = 61613

/**
 * Makes a target of URLs such as `stomp://user:pass@host:61613?vhost=/`.
 * @param pids process ids of the brokers, in the order of the URLs; may be fewer, or none
 * @throws Error for a URL that cannot be read, or more URLs than a chain has brokers
 */
export function externalTarget(urls: readonly string[], pids: readonly number[]): Target {
  if (urls.length > chainNames.length) {
    throw new Error(`--url has ${urls.length} addresses: give at most ${chainNames.length}`)
  }
  const endpoints = urls.map(parseStompUrl)
  return {
    name: 'external',
    brokersMax: endpoints.length,
    canStart: false,
    async start(brokers) {
      return {
        first: endpoints[0]!,
        last: endpoints[brokers - 1]!,
        brokers: chainNames
          .slice(0, brokers)
          .map((name, index): BrokerProcess => ({ name, pid: pids[index] })),
        stop: async () => {}
      }
    },
    launch: () => Promise.reject(new Error('an external broker is not started by the benchmark'))
  }
}

/**
 * Reads `stomp://[user:password@]host[:port][?vhost=NAME]`.
 * @throws Error naming the URL and what a right one looks like
 */
export function parseStompUrl(text: string): StompEndpoint {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.protocol !== 'stomp:' || url.hostname === '') {
    throw new Error(`"${text}" is not a STOMP address: write stomp://host:port`)
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? stompPortDefault : Number(url.port),
    login: url.username === '' ? undefined : decodeURIComponent(url.username),
    passcode: url.password === '' ? undefined : decodeURIComponent(url.password),
    virtualHost: url.searchParams.get('vhost') ?? url.hostname
  }
}
