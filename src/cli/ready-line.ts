// The one line on standard output that says everything is open: `ready`, then for each broker its
// name and the URIs it listens on, real ports filled in.

/** A broker and the URIs of its open listeners. */
export interface ReadyBroker {
  readonly name: string
  readonly uris: readonly string[]
}

/** 'ready a stomp://127.0.0.1:61613 postroad://127.0.0.1:61617 b …'. */
export function readyLine(brokers: readonly ReadyBroker[]): string {
  return ['ready', ...brokers.flatMap(({ name, uris }) => [name, ...uris])].join(' ')
}

/** Reads the line of a single broker; undefined if it is any other line. */
export function parseReadyLine(line: string): ReadyBroker | undefined {
  const [word, name, ...uris] = line.trim().split(' ')
  return word === 'ready' && name !== undefined ? { name, uris } : undefined
}
