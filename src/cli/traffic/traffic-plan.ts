// Who sends and receives what in `postroad up --traffic`: a queue whose producers and consumers are
// at different brokers where there are several, and a topic that some brokers want and others do
// not.

/** One client. */
export interface TrafficRole {
  /** Unique in the plan. */
  readonly name: string
  readonly does: 'send' | 'receive'
  readonly broker: string
  /** As STOMP writes it. */
  readonly destination: string
}

/** Destinations of the traffic. */
export const ordersQueue = '/queue/traffic.orders'
export const pricesTopic = '/topic/traffic.prices'

/** The clients for these brokers, in the order of the file. */
export function trafficPlan(brokers: readonly string[]): TrafficRole[] {
  const last = brokers.length - 1
  const half = Math.floor(brokers.length / 2)
  const roles: TrafficRole[] = []
  const add = (does: 'send' | 'receive', destination: string, places: readonly number[]): void => {
    for (const place of new Set(places)) {
      const broker = brokers[place]!
      roles.push({ name: `${does} ${destination} at ${broker}`, does, broker, destination })
    }
  }
  add('send', ordersQueue, [0, half])
  add('receive', ordersQueue, [last, Math.floor(last / 2)])
  add('send', pricesTopic, [0])
  // Every second broker, so that some want prices and their neighbours do not.
  const odd = brokers.map((_, place) => place).filter((place) => place % 2 === 1)
  add('receive', pricesTopic, odd.length > 0 ? odd : [0])
  return roles
}
