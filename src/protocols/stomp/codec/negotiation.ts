// What the two ends agree on while connecting: the version of the protocol [STOMP 1.2 Protocol
// Negotiation] and heart-beats [STOMP 1.2 Heart-beating]. Only reads and chooses; the session
// sends.

import type { StompVersion } from './escapes.ts'

/** The heart-beat between frames: a bare end of line [STOMP 1.2 Heart-beating]. */
export const heartBeatBytes: Buffer = Buffer.from('\n')

/** What one end offers: intervals in milliseconds, 0 for "cannot" or "does not want". */
export interface HeartBeat {
  /** The shortest interval at which the sender of the header can send heart-beats. */
  readonly sendMs: number
  /** The interval at which it would like to receive them. */
  readonly receiveMs: number
}

/** The longest interval, about 24 days: what a 32-bit timer can wait. */
const heartBeatMsMax = 2_147_483_647

const heartBeatPattern = /^ *(\d{1,10}) *, *(\d{1,10}) *$/

/**
 * Reads a `heart-beat` header, '<send>,<receive>'. An absent header means '0,0'. Answers undefined
 * if it is not two whole numbers of milliseconds up to 2^31 - 1; spaces around them are tolerated.
 */
export function parseHeartBeat(text: string | undefined): HeartBeat | undefined {
  if (text === undefined) return { sendMs: 0, receiveMs: 0 }
  const match = heartBeatPattern.exec(text)
  if (match === null) return undefined
  const sendMs = Number(match[1])
  const receiveMs = Number(match[2])
  if (sendMs > heartBeatMsMax || receiveMs > heartBeatMsMax) return undefined
  return { sendMs, receiveMs }
}

/** Every version of this codec, oldest first. */
export const stompVersions: readonly StompVersion[] = ['1.0', '1.1', '1.2']

/**
 * The highest version both ends speak, or undefined if there is none.
 * @param acceptVersion value of the client's `accept-version`, versions separated by commas in any
 * order; undefined is a 1.0 client, which sends no such header
 * @param offered the versions this end speaks
 */
export function negotiateVersion(
  acceptVersion: string | undefined,
  offered: readonly StompVersion[] = stompVersions
): StompVersion | undefined {
  const accepted = new Set((acceptVersion ?? '1.0').split(',').map((version) => version.trim()))
  return stompVersions.findLast((version) => offered.includes(version) && accepted.has(version))
}
