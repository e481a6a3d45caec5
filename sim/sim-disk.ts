// The disk of one broker's machine, through all lives of the broker: what is on it, how it fails,
// how slow it is, and a copy of it that was put aside. A broker without a data directory finds it
// empty in each life.

import type { ChannelMark } from '../src/ports/index.ts'
import type { StoreImage } from '../src/store/index.ts'
import { type SimLoop, SimStore, type StoreStep } from './fakes/index.ts'
import type { SimScheduler } from './scheduler.ts'

/** What is on a disk. */
export interface DiskContent {
  /** Undefined for an empty one. */
  readonly image: StoreImage | undefined
  /** The last life that was counted on it; 0 before the first. */
  readonly incarnation: number
  /** How often it was emptied: the broker's id is another one each time. */
  readonly timesLost: number
}

/** What a disk is made of. */
export interface SimDiskOptions {
  readonly name: string
  /** False if messages are kept in memory only. */
  readonly isDurable: boolean
  /** False if it is empty in each life. */
  readonly isKept: boolean
  /** True if it counts lives and keeps the broker's id. */
  readonly keepsId: boolean
  readonly bytesMax: number | undefined
  /** Told of each step of a commit. */
  readonly onStep?: ((step: StoreStep) => void) | undefined
  /** What is on it from the start; nothing by default. */
  readonly content?: DiskContent
}

/** One life as it is counted on a disk. */
export interface CountedLife {
  readonly incarnation: number
  /** The life before, if the disk tells. */
  readonly previousIncarnation?: number
}

/** See the top of this file. */
export class SimDisk {
  private readonly scheduler: SimScheduler
  private readonly options: SimDiskOptions
  private content: DiskContent
  /** Undefined unless a copy was put aside. */
  private aside: DiskContent | undefined = undefined
  private store: SimStore | undefined = undefined
  private faultNow: string | undefined = undefined
  private commitMs: number | undefined = undefined

  constructor(scheduler: SimScheduler, options: SimDiskOptions) {
    this.scheduler = scheduler
    this.options = options
    this.content = options.content ?? { image: undefined, incarnation: 0, timesLost: 0 }
  }

  /** Why every commit fails; undefined while they do not. */
  get fault(): string | undefined {
    return this.faultNow
  }

  /** True while it fails, or is slow. */
  get isBad(): boolean {
    return this.faultNow !== undefined || this.commitMs !== undefined
  }

  get timesLost(): number {
    return this.content.timesLost
  }

  /** Bytes of messages on it, as far as the broker that is up can tell. */
  get bytes(): number {
    return this.store?.bytes ?? 0
  }

  /** True if a message is on it; to be asked only while the broker is up. */
  holds(queue: string, sequence: number): boolean {
    return this.store?.holds(queue, sequence) ?? false
  }

  /** True if a queue on it holds a message with that body; as above. */
  holdsBody(queue: string, body: Buffer): boolean {
    const { store } = this
    let after = Number.NEGATIVE_INFINITY
    for (;;) {
      const page = store?.read(queue, after, { countMax: 512, bytesMax: 1 << 20 }) ?? []
      if (page.length === 0) return false
      for (const { sequence, bytes } of page) {
        if (bytes.subarray(-body.length).equals(body)) return true
        after = sequence
      }
    }
  }

  /** The mark of a channel on it; to be asked only while the broker is up. */
  markOf(channel: string): ChannelMark | undefined {
    return this.store?.mark(channel)
  }

  /** The copy that was put aside, if there is one. */
  get copy(): DiskContent | undefined {
    return this.aside
  }

  /** What is on it now, as a copy has it. */
  copyNow(): DiskContent {
    const { content, store } = this
    return { ...content, image: store === undefined ? content.image?.copy() : store.copyImage() }
  }

  /** Puts a copy aside; an earlier one is forgotten. */
  putAside(): void {
    this.aside = this.copyNow()
  }

  /** Puts the copy in the place of all that is on it. */
  restore(): void {
    if (this.aside === undefined) return
    this.content = { ...this.aside, image: this.aside.image?.copy() }
  }

  /** Empties it: messages and id are gone. */
  lose(): void {
    this.content = { image: undefined, incarnation: 0, timesLost: this.content.timesLost + 1 }
  }

  /** Makes every commit fail for that reason, in this life and later ones; undefined ends it. */
  setFault(reason: string | undefined): void {
    this.faultNow = reason
    this.store?.setFault(reason)
  }

  /** Makes every commit take so long, in this life and later ones; undefined ends it. */
  setCommitMs(ms: number | undefined): void {
    this.commitMs = ms
    this.store?.setCommitMs(ms)
  }

  /** The store of a new life. */
  openStore(loop: SimLoop): SimStore {
    const { name, isDurable, bytesMax, onStep } = this.options
    const { image } = this.content
    const store = new SimStore(this.scheduler, {
      ...{ name, loop, isDurable },
      ...(image === undefined ? {} : { image }),
      ...(bytesMax === undefined ? {} : { bytesMax }),
      ...(onStep === undefined ? {} : { onStep })
    })
    if (this.faultNow !== undefined) store.setFault(this.faultNow)
    if (this.commitMs !== undefined) store.setCommitMs(this.commitMs)
    this.store = store
    return store
  }

  /** The life is over; what was under way may be on the disk or not. */
  crash(): void {
    const image = this.store?.crash()
    this.store = undefined
    this.content = { ...this.content, image: this.options.isKept ? image : undefined }
  }

  /** Counts a life, as the shipped broker does: dated, and later than the one before. */
  nextLife(wallMs: number): CountedLife {
    const { incarnation: previousIncarnation } = this.content
    const isFirst = !this.options.keepsId || previousIncarnation === 0
    const incarnation = isFirst ? wallMs : Math.max(previousIncarnation + 1, wallMs)
    this.content = { ...this.content, incarnation }
    return isFirst ? { incarnation } : { incarnation, previousIncarnation }
  }
}
