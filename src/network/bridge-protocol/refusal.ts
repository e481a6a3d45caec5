// REFUSE ends a connection before its bridge stands, GOODBYE afterwards. Both say why, in a code
// for programs and a sentence for people, and both ends log it.
//
//   code u8 | text
//
// Whoever sends GOODBYE has acknowledged everything it took and takes nothing more: what the other
// end finds unacknowledged then was not taken.

import type { FrameCodec } from './frame-codec.ts'
import { frameTypes, refusalTextBytesMax } from './frame-types.ts'

/** Code to its byte. */
export const refusalCodes = {
  'wrong-network': 1,
  'wrong-version': 2,
  'own-id': 3,
  'name-in-use': 4,
  'duplicate-bridge': 5,
  'protocol-error': 6,
  'shutting-down': 7,
  silent: 8,
  timeout: 9,
  'limit-reached': 10,
  withdrawn: 11,
  'not-reading': 12
} as const

/** Why a bridge is not made, or ends. */
export type RefusalCode = keyof typeof refusalCodes

/** A reason: a code for programs, a sentence for people. */
export interface Refusal {
  readonly code: RefusalCode
  readonly text: string
}

/** The codec of REFUSE. */
export const refuseFrame: FrameCodec<Refusal> = refusalFrame('REFUSE', frameTypes.refuse)

/** The codec of GOODBYE. */
export const goodbyeFrame: FrameCodec<Refusal> = refusalFrame('GOODBYE', frameTypes.goodbye)

const codeNames = new Map<number, RefusalCode>(
  Object.entries(refusalCodes).map(([name, byte]) => [byte, name as RefusalCode])
)

function refusalFrame(name: string, type: number): FrameCodec<Refusal> {
  return {
    name,
    type,
    mayGrow: false,
    encode(writer, refusal) {
      writer.u8(refusalCodes[refusal.code])
      writer.text(clipped(refusal.text))
    },
    decode(reader) {
      const byte = reader.u8('code')
      const text = reader.text('text', refusalTextBytesMax)
      const code = codeNames.get(byte)
      if (code !== undefined) return { code, text }
      // A later version may know more reasons; its text still tells people what happened.
      return { code: 'protocol-error', text: `code ${byte}: ${text}` }
    }
  }
}

/** Keeps a text within the bound; a character is at most three bytes per UTF-16 unit. */
export function clipped(text: string): string {
  if (Buffer.byteLength(text) <= refusalTextBytesMax) return text
  return Array.from(text)
    .slice(0, Math.floor(refusalTextBytesMax / 4))
    .join('')
}
