import nock from "nock";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ProviderFault, type ProviderFaultKind } from "../faults.ts";
import { Ec2Connection } from "./connection.ts";
import { ec2Provider } from "./provider.ts";

/** Through the vendor's own client, so that what it makes of an answer is tested with what we make of that. */

const HOST = "http://ec2.test";
const provider = ec2Provider(
  Ec2Connection.parse({
    endpoint: `${HOST}/`,
    region: "cn-north-1",
    accessKeyId: "AKIASECRET",
    secretAccessKey: "s3cret",
    pools: {},
  }),
);

beforeAll(() => {
  if (!nock.isActive()) nock.activate();
});
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
});
afterAll(() => nock.restore());

async function faultOf(
  status: number,
  body: string,
  headers: Record<string, string> = {},
): Promise<ProviderFault> {
  nock(HOST).post("/").reply(status, body, headers);
  const error = await provider.listImages().catch((reason: unknown) => reason);
  if (error instanceof ProviderFault) return error;
  throw new Error("expected a ProviderFault", { cause: error });
}

const errorXml = (code: string) =>
  `<Response><Errors><Error><Code>${code}</Code><Message>said by AKIASECRET</Message></Error></Errors><RequestID>req-1</RequestID></Response>`;

const CODES: readonly (readonly [ProviderFaultKind, number, readonly string[]])[] = [
  ["NotFound", 400, ["InvalidVpcID.NotFound", "InvalidInstanceID.NotFound", "InvalidGroup.NotFound"]],
  ["NotFound", 400, ["InvalidLaunchTemplateName.NotFoundException", "InvalidVolume.NotFound"]],
  ["Capacity", 500, ["InsufficientInstanceCapacity", "InsufficientHostCapacity"]],
  ["Capacity", 400, ["InstanceLimitExceeded", "VcpuLimitExceeded", "VpcLimitExceeded"]],
  ["Capacity", 400, ["InsufficientFreeAddressesInSubnet", "VolumeLimitExceeded"]],
  ["Conflict", 400, ["DependencyViolation", "IncorrectInstanceState", "IncorrectState", "VolumeInUse"]],
  ["Conflict", 400, ["InvalidGroup.Duplicate", "InvalidSubnet.Conflict", "IdempotentParameterMismatch"]],
  ["Conflict", 400, ["InvalidLaunchTemplateName.AlreadyExistsException", "OperationNotPermitted"]],
  ["Throttled", 503, ["RequestLimitExceeded", "Throttling"]],
  ["Denied", 401, ["AuthFailure"]],
  ["Denied", 403, ["UnauthorizedOperation", "OptInRequired", "SignatureDoesNotMatch"]],
  ["Denied", 400, ["RequestExpired", "ExpiredToken"]],
  ["Unavailable", 500, ["InternalError", "InternalFailure"]],
  ["Unavailable", 503, ["Unavailable", "ServiceUnavailable"]],
  [
    "Invalid",
    400,
    ["InvalidParameterValue", "InvalidAMIID.NotFound", "MissingParameter", "TagLimitExceeded"],
  ],
  ["Invalid", 400, ["InvalidNextToken", "InvalidZone.NotFound", "SomethingNew"]],
];

test.each(CODES.flatMap(([kind, status, codes]) => codes.map((code) => [code, status, kind] as const)))(
  "%s (%i) is %s",
  async (code, status, kind) => {
    const fault = await faultOf(status, errorXml(code), { "x-amzn-requestid": "req-1" });
    expect(fault).toMatchObject({ kind, vendorCode: code, vendorRequestId: "req-1" });
    expect(fault.message).not.toContain("AKIASECRET");
    expect(fault.cause).toMatchObject({ code, status });
  },
);

test.each([
  [404, "Unavailable"],
  [401, "Denied"],
  [403, "Denied"],
  [429, "Throttled"],
  [408, "Unavailable"],
  [502, "Unavailable"],
  [504, "Unavailable"],
  [418, "Invalid"],
] as const)("the page of a proxy with %i is %s", async (status, kind) => {
  expect((await faultOf(status, "<html><body>proxy</body></html>")).kind).toBe(kind);
});

test.each([
  ["truncated", '<?xml version="1.0"?><DescribeImagesResponse><imagesSet><item><imageId>ami-1</ima'],
  ["cut between elements", "<DescribeImagesResponse><imagesSet><item><imageId>ami-1</imageId></item>"],
  ["no XML at all", "{}"],
])("a success that is %s is Unavailable", async (_, body) => {
  expect((await faultOf(200, body)).kind).toBe("Unavailable");
});

test("a pause is told in seconds, or up to a date of the server's clock", async () => {
  const busy = errorXml("RequestLimitExceeded");
  expect((await faultOf(503, busy, { "retry-after": "7" })).retryAfterMs).toBe(7_000);
  const headers = {
    "retry-after": "Sun, 22 Nov 2026 00:00:30 GMT",
    date: "Sun, 22 Nov 2026 00:00:00 GMT",
  };
  expect((await faultOf(503, busy, headers)).retryAfterMs).toBe(30_000);
  expect((await faultOf(503, busy, { "retry-after": "soon" })).retryAfterMs).toBeUndefined();
});

test("what is not reached is Unavailable, with the network's own code", async () => {
  nock(HOST)
    .post("/")
    .replyWithError(Object.assign(new Error("no route"), { code: "EHOSTUNREACH" }));
  const error = await provider.listImages().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ kind: "Unavailable", vendorCode: "EHOSTUNREACH" });
});
