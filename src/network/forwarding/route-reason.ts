// Why a message goes to a broker, or does not: one word for each, the same in answers of the admin
// service, on the command line and in documents. What stands here for another broker is decided in
// this order, the first that holds.

/** Reasons with what they mean; the names are part of the answers of brokers. */
export const routeReasons = {
  here: 'consumers of this broker take it',
  'here-later': 'it waits at this broker: no consumer here that would take it has credit just now',
  selector: 'there are consumers, and the selectors of all of them leave it out',
  unheard: 'the broker has not said yet what it wants',
  'no-consumers': 'nobody there wants it',
  away: 'it is wanted there, and the broker is out of reach',
  filtered: 'filters of bridges on the way keep it out',
  'no-route':
    'bridges that lead one way only, or brokers that carry nothing for others, are between',
  'hop-limit': 'the way is so many times longer than hopsMax that it waits between on its way',
  'bridge-gone': 'the bridge on the way has just been lost',
  'behind-parked': 'it waits behind what is parked for that broker already',
  'consumers-full': 'the consumers there have enough waiting',
  'bridge-full': 'the bridge on the way has no room, and it waits for that',
  'no-credit': 'it takes no more just now: it has what it asked for, or waits for its turn',
  sent: 'it goes there',
  next: 'it could go there, and others come first'
} as const satisfies Readonly<Record<string, string>>

/** One of {@link routeReasons}. */
export type RouteReason = keyof typeof routeReasons
