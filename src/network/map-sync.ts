// Keeps the map alike on all brokers: floods records over every bridge but the one they came by,
// and on each new bridge, and from time to time, compares digests and sends what the other side
// lacks.

import { mark } from '../base/index.ts'
import type { Logger } from '../ports/index.ts'
import type { Bridge, Bridges } from './bridge/index.ts'
import type { Digest } from './bridge-protocol/index.ts'
import type { BridgeRecord, BrokerRecord, NetworkMap } from './map/index.ts'

/** An own record heard newer than ours this often means a copy of this broker runs. */
const cloneAlarmTimes = 3

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
  private readonly logger: Logger
  private readonly listener: MapSyncListener

  constructor(map: NetworkMap, bridges: () => Bridges, logger: Logger, listener: MapSyncListener) {
    this.map = map
    this.bridges = bridges
    this.logger = logger
    this.listener = listener
  }

  /** Our bridges changed: tells everyone. */
  updateOwnBridges(): void {
    const records = this.bridges()
      .all()
      .map((bridge) => bridgeRecord(bridge))
    const own = this.map.setOwnBridges(records)
    if (own === undefined) return
    this.flood(own, undefined)
    this.listener.onMapChanged()
  }

  onRecord(from: Bridge, record: BrokerRecord): void {
    const versionBefore = this.map.version
    const outcome = this.map.accept(record)
    switch (outcome.kind) {
      case 'newer':
        this.flood(record, from)
        break
      case 'older':
        mark('map-record-older')
        from.sendRecord(outcome.ours)
        break
      case 'own-outdated':
        mark('map-own-record-from-the-future')
        this.onOwnOutdated(outcome.times)
        this.flood(outcome.ours, undefined)
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

  /** Sends what the sender of `digest` lacks. */
  answer(from: Bridge, digest: Digest): void {
    const newer = this.map.newerThan(digest.records)
    if (newer.length > 0) mark('map-digest-repaired')
    for (const record of newer) from.sendRecord(record)
  }

  private onOwnOutdated(times: number): void {
    if (times < cloneAlarmTimes) return
    mark('map-broker-cloned')
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
    for (const bridge of this.bridges().all()) if (bridge !== except) bridge.sendRecord(record)
  }
}

function bridgeRecord({ peer, cost, maySend, filter }: Bridge): BridgeRecord {
  return { peer, cost, sends: maySend, filter }
}
