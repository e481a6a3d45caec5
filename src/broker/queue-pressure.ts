// When other brokers should send a queue no more, and when they may again, with hysteresis: too
// much waits for its consumers here, or there is no room for it.

import type { Queue } from './queue.ts'

/** The share of the mark at which other brokers may send again. */
const easedShare = 0.5

/** True when others should stop. */
export function isStrained(queue: Queue): boolean {
  if (queue.waiting === 0 && !queue.isFull) return false
  if (!queue.isForConsumersHere) return false
  const { memory, spool } = queue.context
  if (queue.room.spooledBytes > 0 && spool.isFull) return true
  return isOverBacklogMark(queue, 1) || queue.isFull || memory.isFull
}

/** True when those who stopped may go on. */
export function hasEased(queue: Queue): boolean {
  if (!queue.isForConsumersHere) return true
  if (isOverBacklogMark(queue, easedShare) || !queue.room.hasRoomAgain) return false
  const { memory, spool } = queue.context
  if (queue.room.spooledBytes > 0 && !spool.hasRoomAgain) return false
  // While nothing waits here, it is not this queue that fills the memory.
  return queue.waiting === 0 || memory.hasRoomAgain
}

function isOverBacklogMark(queue: Queue, share: number): boolean {
  // What is kept for a consumer that is away is bounded by the queue's size alone.
  if (queue.options.isDurable) return false
  const { waiting } = queue
  const mark = queue.context.limits.demandBacklogMessagesMax * share
  if (waiting === 0 || waiting < mark) return false
  // Nor does what the filters of all consumers here leave out keep away what they would take.
  const unwanted = queue.countUnwanted()
  return waiting > unwanted && waiting - unwanted >= mark
}
