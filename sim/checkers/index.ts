// All judges of a world, in the order they are told.

import type { Checker, Complain } from '../watcher.ts'
import type { SimWorld } from '../world.ts'
import { bounded } from './bounded.ts'
import { boundedMemory } from './bounded-memory.ts'
import { consumedOnce } from './consumed-once.ts'
import { credit } from './credit.ts'
import { demandConvergence } from './demand-convergence.ts'
import { diskFirst } from './disk-first.ts'
import { exactlyOnceTopic } from './exactly-once-topic.ts'
import { expiry } from './expiry.ts'
import { forwardFilter } from './forward-filter.ts'
import { hopBound } from './hop-bound.ts'
import { mapConvergence } from './map-convergence.ts'
import { neverBack } from './never-back.ts'
import { noLoop } from './no-loop.ts'
import { noNeglect } from './no-neglect.ts'
import { noSpin } from './no-spin.ts'
import { noStuck } from './no-stuck.ts'
import { noWaste } from './no-waste.ts'
import { oracle } from './oracle.ts'
import { orderOnOneWay } from './order-on-one-way.ts'
import { orderPerProducer } from './order-per-producer.ts'
import { queueOnce } from './queue-once.ts'
import { selection } from './selection.ts'
import { singleCustody } from './single-custody.ts'
import { timeToLive } from './time-to-live.ts'
import { transactions } from './transactions.ts'

/** One of each. */
export function allCheckers(world: SimWorld, complain: Complain): Checker[] {
  return [
    noLoop(world, complain),
    hopBound(world, complain),
    exactlyOnceTopic(world, complain),
    queueOnce(world, complain),
    orderPerProducer(world, complain),
    noWaste(world, complain),
    forwardFilter(world, complain),
    demandConvergence(world, complain),
    mapConvergence(world, complain),
    noStuck(world, complain),
    bounded(world, complain),
    noSpin(world, complain),
    selection(world, complain),
    singleCustody(world, complain),
    credit(world, complain),
    boundedMemory(world, complain),
    expiry(world, complain),
    transactions(world, complain),
    neverBack(world, complain),
    diskFirst(world, complain),
    consumedOnce(world, complain),
    orderOnOneWay(world, complain),
    timeToLive(world, complain),
    noNeglect(world, complain),
    oracle(world, complain)
  ]
}
