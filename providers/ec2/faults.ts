import { ProviderFault, type ProviderFaultKind } from "../faults.ts";
import { givenUp, refusedBy, retryAfterMs, unanswered, unreadable } from "../wire-faults.ts";

/** What the client throws, as far as it can be told from outside; its own classes stay in its package. */
interface VendorError {
  readonly code: string | undefined;
  readonly message: string;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** The first pattern that fits decides; codes are those of the EC2 API reference. */
const KIND_BY_CODE: readonly (readonly [RegExp, ProviderFaultKind])[] = [
  [
    /^(RequestLimitExceeded|Throttling(Exception)?|EC2ThrottledException|TooManyRequestsException)$/,
    "Throttled",
  ],
  // An image or a type that does not exist was asked for by name: the tenancy is still there.
  [/^(InvalidAMIID|InvalidInstanceType|InvalidZone|InvalidParameterValue)(\.|$)/, "Invalid"],
  [/^TagLimitExceeded$/, "Invalid"],
  [/\.NotFound(Exception)?$/, "NotFound"],
  [/^Insufficient\w*(Capacity|AddressesInSubnet)$/, "Capacity"],
  [/^(\w+LimitExceeded|ResourceCountExceeded|\w+QuotaExceeded)$/, "Capacity"],
  [/(\.|^)(Duplicate|InUse|Conflict|AlreadyExists(Exception)?)$/, "Conflict"],
  [
    /^(DependencyViolation|IdempotentParameterMismatch|ConcurrentTagAccess|OperationNotPermitted)$/,
    "Conflict",
  ],
  [/^(Incorrect\w*State|InvalidState|InvalidStateTransition|VolumeInUse|ResourceAlreadyExists)$/, "Conflict"],
  [/^VolumeModification(RateExceeded|NotSupported)$/, "Conflict"],
  [/^(AuthFailure|UnauthorizedOperation|AccessDenied(Exception)?|UnrecognizedClientException)$/, "Denied"],
  [/^(SignatureDoesNotMatch|IncompleteSignature|InvalidClientTokenId|MissingAuthenticationToken)$/, "Denied"],
  [/^(RequestExpired|ExpiredToken(Exception)?|OptInRequired|PendingVerification|Blocked)$/, "Denied"],
  [/^(InternalError|InternalFailure|Internal|Unavailable|ServiceUnavailable|RequestTimeout)$/, "Unavailable"],
];

/** Whatever came out of a call, as a fault of the port. */
export function faultFrom(error: unknown, signal: AbortSignal | undefined): ProviderFault {
  if (error instanceof ProviderFault) return error;
  if (signal?.aborted === true) return givenUp(error);
  const vendor = vendorError(error);
  const { status } = vendor;
  if (status === undefined) return unanswered(privateCause(vendor), signal, vendor.code);
  if (status >= 200 && status < 300) return unreadable(privateCause(vendor));
  return refusedBy({
    status,
    code: vendor.code,
    kind: kindOf(vendor),
    requestId: vendor.requestId,
    retryAfterMs: retryAfterMs((name) => vendor.headers[name]),
    cause: privateCause(vendor),
  });
}

export function hasVendorCode(error: unknown, code: RegExp): boolean {
  return error instanceof ProviderFault && code.test(error.vendorCode ?? "");
}

function kindOf({ code, status = 0 }: VendorError): ProviderFaultKind {
  for (const [pattern, kind] of KIND_BY_CODE) if (code !== undefined && pattern.test(code)) return kind;
  if (status === 429) return "Throttled";
  if (status === 401 || status === 403) return "Denied";
  // EC2 says with a code what does not exist; a bare 404 is the page of a proxy.
  if (status >= 500 || status === 408 || (status === 404 && code === undefined)) return "Unavailable";
  return "Invalid";
}

/** Only these parts: the rest of the client's error leads to the request, and that bears the credentials. */
function privateCause({ code, message, status }: VendorError) {
  return { code, message: message.slice(0, 2_000), status };
}

function vendorError(error: unknown): VendorError {
  const metadata = field(error, "$metadata");
  const response = field(error, "$response");
  const status = field(metadata, "httpStatusCode") ?? field(response, "statusCode");
  const code = field(error, "Code") ?? field(error, "code") ?? namedCode(error);
  const requestId = field(metadata, "requestId");
  return {
    // The client's own name for any page with 404: it stands in no answer.
    code: typeof code === "string" && code !== "NotFound" ? code : undefined,
    message: error instanceof Error ? error.message : String(error),
    status: typeof status === "number" ? status : undefined,
    requestId: typeof requestId === "string" ? requestId : undefined,
    headers: headersOf(field(response, "headers")),
  };
}

function namedCode(error: unknown): string | undefined {
  const known =
    error instanceof Error && !/^(Error|TypeError|SyntaxError|Unknown|UnknownError)$/.test(error.name);
  return known && /^[\w.]+$/.test(error.name) ? error.name : undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function headersOf(value: unknown): Readonly<Record<string, string>> {
  const pairs = Object.entries(typeof value === "object" && value !== null ? value : {});
  return Object.fromEntries(
    pairs.flatMap(([name, text]) => (typeof text === "string" ? [[name.toLowerCase(), text]] : [])),
  );
}
