import { describe, expect, it } from "vitest";
import { digestOf } from "../../kernel/hash.ts";
import { policyOf } from "../policy.fixture.ts";
import { type BookedExemption, type BookedVersion, exemptionsAt, setAt, versionsAt } from "./book.ts";

const at = (day: number, hour = 0) => new Date(Date.UTC(2026, 10, day, hour));

function version(
  number: number,
  activated: number,
  more: { retired?: number; effective?: string } = {},
): BookedVersion {
  const metadata = more.effective === undefined ? "" : `, effective: ${more.effective}`;
  const { document } = policyOf({ version: number, metadata });
  const retiredAt = more.retired === undefined ? null : at(more.retired);
  return { pack: "test", document, contentHash: digestOf(document), activatedAt: at(activated), retiredAt };
}

const inForce = (versions: readonly BookedVersion[], moment: Date) =>
  versionsAt({ versions, exemptions: [] }, moment).versions.map(({ document }) => document.metadata.version);

describe("versions", () => {
  it("follow each other", () => {
    const versions = [version(2, 10), version(1, 5)];
    expect(inForce(versions, at(4))).toEqual([]);
    expect(inForce(versions, at(5))).toEqual([1]);
    expect(inForce(versions, new Date(at(10).getTime() - 1))).toEqual([1]);
    expect(inForce(versions, at(10))).toEqual([2]);
  });

  it("end when they are retired, and none comes back", () => {
    const versions = [version(1, 5), version(2, 10, { retired: 12 })];
    expect(inForce(versions, at(11))).toEqual([2]);
    expect(inForce(versions, at(12))).toEqual([]);
  });

  it("begin on their first day in China, and end with their last", () => {
    const versions = [version(1, 5), version(2, 6, { effective: "{ from: 2026-11-10, until: 2026-11-11 }" })];
    expect(inForce(versions, at(9, 15))).toEqual([1]);
    expect(inForce(versions, at(9, 16))).toEqual([2]);
    expect(inForce(versions, at(11, 15))).toEqual([2]);
    expect(inForce(versions, at(11, 16))).toEqual([]);
  });

  it("that are retired before their first day never were", () => {
    const versions = [version(1, 5), version(2, 6, { retired: 8, effective: "{ from: 2026-11-10 }" })];
    expect(inForce(versions, at(20))).toEqual([1]);
  });

  it("say when they change next", () => {
    const book = {
      versions: [version(1, 5), version(2, 6, { effective: "{ from: 2026-11-10 }" })],
      exemptions: [],
    };
    expect(versionsAt(book, at(7)).changesAt).toBe(at(9, 16).getTime());
    expect(versionsAt(book, at(20)).changesAt).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("exemptions", () => {
  const exemption: BookedExemption = {
    id: "exm_1",
    policyIds: ["never"],
    validations: null,
    resources: { systems: ["sys-social-insurance"] },
    category: "Waiver",
    approvedAt: at(5),
    expiresOn: "2026-11-10",
    revokedAt: null,
  };
  const applied = (one: BookedExemption, moment: Date) =>
    setAt({ versions: [version(1, 1)], exemptions: [one] }, moment).exemptionIds;

  it("hold from their approval until the end of their last day in China", () => {
    expect(applied(exemption, new Date(at(5).getTime() - 1))).toEqual([]);
    expect(applied(exemption, at(5))).toEqual(["exm_1"]);
    expect(applied(exemption, new Date(at(10, 16).getTime() - 1))).toEqual(["exm_1"]);
    expect(applied(exemption, at(10, 16))).toEqual([]);
    expect(exemptionsAt({ versions: [], exemptions: [exemption] }, at(6)).changesAt).toBe(
      at(10, 16).getTime(),
    );
  });

  it("end when they are revoked", () => {
    expect(applied({ ...exemption, revokedAt: at(7) }, at(7))).toEqual([]);
  });

  it("that a version cannot be asked for excuse nothing, and stop nobody", () => {
    const { document } = policyOf({ spec: { subject: "request", scope: "{ organizations: [gd] }" } });
    const versions = [{ ...version(1, 1), document, contentHash: digestOf(document) }];
    const book = { versions, exemptions: [{ ...exemption, resources: { pools: ["p"] } }] };
    expect(setAt(book, at(6))).toMatchObject({ exemptionIds: [], policies: [{ subject: "request" }] });
  });

  it("change the digest of what decides, but not the one of the rules", () => {
    const book = { versions: [version(1, 1)], exemptions: [exemption] };
    const [during, after] = [setAt(book, at(6)), setAt(book, at(20))];
    expect(during.digest).toBe(after.digest);
    expect(during.fullDigest).not.toBe(after.fullDigest);
  });
});
