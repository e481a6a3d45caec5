// Writes the topology files of the brokers under test: a chain a → b → c, each broker with a STOMP
// port and, in a chain, a port for its neighbour. Pure text. Invariant: the ports of broker i are
// base + 2i and base + 2i + 1.

/** Ports one broker of a chain takes. */
export const portsPerBroker = 2

/** Names of the brokers of a chain, in order. */
export const chainNames: readonly string[] = ['a', 'b', 'c']

/** The STOMP port of broker `index`. */
export function stompPort(basePort: number, index: number): number {
  return basePort + portsPerBroker * index
}

/** A topology file in which each broker after the first joins the one before it. */
export function chainTopology(brokers: number, basePort: number): string {
  const lines = ['network: bench', 'brokers:']
  for (let index = 0; index < brokers; index++) {
    const port = stompPort(basePort, index)
    lines.push(`  ${chainNames[index]}:`)
    lines.push('    transportConnectors:')
    lines.push(`      - uri: "stomp://127.0.0.1:${port}"`)
    if (brokers > 1) lines.push(`      - uri: "postroad://127.0.0.1:${port + 1}"`)
    if (index === 0) continue
    const peer = `postroad://127.0.0.1:${stompPort(basePort, index - 1) + 1}`
    lines.push('    networkConnectors:')
    lines.push(`      - name: to-${chainNames[index - 1]}`)
    lines.push(`        uri: "static:(${peer})?initialReconnectDelay=50ms"`)
  }
  return `${lines.join('\n')}\n`
}
