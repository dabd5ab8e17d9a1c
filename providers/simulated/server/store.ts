import type { Change } from "./changes.ts";
import { type Journal, memoryJournal, readCommits, startJournal } from "./journal.ts";
import { applyCommit, type CloudState, changesOf, type State, settle } from "./state.ts";

/** All clouds of one server: read freely, changed only by a commit that is on disk before it is seen. */
export interface Store {
  now(): number;
  cloudIds(): string[];
  /** The cloud as it is now, without what has ceased to exist; undefined when there is none. */
  cloud(id: string): CloudState | undefined;
  commit(changes: readonly Change[]): void;
  close(): void;
}

/** Replays and compacts the journal of `dataDir`; null keeps everything in memory only. */
export function openStore(dataDir: string | null, clock: { now(): Date }): Store {
  const state: State = new Map();
  let journal: Journal = memoryJournal;
  if (dataDir !== null) {
    for (const commit of readCommits(dataDir)) applyCommit(state, commit);
    for (const cloud of state.values()) settle(cloud, clock.now().getTime());
    journal = startJournal(dataDir, snapshotOf(state));
  }
  return {
    now: () => clock.now().getTime(),
    cloudIds: () => [...state.keys()],
    cloud(id) {
      const cloud = state.get(id);
      if (cloud !== undefined) settle(cloud, clock.now().getTime());
      return cloud;
    },
    commit(changes) {
      if (changes.length === 0) return;
      const commit = { at: clock.now().getTime(), changes: [...changes] };
      journal.append(commit);
      applyCommit(state, commit);
    },
    close: () => journal.close(),
  };
}

function* snapshotOf(state: State) {
  // Time zero: replaying a snapshot must not make anything depart earlier than it did.
  for (const change of changesOf(state)) yield { at: 0, changes: [change] };
}
