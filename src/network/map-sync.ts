// Keeps the map alike on all brokers: floods records over every bridge but the one they came by,
// and on each new bridge, and from time to time, compares digests and sends what the other side
// lacks. Changes of our own that come close together are told as one: a broker that many join at
// once would else send every broker a record for each of them.

import { mark } from '../base/index.ts'
import type { Cancel, Clock, Logger } from '../ports/index.ts'
import type { Bridge, Bridges } from './bridge/index.ts'
import type { Digest } from './bridge-protocol/index.ts'
import type { BridgeRecord, BrokerRecord, NetworkMap } from './map/index.ts'

/** An own record heard newer than ours this often means a copy of this broker runs. */
const cloneAlarmTimes = 3

/**
 * From then on a broker and its copy outdo each other no faster than this: everybody reads what
 * they say. The alarm is told as often.
 */
const cloneTellMs = 5_000

/** Shortest time between two records of our own, and what it is longer for each bridge in them. */
const ownRecordMsMin = 50
const ownRecordMsPerBridge = 0.5
/**
 * A bridge that came is told after this long, one that is lost at once: a broker that starts makes
 * several bridges in a moment, and its new neighbours know from the digest.
 */
const gainMs = 20
/** What was flooded is remembered so long; far shorter than brokers take to forget a record. */
const floodedMsMax = 2_000

/** What a {@link MapSync} needs. */
export interface MapSyncDependencies {
  readonly map: NetworkMap
  readonly bridges: () => Bridges
  readonly clock: Clock
  readonly logger: Logger
}

/** What the map's changes set off. */
export interface MapSyncListener {
  /** Routes may have changed. */
  onMapChanged(): void
  /** A later broker uses our name: this one must leave the network. */
  onNameTaken(by: BrokerRecord): void
}

/** Floods and repairs the map of one broker. */
export class MapSync {
  private readonly map: NetworkMap
  private readonly bridges: () => Bridges
  private readonly clock: Clock
  private readonly logger: Logger
  private readonly listener: MapSyncListener
  private toldMs = Number.NEGATIVE_INFINITY
  private cancelTelling: Cancel | undefined = undefined
  private tellingDueMs = 0
  private isStopped = false
  private alarmedMs = Number.NEGATIVE_INFINITY
  /** Records that went over every bridge but the one they came by, and when. */
  private readonly flooded = new Map<BrokerRecord, number>()
  private floodedSinceMs = 0

  constructor(deps: MapSyncDependencies, listener: MapSyncListener) {
    this.map = deps.map
    this.bridges = deps.bridges
    this.clock = deps.clock
    this.logger = deps.logger
    this.listener = listener
  }

  /** A bridge came: tells everyone soon. */
  onBridgeUp(): void {
    this.updateOwnBridges(gainMs)
  }

  /** A bridge is lost: tells everyone at once, or with what else is lost in a moment. */
  onBridgeDown(): void {
    this.updateOwnBridges(0)
  }

  private updateOwnBridges(patienceMs: number): void {
    const records = this.bridges()
      .all()
      .map((bridge) => bridgeRecord(bridge))
    const own = this.map.setOwnBridges(records)
    if (own === undefined) return
    this.tellWithin(patienceMs)
    this.listener.onMapChanged()
  }

  /** This broker leaves: nothing is told any more. */
  stop(): void {
    this.cancelTelling?.()
    this.cancelTelling = undefined
    this.isStopped = true
  }

  onRecord(from: Bridge, record: BrokerRecord): void {
    const versionBefore = this.map.version
    const outcome = this.map.accept(record)
    switch (outcome.kind) {
      case 'newer':
        this.flood(record, from)
        break
      case 'older':
        this.onOlder(from, outcome.ours)
        break
      case 'own-outdated':
        mark('map-own-record-from-the-future')
        if (outcome.times < cloneAlarmTimes) this.flood(outcome.ours, undefined)
        else this.onCloned(outcome.times)
        break
      case 'refused':
        mark('map-record-refused')
        this.logger.warn('record-refused', {
          broker: record.broker,
          from: from.peer,
          reason: outcome.fault
        })
        break
      case 'name-taken':
        this.onNameTaken(record)
        break
      default:
        break
    }
    if (this.map.version !== versionBefore) this.listener.onMapChanged()
  }

  /** Answers with ours; but in a flood the older one only crosses ours, which is on its way. */
  onOlder(from: Bridge, ours: BrokerRecord): void {
    mark('map-record-older')
    const floodedMs = this.flooded.get(ours)
    if (floodedMs === undefined || from.sinceMs >= floodedMs) from.sendRecord(ours)
  }

  /** Sends what the sender of `digest` lacks. */
  answer(from: Bridge, digest: Digest): void {
    const newer = this.map.newerThan(digest.records)
    if (newer.length > 0) mark('map-digest-repaired')
    for (const record of newer) from.sendRecord(record)
  }

  private tellWithin(patienceMs: number): void {
    if (this.isStopped) return
    const nowMs = this.clock.monotonicMs()
    // Each broker of the network reads all of it: a hub that hundreds join must not tell of each.
    const pauseMs = ownRecordMsMin + ownRecordMsPerBridge * this.map.ownRecord.bridges.length
    const dueMs = Math.max(this.toldMs + pauseMs, nowMs + patienceMs)
    if (this.cancelTelling !== undefined) {
      if (this.tellingDueMs <= dueMs) return
      this.cancelTelling()
    }
    this.tellingDueMs = dueMs
    if (dueMs <= nowMs) this.tell()
    else this.cancelTelling = this.clock.schedule(dueMs - nowMs, this.tell)
  }

  private readonly tell = (): void => {
    this.cancelTelling = undefined
    this.toldMs = this.clock.monotonicMs()
    this.flood(this.map.ownRecord, undefined)
  }

  private onCloned(times: number): void {
    mark('map-broker-cloned')
    this.tellWithin(cloneTellMs)
    const nowMs = this.clock.monotonicMs()
    if (nowMs - this.alarmedMs < cloneTellMs) return
    this.alarmedMs = nowMs
    this.logger.error('cloned-broker', {
      broker: this.map.self.broker,
      times,
      reason: 'others keep hearing newer records of this very broker: its data was copied',
      fix: 'stop one of the two and delete its identity file'
    })
  }

  /**
   * Someone else's record bears our name. An earlier life's is a trace of the past and yields to
   * ours everywhere. A later one is alive and has taken our place on all maps: we are the one too
   * many.
   */
  private onNameTaken(by: BrokerRecord): void {
    const { self } = this.map
    if (by.incarnation <= self.incarnation) {
      mark('map-name-was-of-another')
      return
    }
    mark('map-name-taken')
    this.logger.error('duplicate-name', {
      name: self.broker,
      ourId: self.brokerId,
      otherId: by.brokerId,
      fix: 'give one of the two brokers another name'
    })
    this.listener.onNameTaken(by)
  }

  private flood(record: BrokerRecord, except: Bridge | undefined): void {
    const nowMs = this.clock.monotonicMs()
    if (nowMs - this.floodedSinceMs > floodedMsMax) {
      this.flooded.clear()
      this.floodedSinceMs = nowMs
    }
    this.flooded.set(record, nowMs)
    for (const bridge of this.bridges().all()) if (bridge !== except) bridge.sendRecord(record)
  }
}

function bridgeRecord({ peer, cost, maySend, filter }: Bridge): BridgeRecord {
  return { peer, cost, sends: maySend, filter }
}
