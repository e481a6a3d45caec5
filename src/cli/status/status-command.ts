// `postroad status`: asks a broker for its report and shows it, once or again and again.

import { setTimeout as sleep } from 'node:timers/promises'
import type { StatusReport } from '../../admin/index.ts'
import { isPostroadError, type PostroadError } from '../../base/index.ts'
import { ReplyMailbox } from '../../client/index.ts'
import { askStatus } from '../ask-broker.ts'
import { type ConnectionOptions, connectClient } from '../connect-client.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { onStopSignal } from '../stop-signals.ts'
import { statusText } from './status-text.ts'

/** Options of `postroad status`. */
export interface StatusOptions extends ConnectionOptions {
  readonly broker?: string
  readonly json?: boolean
  readonly watch?: boolean
}

const answerMsMax = 5_000
const watchMs = 2_000
/** Puts the cursor at the top and clears the terminal below it. */
const clearScreen = '\u001b[H\u001b[2J'

/** Runs the command; answers its exit code. */
export async function statusCommand(options: StatusOptions): Promise<ExitCode> {
  const connected = await connectClient(options)
  const { client, ports } = connected
  const mailbox = new ReplyMailbox(ports.clock, client)
  void connected.closed.then((error) => {
    if (error !== undefined) mailbox.close(error)
  })
  const broker = options.broker ?? brokerOfSession(client.session)
  let isStopped = false
  const stopped = new Promise<void>((resolve) => {
    onStopSignal(() => {
      isStopped = true
      resolve()
    })
  })
  for (;;) {
    const report = await ask(mailbox, broker)
    show(report, options)
    if (options.watch !== true) break
    await Promise.race([sleep(watchMs, undefined, { ref: false }), stopped])
    if (isStopped) break
  }
  client.disconnect()
  await connected.closed
  return exitCodes.good
}

/** A broker names its sessions '<broker>-<number>'. */
export function brokerOfSession(session: string): string {
  return session.replace(/-\d+$/, '')
}

function ask(mailbox: ReplyMailbox, broker: string): Promise<StatusReport> {
  return new Promise((resolve, reject) => {
    askStatus(mailbox, { broker, timeoutMs: answerMsMax }, (result) => {
      if (isPostroadError(result)) reject(result as PostroadError)
      else resolve(result as StatusReport)
    })
  })
}

function show(report: StatusReport, options: StatusOptions): void {
  const text = options.json === true ? JSON.stringify(report) : statusText(report)
  const isScreen = options.watch === true && options.json !== true && process.stdout.isTTY
  process.stdout.write(`${isScreen ? clearScreen : ''}${text}\n`)
}
