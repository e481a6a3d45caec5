// The body that `postroad send` sends: from the command line, a file or standard input, padded to
// the size asked for, numbered where it says so.

import { readFileSync } from 'node:fs'
import { messageOf, PostroadError } from '../base/index.ts'

/** Where the body comes from. */
export interface MessageBodySource {
  /** Text of the command line; '-' stands for standard input. */
  readonly text: string | undefined
  readonly file: string | undefined
  /** Bytes the body is padded to. */
  readonly bytesMin: number
}

/** Makes the body of the n-th message, counted from 1. */
export type BodyMaker = (n: number) => Buffer

const standardInput = 0
const padding = 0x78 // 'x'

/**
 * Reads the body once; answers a maker that numbers it.
 * @throws PostroadError LOCAL_CONFIG_UNREADABLE if the file cannot be read
 */
export function bodyMaker(source: MessageBodySource): { make: BodyMaker; isNumbered: boolean } {
  const { text, bytesMin } = source
  const isNumbered = text?.includes('{n}') === true && source.file === undefined && text !== '-'
  if (isNumbered) {
    const make = (n: number): Buffer =>
      padded(Buffer.from(text.replaceAll('{n}', String(n))), bytesMin)
    return { make, isNumbered }
  }
  const body = padded(read(source), bytesMin)
  return { make: () => body, isNumbered }
}

function read({ text, file }: MessageBodySource): Buffer {
  if (file === undefined && text !== '-') return Buffer.from(text ?? '')
  const from = file ?? standardInput
  try {
    return readFileSync(from)
  } catch (error) {
    const name = file === undefined ? 'standard input' : `body file "${file}"`
    const why = `cannot read ${name}: ${messageOf(error)}`
    throw new PostroadError('LOCAL_CONFIG_UNREADABLE', why, {}, error)
  }
}

function padded(body: Buffer, bytesMin: number): Buffer {
  if (body.length >= bytesMin) return body
  const whole = Buffer.alloc(bytesMin, padding)
  body.copy(whole)
  return whole
}
