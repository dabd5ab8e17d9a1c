import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { exchangeNamed } from "../../tests/support/recorded-openstack.ts";
import { openSession } from "./session.ts";
import type { HttpReply, Transport } from "./transport.ts";

const LIFETIME_MS = 3_600_000;

/** Keystone as it was recorded, on a clock that may be wrong. */
function keystone(clockAheadMs = 0) {
  const recorded = exchangeNamed("keystone: password, project scope, with catalog").response.body;
  let count = 0;
  const transport = vi.fn<Transport>(async (): Promise<HttpReply> => {
    count += 1;
    const issued = Date.now() + clockAheadMs;
    const { token } = recorded as { token: object };
    const times = {
      issued_at: new Date(issued).toISOString(),
      expires_at: new Date(issued + LIFETIME_MS).toISOString(),
    };
    const headers = new Headers({ "x-subject-token": `token-${count}` });
    return { status: 201, headers, body: JSON.stringify({ token: { ...token, ...times } }) };
  });
  return { transport, session: openSession(transport, "http://cloud.example:5000", {}) };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("signs in once for many callers, at the versioned address", async () => {
  const { transport, session } = keystone();
  const values = (await Promise.all([session.token(), session.token(), session.token()])).map(
    ({ value }) => value,
  );
  expect(values).toEqual(["token-1", "token-1", "token-1"]);
  expect(transport.mock.calls[0]?.[0].url).toBe("http://cloud.example:5000/v3/auth/tokens");
});

test.each([0, 7_200_000, -7_200_000])(
  "renews before the end with a clock that is %i ms ahead",
  async (ahead) => {
    const { session } = keystone(ahead);
    const { skewMs } = await session.token();
    expect(Math.abs(skewMs - ahead)).toBeLessThan(1_000);
    vi.advanceTimersByTime(LIFETIME_MS - 61_000);
    expect((await session.token()).value).toBe("token-1");
    vi.advanceTimersByTime(2_000);
    expect((await session.token()).value).toBe("token-2");
  },
);

test("a token that the cloud refuses is left, and only that one", async () => {
  const { session } = keystone();
  const first = await session.token();
  session.forget(first);
  expect((await session.token()).value).toBe("token-2");
  session.forget(first);
  expect((await session.token()).value).toBe("token-2");
});

test("a login that fails is tried again by the next caller", async () => {
  const { transport, session } = keystone();
  transport.mockRejectedValueOnce(new Error("down"));
  await expect(session.token()).rejects.toThrow("down");
  expect((await session.token()).value).toBe("token-1");
});

test("a caller who gives up leaves the login to the others", async () => {
  const { session } = keystone();
  const patient = session.token();
  await expect(session.token(AbortSignal.abort())).rejects.toMatchObject({ vendorCode: "aborted" });
  expect((await patient).value).toBe("token-1");
});
