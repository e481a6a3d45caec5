// Heart-beats of one connection, both ways [STOMP 1.2 Heart-beating]. Silence of the client for
// twice the agreed time ends the connection; our own silence is broken by a single line feed.

import type { Cancel, Clock } from '../../ports/index.ts'

/** The client may be late by this factor: clocks and networks are. */
const grace = 2
/** We are early by this factor, as timers are late and clients may allow for nothing. */
const haste = 0.75

/** What the heart-beats of a connection need. */
export interface HeartBeatOptions {
  /** Send something at least this often; 0 for never. */
  readonly sendMs: number
  /** Expect something at least this often; 0 for never. */
  readonly receiveMs: number
  /** When something was last sent, in monotonic time. */
  sentMs(): number
  /** When something last came; now, if nothing could because we do not read just now. */
  heardMs(): number
  /** Sends one heart-beat, unless something else is just being sent. */
  beat(): void
  onSilence(silentMs: number): void
}

/** Starts the heart-beats; the answer stops them. */
export function startHeartBeats(clock: Clock, options: HeartBeatOptions): Cancel {
  const sendMs = options.sendMs * haste
  const receiveMs = options.receiveMs * grace
  let cancelSend: Cancel = () => {}
  let cancelReceive: Cancel = () => {}
  const send = (): void => {
    let leftMs = options.sentMs() + sendMs - clock.monotonicMs()
    if (leftMs <= 0) {
      options.beat()
      leftMs = sendMs
    }
    cancelSend = clock.schedule(leftMs, send)
  }
  const listen = (): void => {
    const leftMs = options.heardMs() + receiveMs - clock.monotonicMs()
    if (leftMs <= 0) options.onSilence(receiveMs)
    else cancelReceive = clock.schedule(leftMs, listen)
  }
  if (sendMs > 0) cancelSend = clock.schedule(sendMs, send)
  if (receiveMs > 0) cancelReceive = clock.schedule(receiveMs, listen)
  return () => {
    cancelSend()
    cancelReceive()
  }
}

/**
 * What both sides agree on. The client sends `clientSendMs` at best and wants something every
 * `clientReceiveMs`; zero means it cannot or does not want to.
 * @returns what the broker offers in CONNECTED: it mirrors the client, within its shortest interval
 */
export function agreeHeartBeats(
  clientSendMs: number,
  clientReceiveMs: number,
  intervalMsMin: number
): { readonly sendMs: number; readonly receiveMs: number } {
  const atLeast = (ms: number): number => (ms === 0 ? 0 : Math.max(ms, intervalMsMin))
  return { sendMs: atLeast(clientReceiveMs), receiveMs: atLeast(clientSendMs) }
}
