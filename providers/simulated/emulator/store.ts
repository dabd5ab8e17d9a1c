import { join } from "node:path";
import { type Journal, memoryJournal, readJournal, startJournal } from "../../emulation/journal.ts";
import { type Change, Commit } from "./changes.ts";
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

const FILE_NAME = "simulated-clouds.jsonl";

/** Replays and compacts the journal of `dataDir`; null keeps everything in memory only. */
export function openStore(dataDir: string | null, clock: { now(): Date }): Store {
  const state: State = new Map();
  let journal: Journal<Commit> = memoryJournal;
  if (dataDir !== null) {
    const file = join(dataDir, FILE_NAME);
    for (const commit of readJournal(file, (json) => Commit.parse(json))) applyCommit(state, commit);
    for (const cloud of state.values()) settle(cloud, clock.now().getTime());
    journal = startJournal(file, snapshotOf(state));
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
