// `postroad store verify`: reads every message of a store, decodes it, and compares what is there
// with what the store says of itself. The reading is done by a process of its own: a file that is
// damaged in the wrong place ends the process that reads it.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../../base/index.ts'
import { DestinationTable } from '../../broker/index.ts'
import { StoreReader } from '../../platform/index.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { commandFile } from '../package-version.ts'
import { bytesText, countText } from '../quantity-text.ts'
import { decodeMessage } from './message-record.ts'
import { ProgressLine } from './progress-line.ts'
import { findStore, type StorePlaceOptions } from './store-place.ts'

/** Options of `postroad store verify`. */
export interface VerifyOptions extends StorePlaceOptions {
  readonly json?: boolean
  /** Set by the command itself, in the process that reads. */
  readonly inPlace?: boolean
}

/** What `--json` prints. */
export interface Verification {
  readonly broker: string
  readonly isGood: boolean
  readonly queues: number
  readonly messages: number
  readonly bytes: number
  /** The first of them; `problemCount` counts all. */
  readonly problems: readonly string[]
  readonly problemCount: number
}

/** Messages read at a time. */
const readLimits = { countMax: 1_000, bytesMax: 8 * 1024 * 1024 }
const problemsKept = 20

/** Runs the command; answers its exit code. */
export async function verifyCommand(directory: string, options: VerifyOptions): Promise<ExitCode> {
  const place = findStore(directory, options)
  if (options.inPlace !== true) return await verifyApart(directory, options)
  const reader = await StoreReader.open(place.storeDirectory)
  try {
    const found = new Verifier(reader).run()
    const verification = { broker: place.broker, ...found }
    const isJson = options.json === true
    process.stdout.write(
      isJson ? `${JSON.stringify(verification, null, 2)}\n` : verificationText(verification)
    )
    return found.isGood ? exitCodes.good : exitCodes.failed
  } finally {
    await reader.close()
  }
}

function verifyApart(directory: string, { broker, json }: VerifyOptions): Promise<ExitCode> {
  const args = [fileURLToPath(commandFile), 'store', 'verify', directory, '--in-place']
  if (broker !== undefined) args.push('--broker', broker)
  if (json === true) args.push('--json')
  const child = spawn(process.execPath, args, { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      if (code !== null) {
        resolve(code as ExitCode)
        return
      }
      const text = `postroad: reading the store ended the process (${signal}): it is damaged\n`
      process.stderr.write(text)
      resolve(exitCodes.failed)
    })
  })
}

class Verifier {
  private readonly reader: StoreReader
  private readonly destinations = new DestinationTable()
  private readonly problems: string[] = []
  private readonly progress: ProgressLine
  private problemCount = 0
  private messages = 0
  private bytes = 0

  constructor(reader: StoreReader) {
    this.reader = reader
    const total = reader.queues().reduce((sum, { count }) => sum + count, 0)
    this.progress = new ProgressLine('verified', total)
  }

  run(): Omit<Verification, 'broker'> {
    const queues = this.reader.queues()
    for (const queue of queues) {
      try {
        this.verifyQueue(queue)
      } catch (error) {
        this.report(`queue "${queue.name}" cannot be read further: ${messageOf(error)}`)
      }
    }
    for (const number of this.reader.strayRuns()) {
      this.report(`there are messages under number ${number}, which belongs to no queue`)
    }
    this.progress.end()
    const { problems, problemCount, messages, bytes } = this
    return {
      isGood: problemCount === 0,
      queues: queues.length,
      messages,
      bytes,
      problems,
      problemCount
    }
  }

  private verifyQueue(queue: { readonly name: string; count: number; bytes: number }): void {
    const { name } = queue
    let count = 0
    let bytes = 0
    let after = Number.NEGATIVE_INFINITY
    for (;;) {
      const read = this.reader.read(name, after, readLimits)
      if (read.length === 0) break
      for (const message of read) {
        this.verifyMessage(name, message.sequence, message.bytes)
        bytes += message.bytes.length
      }
      count += read.length
      after = read.at(-1)!.sequence
      this.messages += read.length
      this.progress.show(this.messages)
    }
    this.bytes += bytes
    if (count === queue.count && bytes === queue.bytes) return
    this.report(
      `queue "${name}" should hold ${queue.count} messages of ${queue.bytes} bytes, and holds ` +
        `${count} of ${bytes}`
    )
  }

  private verifyMessage(queue: string, sequence: number, bytes: Buffer): void {
    try {
      decodeMessage(queue, bytes, this.destinations)
    } catch (error) {
      this.report(`message ${sequence} of queue "${queue}" cannot be read: ${messageOf(error)}`)
    }
  }

  private report(problem: string): void {
    this.problemCount += 1
    if (this.problems.length < problemsKept) this.problems.push(problem)
  }
}

/** The verification for people. */
export function verificationText(verification: Verification): string {
  const { broker, queues, messages, bytes, problems, problemCount } = verification
  const held = `${countText(messages)} messages in ${countText(queues)} queues, ${bytesText(bytes)}`
  const lines = problems.map((problem) => `  ${problem}`)
  if (problemCount > problems.length) lines.push(`  and ${problemCount - problems.length} more`)
  const verdict = problemCount === 0 ? 'good' : `${countText(problemCount)} problems`
  return `${[`store of broker ${broker}: ${verdict}; ${held}`, ...lines].join('\n')}\n`
}
