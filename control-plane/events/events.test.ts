import { OpenAPIHono } from "@hono/zod-openapi";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from "vitest";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { settledRows } from "../../tests/support/sealing.ts";
import { smallProvince } from "../../tests/support/small-province.ts";
import { EVERYWHERE } from "../authz/scope.ts";
import type { Caller } from "../context.ts";
import { queryRows } from "../db/tx.ts";
import { problemResponse, refusalOf } from "../http/problem.ts";
import { type Env, mount } from "../http/route.ts";
import { DAY_MS, plus } from "../kernel/clock.ts";
import { type CloudId, knownId, type OrganizationId } from "../kernel/ids.ts";
import { type EventFeed, openEventFeed } from "./feed.ts";
import { forgetEventsBefore } from "./forget.ts";
import { type EventDraft, publish } from "./publish.ts";
import { eventRoutes } from "./routes.ts";
import { currentPosition, readAfter } from "./rows.ts";

let harness: TestApp;
let feed: EventFeed;
let operator: Caller;
let member: Caller;
let provider: Caller;

beforeAll(async () => {
  harness = await testApp();
  await harness.app.db.withTx(smallProvince);
  operator = await harness.callerWith([{ role: "provincial_operator" }]);
  member = await harness.callerWith([{ role: "department_member", organization: "gd-guangzhou" }]);
  provider = await harness.callerWith([{ role: "cloud_operator", cloud: "provincial" }]);
});
beforeEach(() => {
  feed = openEventFeed(harness.app, { everyMs: 10, tailMax: 3 });
});
afterEach(() => feed.close());
afterAll(() => harness.close());

const draft = (subjectId: string, organization = "gd-hrss", cloud = "provincial"): EventDraft => ({
  type: "tenancy.changed",
  subjectId,
  organizationId: knownId<OrganizationId>(organization),
  cloudId: knownId<CloudId>(cloud),
  data: { n: subjectId },
});
const announce = (...drafts: EventDraft[]) => harness.app.db.withTx((tx) => publish(tx, harness.app, drafts));

/** Other tests share the server: a transaction of theirs that is still open would hold the event back for a while. */
async function happen(...drafts: EventDraft[]): Promise<void> {
  await announce(...drafts);
  await settledRows(harness.app, "events");
}

interface Message {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string | undefined;
}

/** A client that reads message by message. */
async function watch(caller: Caller, headers: Record<string, string> = {}, query = "") {
  const hono = new OpenAPIHono<Env>();
  hono.use(async (c, next) => {
    c.set("requestId", caller.requestId);
    c.set("caller", caller);
    await next();
  });
  hono.onError((error) => problemResponse(refusalOf(error), caller.requestId));
  mount(hono, { ...harness.app, eventFeed: feed }, eventRoutes);
  const response = await hono.request(`/api/v1/events${query}`, { headers });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  const nextBlock = async (): Promise<string | null> => {
    for (;;) {
      const end = pending.indexOf("\n\n");
      if (end !== -1) {
        const block = pending.slice(0, end);
        pending = pending.slice(end + 2);
        return block;
      }
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) return null;
      pending += value;
    }
  };
  const next = async (): Promise<Message | null> => {
    for (;;) {
      const block = await nextBlock();
      if (block === null) return null;
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
      if (field("event") !== undefined)
        return { id: field("id"), event: field("event"), data: field("data") };
    }
  };
  return {
    response,
    next,
    async subjects(count: number): Promise<string[]> {
      const found: string[] = [];
      while (found.length < count) found.push(JSON.parse((await next())?.data ?? "{}").subjectId);
      return found;
    },
    close: async () => reader?.cancel(),
  };
}

describe("the event stream", () => {
  it("begins now and sends what happens, typed and with an id", async () => {
    await happen(draft("before"));
    const client = await watch(operator);
    expect(client.response.headers.get("content-type")).toBe("text/event-stream");
    await happen(draft("after"));
    const message = await client.next();
    expect(message).toMatchObject({ event: "tenancy.changed", id: expect.stringMatching(/^\d+-\d+$/) });
    expect(JSON.parse(message?.data ?? "")).toEqual({
      type: "tenancy.changed",
      subjectId: "after",
      at: harness.clock.now().toISOString(),
      organizationId: "gd-hrss",
      cloudId: "provincial",
      data: { n: "after" },
    });
    await client.close();
  });

  it("resumes exactly after the last event, from memory, from the database and by query", async () => {
    const client = await watch(operator);
    await happen(draft("r1"));
    const last = await client.next();
    await client.close();
    await happen(draft("r2"), draft("r3"));
    await happen(...["r4", "r5", "r6", "r7"].map((name) => draft(name)));
    const expected = ["r2", "r3", "r4", "r5", "r6", "r7", "r8"];
    const keepsPolling = await watch(operator);
    const resumed = await watch(operator, { "last-event-id": last?.id ?? "" });
    const byQuery = await watch(operator, {}, `?lastEventId=${last?.id}`);
    await happen(draft("r8"));
    expect(await resumed.subjects(7)).toEqual(expected);
    expect(await byQuery.subjects(7)).toEqual(expected);
    // The tail holds three events, so this one has to be read again by a client that stands further back.
    const late = await watch(operator, { "last-event-id": last?.id ?? "" });
    expect(await late.subjects(7)).toEqual(expected);
    expect(await keepsPolling.subjects(1)).toEqual(["r8"]);
    for (const one of [keepsPolling, resumed, byQuery, late]) await one.close();
  });

  it("shows each watcher its own scope, live and in the backlog", async () => {
    const clients = { member: await watch(member), provider: await watch(provider) };
    const events = [
      draft("s1", "gd-guangzhou-health", "guangzhou"),
      draft("s2", "gd-hrss", "provincial"),
      draft("s3", "gd-guangzhou-health", "provincial"),
      draft("s4", "gd-shenzhen", "shenzhen"),
      draft("s5", "gd-guangzhou", "provincial"),
    ];
    await happen(...events);
    const first = await clients.member.next();
    expect(JSON.parse(first?.data ?? "").subjectId).toBe("s1");
    expect(await clients.member.subjects(2)).toEqual(["s3", "s5"]);
    expect(await clients.provider.subjects(3)).toEqual(["s2", "s3", "s5"]);
    await clients.member.close();
    await clients.provider.close();
    const resumed = await watch(member, { "last-event-id": first?.id ?? "" });
    expect(await resumed.subjects(2)).toEqual(["s3", "s5"]);
    await resumed.close();
  });

  it("says that something is lost where the last event is no longer kept", async () => {
    const client = await watch(operator);
    await happen(draft("old"));
    const last = await client.next();
    await client.close();
    harness.clock.advance(DAY_MS);
    await happen(draft("young"));
    const cut = plus(harness.clock.now(), -1000);
    expect(await harness.app.db.withTx((tx) => forgetEventsBefore(tx, cut))).toBeGreaterThan(0);
    expect(await harness.app.db.withTx((tx) => forgetEventsBefore(tx, cut))).toBe(0);
    const [left] = await harness.app.db.withTx((tx) =>
      queryRows(tx, sql`SELECT count(*)::int AS n FROM events`),
    );
    expect(left?.n).toBe(1);
    const resumed = await watch(operator, { "last-event-id": last?.id ?? "" });
    expect(await resumed.next()).toMatchObject({ event: "feed.lost", id: undefined });
    await happen(draft("new"));
    expect(await resumed.subjects(1)).toEqual(["new"]);
    await resumed.close();
  });

  it("refuses what is not an id, and callers who may not listen", async () => {
    const invalid = await watch(operator, { "last-event-id": "yesterday" });
    expect(invalid.response.status).toBe(400);
    const unknown = await watch(operator, {}, "?since=1");
    expect(unknown.response.status).toBe(400);
    const nobody: Caller = { ...operator, actor: { ...operator.actor, grants: [] } };
    expect((await watch(nobody)).response.status).toBe(403);
  });

  it("ends when the process stops, and takes nobody new", async () => {
    const client = await watch(operator);
    await feed.close();
    expect(await client.next()).toBeNull();
    expect((await watch(operator)).response.status).toBe(503);
  });

  it("takes no more watchers than it can bear, and frees a place when one leaves", async () => {
    const small = openEventFeed(harness.app, { everyMs: 10, subscribersMax: 1 });
    const first = new AbortController();
    await small.subscribe(EVERYWHERE, null, first.signal);
    await expect(small.subscribe(EVERYWHERE, null, first.signal)).rejects.toMatchObject({
      code: "http.rate_limited",
    });
    first.abort();
    await small.subscribe(EVERYWHERE, null, new AbortController().signal);
    await small.close();
  });
});

/** Transactions of other tests on the same server hold back what is newer than they are. */
const settled = (subjectId: string) =>
  vi.waitFor(
    async () => {
      const start = { transactionId: 0n, id: 0n };
      const reading = await harness.app.db.withTx((tx) => readAfter(tx, EVERYWHERE, start, 500));
      expect(reading.events.at(-1)?.subjectId).toBe(subjectId);
    },
    { timeout: 20_000, interval: 20 },
  );

describe("reading in commit order", () => {
  it("holds back what is not settled yet", async () => {
    const start = await harness.app.db.withTx(currentPosition);
    const during = await harness.app.db.withTx(async (tx) => {
      await publish(tx, harness.app, [draft("mine")]);
      return readAfter(tx, EVERYWHERE, start, 10);
    });
    expect(during.events).toEqual([]);
    await settled("mine");
    const after = await harness.app.db.withTx((tx) => readAfter(tx, EVERYWHERE, during.upTo, 10));
    expect(after.events.map(({ subjectId }) => subjectId)).toEqual(["mine"]);
  });

  it("goes on in pages without a gap or a repeat", async () => {
    let from = await harness.app.db.withTx(currentPosition);
    await happen(draft("p1"), draft("p2"));
    await happen(draft("p3"), draft("p4"), draft("p5"));
    await settled("p5");
    const seen: string[] = [];
    for (let more = true; more; ) {
      const after = from;
      const reading = await harness.app.db.withTx((tx) => readAfter(tx, EVERYWHERE, after, 2));
      seen.push(...reading.events.map(({ subjectId }) => subjectId));
      from = reading.upTo;
      more = reading.more;
    }
    expect(seen).toEqual(["p1", "p2", "p3", "p4", "p5"]);
  });
});

describe.runIf(inject("serverUrl") !== null)("beside open transactions", () => {
  it("a transaction that began first and commits last is neither skipped nor overtaken", async () => {
    const client = await watch(operator);
    let release = (): void => undefined;
    let slow: Promise<void> | undefined;
    await new Promise<void>((written) => {
      slow = harness.app.db.withTx(async (tx) => {
        await publish(tx, harness.app, [draft("slow")]);
        const released = new Promise<void>((resolve) => {
          release = resolve;
        });
        written();
        await released;
      });
    });
    await announce(draft("fast"));
    const first = client.next();
    const quiet = new Promise((resolve) => setTimeout(() => resolve("quiet"), 200));
    expect(await Promise.race([first, quiet])).toBe("quiet");
    release();
    await slow;
    expect(JSON.parse((await first)?.data ?? "").subjectId).toBe("slow");
    expect(await client.subjects(1)).toEqual(["fast"]);
    await client.close();
  });
});
