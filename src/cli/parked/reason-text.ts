// Why something does not go on, in words.

const texts: Readonly<Record<string, string>> = {
  away: 'the broker is out of reach',
  'no-route': 'no bridge on the way lets it through',
  'bridge-full': 'the bridge on the way is full',
  'hop-limit': 'it has crossed too many bridges, and is tried again',
  'path-loop': 'it came back from there, and is tried again',
  'no-consumers': 'nobody in reach has consumers for it',
  'consumers-full': 'the brokers with consumers have enough waiting'
}

/** A reason in words; null stands for none. */
export function reasonText(reason: string | null): string {
  return reason === null ? 'on its way' : (texts[reason] ?? reason)
}
