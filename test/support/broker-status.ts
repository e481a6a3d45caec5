// Asks a broker for its report the way any STOMP client can, without the cost of a process.

import type { StatusReport } from '../../src/admin/index.ts'
import { RawStompClient } from './raw-stomp-client.ts'

/** The report of `broker`, asked at the STOMP listener on `port` of it or of another broker. */
export async function askStatus(port: number, broker: string): Promise<StatusReport> {
  const client = await RawStompClient.connect(port)
  try {
    client.write(
      `SEND\ndestination:/queue/_postroad.admin.${broker}\nreply-to:/temp-queue/status\n\n` +
        '{"command":"status"}\0'
    )
    const { command, body } = await client.take(`the status of ${broker}`)
    if (command !== 'MESSAGE') throw new Error(`status of ${broker}: ${command} ${body.toString()}`)
    return JSON.parse(body.toString()) as StatusReport
  } finally {
    client.close()
  }
}
